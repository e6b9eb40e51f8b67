"""Experiments on activations: their values and slopes, and what networks of one hidden layer make of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch

from dlverify.evidence.separability import certificate
from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.ensembles import Perceptron, train
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity

PROBES = ("f(x)", "f(-x)", "f'(x)", "f(f(x))", "f(3 x)")
"""What `Responses` reports, in this order."""


class SigmoidFromOne(torch.nn.Module):
    """The sigmoid as 1 - 1 / (1 + e^x): the same function, but where it is small its digits cancel."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """One less the sigmoid of -x."""
        return 1 - 1 / (1 + x.exp())


@dataclass(frozen=True)
class Grid:
    """Numbers.

    Attributes:
        points: Shape `(points,)`.
    """

    points: Array


@dataclass(frozen=True)
class Responses(Experiment):
    """Values and slopes of an activation f at 0 and at 16 multiples of a step to either side.

    Attributes:
        activation: The activation; called without arguments, then with a tensor.
        step: The step, with up to 3 significant bits: three times a point has 8 then, which every dtype holds.
        probes: How many of `PROBES` are reported.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    activation: Subject = Subject("torch.nn", "ReLU")
    step: float = 0.5
    probes: int = len(PROBES)

    def draw(self, lab: Lab) -> Grid:
        """The points."""
        return Grid(lab.rounded(np.arange(-16, 17) * self.step))

    def measure(self, lab: Lab, given: Grid) -> Quantity:
        """Shape `(probes, points)`; slopes by autograd."""
        activation = self.activation()
        points = lab.tensor(given.points).requires_grad_()
        values = activation(points)
        (slopes,) = torch.autograd.grad(values.sum(), points)
        with torch.no_grad():
            rows = [values, activation(-points), slopes, activation(values), activation(3 * points)]
        axes = Axis("what", PROBES[: self.probes]), Axis("x", tuple(given.points.tolist()))
        return Quantity(torch.stack(rows[: self.probes]), "activation", "", axes)


@dataclass(frozen=True)
class TwoNetworks:
    """A tanh network of one hidden layer and what a sigmoid network is given, as (W1, b1, W2, b2), and inputs.

    Attributes:
        before: Of the tanh network, shapes `(width, 1), (width,), (1, width), (1,)`.
        after: Of the sigmoid network.
        inputs: Shape `(points, 1)`.
    """

    before: tuple[Array, ...]
    after: tuple[Array, ...]
    inputs: Array


