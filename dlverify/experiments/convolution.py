"""Experiments on convolutional layers: what one computes, how large its output is, how many parameters it has.

All signals and kernels are small integers, or halves of them, which float64 does not round.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import torch

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


@dataclass(frozen=True)
class Filtering:
    """Signals and a kernel to filter them with.

    Attributes:
        signals: One of any dimensions, or several, shape `(signals, ...)`.
        kernel: Of as many dimensions as a signal has.
    """

    signals: Array
    kernel: Array


@dataclass(frozen=True)
class Responses(Experiment):
    """Response of a layer with one input and one output channel.

    Attributes:
        layer: The layer; called with (1, 1, taps) and `bias`, and has a `weight`.
        dimensions: Of the signal, 1 to 3.
        size: Nodes of the signal in each dimension.
        taps: Of the kernel in each dimension; its weights are different integers around 0.
        weights: They come in a "random" order, or "rising": -1, 0, 1 for three taps.
        picture: "random" numbers -1, 0 and 1, a "step" from 0 to 1 in the middle of each row, "one pixel", the bright right
            neighbour of the middle, or "equal rows".
    """

    layer: Subject = Subject("torch.nn", "Conv1d")
    dimensions: int = 1
    size: int = 16
    taps: int = 3
    weights: Literal["random", "rising"] = "random"
    picture: Literal["random", "step", "one pixel", "equal rows"] = "random"

    def draw(self, lab: Lab) -> Filtering:
        """The signal and the kernel."""
        numbers, shape = lab.generator("signal"), (self.size,) * self.dimensions
        if self.picture == "one pixel":
            signal = np.zeros(shape)
            signal[(self.size // 2,) * (self.dimensions - 1) + (self.size // 2 + 1,)] = 1
        elif self.picture == "random":
            signal = numbers.integers(-1, 2, shape).astype(np.float64)
        else:
            step = np.arange(self.size) >= self.size // 2
            row = step if self.picture == "step" else numbers.integers(-1, 2, self.size)
            signal = np.broadcast_to(row.astype(np.float64), shape)
        kernel = _distinct(lab, (self.taps,) * self.dimensions)
        if self.weights == "rising":
            kernel = np.sort(kernel, axis=None).reshape(kernel.shape)
        return Filtering(lab.rounded(signal), lab.rounded(kernel))

    def measure(self, lab: Lab, given: Filtering) -> Quantity:
        """The response, of `size - taps + 1` nodes in each dimension."""
        layer = _layer(lab, self.layer, given.kernel)
        with torch.no_grad():
            response = layer(lab.tensor(given.signals)[None, None])[0, 0]
        return Quantity(response, "response", "", _axes(response.shape))


@dataclass(frozen=True)
class Agreements(Experiment):
    """Whether a layer and a convolution give the same, for each kernel of three weights -1, 0 or 1.

    Attributes:
        layer: The layer; called with (1, 1, 3) and `bias`, and has a `weight`.
        convolution: Called with signals, shape `(signals, nodes)`, a kernel, shape `(1, 3)`, and `mode`.
        signals: "all" the signals of `nodes` numbers -1, 0 or 1, or the "constant" ones among them.
        nodes: Of a signal.
    """

    layer: Subject = Subject("torch.nn", "Conv1d")
    convolution: Subject = Subject("scipy.signal", "convolve")
    signals: Literal["all", "constant"] = "all"
    nodes: int = 5

    def draw(self, lab: Lab) -> Filtering:
        """The signals, shape `(signals, nodes)`, and the 27 kernels, shape `(27, 3)`."""
        signals = np.array(list(itertools.product((-1.0, 0.0, 1.0), repeat=self.nodes)))
        if self.signals == "constant":
            signals = signals[np.ptp(signals, axis=1) == 0]
        kernels = np.array(list(itertools.product((-1.0, 0.0, 1.0), repeat=3)))
        return Filtering(lab.rounded(signals), lab.rounded(kernels))

    def measure(self, lab: Lab, given: Filtering) -> Quantity:
        """Booleans, shape `(27,)`."""
        agree = []
        for kernel in given.kernel:
            with torch.no_grad():
                response = _layer(lab, self.layer, kernel)(lab.tensor(given.signals)[:, None])[:, 0]
            convolved = self.convolution(given.signals, kernel[None], mode="valid")
            agree.append(np.array_equal(response.double().cpu().numpy(), convolved))
        labels = tuple(", ".join(f"{int(weight)}" for weight in kernel) for kernel in given.kernel)
        return Quantity(np.array(agree), "agrees on all signals", "", (Axis("kernel", labels),))


@dataclass(frozen=True)
class Factors:
    """Three sequences to combine.

    Attributes:
        a: The first.
        b: The second.
        c: The third.
    """

    a: Array
    b: Array
    c: Array


@dataclass(frozen=True)
class TripleProducts(Experiment):
    """Three sequences combined two by two, in different orders and with different brackets.

    Attributes:
        operation: Called with two sequences; gives one of as many numbers as both have, less one.
        lengths: Of the three sequences, whose numbers are 1, 2, 3 and so on in a random order.
    """

    operation: Subject = Subject("scipy.signal", "convolve")
    lengths: tuple[int, ...] = (3, 3, 3)

    def draw(self, lab: Lab) -> Factors:
        """The sequences."""
        numbers = lab.generator("factors")
        a, b, c = (lab.rounded(1.0 + numbers.permutation(length)) for length in self.lengths)
        return Factors(a, b, c)

    def measure(self, lab: Lab, given: Factors) -> Quantity:
        """The products, shape `(6, places)`."""
        product, a, b, c = self.operation, given.a, given.b, given.c
        products = {
            "(ab)c": product(product(a, b), c),
            "a(bc)": product(a, product(b, c)),
            "(ba)c": product(product(b, a), c),
            "c(ab)": product(c, product(a, b)),
            "(ac)b": product(product(a, c), b),
            "b(ca)": product(b, product(c, a)),
        }
        places = Axis("place", tuple(range(sum(self.lengths) - 2)))
        return Quantity(np.stack(list(products.values())), "product", "", (Axis("order", tuple(products)), places))


@dataclass(frozen=True)
class WaveResponses(Experiment):
    """Response to the cosines of frequency 0, pi/3, pi/2, 2 pi/3 and pi, whose values are halves of integers.

    Attributes:
        layer: The layer; called with (1, 1, taps) and `bias`, and has a `weight`.
        kernel: Its weights in hundredths, an odd number of them.
        periods: How often the waves, all of which repeat after 12 nodes, do so.
    """

    layer: Subject = Subject("torch.nn", "Conv1d")
    kernel: tuple[int, ...] = (33, 34, 33)
    periods: int = 1

    def draw(self, lab: Lab) -> Filtering:
        """The waves, shape `(5, nodes)`, so long that the response has `12 periods + 1` nodes, and the kernel."""
        margin = len(self.kernel) // 2
        nodes = np.arange(-margin, 12 * self.periods + margin + 1)
        sixths = np.array([0, 2, 3, 4, 6])[:, None] * nodes % 12  # phases in units of pi/6
        cosines = np.array([1, np.nan, 0.5, 0, -0.5, np.nan, -1, np.nan, -0.5, 0, 0.5, np.nan])
        return Filtering(lab.rounded(cosines[sixths]), lab.rounded(np.array(self.kernel, dtype=np.float64)))

    def measure(self, lab: Lab, given: Filtering) -> Quantity:
        """Exact fractions, shape `(5, nodes)`."""
        with torch.no_grad():
            response = _layer(lab, self.layer, given.kernel)(lab.tensor(given.signals)[:, None])[:, 0]
        waves = Axis("frequency", ("0", "pi/3", "pi/2", "2 pi/3", "pi"), "rad")
        return Quantity(_hundredths(response), "response", "", (waves, Axis("node", tuple(range(response.shape[1])))))


@dataclass(frozen=True)
class NoiseVariance(Experiment):
    """Variance of the response to noise whose values are +1 and -1 alike: the mean square over all of its patterns.

    Attributes:
        layer: The layer; called with (1, 1, taps) and `bias`, and has a `weight`.
        kernel: Its weights in hundredths.
        noise: "independent" from node to node, or "common" to all nodes.
    """

    layer: Subject = Subject("torch.nn", "Conv1d")
    kernel: tuple[int, ...] = (33, 34, 33)
    noise: Literal["independent", "common"] = "independent"

    def draw(self, lab: Lab) -> Filtering:
        """All patterns of signs under the kernel, shape `(patterns, taps)`, and the kernel."""
        signs = np.array(list(itertools.product((-1.0, 1.0), repeat=len(self.kernel))))
        if self.noise == "common":
            signs = signs[[0, -1]]
        return Filtering(lab.rounded(signs), lab.rounded(np.array(self.kernel, dtype=np.float64)))

    def measure(self, lab: Lab, given: Filtering) -> Quantity:
        """The variance, an exact fraction."""
        with torch.no_grad():
            response = _layer(lab, self.layer, given.kernel)(lab.tensor(given.signals)[:, None])[:, 0, 0]
        return Quantity((_hundredths(response) ** 2).sum() / len(response), "variance of the response")


@dataclass(frozen=True)
class Pictures:
    """Pictures and the kernel that is laid on them.

    Attributes:
        pictures: Shape `(pictures, rows, columns)`.
        kernel: Shape `(1, taps)` or `(taps, 1)`.
        names: Of the pictures.
    """

    pictures: Array
    kernel: Array
    names: tuple[str, ...]


@dataclass(frozen=True)
class EdgeResponses(Experiment):
    """Sums of the positive and of the negative responses to simple pictures.

    Attributes:
        layer: The layer; called with (1, 1, (rows, columns)) and `bias`, and has a `weight`.
        kernel: Three weights.
        along: Whether they lie along the "rows" or the "columns" of the pictures.
        size: Rows and columns of a picture, even.
    """

    layer: Subject = Subject("torch.nn", "Conv2d")
    kernel: tuple[int, ...] = (-1, 0, 1)
    along: Literal["rows", "columns"] = "rows"
    size: int = 6

    def draw(self, lab: Lab) -> Pictures:
        """Five pictures of 0 and 1, or of 0, 1, 2 and so on where there is a slope."""
        slope = np.broadcast_to(np.arange(float(self.size)), (self.size, self.size))
        edge = np.where(slope < self.size // 2, 0.0, 1.0)
        pictures = {
            "vertical edge": edge,
            "horizontal edge": edge.T,
            "constant": np.ones_like(edge),
            "slope along rows": slope,
            "slope along columns": slope.T,
        }
        kernel = np.array(self.kernel, dtype=np.float64).reshape((1, 3) if self.along == "rows" else (3, 1))
        return Pictures(lab.rounded(np.stack(list(pictures.values()))), lab.rounded(kernel), tuple(pictures))

    def measure(self, lab: Lab, given: Pictures) -> Quantity:
        """The sums, shape `(5, 2)`."""
        with torch.no_grad():
            response = _layer(lab, self.layer, given.kernel)(lab.tensor(given.pictures)[:, None])[:, 0].double()
        sums = torch.stack([response.clamp(min=0).sum((1, 2)), response.clamp(max=0).sum((1, 2))], 1)
        axes = (Axis("picture", given.names), Axis("sign", ("positive", "negative")))
        return Quantity(sums, "sum of responses", "", axes)


@dataclass(frozen=True)
class MatrixProducts(Experiment):
    """Responses of a layer to several signals, each taken as a vector, a picture row by row: one column for each signal.

    Attributes:
        layer: The layer; called with (1, 1, taps) and `bias`, and has a `weight` and a `bias`.
        activation: After the layer.
        bias: What the layer adds.
        dimensions: Of a signal, 1 or 2.
        size: Nodes of a signal in each dimension.
        taps: Of the kernel in each dimension; its weights are different integers around 0 in a random order.
        signals: "one node" that is 1, any in its turn, so that the columns are those of the layer's matrix; or
            "random", as many signals of numbers -1, 0 and 1.
    """

    layer: Subject = Subject("torch.nn", "Conv1d")
    activation: Subject = Subject("torch.nn", "Identity")
    bias: float = 0.0
    dimensions: int = 1
    size: int = 12
    taps: int = 3
    signals: Literal["one node", "random"] = "one node"

    def draw(self, lab: Lab) -> Filtering:
        """The signals, shape `(nodes, size)` or `(nodes, size, size)`, and the kernel."""
        shape = (self.size,) * self.dimensions
        nodes = self.size**self.dimensions
        if self.signals == "one node":
            signals = np.eye(nodes)
        else:
            signals = lab.generator("signals").integers(-1, 2, (nodes, nodes)).astype(np.float64)
        return Filtering(lab.rounded(signals.reshape(nodes, *shape)), _distinct(lab, (self.taps,) * self.dimensions))

    def measure(self, lab: Lab, given: Filtering) -> Quantity:
        """The responses, shape `(output nodes, signals)`."""
        layer = _layer(lab, self.layer, given.kernel, bias=self.bias)
        with torch.no_grad():
            responses = self.activation()(layer(lab.tensor(given.signals)[:, None])).flatten(1).T
        axes = (Axis("output node", tuple(range(len(responses)))), Axis("signal", tuple(range(responses.shape[1]))))
        return Quantity(responses, "response", "", axes)


@dataclass(frozen=True)
class CircularResponses(Experiment):
    """Response of a layer to the four complex waves of four nodes, w^(k i) with w = sqrt(-1): all their values are exact.

    Attributes:
        layer: The layer, which keeps four nodes; called with (1, 1, 3) and `bias`, and has a `weight`.
    """

    layer: Subject = Subject("torch.nn", "Conv1d", (("padding", 1), ("padding_mode", "circular")))

    def draw(self, lab: Lab) -> Filtering:
        """Real and imaginary parts of the waves, shape `(4, 2, 4)`, and a kernel of the weights -1, 0 and 1."""
        turns = np.outer(np.arange(4), np.arange(4)) % 4
        parts = np.stack([np.array([1.0, 0, -1, 0])[turns], np.array([0.0, 1, 0, -1])[turns]], 1)
        return Filtering(lab.rounded(parts), _distinct(lab, (3,)))

    def measure(self, lab: Lab, given: Filtering) -> Quantity:
        """Real and imaginary parts of the responses, shape `(4, 2, 4)`."""
        with torch.no_grad():
            response = _layer(lab, self.layer, given.kernel)(lab.tensor(given.signals).reshape(8, 1, 4))
        axes = (Axis("frequency", tuple(range(4)), "turns per 4 nodes"), Axis("part", ("real", "imaginary")))
        return Quantity(response.reshape(4, 2, 4), "response", "", (*axes, Axis("node", tuple(range(4)))))


@dataclass(frozen=True)
class Pairs:
    """Inputs and outputs of a layer to multiply, and the layer's kernel.

    Attributes:
        inputs: Shape `(samples, channels, ...)`.
        outputs: Shape `(samples, output channels, ...)`.
        kernel: Shape `(output channels, channels, ...)`.
    """

    inputs: Array
    outputs: Array
    kernel: Array


@dataclass(frozen=True)
class AdjointProducts(Experiment):
    """Inner products <layer x, y> and <x, transposed y>, of two channels on the side of x and three on that of y.

    Attributes:
        layer: The layer; called with (2, 3, taps), `bias`, `stride`, `padding` and `dilation`; has a `weight`.
        transposed: The transposed layer; called with (3, 2, taps) and the same, and `output_padding`.
        stride: Of both.
        padding: Of both.
        dilation: Of both.
        dimensions: Of the signals.
        size: Nodes of x in each dimension.
        taps: Of the kernel in each dimension; its weights are integers from -9 to 9.
        kernel: The transposed layer has the "same" kernel, or it "reversed".
        samples: How many pairs.
    """

    layer: Subject = Subject("torch.nn", "Conv1d")
    transposed: Subject = Subject("torch.nn", "ConvTranspose1d")
    stride: int = 1
    padding: int = 1
    dilation: int = 1
    dimensions: int = 1
    size: int = 10
    taps: int = 3
    kernel: Literal["same", "reversed"] = "same"
    samples: int = 8

    def draw(self, lab: Lab) -> Pairs:
        """Numbers -1, 0 and 1 for x and y; the weights are the different integers from -9 to 8, three times in two dimensions."""
        reach = self.size + 2 * self.padding - self.dilation * (self.taps - 1) - 1
        inputs = lab.generator("inputs").integers(-1, 2, (self.samples, 2, *(self.size,) * self.dimensions))
        nodes = (reach // self.stride + 1,) * self.dimensions
        outputs = lab.generator("outputs").integers(-1, 2, (self.samples, 3, *nodes))
        kernel = _distinct(lab, (3, 2, *(self.taps,) * self.dimensions), most=19)
        return Pairs(lab.rounded(inputs.astype(np.float64)), lab.rounded(outputs.astype(np.float64)), kernel)

    def measure(self, lab: Lab, given: Pairs) -> Quantity:
        """The products, shape `(2, samples)`: the sums over nodes in float64, which is exact."""
        options = {"stride": self.stride, "padding": self.padding, "dilation": self.dilation, "bias": False}
        reach = self.size + 2 * self.padding - self.dilation * (self.taps - 1) - 1
        forth = self.layer(2, 3, self.taps, **options)
        # Nodes that the stride leaves over at the end belong to the input all the same.
        back = self.transposed(3, 2, self.taps, output_padding=reach % self.stride, **options)
        kernel = given.kernel if self.kernel == "same" else np.flip(given.kernel, tuple(range(2, given.kernel.ndim)))
        for module, weight in ((forth, given.kernel), (back, kernel)):
            _set(lab, module, weight)
        inputs, outputs = lab.tensor(given.inputs), lab.tensor(given.outputs)
        with torch.no_grad():
            sides = [(forth(inputs).double() * outputs.double()), (inputs.double() * back(outputs).double())]
        products = torch.stack([side.flatten(1).sum(1) for side in sides])
        axes = (Axis("side", ("<Conv x, y>", "<x, ConvT y>")), Axis("sample", tuple(range(self.samples))))
        return Quantity(products, "inner product", "", axes)


@dataclass(frozen=True)
class StackResponses(Experiment):
    """Response of a stack of layers with one channel, an activation between each two.

    Attributes:
        layer: The layer; called with (1, 1, taps) and `bias`, and has a `weight`.
        activation: Between the layers.
        taps: Of the kernels, one after the other, in each dimension.
        dimensions: Of the signal.
        size: Nodes of the signal in each dimension.
    """

    layer: Subject = Subject("torch.nn", "Conv1d")
    activation: Subject = Subject("torch.nn", "Identity")
    taps: tuple[int, ...] = (3, 3)
    dimensions: int = 1
    size: int = 64

    def draw(self, lab: Lab) -> tuple[Array, ...]:
        """The signal, of numbers -1, 0 and 1, and one kernel for each layer, of weights -1 and 1."""
        signal = lab.generator("signal").integers(-1, 2, (self.size,) * self.dimensions).astype(np.float64)
        numbers = lab.generator("kernels")
        kernels = (numbers.choice((-1.0, 1.0), (taps,) * self.dimensions) for taps in self.taps)
        return (lab.rounded(signal), *(lab.rounded(kernel) for kernel in kernels))

    def measure(self, lab: Lab, given: tuple[Array, ...]) -> Quantity:
        """The response, in each dimension as many nodes less as all kernels together have taps beyond the first."""
        signal, *kernels = given
        modules: list[Any] = []
        for kernel in kernels:
            modules += [_layer(lab, self.layer, kernel), self.activation()]
        with torch.no_grad():
            response = torch.nn.Sequential(*modules[:-1])(lab.tensor(signal)[None, None])[0, 0]
        return Quantity(response, "response", "", _axes(response.shape))


@dataclass(frozen=True)
class OutputLengths(Experiment):
    """Length of a layer's output by kernel size and input length; 0 where the layer refuses the input as too short.

    Attributes:
        layer: The layer; called with (1, 1, taps), `stride`, `padding` and `dilation`.
        stride: Nodes from one window to the next.
        padding: Nodes added at each border.
        dilation: Nodes from one tap to the next.
        taps: The kernel sizes.
        longest: The inputs have 1, 2, ..., `longest` nodes.
    """

    layer: Subject = Subject("torch.nn", "Conv1d")
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    taps: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    longest: int = 20

    def draw(self, lab: Lab) -> None:
        """Nothing: shapes need no numbers."""

    def measure(self, lab: Lab, given: None) -> Quantity:
        """The lengths, shape `(kernel sizes, input lengths)`."""
        lengths = []
        for taps in self.taps:
            options = {"stride": self.stride, "padding": self.padding, "dilation": self.dilation}
            lengths.append([_length(self.layer, taps, nodes, options) for nodes in range(1, self.longest + 1)])
        axes = (Axis("kernel size", self.taps), Axis("input length", tuple(range(1, self.longest + 1)), "nodes"))
        return Quantity(lengths, "output length", "nodes", axes)


@dataclass(frozen=True)
class KeptLengths(Experiment):
    """Whether some padding, as much at either border, keeps the number of nodes, by dilation and kernel size.

    Attributes:
        layer: The layer; called with (1, 1, taps), `stride`, `padding` and `dilation`.
        stride: Nodes from one window to the next.
        dilations: Nodes from one tap to the next.
        taps: The kernel sizes.
        nodes: Of the input.
    """

    layer: Subject = Subject("torch.nn", "Conv1d")
    stride: int = 1
    dilations: tuple[int, ...] = (1, 2, 3, 4)
    taps: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
    nodes: int = 10

    def draw(self, lab: Lab) -> None:
        """Nothing: shapes need no numbers."""

    def measure(self, lab: Lab, given: None) -> Quantity:
        """Booleans, shape `(dilations, kernel sizes)`; paddings are tried up to the reach of the kernel."""
        kept = [[self._is_kept(dilation, taps) for taps in self.taps] for dilation in self.dilations]
        axes = (Axis("dilation", self.dilations), Axis("kernel size", self.taps))
        return Quantity(np.array(kept), "some symmetric padding keeps the length", "", axes)

    def _is_kept(self, dilation: int, taps: int) -> bool:
        options = ({"stride": self.stride, "padding": p, "dilation": dilation} for p in range(dilation * taps + 1))
        return any(_length(self.layer, taps, self.nodes, option) == self.nodes for option in options)


@dataclass(frozen=True)
class Alignments(Experiment):
    """By how many nodes a layer moves a slope away from the border, for kernels of ones and padding by half of their size.

    Attributes:
        layer: The layer; called with (1, 1, taps), `bias` and `padding`, and has a `weight`.
        taps: The kernel sizes.
        nodes: Of the slope 0, 1, 2 and so on.
    """

    layer: Subject = Subject("torch.nn", "Conv1d")
    taps: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
    nodes: int = 18

    def draw(self, lab: Lab) -> Array:
        """The slope, shape `(nodes,)`."""
        return lab.rounded(np.arange(float(self.nodes)))

    def measure(self, lab: Lab, given: Array) -> Quantity:
        """Exact fractions, shape `(kernel sizes,)`: the mean response less the slope, at the node in the middle."""
        shifts, middle = [], self.nodes // 2
        for taps in self.taps:
            layer = _layer(lab, self.layer, np.ones(taps), padding=taps // 2)
            with torch.no_grad():
                response = layer(lab.tensor(given)[None, None])[0, 0, middle]
            shifts.append(Fraction(response.item()) / taps - Fraction(given[middle]))
        return Quantity(np.array(shifts), "shift", "nodes", (Axis("kernel size", self.taps),))


@dataclass(frozen=True)
class LayerParameters(Experiment):
    """Trainable parameters of a layer by its channels, counted on the meta device.

    Attributes:
        layer: The layer; called with (inputs, outputs, kernel), `groups` and `bias`.
        kernel: Its size, one number for each dimension.
        groups: Channels are divided into so many groups.
        bias: Whether there is one.
        inputs: Numbers of input channels.
        outputs: Numbers of output channels.
    """

    layer: Subject = Subject("torch.nn", "Conv2d")
    kernel: tuple[int, ...] = (3, 3)
    groups: int = 1
    bias: bool = True
    inputs: tuple[int, ...] = (4, 16, 64, 256)
    outputs: tuple[int, ...] = (8, 16, 64, 256)

    def draw(self, lab: Lab) -> None:
        """Nothing: a count needs no numbers."""

    def measure(self, lab: Lab, given: None) -> Quantity:
        """The counts, shape `(inputs, outputs)`."""
        options = {"groups": self.groups, "bias": self.bias}
        with torch.device("meta"):
            counts = [
                [sum(p.numel() for p in self.layer(a, b, self.kernel, **options).parameters()) for b in self.outputs]
                for a in self.inputs
            ]
        axes = (Axis("input channels", self.inputs, scale="log2"), Axis("output channels", self.outputs, scale="log2"))
        return Quantity(counts, "parameters", "", axes, scale="log")


@dataclass(frozen=True)
class Biased:
    """A picture, kernels and biases.

    Attributes:
        picture: Shape `(size, ...)`, as many axes as the layer has dimensions.
        kernels: Shape `(channels, 1, 3, ...)`.
        biases: Shape `(channels,)`.
    """

    picture: Array
    kernels: Array
    biases: Array


@dataclass(frozen=True)
class BiasShifts(Experiment):
    """How far the output moves at each pixel of each channel when the biases are put from 0 to different integers.

    Attributes:
        layer: The layer; called with (1, channels, 3), and has a `weight` and a `bias`.
        activation: After the layer.
        channels: Of the output.
        dimensions: Of the picture.
        size: Of the picture along each dimension.
    """

    layer: Subject = Subject("torch.nn", "Conv2d")
    activation: Subject = Subject("torch.nn", "Identity")
    channels: int = 4
    dimensions: int = 2
    size: int = 16

    def draw(self, lab: Lab) -> Biased:
        """Numbers -1, 0 and 1 for the picture, -1 and 1 for the kernels; the biases are 1, 2, 3 and so on, mixed."""
        picture = lab.rounded(lab.generator("picture").integers(-1, 2, (self.size,) * self.dimensions).astype(float))
        shape = (self.channels, 1, *(3,) * self.dimensions)
        kernels = lab.rounded(lab.generator("kernels").choice((-1.0, 1.0), shape))
        return Biased(picture, kernels, lab.rounded(1.0 + lab.generator("biases").permutation(self.channels)))

    def measure(self, lab: Lab, given: Biased) -> Quantity:
        """The movements, shape `(channels, size - 2, ...)`."""
        layer = self.layer(1, self.channels, 3)
        _set(lab, layer, given.kernels)
        responses = []
        with torch.no_grad():
            for biases in (np.zeros(self.channels), given.biases):
                layer.bias.copy_(lab.tensor(biases))
                responses.append(self.activation()(layer(lab.tensor(given.picture)[None, None]))[0])
        shift = responses[1] - responses[0]
        return Quantity(shift, "shift", "", (Axis("channel", tuple(range(self.channels))), *_axes(shift.shape[1:])))


def _distinct(lab: Lab, shape: tuple[int, ...], most: int = 27) -> Array:
    """Integers around 0 in a random order, all of them different where there are no more than `most`.

    A kernel of different weights never equals its mirror image, whatever is drawn.
    """
    count = int(np.prod(shape))
    weights = np.arange(count) % most - min(count, most) // 2
    return lab.rounded(lab.generator("kernel").permutation(weights).reshape(shape).astype(np.float64))


def _layer(lab: Lab, layer: Subject, kernel: Array, bias: float = 0.0, **options: Any) -> Any:
    """The subject's layer with one input and one output channel, with this kernel, on the lab's device and in its dtype."""
    module = layer(1, 1, kernel.shape, bias=bool(bias), **options)
    _set(lab, module, kernel[None, None])
    if bias:
        with torch.no_grad():
            module.bias.fill_(bias)
    return module


def _set(lab: Lab, module: Any, weight: Array) -> None:
    """Bring a layer to the lab's device and dtype, with this weight."""
    module.to(device=lab.device, dtype=lab.torch_dtype)
    with torch.no_grad():
        module.weight.copy_(lab.tensor(weight))


def _length(layer: Subject, taps: int, nodes: int, options: dict[str, int]) -> int:
    """Nodes of the output, by shapes alone; 0 where the layer refuses the input."""
    with torch.device("meta"), warnings.catch_warnings():
        # It costs a copy and changes no shape; torch says so once in a process, whoever asks first.
        warnings.filterwarnings("ignore", "Using padding='same' with even kernel lengths", UserWarning)
        try:
            return int(layer(1, 1, taps, **options)(torch.empty(1, 1, nodes)).shape[-1])
        except RuntimeError:  # "Kernel size can't be greater than actual input size"
            return 0


def _hundredths(values: torch.Tensor) -> Array:
    """Values in hundredths as exact fractions."""
    fractions: Iterator[Fraction] = (Fraction(value) / 100 for value in values.double().flatten().tolist())
    return np.array(list(fractions), dtype=object).reshape(tuple(values.shape))


def _axes(shape: tuple[int, ...]) -> tuple[Axis, ...]:
    """One axis for each dimension of a response."""
    names = ("slice", "row", "column")[-len(shape) :] if len(shape) > 1 else ("node",)
    return tuple(Axis(name, tuple(range(size))) for name, size in zip(names, shape, strict=True))
