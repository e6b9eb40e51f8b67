"""Experiments on symmetries of networks: hidden units that start equal, and hidden units that trade places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


@dataclass(frozen=True)
class Hidden:
    """A network of one hidden layer without biases, and inputs.

    Attributes:
        inner: Incoming weights, shape `(units, features)`.
        outer: Outgoing weights, shape `(outputs, units)`.
        inputs: Shape `(samples, features)`.
        targets: Shape `(samples, outputs)`.
    """

    inner: Array
    outer: Array
    inputs: Array
    targets: Array


def network(lab: Lab, layer: Subject, activation: torch.nn.Module, inner: Array, outer: Array) -> torch.nn.Sequential:
    """The network with these weights."""
    layers = []
    for weight in (inner, outer):
        made = layer(weight.shape[1], weight.shape[0], bias=False).to(lab.device, lab.torch_dtype)
        with torch.no_grad():
            made.weight.copy_(lab.tensor(weight))
        layers.append(made)
    return torch.nn.Sequential(layers[0], activation, layers[1])


@dataclass(frozen=True)
class DistinctUnits(Experiment):
    """How many different hidden units a network has, along steps of training from equal ones.

    All numbers are short binary fractions, so that float64 rounds nothing. Where weights are multiples of 2^-a, errors are
    of 2^-2a, half the gradients of 2^-3a, and with the learning rate 1/8 the next weights of 2^-(3a + 2): from a = 0 they
    are 2, 8 and 26 after three steps. Dropout's factor is 2. Numbers below 2^10 need ten bits more.

    Attributes:
        layer: The layer; called with (inputs, outputs, bias=False).
        activation: The activation between the layers.
        optimizer: The optimizer; called with a list of parameters and `lr`.
        start: What the units start with: "equal" weights, one incoming weight "moved" by 1, or "other outgoing".
        units: How many hidden units.
        steps: Steps of training on the summed squared error, by full batches; 3 at most where nothing is to be rounded.
    """

    layer: Subject = Subject("torch.nn", "Linear")
    activation: Subject = Subject("torch.nn", "ReLU")
    optimizer: Subject = Subject("torch.optim", "SGD")
    start: Literal["equal", "moved", "other outgoing"] = "equal"
    units: int = 3
    steps: int = 3

    def draw(self, lab: Lab) -> Hidden:
        """Weights 1 or -1; two inputs, of one feature each; targets below the units' sum by 1 or 2."""
        numbers = lab.generator("network")
        signs, side = numbers.choice((-1.0, 1.0), 2), numbers.choice((-1.0, 1.0))
        inner, outer = np.tile(signs, (self.units, 1)), np.full((1, self.units), side)
        if self.start == "moved":
            inner[-1, 0] += signs[0]
        elif self.start == "other outgoing":
            outer[0, -1] = -side
        targets = side * (self.units - numbers.integers(1, 3, (2, 1)))
        return Hidden(lab.rounded(inner), lab.rounded(outer), lab.rounded(np.diag(signs)), lab.rounded(targets))

    def measure(self, lab: Lab, given: Hidden) -> Quantity:
        """The number of different pairs of incoming and outgoing weights after 0, 1, 2, ... steps."""
        model = network(lab, self.layer, self.activation(), given.inner, given.outer)
        inputs, targets = lab.tensor(given.inputs), lab.tensor(given.targets)
        stepper = self.optimizer(list(model.parameters()), lr=0.125)
        counts = []
        for step in range(self.steps + 1):
            if step:
                stepper.zero_grad()
                (model(inputs) - targets).square().sum().backward()
                stepper.step()
            first, last = (parameter.detach().cpu().numpy() for parameter in model.parameters())
            counts.append(len(np.unique(np.vstack([first.T, last]), axis=1).T))
        axis = Axis("step", tuple(range(self.steps + 1)))
        return Quantity(np.array(counts, dtype=object), "different hidden units", "", (axis,))


