"""Networks whose layers deal in channels: gates for each of them (SENet), and all of them handed on (DenseNet)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from dlverify.lab.architectures.residual import ResidualBlock, resnet


class SqueezeExcitation(nn.Module):
    """Each channel times a gate, sigmoid(W2 relu(W1 z)), with z the means of all channels (Hu et al. 2018, section 3).

    Attributes:
        gate: From means (..., channels) to gates (..., channels).
        pooled: Whether z are means over all pixels; otherwise each pixel has gates of its own.
    """

    def __init__(self, channels: int, *, reduction: int = 16, bias: bool = False, pooled: bool = True) -> None:
        super().__init__()
        inner = channels // reduction
        first, second = nn.Linear(channels, inner, bias=bias), nn.Linear(inner, channels, bias=bias)
        self.gate = nn.Sequential(first, nn.ReLU(), second, nn.Sigmoid())
        self.pooled = pooled

    def forward(self, inputs: Tensor) -> Tensor:
        """Images (samples, channels, height, width) to images."""
        squeezed = inputs.mean((2, 3), keepdim=True) if self.pooled else inputs
        gates: Tensor = self.gate(squeezed.movedim(1, -1)).movedim(-1, 1)
        return inputs * gates


def se_resnet(depth: int, *, reduction: int = 16, bias: bool = False, classes: int = 1000) -> nn.Module:
    """A residual network each of whose branches ends in a squeeze-and-excitation (Hu et al. 2018, table 1).

    Raises:
        ValueError: There is no residual network of that depth.
    """
    network = resnet(depth, classes=classes)
    for block in [module for module in network.modules() if isinstance(module, ResidualBlock)]:
        normalization = block.branch[-1]
        assert isinstance(normalization, nn.BatchNorm2d)
        block.branch.append(SqueezeExcitation(normalization.num_features, reduction=reduction, bias=bias))
    return network


class DenseLayer(nn.Module):
    """Its input, and `growth` new channels made of all of it: BN, ReLU, 1x1, BN, ReLU, 3x3 (Huang et al. 2017, section 3).

    Attributes:
        make: What makes the new channels.
        keeps: Whether the input is handed on beside them.
    """

    def __init__(self, inputs: int, growth: int, *, bottleneck: int = 4, keeps: bool = True) -> None:
        super().__init__()
        inner = bottleneck * growth
        layers = (nn.BatchNorm2d(inputs), nn.ReLU(), nn.Conv2d(inputs, inner, 1, bias=False), nn.BatchNorm2d(inner))
        self.make = nn.Sequential(*layers, nn.ReLU(), nn.Conv2d(inner, growth, 3, padding=1, bias=False))
        self.keeps = keeps

    def forward(self, inputs: Tensor) -> Tensor:
        """Images (samples, channels, height, width) to images of the same size with more channels."""
        made: Tensor = self.make(inputs)
        return torch.cat([inputs, made], 1) if self.keeps else made


def dense_block(layers: int, inputs: int, growth: int, *, bottleneck: int = 4, keeps: bool = True) -> nn.Sequential:
    """A chain of dense layers."""
    entering = [inputs + index * growth if keeps or not index else growth for index in range(layers)]
    return nn.Sequential(*(DenseLayer(width, growth, bottleneck=bottleneck, keeps=keeps) for width in entering))


_DENSE_BLOCKS = {121: (6, 12, 24, 16), 169: (6, 12, 32, 32), 201: (6, 12, 48, 32), 161: (6, 12, 36, 24)}


def densenet(
    depth: int,
    *,
    bottleneck: int = 4,
    compression: float = 0.5,
    keeps: bool = True,
    classes: int | None = 1000,
) -> nn.Sequential:
    """The densely connected network of 121, 161, 169 or 201 layers (Huang et al. 2017, table 1).

    Layers have 32 channels, of 161 layers 48; the first convolution has twice as many.

    Args:
        depth: Layers with weights on the way from image to answer.
        bottleneck: Channels behind the 1x1 convolution of a layer, in channels of the layer.
        compression: Share of the channels that a transition between blocks lets pass.
        keeps: Whether layers hand their input on.
        classes: Number of classes.

    Raises:
        ValueError: The table has no network of that depth.
    """
    if depth not in _DENSE_BLOCKS:
        raise ValueError(f"expected a depth of {', '.join(map(str, sorted(_DENSE_BLOCKS)))} layers, found {depth}")
    growth = 48 if depth == 161 else 32
    channels = 2 * growth
    layers: list[nn.Module] = [nn.Conv2d(3, channels, 7, 2, padding=3, bias=False), nn.BatchNorm2d(channels), nn.ReLU()]
    layers.append(nn.MaxPool2d(3, 2, padding=1))
    for index, number in enumerate(_DENSE_BLOCKS[depth]):
        if index:
            passing = int(channels * compression)
            convolution = nn.Conv2d(channels, passing, 1, bias=False)
            layers.append(nn.Sequential(nn.BatchNorm2d(channels), nn.ReLU(), convolution, nn.AvgPool2d(2)))
            channels = passing
        layers += dense_block(number, channels, growth, bottleneck=bottleneck, keeps=keeps)
        channels = channels + number * growth if keeps else growth
    layers += [nn.BatchNorm2d(channels), nn.ReLU()]
    if classes is not None:
        layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes)]
    return nn.Sequential(*layers)
