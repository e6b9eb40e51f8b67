"""Networks that answer at every pixel: FCN, U-Net and DeepLab, from the hyper-parameters of their papers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

Stages = Sequence[tuple[int, int]]
"""Channels and number of 3x3 convolutions of every stage of a trunk."""

VGG16: Stages = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
"""The trunk of VGG-16: thirteen convolutions (Simonyan & Zisserman 2015, table 1, column D)."""


def convolutions(inputs: int, outputs: int, number: int, *, padding: int = 1, dilation: int = 1) -> list[nn.Module]:
    """3x3 convolutions, each with a ReLU behind it; the padding is that of a kernel that is not dilated."""
    layers: list[nn.Module] = []
    for index in range(number):
        channels = outputs if index else inputs
        layers += [nn.Conv2d(channels, outputs, 3, padding=padding * dilation, dilation=dilation), nn.ReLU()]
    return layers


def head(inputs: int, hidden: int, classes: int, kernel: int, *, dilation: int = 1, padding: int = 0) -> nn.Sequential:
    """The three dense layers of VGG as convolutions: kernel x kernel, 1x1 and 1x1."""
    first = nn.Conv2d(inputs, hidden, kernel, padding=padding, dilation=dilation)
    others = [nn.ReLU(), nn.Dropout(), nn.Conv2d(hidden, hidden, 1), nn.ReLU(), nn.Dropout()]
    return nn.Sequential(first, *others, nn.Conv2d(hidden, classes, 1))


class FullyConvolutionalNetwork(nn.Module):
    """FCN-32s, FCN-16s and FCN-8s on the trunk of VGG-16 (Long, Shelhamer & Darrell 2015, figure 3).

    The first convolution pads by 100 pixels, so that images of every size have an answer. Scores are upsampled by
    transposed convolutions; the finer networks add scores of the fourth and of the third pooling on the way. Upsampled
    maps are larger than the image: they are cropped where the centres of what both see agree. A cell i of the last map
    is centred at pixel 32 i + 12.5, and upsampling puts it at 32 i + 31.5, hence the 19 below, and so on.

    Attributes:
        stages: Convolutions and pooling.
        head: Scores of the last stage.
        scores: Scores of earlier stages, the fourth before the third.
        upsampling: By two for each of them, and by the stride at the end.
    """

    def __init__(
        self,
        stride: Literal[32, 16, 8] = 8,
        *,
        inputs: int = 3,
        stages: Stages = VGG16,
        hidden: int = 4096,
        classes: int = 21,
        padding: int = 100,
        bias: bool = False,
    ) -> None:
        """Make the network.

        Args:
            stride: Pixels between two cells of the finest map that has scores.
            inputs: Channels of an image.
            stages: Of the trunk, five.
            hidden: Channels of the two hidden layers of the head.
            classes: Classes, the background among them.
            padding: Of the first convolution.
            bias: Whether upsampling has biases.
        """
        super().__init__()
        trunk, channels = [], inputs
        for index, (outputs, number) in enumerate(stages):
            layers = convolutions(channels, outputs, number)
            if not index:
                layers[0] = nn.Conv2d(inputs, outputs, 3, padding=padding)
            trunk.append(nn.Sequential(*layers, nn.MaxPool2d(2, ceil_mode=True)))
            channels = outputs
        self.stages = nn.ModuleList(trunk)
        self.head = head(channels, hidden, classes, 7)
        skips = {32: 0, 16: 1, 8: 2}[stride]
        self.scores = nn.ModuleList(nn.Conv2d(stages[3 - index][0], classes, 1) for index in range(skips))
        factors = [2] * skips + [stride]
        self.upsampling = nn.ModuleList(nn.ConvTranspose2d(classes, classes, 2 * f, f, bias=bias) for f in factors)
        self._crops = (5, 9)[:skips] + (({32: 19, 16: 27, 8: 31}[stride]),)

    def forward(self, images: Tensor) -> Tensor:
        """Images (samples, channels, height, width) to scores (samples, classes, height, width)."""
        maps = [images]
        for stage in self.stages:
            maps.append(stage(maps[-1]))
        scores = self.head(maps[-1])
        for index, score in enumerate(self.scores):
            scores = self.upsampling[index](scores)
            scores = scores + _cropped(score(maps[-2 - index]), self._crops[index], scores)
        return _cropped(self.upsampling[-1](scores), self._crops[-1], images)


def _cropped(image: Tensor, first: int, like: Tensor) -> Tensor:
    height, width = like.shape[-2:]
    return image[..., first : first + height, first : first + width]


class UNet(nn.Module):
    """The U-Net (Ronneberger, Fischer & Brox 2015, figure 1).

    Attributes:
        encoders: Two 3x3 convolutions for each level; the maximum over 2x2 pixels comes between.
        upsampling: 2x2 transposed convolutions that halve the channels.
        decoders: Two 3x3 convolutions for each level but the lowest, of the upsampled map behind the encoder's.
        last: A 1x1 convolution to the classes.
    """

    def __init__(
        self,
        channels: Sequence[int] = (64, 128, 256, 512, 1024),
        *,
        inputs: int = 1,
        classes: int = 2,
        padding: int = 0,
        skips: bool = True,
    ) -> None:
        """Make the network.

        Args:
            channels: Of every level, from the top to the lowest.
            inputs: Channels of an image.
            classes: Classes.
            padding: Of the 3x3 convolutions: 0 as published, or 1 to keep the size.
            skips: Whether the maps of the encoders are joined to those of the decoders.
        """
        super().__init__()
        before = (inputs, *channels)
        self.encoders = nn.ModuleList(
            nn.Sequential(*convolutions(before[level], outputs, 2, padding=padding))
            for level, outputs in enumerate(channels)
        )
        self.pooling = nn.MaxPool2d(2)
        below = list(zip(channels[:0:-1], channels[-2::-1], strict=True))
        self.upsampling = nn.ModuleList(nn.ConvTranspose2d(lower, upper, 2, 2) for lower, upper in below)
        self.decoders = nn.ModuleList(
            nn.Sequential(*convolutions(2 * upper if skips else upper, upper, 2, padding=padding)) for _, upper in below
        )
        self.last = nn.Conv2d(channels[0], classes, 1)
        self._skips = skips

    def forward(self, images: Tensor) -> Tensor:
        """Images (samples, channels, height, width) to scores, smaller by 184 pixels a side as published."""
        maps: list[Tensor] = []
        for encoder in self.encoders:
            images = encoder(self.pooling(images) if maps else images)
            maps.append(images)
        for upsample, decoder, skip in zip(self.upsampling, self.decoders, maps[-2::-1], strict=True):
            images = upsample(images)
            if self._skips:
                images = torch.cat([_cropped(skip, (skip.shape[-1] - images.shape[-1]) // 2, images), images], dim=1)
            images = decoder(images)
        scores: Tensor = self.last(images)
        return scores


class DeepLab(nn.Module):
    """DeepLab on the trunk of VGG-16: atrous convolutions in place of the last two strides, and a pyramid of rates.

    With one rate it is DeepLab-LargeFOV (Chen et al. 2015, section 3); with four the heads stand side by side and their
    scores are added, ASPP (Chen et al. 2018, section 3.2 and figure 7). Scores have an eighth of the pixels of a side.

    Attributes:
        trunk: Convolutions and pooling.
        pyramid: A head for each rate.
    """

    def __init__(
        self,
        rates: Sequence[int] = (6, 12, 18, 24),
        *,
        kernel: int = 3,
        inputs: int = 3,
        stages: Stages = VGG16,
        hidden: int = 1024,
        classes: int = 21,
    ) -> None:
        """Make the network.

        Args:
            rates: Dilations of the first convolution of every head.
            kernel: Its size.
            inputs: Channels of an image.
            stages: Of the trunk, five.
            hidden: Channels of the hidden layers of a head.
            classes: Classes, the background among them.
        """
        super().__init__()
        layers: list[nn.Module] = []
        channels = inputs
        for index, (outputs, number) in enumerate(stages):
            layers += convolutions(channels, outputs, number, dilation=2 if index == 4 else 1)
            layers.append(nn.MaxPool2d(3, 2 if index < 3 else 1, padding=1))
            channels = outputs
        self.trunk = nn.Sequential(*layers)
        self.pyramid = nn.ModuleList(
            head(channels, hidden, classes, kernel, dilation=rate, padding=rate * (kernel - 1) // 2) for rate in rates
        )

    def forward(self, images: Tensor) -> Tensor:
        """Images (samples, channels, height, width) to scores (samples, classes, height / 8, width / 8)."""
        features = self.trunk(images)
        return torch.stack([branch(features) for branch in self.pyramid]).sum(0)


def window_classifier(channels: int = 4, classes: int = 3, *, window: int = 10, padding: int = 0) -> nn.Sequential:
    """A classifier of windows of one channel: convolution, pooling, convolution, and a dense layer at the end.

    Args:
        channels: Of both convolutions.
        classes: Classes.
        window: Pixels along one side of a window.
        padding: Of both convolutions.
    """
    side = (window - 2 + 2 * padding) // 2 - 2 + 2 * padding
    return nn.Sequential(
        nn.Conv2d(1, channels, 3, padding=padding),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(channels, channels, 3, padding=padding),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(channels * side * side, classes),
    )


def convolved(classifier: nn.Sequential, order: Literal["channels", "pixels"] = "channels") -> nn.Sequential:
    """The classifier with its last, dense layer cast into a convolution (Long, Shelhamer & Darrell 2015, section 3.1).

    Args:
        classifier: Ends with a flattening and a dense layer, behind a convolution.
        order: What the weights of the dense layer are read as: one channel after the other, as `nn.Flatten` lays them
            out, or one pixel after the other.
    """
    *trunk, _, dense = classifier
    assert isinstance(dense, nn.Linear)
    channels = next(layer.out_channels for layer in reversed(trunk) if isinstance(layer, nn.Conv2d))
    side = math.isqrt(dense.in_features // channels)
    kernel = dense.weight.detach()
    shaped = kernel.view(-1, channels, side, side)
    if order == "pixels":
        shaped = kernel.view(-1, side, side, channels).permute(0, 3, 1, 2)
    last = nn.Conv2d(channels, dense.out_features, side).to(kernel.device, kernel.dtype)
    with torch.no_grad():
        last.weight.copy_(shaped)
        assert last.bias is not None
        last.bias.copy_(dense.bias)
    return nn.Sequential(*trunk, last)


def atrous_stack(
    strides: Sequence[int] = (2, 2, 1), channels: int = 4, *, dilated: bool = True, padding: int = 0
) -> nn.Sequential:
    """3x3 convolutions of a strided network with every stride taken out (Chen et al. 2015, section 2.1).

    Args:
        strides: What the strides were.
        channels: Channels; the image has one.
        dilated: Whether later kernels are dilated by the strides taken out before them.
        padding: In cells of the strided network.
    """
    layers: list[nn.Module] = []
    for index, _ in enumerate(strides):
        rate = math.prod(strides[:index]) if dilated else 1
        inputs = channels if index else 1
        layers += [nn.Conv2d(inputs, channels, 3, padding=padding * rate, dilation=rate), nn.ReLU()]
    return nn.Sequential(*layers)
