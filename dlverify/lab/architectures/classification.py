"""The multilayer perceptron, and networks that classify images: LeNet-5, AlexNet, VGG and GoogLeNet.

Each is a `torch.nn.Sequential` of its published layers (GoogLeNet with auxiliary heads apart), so that what leaves a stage
can be looked at. With `classes=None` the dense layers at the end are left out, and images of any size go in.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

PARTIAL = (
    *(tuple(sorted((first + step) % 6 for step in range(3))) for first in range(6)),
    *(tuple(sorted((first + step) % 6 for step in range(4))) for first in range(6)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)),
    tuple(range(6)),
)
"""Which of the six maps of S2 each of the sixteen maps of C3 sees (LeCun et al. 1998, table I)."""


def multilayer_perceptron(widths: Sequence[int] = (784, 128, 10), *, bias: bool = True) -> nn.Sequential:
    """Affine layers between these widths, ReLU between each two of them and none behind the last; images are flattened."""
    layers: list[nn.Module] = [nn.Flatten()]
    for inputs, outputs in zip(widths[:-1], widths[1:], strict=True):
        layers += [nn.Linear(inputs, outputs, bias=bias), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class ScaledTanh(nn.Module):
    """1.7159 tanh(2 a / 3), which maps 1 to 1 and -1 to -1 (LeCun et al. 1998, appendix A)."""

    def forward(self, inputs: Tensor) -> Tensor:
        """Any tensor."""
        return 1.7159 * torch.tanh(2 / 3 * inputs)


class Subsampling(nn.Module):
    """The mean of 2x2 pixels, times a coefficient, plus a bias, both one for each map (LeCun et al. 1998, section II.B)."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.coefficient, self.bias = nn.Parameter(torch.ones(maps, 1, 1)), nn.Parameter(torch.zeros(maps, 1, 1))

    def forward(self, inputs: Tensor) -> Tensor:
        """Images (samples, maps, height, width) to images of half the size."""
        return nn.functional.avg_pool2d(inputs, 2) * self.coefficient + self.bias


class PartialConvolution(nn.Module):
    """A convolution each of whose output maps sees some of the input maps.

    Attributes:
        sees: For each output map, the input maps that it sees.
        maps: One convolution for each output map.
    """

    def __init__(self, sees: Sequence[Sequence[int]], kernel: int) -> None:
        super().__init__()
        self.sees = [list(seen) for seen in sees]
        self.maps = nn.ModuleList(nn.Conv2d(len(seen), 1, kernel) for seen in self.sees)

    def forward(self, inputs: Tensor) -> Tensor:
        """Images (samples, maps, height, width) to images."""
        return torch.cat([map_(inputs[:, seen]) for map_, seen in zip(self.maps, self.sees, strict=True)], 1)


class RadialOutputs(nn.Module):
    """Squared distances to fixed codes of -1 and 1, one code for each class: the smallest is the answer.

    The paper draws the codes by hand as pictures of the characters, and says that random ones would do; these are random.

    Attributes:
        codes: Shape `(classes, features)`; no parameters.
    """

    codes: Tensor

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.register_buffer("codes", torch.randint(2, (classes, features)) * 2.0 - 1)

    def forward(self, inputs: Tensor) -> Tensor:
        """Features (samples, features) to distances (samples, classes)."""
        return (inputs.unsqueeze(1) - self.codes).square().sum(2)


def lenet(
    *,
    original: bool = True,
    partial: bool = True,
    channels: tuple[int, int, int] = (6, 16, 120),
    hidden: int = 84,
    kernel: int = 5,
    classes: int = 10,
) -> nn.Sequential:
    """LeNet-5, for images of 32x32 pixels (LeCun et al. 1998, figure 2).

    Args:
        original: With trainable subsampling and radial outputs; otherwise as implemented today, with plain averages and
            linear outputs.
        partial: Whether C3 is connected by the table of the paper.
        channels: Of C1, C3 and C5.
        hidden: Units of F6.
        kernel: Size of the three kernels, the last of which covers all that is left: images of 7 kernel - 3 pixels.
        classes: Number of classes.
    """
    first, second, third = channels
    sees = PARTIAL if partial else [range(first)] * second
    return nn.Sequential(
        nn.Conv2d(1, first, kernel),
        ScaledTanh(),
        Subsampling(first) if original else nn.AvgPool2d(2),
        ScaledTanh() if original else nn.Identity(),
        PartialConvolution(sees, kernel) if original or partial else nn.Conv2d(first, second, kernel),
        ScaledTanh(),
        Subsampling(second) if original else nn.AvgPool2d(2),
        ScaledTanh() if original else nn.Identity(),
        nn.Conv2d(second, third, kernel),
        ScaledTanh(),
        nn.Flatten(),
        nn.Linear(third, hidden),
        ScaledTanh(),
        RadialOutputs(hidden, classes) if original else nn.Linear(hidden, classes),
    )