@dataclass(frozen=True)
class ReparametrisedOutputs(Experiment):
    """Outputs of a network of one hidden layer whose units have traded places, or changed signs.

    Attributes:
        layer: The layer; called with (inputs, outputs, bias=False).
        activation: The activation between the layers.
        change: "permuted", each unit takes the place of the next one, or "flipped", every other unit has all signs changed.
        layers: "both" of them, or the "inner" weights alone.
        units: How many hidden units.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    layer: Subject = Subject("torch.nn", "Linear")
    activation: Subject = Subject("torch.nn", "Tanh")
    change: Literal["permuted", "flipped"] = "permuted"
    layers: Literal["both", "inner"] = "both"
    units: int = 6

    def draw(self, lab: Lab) -> Hidden:
        """Normal numbers; targets are none."""
        return Hidden(
            lab.normal("inner", (self.units, 4))[0],
            lab.normal("outer", (2, self.units))[0],
            lab.normal("inputs", (16, 4))[0],
            np.zeros((16, 0)),
        )

    def measure(self, lab: Lab, given: Hidden) -> Quantity:
        """The outputs after the change, shape `(16, 2)`."""
        inner, outer = given.inner.copy(), given.outer.copy()
        if self.change == "permuted":
            inner = np.roll(inner, 1, axis=0)
            outer = np.roll(outer, 1, axis=1) if self.layers == "both" else outer
        else:
            inner[::2] *= -1
            outer[:, ::2] *= -1 if self.layers == "both" else 1
        with torch.no_grad():
            outputs = network(lab, self.layer, self.activation(), inner, outer)(lab.tensor(given.inputs))
        axes = Axis("sample", tuple(range(16))), Axis("output", (0, 1))
        return Quantity(outputs, "output", "", axes)


@dataclass(frozen=True)
class LossAlongSegment(Experiment):
    """Summed squared error, exactly, along the segment between two optima of a network whose two hidden units trade places.

    Weights are whole numbers from 1 to 4, places eighths and inputs whole: float64 rounds nothing.

    Attributes:
        layer: The layer; called with (inputs, outputs, bias=False).
        model: A "network" with ReLU between its layers, or a "linear" model of two features, x v_1 and x v_2, whose
            weights w_1 and w_2 are moved to w_2 v_2 / v_1 and w_1 v_1 / v_2, which fit as well.
        swapped: "both" layers at the other end, or the "inner" weights alone.
    """

    layer: Subject = Subject("torch.nn", "Linear")
    model: Literal["network", "linear"] = "network"
    swapped: Literal["both", "inner"] = "both"

    def draw(self, lab: Lab) -> Hidden:
        """Two units with different weights in both layers; targets are what they return."""
        numbers = lab.generator("units")
        inner = numbers.permutation(4)[:2, None] + 1.0
        outer = 2.0 ** numbers.permutation(2)[None]
        inputs = np.arange(-4.0, 5.0)[:, None]
        targets = np.maximum(inputs @ inner.T, 0) @ outer.T
        return Hidden(lab.rounded(inner), lab.rounded(outer), lab.rounded(inputs), lab.rounded(targets))

    def measure(self, lab: Lab, given: Hidden) -> Quantity:
        """The error at the places 0, 1/8, ..., 1 of the segment."""
        places = tuple(k / 8 for k in range(9))
        inputs, targets = lab.tensor(given.inputs), lab.tensor(given.targets)
        losses = []
        for place in places:
            with torch.no_grad():
                if self.model == "network":
                    inner = (1 - place) * given.inner + place * given.inner[::-1]
                    outer = (
                        given.outer
                        if self.swapped == "inner"
                        else (1 - place) * given.outer + place * given.outer[:, ::-1]
                    )
                    outputs = network(lab, self.layer, torch.nn.ReLU(), inner, outer)(inputs)
                else:
                    terms = given.inner.T * given.outer  # w_1 v_1, w_2 v_2
                    moved = ((1 - place) * terms + place * terms[:, ::-1]) / given.outer
                    made = self.layer(2, 1, bias=False).to(lab.device, lab.torch_dtype)
                    made.weight.copy_(lab.tensor(moved))
                    outputs = made(inputs.clamp(min=0) * lab.tensor(given.outer))
                losses.append((outputs - targets).square().sum())
        return Quantity(torch.stack(losses), "summed squared error", "", (Axis("place on the segment", places),))
