"""Experiments on networks that answer at every pixel: sizes, windows, strides and what passes a bottleneck."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from dlverify.experiment import Experiment, ExperimentError
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


@dataclass(frozen=True)
class OutputSides(Experiment):
    """Sides of the map that a network makes of square images, on the meta device.

    Attributes:
        network: The network; called without arguments.
        sides: Pixels along one side of an image.
    """

    network: Subject
    sides: tuple[int, ...]

    def draw(self, lab: Lab) -> None:
        """Nothing: shapes need no numbers."""

    def measure(self, lab: Lab, given: None) -> Quantity:
        """Heights, shape `(sides,)`; 0 where torch refuses.

        Raises:
            ExperimentError: An output is not square.
        """
        with torch.device("meta"):
            network = self.network().eval()
            channels = next(p.shape[1] for p in network.parameters() if p.dim() > 1)
        found = []
        for side in self.sides:
            try:
                shape = network(torch.empty(1, channels, side, side, device="meta")).shape
            except RuntimeError:
                found.append(0)
                continue
            if shape[-1] != shape[-2]:
                raise ExperimentError(f"{self.network} makes {tuple(shape)} of a square image; give one that keeps it")
            found.append(shape[-1])
        return Quantity(found, "side of the output", "pixels", (Axis("side of the image", self.sides, "pixels"),))


@dataclass(frozen=True)
class Weighted:
    """An image and the parameters of a network.

    Attributes:
        image: Shape `(height, width)`.
        parameters: In the order of the network's.
    """

    image: Array
    parameters: tuple[Array, ...]


def _drawn(lab: Lab, image: tuple[int, int], network: torch.nn.Module, lift: float = 0.0) -> Weighted:
    """A standard normal image; weights normal with variance 2 / fan-in (He), biases standard normal.

    With a lift, biases are lifted by it and the weights of a kernel balanced to sum to zero, so that the lift of one layer
    does not reach the next, and few ReLU are off.
    """
    parameters = []
    for index, parameter in enumerate(network.parameters()):
        shape = tuple(parameter.shape)
        scale = math.sqrt(2 / math.prod(shape[1:])) if len(shape) > 1 else 1.0
        values = lab.normal(f"parameter {index}", shape, scale)[0]
        if lift:
            values = lab.rounded(values + lift if len(shape) == 1 else values - values.mean((1, 2, 3), keepdims=True))
        parameters.append(values)
    return Weighted(lab.normal("image", image)[0], tuple(parameters))


def _fill(lab: Lab, network: torch.nn.Module, given: Weighted) -> torch.nn.Module:
    with torch.no_grad():
        for parameter, values in zip(network.parameters(), given.parameters, strict=True):
            parameter.copy_(lab.tensor(values))
    return network.eval()


@dataclass(frozen=True)
class SlidingWindows(Experiment):
    """Scores that a classifier of windows gives to a larger image once its dense layer is cast into a convolution.

    Attributes:
        classifier: Called with `window` and `padding`; its first layer takes one channel, and two windows one cell apart
            lie 2 pixels apart.
        cast: Called with the classifier; returns what runs on the image.
        window: Pixels along one side of a window, even.
        padding: Of the classifier's convolutions.
        height: Of the image, even.
        width: Of the image, even.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    classifier: Subject = Subject("dlverify.lab.architectures.segmentation", "window_classifier")
    cast: Subject = Subject("dlverify.lab.architectures.segmentation", "convolved")
    window: int = 10
    padding: int = 0
    height: int = 18
    width: int = 24

    def draw(self, lab: Lab) -> Weighted:
        """An image and the classifier's parameters."""
        with torch.device("meta"):
            network = self.classifier(window=self.window, padding=self.padding)
        return _drawn(lab, (self.height, self.width), network)

    def measure(self, lab: Lab, given: Weighted) -> Quantity:
        """Scores, shape `(classes, rows, columns)`, one cell for each window."""
        classifier = self.classifier(window=self.window, padding=self.padding).to(lab.device, lab.torch_dtype)
        network = self.cast(_fill(lab, classifier, given))
        with torch.no_grad():
            scores = network(lab.tensor(given.image)[None, None])[0]
        names = ("class", "row", "column")
        axes = tuple(Axis(name, tuple(range(size))) for name, size in zip(names, scores.shape, strict=True))
        return Quantity(scores, "score of a window", "", axes)