def alexnet(
    *,
    groups: int = 2,
    padding: int = 0,
    channels: tuple[int, int, int, int, int] = (96, 256, 384, 384, 256),
    hidden: int = 4096,
    classes: int | None = 1000,
) -> nn.Sequential:
    """AlexNet, for images of 227x227 pixels without padding or 224x224 with padding 2 (Krizhevsky et al. 2012, figure 2).

    Args:
        groups: 2: the second, fourth and fifth convolutions see the maps of their own GPU alone, as published.
        padding: Of the first convolution.
        channels: Of the five convolutions; (64, 192, 384, 256, 256) with one group are those of torchvision.
        hidden: Units of the two hidden dense layers.
        classes: Number of classes.
    """
    first, second, third, fourth, fifth = channels
    # The paper multiplies a sum by alpha = 1e-4, torch a mean of five.
    layers: list[nn.Module] = [nn.Conv2d(3, first, 11, 4, padding=padding), nn.ReLU()]
    layers += [nn.LocalResponseNorm(5, 5e-4, 0.75, 2.0), nn.MaxPool2d(3, 2)]
    layers += [nn.Conv2d(first, second, 5, padding=2, groups=groups), nn.ReLU()]
    layers += [nn.LocalResponseNorm(5, 5e-4, 0.75, 2.0), nn.MaxPool2d(3, 2)]
    layers += [nn.Conv2d(second, third, 3, padding=1), nn.ReLU()]
    layers += [nn.Conv2d(third, fourth, 3, padding=1, groups=groups), nn.ReLU()]
    layers += [nn.Conv2d(fourth, fifth, 3, padding=1, groups=groups), nn.ReLU(), nn.MaxPool2d(3, 2)]
    return nn.Sequential(*layers, *_dense_layers(36 * fifth, hidden, classes))


def _dense_layers(inputs: int, hidden: int, classes: int | None) -> list[nn.Module]:
    """The end of AlexNet and of VGG: two hidden layers with dropout, and the answers."""
    if classes is None:
        return []
    layers: list[nn.Module] = [nn.Flatten()]
    for entering in (inputs, hidden):
        layers += [nn.Dropout(), nn.Linear(entering, hidden), nn.ReLU()]
    return [*layers, nn.Linear(hidden, classes)]


_VGG_STAGES = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}


def vgg(
    depth: int,
    *,
    channels: tuple[int, ...] = (64, 128, 256, 512, 512),
    kernel: int = 3,
    hidden: int = 4096,
    classes: int | None = 1000,
) -> nn.Sequential:
    """The network of 11, 13, 16 or 19 layers for images of 224x224 pixels (Simonyan & Zisserman 2015, table 1).

    Raises:
        ValueError: The table has no network of that depth.
    """
    if depth not in _VGG_STAGES:
        raise ValueError(f"expected a depth of {', '.join(map(str, _VGG_STAGES))} layers, found {depth}")
    layers: list[nn.Module] = []
    inputs = 3
    for outputs, convolutions in zip(channels, _VGG_STAGES[depth], strict=True):
        for _ in range(convolutions):
            layers += [nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2), nn.ReLU()]
            inputs = outputs
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, *_dense_layers(49 * inputs, hidden, classes))