@dataclass(frozen=True)
class RewrittenNetworks(Experiment):
    """Outputs of a network with one activation, and of one with another that got its weights and biases, rewritten.

    The rewriting is W1, b1 and W2 times a factor, and b2 less the sum of W2. All are eighths, so it rounds nothing.

    Attributes:
        layer: The layer; called with (inputs, outputs), and has `weight` and `bias`.
        first: The activation of the first network.
        second: The activation of the second one.
        factor: What weights are multiplied by.
        shifted: Whether the sum of W2 is taken off b2.
        width: Hidden units.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    layer: Subject = Subject("torch.nn", "Linear")
    first: Subject = Subject("torch.nn", "Tanh")
    second: Subject = Subject("torch.nn", "Sigmoid")
    factor: int = 2
    shifted: bool = True
    width: int = 4

    def draw(self, lab: Lab) -> TwoNetworks:
        """Eighths up to 2, 1, 1 and 1 in size, W1 not 0, W2 above 0."""
        numbers = lab.generator("weights")
        inner = numbers.integers(1, 17, (self.width, 1)) * numbers.choice([-1, 1], (self.width, 1)) / 8
        bias = numbers.integers(-8, 9, self.width) / 8
        outer = numbers.integers(1, 9, (1, self.width)) / 8
        last = numbers.integers(-8, 9, 1) / 8
        after = self.factor * inner, self.factor * bias, self.factor * outer, last - self.shifted * outer.sum()
        inputs = lab.rounded(np.arange(-16, 17)[:, None] / 8)
        return TwoNetworks(tuple(map(lab.rounded, (inner, bias, outer, last))), tuple(map(lab.rounded, after)), inputs)

    def measure(self, lab: Lab, given: TwoNetworks) -> Quantity:
        """Shape `(2, points)`."""
        rows = []
        for activation, (inner, bias, outer, last) in ((self.first, given.before), (self.second, given.after)):
            network = perceptron(lab, self.layer, activation, (inner, bias, outer, last))
            with torch.no_grad():
                rows.append(network(lab.tensor(given.inputs))[:, 0])
        axes = Axis("network", ("as given", "rewritten")), Axis("x", tuple(given.inputs[:, 0].tolist()))
        return Quantity(torch.stack(rows), "output", "", axes)


def perceptron(lab: Lab, layer: Subject, activation: Subject, parameters: Sequence[Array]) -> torch.nn.Sequential:
    """A network of one hidden layer with these (W1, b1, W2, b2)."""
    layers = []
    for weight, bias in (parameters[:2], parameters[2:]):
        made = layer(*weight.shape[::-1]).to(lab.device, lab.torch_dtype)
        with torch.no_grad():
            made.weight.copy_(lab.tensor(weight))
            made.bias.copy_(lab.tensor(bias))
        layers.append(made)
    return torch.nn.Sequential(layers[0], activation().to(lab.device, lab.torch_dtype), layers[1])


@dataclass(frozen=True)
class Mixtures:
    """Networks of one hidden layer on two inputs, with 0, 1, 2, ... units that weigh both.

    Attributes:
        networks: For each its W1, b1, W2, b2; the units that weigh both come first.
    """

    networks: tuple[tuple[Array, ...], ...]


@dataclass(frozen=True)
class Interactions(Experiment):
    """Size of f(1, 1) - f(1, 0) - f(0, 1) + f(0, 0), which is 0 for every sum of a function of x and one of y.

    All weights are integers, and float64 rounds nothing.

    Attributes:
        layer: The layer; called with (inputs, outputs), and has `weight` and `bias`.
        activation: The activation.
        after: What follows the last layer.
        width: Hidden units. Those that weigh both inputs are none, one, ..., all; the others weigh x and y by turns.
    """

    layer: Subject = Subject("torch.nn", "Linear")
    activation: Subject = Subject("torch.nn", "ReLU")
    after: Subject = Subject("torch.nn", "Identity")
    width: int = 8

    def draw(self, lab: Lab) -> Mixtures:
        """Integers: weights from -9 to 9 without 0, biases from -9 to 9."""
        numbers = lab.generator("weights")

        def weights(*shape: int) -> Array:
            drawn: Array = numbers.integers(1, 10, shape) * numbers.choice([-1, 1], shape)
            return drawn

        networks = []
        for mixing in range(self.width + 1):
            inner = weights(self.width, 2)
            lone = np.arange(mixing, self.width)
            inner[lone, lone % 2] = 0
            parts = inner, numbers.integers(-9, 10, self.width), weights(1, self.width), numbers.integers(-9, 10, 1)
            networks.append(tuple(map(lab.rounded, parts)))
        return Mixtures(tuple(networks))

    def measure(self, lab: Lab, given: Mixtures) -> Quantity:
        """Shape `(width + 1,)`."""
        corners = lab.tensor(np.array(list(itertools.product((0.0, 1.0), repeat=2))))
        sizes = []
        for parameters in given.networks:
            with torch.no_grad():
                values = self.after()(perceptron(lab, self.layer, self.activation, parameters)(corners))[:, 0]
            sizes.append((values[3] - values[2] - values[1] + values[0]).abs())
        axis = Axis("units that weigh both inputs", tuple(range(self.width + 1)))
        return Quantity(torch.stack(sizes), "size of the interaction", "", (axis,))


FUNCTIONS = tuple("".join(bits) for bits in itertools.product("01", repeat=4))
"""The Boolean functions of two inputs, by their values at 00, 01, 10 and 11."""


@dataclass(frozen=True)
class HiddenSpace(Experiment):
    """What two hidden units, both with weights 1 and 1, make of the corners of a square.

    Attributes:
        layer: The layer; called with (inputs, outputs), and has `weight` and `bias`.
        activation: The activation.
        biases: Those of the two units.
        report: "separable": which of `FUNCTIONS` a line separates, of the inputs and of the hidden units; "output": what
            the output weights 1 and -2 make of the hidden units.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    layer: Subject = Subject("torch.nn", "Linear")
    activation: Subject = Subject("torch.nn", "ReLU")
    biases: tuple[float, float] = (0.0, -1.0)
    report: Literal["separable", "output"] = "separable"

    def draw(self, lab: Lab) -> Grid:
        """The corners 00, 01, 10 and 11, shape `(4, 2)`."""
        return Grid(lab.rounded(np.array(list(itertools.product((0.0, 1.0), repeat=2)))))

    def measure(self, lab: Lab, given: Grid) -> Quantity:
        """Booleans of shape `(16, 2)`, each with its certificate; or outputs of shape `(4,)`."""
        parameters = np.ones((2, 2)), np.array(self.biases), np.array([[1.0, -2.0]]), np.zeros(1)
        network = perceptron(lab, self.layer, self.activation, parameters)
        with torch.no_grad():
            hidden, outputs = network[:2](lab.tensor(given.points)), network(lab.tensor(given.points))[:, 0]
        if self.report == "output":
            return Quantity(outputs, "output", "", (Axis("corner", ("00", "01", "10", "11")),))
        spaces = given.points, hidden.double().cpu().numpy()
        found = [
            [certificate(space, np.array([bit == "1" for bit in function])).separable for space in spaces]
            for function in FUNCTIONS
        ]
        axes = Axis("values at 00, 01, 10, 11", FUNCTIONS), Axis("space", ("inputs", "hidden units"))
        return Quantity(np.array(found), "separable by a line", "", axes)


