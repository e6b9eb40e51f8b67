"""Experiments on what convolution and pooling read and hold: weights, connections, receptive fields, sizes of maps.

What a node reads is the support of its gradient in the inputs; where the weights are not zero that is exact, since a
linear layer without bias has its connections for a Jacobian.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


def _with_ones(layer: torch.nn.Module, inputs: Tensor) -> torch.nn.Module:
    """The layer in the dtype of its inputs with all weights set to one, so that none cancel."""
    layer.to(inputs.dtype)(inputs)  # a layer that takes its size from the first input has its weights after that
    layer.requires_grad_(False)
    for parameter in layer.parameters():
        parameter.fill_(1.0)
    return layer


def _read(layer: torch.nn.Module, inputs: Tensor, output: int) -> Tensor:
    """Which inputs an output reads, (inputs,): where its gradient is not zero."""
    given = inputs.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(_with_ones(layer, inputs)(given).flatten()[output], given)
    return gradient.flatten() != 0


@dataclass(frozen=True)
class LayerWeights(Experiment):
    """Weights, and connections of a node to a node, of three layers between the same maps, by the size of their input.

    Attributes:
        convolution: Called with channels in, channels out, the size of the kernel and `bias=False`.
        local: The same without sharing.
        dense: Called with the numbers of inputs and outputs and `bias=False`.
        dimensions: Of the maps: 1 for signals, 2 for square images, of `Conv1d` and `Conv2d`.
        kernel: Size of the kernel along each dimension.
        channels: Of input and output.
        sizes: Nodes along each dimension of the input.
    """

    convolution: Subject = Subject("torch.nn", "Conv1d")
    local: Subject = Subject("dlverify.lab.architectures.local", "LocallyConnected")
    dense: Subject = Subject("torch.nn", "Linear")
    dimensions: int = 1
    kernel: int = 3
    channels: tuple[int, int] = (1, 1)
    sizes: tuple[int, ...] = (11, 16, 32, 64, 128)

    def draw(self, lab: Lab) -> None:
        """Nothing: a count needs no numbers."""

    def measure(self, lab: Lab, given: None) -> Quantity:
        """The counts, shape `(convolution, local, dense; weights, multiplications; sizes)`.

        Where all weights and all inputs are one, each product of a weight with an input adds one to an output: the sum
        of the outputs is the number of multiplications.
        """
        counts = np.empty((3, 2, len(self.sizes)), dtype=object)
        for index, size in enumerate(self.sizes):
            maps = torch.ones((1, self.channels[0], *(size,) * self.dimensions), dtype=torch.float64)
            layers = [layer(*self.channels, self.kernel, bias=False) for layer in (self.convolution, self.local)]
            outputs = layers[0].double()(maps).numel()
            layers.append(self.dense(maps.numel(), outputs, bias=False))
            for row, layer in enumerate(layers):
                inputs = maps.flatten(1) if row == 2 else maps
                products = _with_ones(layer, inputs)(inputs).sum()
                counts[row, :, index] = sum(parameter.numel() for parameter in layer.parameters()), int(products)
        axes = (
            Axis("layer", ("convolutional", "locally connected", "fully connected")),
            Axis("count of", ("weights", "multiplications")),
            Axis("inputs" if self.dimensions == 1 else "pixels of a side", self.sizes, scale="log2"),
        )
        return Quantity(counts, "number", "", axes, scale="log2")


@dataclass(frozen=True)
class InputsRead(Experiment):
    """Which inputs each output reads, of a convolution and of a dense layer between as many nodes.

    Attributes:
        convolution: Called with channels in and out, the size of its kernel, `padding="same"` and `bias=False`.
        dense: Called with the numbers of inputs and outputs and `bias=False`.
        kernel: Size of the kernel, odd.
        nodes: Inputs, and outputs.
        depth: How many such layers follow one another.
    """

    convolution: Subject = Subject("torch.nn", "Conv1d")
    dense: Subject = Subject("torch.nn", "Linear")
    kernel: int = 3
    nodes: int = 11
    depth: int = 1

    def draw(self, lab: Lab) -> None:
        """Nothing: where weights are not zero their values do not matter."""

    def measure(self, lab: Lab, given: None) -> Quantity:
        """Whether an output reads an input, shape `(convolution, dense; nodes, nodes)`."""
        layers = [self.convolution(1, 1, self.kernel, padding="same", bias=False) for _ in range(self.depth)]
        denses = [self.dense(self.nodes, self.nodes, bias=False) for _ in range(self.depth)]
        maps = torch.ones(1, 1, self.nodes)
        nodes = tuple(range(self.nodes))
        networks = [torch.nn.Sequential(*stack) for stack in (layers, denses)]
        read = torch.stack([torch.stack([_read(network, maps, node) for node in nodes]) for network in networks])
        axes = (Axis("layer", ("convolutional", "fully connected")), Axis("output", nodes), Axis("input", nodes))
        return Quantity(read, "reads", "", axes)


@dataclass(frozen=True)
class ReceptiveFields(Experiment):
    """What one output of dilated convolutions reads: one layer after another, or each layer alone.

    Attributes:
        convolution: Called with channels in and out, the size of its kernel, `dilation` and `bias=False`.
        dilations: Of the layers, the first layer's first.
        kernel: Size of the kernels.
        stacked: Whether layers follow one another; otherwise each is looked at alone.
        report: "counts"; or "picture", which inputs are read.
    """

    convolution: Subject = Subject("torch.nn", "Conv1d")
    dilations: tuple[int, ...] = (1, 2, 4, 8, 16)
    kernel: int = 3
    stacked: bool = True
    report: Literal["counts", "picture"] = "counts"

    def draw(self, lab: Lab) -> None:
        """Nothing: where weights are not zero their values do not matter."""

    def measure(self, lab: Lab, given: None) -> Quantity:
        """The counts, shape `(layers, 3)`; or whether an input is read, shape `(layers, inputs)`."""
        reach = (self.kernel - 1) * sum(self.dilations)
        counts, pictures = [], []
        for index in range(len(self.dilations)):
            chosen = self.dilations[: index + 1] if self.stacked else self.dilations[index : index + 1]
            layers = [self.convolution(1, 1, self.kernel, dilation=dilation, bias=False) for dilation in chosen]
            network = torch.nn.Sequential(*layers)
            inputs = torch.ones(1, 1, 2 * reach + 1)
            with torch.no_grad():
                middle = network(inputs).numel() // 2
            row = _read(network, inputs, middle)
            places = row.nonzero().flatten()
            weights = sum(parameter.numel() for layer in layers for parameter in layer.parameters())
            counts.append([int(places[-1] - places[0]) + 1, len(places), weights])
            pictures.append(row.roll(reach - int(places[0] + places[-1]) // 2))  # centred
        name = "layers" if self.stacked else "dilation"
        values = tuple(range(1, len(self.dilations) + 1)) if self.stacked else self.dilations
        layers_axis = Axis(name, values, scale="linear" if self.stacked else "log2")
        if self.report == "picture":
            places_axis = Axis("input", tuple(range(-reach, reach + 1)))
            return Quantity(torch.stack(pictures), "reads", "", (layers_axis, places_axis))
        columns = Axis("count of", ("positions spanned", "inputs read", "weights"))
        return Quantity(np.array(counts, dtype=object).T, "number", "", (columns, layers_axis), scale="log2")


@dataclass(frozen=True)
class PooledShapes(Experiment):
    """Channels and sides of what pooling makes of square maps, and its parameters, by the side of its input.

    Attributes:
        pooling: Called with `arguments`.
        arguments: Kernel, stride and padding; or what else the pooling takes.
        channels: Of the input.
        sides: Of the input.
    """

    pooling: Subject = Subject("torch.nn", "MaxPool2d")
    arguments: tuple[int, ...] = (2, 2, 0)
    channels: int = 6
    sides: tuple[int, ...] = (8, 10, 13, 16, 28, 32)

    def draw(self, lab: Lab) -> None:
        """Nothing: shapes need no numbers."""

    def measure(self, lab: Lab, given: None) -> Quantity:
        """Shape `(channels, side, parameters; sides)`."""
        pooling = self.pooling(*self.arguments)
        shapes = [pooling(torch.zeros(1, self.channels, side, side)).shape for side in self.sides]
        parameters = sum(parameter.numel() for parameter in pooling.parameters())
        counts = np.array([[shape[1], shape[2], parameters] for shape in shapes], dtype=object).T
        axes = (Axis("count of", ("channels", "pixels of a side", "parameters")), Axis("pixels of a side", self.sides))
        return Quantity(counts, "number", "", axes)


@dataclass(frozen=True)
class DenseShare(Experiment):
    """The share of a network's parameters that fully connected layers hold.

    Attributes:
        network: The network; called without arguments.
    """

    network: Subject = Subject("dlverify.lab.architectures.classification", "vgg", (("depth", 16),))

    def draw(self, lab: Lab) -> None:
        """Nothing: a count needs no numbers."""

    def measure(self, lab: Lab, given: None) -> Quantity:
        """The share, a fraction, counted on the meta device."""
        with torch.device("meta"):
            network = self.network()
        dense = [module for module in network.modules() if isinstance(module, torch.nn.Linear)]
        counts = [
            sum(parameter.numel() for module in modules for parameter in module.parameters())
            for modules in (dense, [network])
        ]
        return Quantity(np.array(Fraction(*counts), dtype=object), "share in fully connected layers")


Layer = tuple[str, int, int, int]
"""Of a table: "convolution" or "pooling", the size of its kernel, its stride and its padding."""


@dataclass(frozen=True)
class AcceptedSizes(Experiment):
    """Whether a convolutional network takes images of a size.

    Attributes:
        convolution: Called with channels in and out, the size of its kernel, stride and padding.
        pooling: Called with the size of its kernel, stride and padding.
        layers: The table of the layers that lead to the last map.
        head: What makes classes of the last map: the "mean" over it, then a linear layer; a "dense" layer of all its
            nodes, or a "convolution" as large as it, both made for images of `made_for`, the latter followed by the mean.
        made_for: Pixels of a side of the images that the head is made for.
        sides: Pixels of a side of the images that are tried.
    """

    convolution: Subject = Subject("torch.nn", "Conv2d")
    pooling: Subject = Subject("torch.nn", "MaxPool2d")
    layers: tuple[Layer, ...] = (("convolution", 3, 1, 0),)
    head: Literal["mean", "dense", "convolution"] = "mean"
    made_for: int = 8
    sides: tuple[int, ...] = tuple(range(1, 17))

    def draw(self, lab: Lab) -> None:
        """Nothing: shapes need no numbers."""

    def measure(self, lab: Lab, given: None) -> Quantity:
        """Whether it answers with ten classes, shape `(sides,)`."""
        with torch.no_grad():
            made: list[torch.nn.Module] = []
            channels = 3
            for kind, *shape in self.layers:
                made.append(self.pooling(*shape) if kind == "pooling" else self.convolution(channels, 4, *shape))
                channels = 4
            body = torch.nn.Sequential(*made)
            side = body(torch.zeros(1, 3, self.made_for, self.made_for)).shape[-1]
            mean = [torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten()]
            heads = {
                "mean": [*mean, torch.nn.Linear(channels, 10)],
                "dense": [torch.nn.Flatten(), torch.nn.Linear(channels * side**2, 10)],
                "convolution": [self.convolution(channels, 10, side, 1, 0), *mean],
            }
            network = torch.nn.Sequential(body, *heads[self.head])
            accepted = [self._answers(network, side) for side in self.sides]
        return Quantity(accepted, "is accepted", "", (Axis("pixels of a side", self.sides),))

    def _answers(self, network: torch.nn.Module, side: int) -> bool:
        try:
            return tuple(network(torch.zeros(1, 3, side, side)).shape) == (1, 10)
        except (RuntimeError, ValueError):  # what torch raises where shapes do not fit
            return False


@dataclass(frozen=True)
class Values:
    """Values of a feature map at one node, all equally likely.

    Attributes:
        values: Integers, shape `(values,)`.
    """

    values: Array


@dataclass(frozen=True)
class PooledMoments(Experiment):
    """Mean and variance of what pooling makes of a window, over all windows that a finite set of values allows.

    Nothing is drawn: every window is pooled, each as likely as any other, so that the moments are exact.

    Attributes:
        pooling: Called with `kernel_size`, the size of the window.
        nodes: "independent": every node takes every value; "equal": all nodes of a window have the same one.
        size: How many values a node can have.
        windows: Sizes of the windows, powers of two, so that means round nothing.
    """

    pooling: Subject = Subject("torch.nn", "AvgPool1d")
    nodes: Literal["independent", "equal"] = "independent"
    size: int = 4
    windows: tuple[int, ...] = (1, 2, 4, 8)

    def draw(self, lab: Lab) -> Values:
        """Distinct integers from -20 to 20."""
        values = lab.generator("values").choice(np.arange(-20, 21), self.size, replace=False)
        return Values(lab.rounded(values.astype(np.float64)))

    def measure(self, lab: Lab, given: Values) -> Quantity:
        """Exact moments, shape `(mean, variance; windows)`."""
        moments = []
        for window in self.windows:
            if self.nodes == "equal":
                chosen = np.repeat(np.arange(self.size)[:, None], window, axis=1)
            else:
                chosen = np.indices((self.size,) * window).reshape(window, -1).T
            pooled = self.pooling(kernel_size=window)(lab.tensor(given.values[chosen])[:, None, :]).flatten()
            found, counts = np.unique(pooled.double().cpu().numpy(), return_counts=True)
            pairs = [(Fraction(float(value)), int(count)) for value, count in zip(found, counts, strict=True)]
            total = sum(count for _, count in pairs)
            mean = sum((value * count for value, count in pairs), Fraction(0)) / total
            moments.append([mean, sum(((value - mean) ** 2 * count for value, count in pairs), Fraction(0)) / total])
        axes = (Axis("moment", ("mean", "variance")), Axis("nodes of a window", self.windows, scale="log2"))
        return Quantity(np.array(moments, dtype=object).T, "moment", "", axes)