class Inception(nn.Module):
    """Four branches whose maps are put one after another (Szegedy et al. 2015, figure 2b).

    1x1; 1x1 and 3x3; 1x1 and 5x5; the maximum over 3x3 and 1x1: ReLU after every convolution.

    Attributes:
        branches: The four.
        channels: Of the output.
    """

    def __init__(self, inputs: int, widths: Sequence[int], *, reductions: bool = True, large: int = 5) -> None:
        """Make the block.

        Args:
            inputs: Channels of the input.
            widths: 1x1, reduction for 3x3, 3x3, reduction for 5x5, 5x5, projection: a row of the paper's table 1.
            reductions: Whether there are reductions and the projection; without them the block is that of figure 2a.
            large: Size of the larger kernels.
        """
        super().__init__()
        one, reduce_three, three, reduce_five, five, projection = widths

        def chain(*kernels_and_channels: tuple[int, int]) -> list[nn.Module]:
            layers: list[nn.Module] = []
            entering = inputs
            for kernel, leaving in kernels_and_channels:
                layers += [nn.Conv2d(entering, leaving, kernel, padding=kernel // 2), nn.ReLU()]
                entering = leaving
            return layers

        middle, right = [(3, three)], [(large, five)]
        if reductions:
            middle, right = [(1, reduce_three), *middle], [(1, reduce_five), *right]
        last = [nn.MaxPool2d(3, 1, padding=1), *(chain((1, projection)) if reductions else [])]
        branches = (chain((1, one)), chain(*middle), chain(*right), last)
        self.branches = nn.ModuleList(nn.Sequential(*branch) for branch in branches)
        self.channels = one + three + five + (projection if reductions else inputs)

    def forward(self, inputs: Tensor) -> Tensor:
        """Images (samples, channels, height, width) to images of the same size."""
        return torch.cat([branch(inputs) for branch in self.branches], 1)


class WithAuxiliaryHeads(nn.Module):
    """A chain of parts, behind each but the last of which a further head answers too, while training.

    Attributes:
        parts: The chain.
        heads: One fewer.
    """

    def __init__(self, parts: Sequence[nn.Module], heads: Sequence[nn.Module]) -> None:
        super().__init__()
        self.parts, self.heads = nn.ModuleList(parts), nn.ModuleList(heads)

    def forward(self, inputs: Tensor) -> Tensor | list[Tensor]:
        """Images to the last answer; while training, to a list of all answers, the last one first."""
        answers = []
        for part, head in zip(self.parts[:-1], self.heads, strict=True):
            inputs = part(inputs)
            answers += [head(inputs)] if self.training else []
        last: Tensor = self.parts[-1](inputs)
        return [last, *answers] if self.training else last


_INCEPTIONS = (
    ((64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64)),
    (
        (192, 96, 208, 16, 48, 64),
        (160, 112, 224, 24, 64, 64),
        (128, 128, 256, 24, 64, 64),
        (112, 144, 288, 32, 64, 64),
        (256, 160, 320, 32, 128, 128),
    ),
    ((256, 160, 320, 32, 128, 128), (384, 192, 384, 48, 128, 128)),
)
"""Stages 3, 4 and 5 (Szegedy et al. 2015, table 1)."""


def googlenet(
    *, auxiliary: bool = False, reductions: bool = True, large: int = 5, classes: int | None = 1000
) -> nn.Module:
    """GoogLeNet, for images of 224x224 pixels (Szegedy et al. 2015, table 1), as published: without batch normalisation.

    Args:
        auxiliary: Whether two further heads answer, behind blocks 4a and 4d, while training.
        reductions: Whether its blocks have 1x1 reductions and projections.
        large: Size of the larger kernels of a block.
        classes: Number of classes.
    """
    layers: list[nn.Module] = [nn.Conv2d(3, 64, 7, 2, padding=3), nn.ReLU(), nn.MaxPool2d(3, 2, padding=1)]
    layers += [nn.LocalResponseNorm(5), nn.Conv2d(64, 64, 1), nn.ReLU(), nn.Conv2d(64, 192, 3, padding=1), nn.ReLU()]
    layers.append(nn.LocalResponseNorm(5))
    inputs, cuts = 192, []
    for stage, blocks in enumerate(_INCEPTIONS):
        layers.append(nn.MaxPool2d(3, 2, padding=1))
        for index, widths in enumerate(blocks):
            block = Inception(inputs, widths, reductions=reductions, large=large)
            layers.append(block)
            inputs = block.channels
            cuts += [(len(layers), inputs)] if stage == 1 and index in (0, 3) else []
    if classes is not None:
        layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.4), nn.Linear(inputs, classes)]
    if not auxiliary:
        return nn.Sequential(*layers)
    places = [0, *(place for place, _ in cuts), len(layers)]
    parts = [nn.Sequential(*layers[start:end]) for start, end in zip(places[:-1], places[1:], strict=True)]
    return WithAuxiliaryHeads(parts, [_auxiliary_head(channels, classes or 1000) for _, channels in cuts])


def _auxiliary_head(channels: int, classes: int) -> nn.Module:
    """The mean over 5x5 pixels, a 1x1 convolution to 128 maps of 4x4 pixels, and two dense layers (section 5)."""
    layers = (nn.AvgPool2d(5, 3), nn.Conv2d(channels, 128, 1), nn.ReLU(), nn.Flatten(), nn.Linear(2048, 1024))
    return nn.Sequential(*layers, nn.ReLU(), nn.Dropout(0.7), nn.Linear(1024, classes))
