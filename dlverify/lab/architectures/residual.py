"""Residual networks: blocks that add their input to what they compute (He et al. 2016)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from torch import Tensor, nn
from torch.nn import functional

Shortcut = Literal["padding", "projection", "none"]
"""The way around a block where shapes change: zero channels in place of new ones, or a 1x1 convolution (options A and B
of He et al. 2016, section 3.3); "none" takes every way around out. Where shapes are kept it is the identity."""


class ResidualBlock(nn.Module):
    """relu(F(x) + x), with F a chain of convolutions, ReLU between them (He et al. 2016, equation 1, figures 2 and 5).

    Attributes:
        branch: F.
        shortcut: What is added to F(x): the input, its projection, or the input with zero channels.
    """

    def __init__(
        self,
        channels: Sequence[int],
        kernels: Sequence[int],
        stride: int = 1,
        *,
        shortcut: Shortcut = "projection",
        normalized: bool = True,
        bias: bool = False,
    ) -> None:
        """Make the block.

        Args:
            channels: Of the input and of every convolution: one more than kernels.
            kernels: Sizes of the convolutions.
            stride: Of the first convolution.
            shortcut: The way around.
            normalized: Whether batch normalisation follows every convolution.
            bias: Whether convolutions have biases.
        """
        super().__init__()

        def convolution(inputs: int, outputs: int, kernel: int, stride: int) -> list[nn.Module]:
            made: nn.Module = nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=bias)
            return [made, nn.BatchNorm2d(outputs)] if normalized else [made]

        layers: list[nn.Module] = []
        for index, kernel in enumerate(kernels):
            layers += [nn.ReLU()] if index else []
            layers += convolution(channels[index], channels[index + 1], kernel, 1 if index else stride)
        self.branch = nn.Sequential(*layers)
        self.shortcut: nn.Module | None = None
        if shortcut != "none":
            self.shortcut = nn.Identity()
            if stride != 1 or channels[0] != channels[-1]:
                project = convolution(channels[0], channels[-1], 1, stride)
                padding = ZeroChannels(channels[-1] - channels[0], stride)
                self.shortcut = nn.Sequential(*project) if shortcut == "projection" else padding

    def forward(self, inputs: Tensor) -> Tensor:
        """Images (samples, channels, height, width) to images."""
        outputs = self.branch(inputs)
        return functional.relu(outputs if self.shortcut is None else outputs + self.shortcut(inputs))


class ZeroChannels(nn.Module):
    """Every stride-th pixel, with channels of zeros appended: a shortcut without parameters."""

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.channels, self.stride = channels, stride

    def forward(self, inputs: Tensor) -> Tensor:
        """Images (samples, channels, height, width) to images with more channels and fewer pixels."""
        return functional.pad(inputs[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.channels))


def basic_block(
    inputs: int,
    outputs: int,
    stride: int = 1,
    *,
    shortcut: Shortcut = "projection",
    normalized: bool = True,
    bias: bool = False,
) -> ResidualBlock:
    """Two 3x3 convolutions with a way around (He et al. 2016, figure 5, left)."""
    channels = (inputs, outputs, outputs)
    return ResidualBlock(channels, (3, 3), stride, shortcut=shortcut, normalized=normalized, bias=bias)


def bottleneck_block(
    inputs: int,
    outputs: int,
    stride: int = 1,
    *,
    shortcut: Shortcut = "projection",
    normalized: bool = True,
    bias: bool = False,
) -> ResidualBlock:
    """1x1, 3x3 and 1x1 convolutions, the inner two of a quarter of the channels (He et al. 2016, figure 5, right)."""
    channels = (inputs, outputs // 4, outputs // 4, outputs)
    return ResidualBlock(channels, (1, 3, 1), stride, shortcut=shortcut, normalized=normalized, bias=bias)


def cifar_resnet(depth: int, *, shortcut: Shortcut = "padding", bias: bool = False, classes: int = 10) -> nn.Module:
    """The residual network of 6n + 2 layers for images of 32x32 pixels (He et al. 2016, section 4.2).

    A 3x3 convolution to 16 channels, three stages of n basic blocks with 16, 32 and 64 channels, the mean over all
    pixels, and a linear layer.

    Raises:
        ValueError: The depth is not 6n + 2.
    """
    blocks, rest = divmod(depth - 2, 6)
    if rest or blocks < 1:
        raise ValueError(f"expected a depth of 6n + 2 layers, as in 20, 56 or 1202, found {depth}")
    layers: list[nn.Module] = [nn.Conv2d(3, 16, 3, padding=1, bias=bias), nn.BatchNorm2d(16), nn.ReLU()]
    inputs = 16
    for stage, outputs in enumerate((16, 32, 64)):
        for index in range(blocks):
            stride = 2 if stage and not index else 1
            layers.append(basic_block(inputs, outputs, stride, shortcut=shortcut, bias=bias))
            inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, classes))


_IMAGENET_BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}


def resnet(depth: int, *, shortcut: Shortcut = "projection", bias: bool = False, classes: int = 1000) -> nn.Module:
    """The residual network of 18, 34, 50, 101 or 152 layers for images of 224x224 pixels (He et al. 2016, table 1).

    A 7x7 convolution to 64 channels, the maximum over 3x3 pixels, four stages of basic blocks (18 and 34 layers) or
    bottleneck blocks, the mean over all pixels, and a linear layer.

    Raises:
        ValueError: The table has no network of that depth.
    """
    if depth not in _IMAGENET_BLOCKS:
        raise ValueError(f"expected a depth of {', '.join(map(str, _IMAGENET_BLOCKS))} layers, found {depth}")
    block, widening = (basic_block, 1) if depth < 50 else (bottleneck_block, 4)
    layers: list[nn.Module] = [nn.Conv2d(3, 64, 7, 2, padding=3, bias=bias), nn.BatchNorm2d(64), nn.ReLU()]
    layers.append(nn.MaxPool2d(3, 2, padding=1))
    inputs = 64
    for stage, blocks in enumerate(_IMAGENET_BLOCKS[depth]):
        outputs = 64 * 2**stage * widening
        for index in range(blocks):
            stride = 2 if stage and not index else 1
            layers.append(block(inputs, outputs, stride, shortcut=shortcut, bias=bias))
            inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, classes))
