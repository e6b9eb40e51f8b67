"""Experiments on gradients that pass through many layers: bounds, means over random weights, laws of decay."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Literal

import numpy as np
import torch

from dlverify.evidence.spectra import spectral_norm
from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


@dataclass(frozen=True)
class Weights:
    """A chain of layers x -> act(W x) and where it starts.

    Attributes:
        start: Shape `(width,)`.
        weights: Shape `(depth, width, width)`.
    """

    start: Array
    weights: Array


@dataclass(frozen=True)
class ChainNorms(Experiment):
    """Size of d x_l / d x_0 in a plain chain of layers x -> act(W x), at every depth l, by automatic differentiation.

    Attributes:
        layer: Called with (inputs, outputs, bias=False); has `weight`.
        activation: After every layer.
        weights: "normal" with standard deviation gain / sqrt(width); "one": gain times the identity; "rotations": gain
            times random matrices that are exactly orthogonal in every dtype, Hadamard's with rows and columns permuted
            and their signs changed (the width is then a power of four).
        gain: Of the weights.
        width: Features of every layer.
        depth: How many layers.
        every: The sizes are measured after this number of layers and its multiples.
        report: "spectral norm" of the Jacobian, enclosed in ball arithmetic, or "gradient", the norm of its first row.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    layer: Subject = Subject("torch.nn", "Linear")
    activation: Subject = Subject("torch.nn", "Tanh")
    weights: Literal["normal", "one", "rotations"] = "normal"
    gain: float = 1.0
    width: int = 8
    depth: int = 32
    every: int = 2
    report: Literal["spectral norm", "gradient"] = "spectral norm"

    def draw(self, lab: Lab) -> Weights:
        """The weights, and a standard normal start."""
        start = lab.normal("start", (self.width,))[0]
        shape = (self.depth, self.width, self.width)
        if self.weights == "normal":
            return Weights(start, lab.normal("weights", shape, self.gain / self.width**0.5)[0])
        if self.weights == "one":
            return Weights(start, lab.rounded(np.broadcast_to(self.gain * np.eye(self.width), shape)))
        hadamard: Array = np.ones((1, 1))
        while len(hadamard) < self.width:
            hadamard = np.kron(hadamard, np.array([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]) / 2)
        numbers = lab.generator("weights")
        rotations = np.stack([hadamard[numbers.permutation(self.width)] for _ in range(self.depth)])
        signs = numbers.choice([-1.0, 1.0], (2, self.depth, self.width))
        return Weights(start, lab.rounded(self.gain * signs[0][:, :, None] * rotations * signs[1][:, None, :]))

    def measure(self, lab: Lab, given: Weights) -> Quantity:
        """The sizes, shape `(depth // every,)`."""
        layers = []
        for weight in given.weights:
            linear = self.layer(self.width, self.width, bias=False).to(lab.device, lab.torch_dtype)
            with torch.no_grad():
                linear.weight.copy_(lab.tensor(weight))
            layers.append(torch.nn.Sequential(linear, self.activation()))

        def states(start: torch.Tensor) -> list[torch.Tensor]:
            reached = [start]
            for layer in layers:
                reached.append(layer(reached[-1]))
            return reached[self.every :: self.every]

        start = lab.tensor(given.start).requires_grad_()
        depth = Axis("layers", tuple(range(self.every, self.depth + 1, self.every)))
        if self.report == "gradient":
            rows = [torch.autograd.grad(state[0], start, retain_graph=True)[0].double() for state in states(start)]
            return Quantity(torch.stack(rows).norm(dim=1), "gradient norm", "", (depth,), scale="log")
        jacobians = torch.autograd.functional.jacobian(lambda x: torch.stack(states(x)), start.detach())
        ends = np.array([spectral_norm(jacobian.double().cpu().numpy()) for jacobian in jacobians])
        return Quantity(ends[:, 0], "spectral norm of the Jacobian", "", (depth,), ends[:, 1], scale="log")


@dataclass(frozen=True)
class Magnitudes:
    """Absolute values of the weights of one layer after another, and the input.

    Attributes:
        start: Shape `(2,)`.
        weights: One matrix a layer.
    """

    start: Array
    weights: tuple[Array, ...]