Activation = Literal["relu", "tanh", "sigmoid", "identity"]

TASKS: dict[str, Callable[[Array], Array]] = {"|x|": np.abs, "tanh 5x": lambda x: np.tanh(5 * x)}
"""Functions to fit on [-1, 1]."""


@dataclass(frozen=True)
class Starts:
    """Inputs, and initial parameters for all restarts.

    Attributes:
        inputs: Shape `(samples, 1)`.
        parameters: Of `Perceptron((1, width, 1))`, each `(members * restarts, ...)`.
    """

    inputs: Array
    parameters: tuple[Array, ...]


@dataclass(frozen=True)
class RankedActivations(Experiment):
    """By how many powers of ten the one activation's least error among restarts is below the other's, on two tasks.

    Both start from the same weights.

    Attributes:
        optimizer: Called with a list of parameters and `lr`.
        first: The activation that is to win the first task.
        second: The activation that is to win the second task.
        first_task: A function on [-1, 1].
        second_task: Another.
        restarts: Networks of each kind, of which the best counts.
        width: Hidden units.
        steps: Full-batch steps.
        lr: The learning rate.
        samples: Points of an even grid.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64")

    optimizer: Subject = Subject("torch.optim", "Adam")
    first: Activation = "relu"
    second: Activation = "tanh"
    first_task: Literal["|x|", "tanh 5x"] = "|x|"
    second_task: Literal["|x|", "tanh 5x"] = "tanh 5x"
    restarts: int = 16
    width: int = 2
    steps: int = 200
    lr: float = 0.1
    samples: int = 16

    def draw(self, lab: Lab) -> Starts:
        """The grid, and weights uniform in +-1/sqrt(inputs of the layer), as `torch.nn.Linear` draws them."""
        shapes = ((self.width, 1), (self.width,), (1, self.width), (1,))
        bounds = (1.0, 1.0, self.width**-0.5, self.width**-0.5)
        names = ("first weight", "first bias", "last weight", "last bias")
        drawn = [lab.uniform(n, (self.restarts, *s), -b, b) for n, s, b in zip(names, shapes, bounds, strict=True)]
        merged = tuple(lab.rounded(part.reshape(-1, *part.shape[2:])) for part in drawn)
        return Starts(lab.rounded(np.linspace(-1, 1, self.samples)[:, None]), merged)

    def measure(self, lab: Lab, given: Starts) -> Quantity:
        """Shape `(members, 2)`."""
        rows = []
        for task, winner, loser in (
            (self.first_task, self.first, self.second),
            (self.second_task, self.second, self.first),
        ):
            rows.append(torch.log10(self._best(lab, given, task, loser) / self._best(lab, given, task, winner)))
        axes = Axis("member", tuple(lab.members)), Axis("task", ("first", "second"))
        return Quantity(torch.stack(rows, 1), "lead of the activation that is to win", "powers of ten", axes)

    def _best(self, lab: Lab, given: Starts, task: str, activation: Activation) -> Any:
        """The least final mean squared error of each member."""
        trained = train(
            Perceptron((1, self.width, 1), activation),
            [lab.tensor(part) for part in given.parameters],
            (lab.tensor(given.inputs), lab.tensor(lab.rounded(TASKS[task](given.inputs)))),
            optimizer=lambda parameters: self.optimizer(parameters, lr=self.lr),
            steps=self.steps,
            chunk=1024,  # the networks are tiny
        )
        return trained.losses[-1].reshape(-1, self.restarts).amin(1)