@dataclass(frozen=True)
class AtrousMaps(Experiment):
    """The last map of 3x3 convolutions with ReLU whose strides were taken out, at every cell that strides would keep.

    Attributes:
        network: Called with the strides that are taken out, and with `padding` and `channels`.
        strides: What they were.
        padding: In cells of the strided network.
        channels: Of every map; the image has one.
        pixels: Along one side of the image.
        first: Row and column at which sampling begins.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    network: Subject = Subject("dlverify.lab.architectures.segmentation", "atrous_stack")
    strides: tuple[int, ...] = (2, 2, 1)
    padding: int = 0
    channels: int = 4
    pixels: int = 31
    first: int = 0

    def draw(self, lab: Lab) -> Weighted:
        """An image and the network's parameters."""
        with torch.device("meta"):
            network = self.network(self.strides, channels=self.channels, padding=self.padding)
        return _drawn(lab, (self.pixels, self.pixels), network)

    def measure(self, lab: Lab, given: Weighted) -> Quantity:
        """The sampled map, shape `(channels, rows, columns)`."""
        network = self.network(self.strides, channels=self.channels, padding=self.padding)
        with torch.no_grad():
            dense = _fill(lab, network.to(lab.device, lab.torch_dtype), given)(lab.tensor(given.image)[None, None])[0]
        side = self.pixels
        for stride in self.strides:
            side = (side + 2 * self.padding - 3) // stride + 1
        step = math.prod(self.strides)
        sampled = dense[:, self.first :: step, self.first :: step][:, :side, :side]
        names = ("channel", "row", "column")
        axes = tuple(Axis(name, tuple(range(size))) for name, size in zip(names, sampled.shape, strict=True))
        return Quantity(sampled, "sampled value of the dense map", "", axes)


@dataclass(frozen=True)
class TrailingSingularValues(Experiment):
    """Singular values of the derivative of a network's answer in its image, beyond a number of them.

    Attributes:
        network: The network, of one channel; called without arguments.
        beyond: How many of the largest are left out.
        pixels: Along one side of the image.
    """

    network: Subject = Subject(
        "dlverify.lab.architectures.segmentation",
        "UNet",
        (("channels", (4, 1)), ("classes", 1), ("padding", 1), ("skips", False)),
    )
    beyond: int = 16
    pixels: int = 8

    def draw(self, lab: Lab) -> Weighted:
        """An image and the network's parameters, biases lifted by 8: a ReLU that is off would hide what passes."""
        with torch.device("meta"):
            network = self.network()
        return _drawn(lab, (self.pixels, self.pixels), network, lift=8.0)

    def measure(self, lab: Lab, given: Weighted) -> Quantity:
        """The smaller ones, largest first, shape `(pixels^2 - beyond,)`."""
        network = _fill(lab, self.network().to(lab.device, lab.torch_dtype), given)
        image = lab.tensor(given.image)
        jacobian = torch.autograd.functional.jacobian(lambda pixels: network(pixels[None, None]).flatten(), image)
        values = torch.linalg.svdvals(jacobian.flatten(1).double())[self.beyond :]
        axis = Axis("number", tuple(range(self.beyond + 1, self.beyond + 1 + len(values))))
        return Quantity(values, "singular value of the derivative", "", (axis,), scale="symlog")


@dataclass(frozen=True)
class ValidWeights(Experiment):
    """How many pixels, in all, the cells of a 3x3 convolution read from the map and not from its padding.

    The kernel and the map are full of ones, the padding keeps the size, and the outputs are added up.

    Attributes:
        layer: Called with (1, 1, 3, padding=rate, dilation=rate, bias=False).
        side: Cells along one side of the map.
        rates: Dilations.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    layer: Subject = Subject("torch.nn", "Conv2d")
    side: int = 65
    rates: tuple[int, ...] = (1, 2, 4, 6, 8, 12, 16, 18, 24, 32, 36, 48, 56, 60, 64, 65, 72, 96)

    def draw(self, lab: Lab) -> Array:
        """The map."""
        return lab.rounded(np.ones((self.side, self.side)))

    def measure(self, lab: Lab, given: Array) -> Quantity:
        """Numbers of pixels, shape `(rates,)`."""
        found = []
        for rate in self.rates:
            layer = self.layer(1, 1, 3, padding=rate, dilation=rate, bias=False).to(lab.device, lab.torch_dtype)
            with torch.no_grad():
                layer.weight.fill_(1.0)
                found.append(layer(lab.tensor(given)[None, None]).double().sum())
        axis = Axis("atrous rate", self.rates, "cells", "log2")
        return Quantity(torch.stack(found), "pixels that all cells read", "", (axis,))