@dataclass(frozen=True)
class MeanSquareJacobian(Experiment):
    """Mean of the squared Frobenius norm of d x_l / d x_0 over ALL signs of the weights: a finite world, no sampling.

    Two features, weights that are powers of two times small integers: floating-point arithmetic rounds nothing, and the
    mean is taken in rational arithmetic.

    Attributes:
        activation: Its slopes are multiples of 1/4, or the arithmetic would not be exact.
        network: "plain": x -> act(W x), both weights of a row distinct; "residual": x -> x + V act(W x) with one hidden
            unit and equal weights.
        size: The weights of a row of W are +-size and, in the plain network, +-3 size; those of V are +-size.
        bias: Of every layer that an activation follows.
        depth: Layers, or blocks.
    """

    activation: Subject = Subject("torch.nn", "ReLU")
    network: Literal["plain", "residual"] = "plain"
    size: float = 0.5
    bias: float = 0.0
    depth: int = 3

    def draw(self, lab: Lab) -> Magnitudes:
        """The input (1, 5/8), at which no activation sits at its kink, and the absolute values of the weights."""
        if self.network == "plain":
            weights = [np.array([[1.0, 3.0], [1.0, 3.0]])] * self.depth
        else:
            weights = [np.ones((1, 2)), np.ones((2, 1))] * self.depth
        return Magnitudes(np.array([1.0, 0.625]), tuple(self.size * weight for weight in weights))

    def measure(self, lab: Lab, given: Magnitudes) -> Quantity:
        """The means, fractions of shape `(depth,)`."""
        entries = sum(weight.size for weight in given.weights)
        signs = np.array(list(itertools.product((-1.0, 1.0), repeat=entries)))
        stacks, used = [], 0
        for weight in given.weights:
            stacks.append(lab.tensor(signs[:, used : used + weight.size].reshape(-1, *weight.shape) * weight))
            used += weight.size
        activation = self.activation()

        def states(start: torch.Tensor) -> list[torch.Tensor]:
            """Columns (networks, 2, 1) after every layer or block."""
            reached, rest = [start], iter(stacks)
            for weight in rest:
                hidden = activation(weight @ reached[-1] + self.bias)
                reached.append(hidden if self.network == "plain" else reached[-1] + next(rest) @ hidden)
            return reached[1:]

        start = lab.tensor(np.broadcast_to(given.start[:, None], (len(signs), 2, 1))).requires_grad_()
        means = []
        for state in states(start):
            # The networks do not touch one another: the gradient of a sum over them holds a row of each one's Jacobian.
            rows = [torch.autograd.grad(state[:, i].sum(), start, retain_graph=True)[0] for i in range(2)]
            squares, counts = np.unique(torch.stack(rows).square().cpu().numpy(), return_counts=True)
            total = sum((Fraction(s) * c for s, c in zip(squares.tolist(), counts.tolist(), strict=True)), Fraction(0))
            means.append(total / len(signs))
        values = np.array(means, dtype=object)
        depth = Axis("layers" if self.network == "plain" else "blocks", tuple(range(1, self.depth + 1)))
        return Quantity(values, "mean squared Frobenius norm of the Jacobian", "", (depth,), scale="log")


@dataclass(frozen=True)
class Starts:
    """Where each member's network starts.

    Attributes:
        inputs: Shape `(members, 1, width)`.
    """

    inputs: Array


@dataclass(frozen=True)
class LogInputGradients(Experiment):
    """Decades by which an output's gradient in the input lies above and below norm 1, for freshly initialized bias-free networks of many depths.

    The network is linear, activation, linear, activation, ..., linear, of one output. In blocks it is linear, blocks
    x -> shortcut x + branch V act(W x), linear, with the same layers. Activations and gradients are brought to norm 1
    at every layer and the logarithms added up, since no floating-point number is as small as what is measured here.

    Attributes:
        layer: Called with (inputs, outputs, bias=False); has `weight`.
        initialize: Fills the weight of a layer; `torch:positive` leaves it as the layer drew it.
        activation: "relu", or "identity".
        blocks: Whether the layers are paired into blocks.
        shortcut: Factor of a block's input.
        branch: Factor of a block's branch: 1, or 1 / sqrt(number of blocks).
        width: Features of the input and of every hidden layer.
        depths: Numbers of layers with weights, even where they are paired into blocks.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    layer: Subject = Subject("torch.nn", "Linear")
    initialize: Subject = Subject("torch.nn.init", "kaiming_normal_", (("nonlinearity", "relu"),))
    activation: Literal["relu", "identity"] = "relu"
    blocks: bool = False
    shortcut: float = 1.0
    branch: Literal["full", "shared out"] = "full"
    width: int = 32
    depths: tuple[int, ...] = (32, 102, 302, 1202)

    def draw(self, lab: Lab) -> Starts:
        """Inputs."""
        return Starts(lab.normal("inputs", (1, self.width)))

    def measure(self, lab: Lab, given: Starts) -> Quantity:
        """The logarithms and their negatives, shape `(members, 2, depths)`: so that both sides can be bounded."""
        from dlverify.lab.ensembles import Perceptron, log_input_gradient

        hidden, last = self._weights(lab)
        logarithms = []
        for depth in self.depths:
            number = (depth - 2) // 2
            network = Perceptron(
                (*(self.width,) * depth, 1),
                self.activation,
                bias=False,
                shortcut=self.shortcut if self.blocks else None,
                branch=number**-0.5 if self.branch == "shared out" else 1.0,
            )
            logarithms.append(log_input_gradient(network, [*hidden[: depth - 1], last], lab.tensor(given.inputs))[:, 0])
        gained = torch.stack(logarithms, dim=1).double()
        axes = (
            Axis("member", tuple(lab.members)),
            Axis("side", ("gained", "lost")),
            Axis("depth", self.depths, "layers", "log"),
        )
        return Quantity(torch.stack([gained, -gained], dim=1), "input gradient", "decades", axes)

    def _weights(self, lab: Lab) -> tuple[list[torch.Tensor], torch.Tensor]:
        """Stacked square weights (members, width, width) of the deepest network, and the last one (members, 1, width)."""
        shapes = [(self.width, self.width)] * (max(self.depths) - 1) + [(self.width, 1)]
        stacks = [torch.empty(len(lab.members), *reversed(shape)) for shape in shapes]
        for row, member in enumerate(lab.members):
            with lab.seeded("weights", member), torch.no_grad():
                for stack, shape in zip(stacks, shapes, strict=True):
                    layer = self.layer(*shape, bias=False)
                    self.initialize(layer.weight)
                    stack[row] = layer.weight
        stacks = [stack.to(lab.device, lab.torch_dtype) for stack in stacks]
        return stacks[:-1], stacks[-1]
