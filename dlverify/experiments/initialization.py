"""Experiments on what the initial weights make of a signal."""

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
class Signals:
    """What enters the first layer.

    Attributes:
        inputs: Shape `(members, samples, width)`.
        coefficients: Of the outputs, where a gradient runs backward, shape `(members, samples, last width)`.
    """

    inputs: Array
    coefficients: Array


@dataclass(frozen=True)
class SignalGrowth(Experiment):
    """By how many powers of two a layer multiplies the mean square of the signal, on average over a stack of new layers.

    Attributes:
        start: Fills the weight of a layer, shape `(outputs, inputs)`; called with it, as the functions of `torch.nn.init` are.
        activation: Behind each layer; there are no biases.
        size: The standard deviation of the normal inputs.
        width: Inputs of the first layer.
        ratio: How many outputs a layer has for each of its inputs.
        depth: How many layers.
        samples: How many inputs.
        direction: What grows: the signal "forward", or the gradient of a random linear function of the outputs "backward".
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64", "bfloat16")

    start: Subject = Subject("torch.nn.init", "kaiming_normal_")
    activation: Subject = Subject("torch.nn", "ReLU")
    size: float = 1.0
    width: int = 128
    ratio: float = 1.0
    depth: int = 16
    samples: int = 16
    direction: Literal["forward", "backward"] = "forward"

    def draw(self, lab: Lab) -> Signals:
        """Normal numbers."""
        last = round(self.width * self.ratio**self.depth)
        outputs = lab.normal("coefficients", (self.samples, last)) if self.direction == "backward" else np.zeros(0)
        return Signals(lab.normal("inputs", (self.samples, self.width), self.size), outputs)

    def measure(self, lab: Lab, given: Signals) -> Quantity:
        """The exponent, and its negative so that it can be bounded on both sides, shape `(members, 2)`."""
        exponents = []
        activation = self.activation()
        backward = self.direction == "backward"
        for row, member in enumerate(lab.members):
            inputs = signal = lab.tensor(given.inputs[row]).requires_grad_(backward)
            with torch.set_grad_enabled(backward), lab.seeded("weights", member):
                for layer in range(self.depth):
                    widths = (round(self.width * self.ratio ** (layer + more)) for more in (1, 0))
                    weight = torch.empty(*widths, dtype=lab.torch_dtype, device=lab.device)
                    self.start(weight)
                    signal = activation(signal @ weight.T)
            before, after = inputs.detach(), signal.detach()
            if backward:
                before = lab.tensor(given.coefficients[row])
                (after,) = torch.autograd.grad(signal, inputs, before)
            squares = [part.double().square().mean() for part in (before, after)]
            exponents.append(float(torch.log2(squares[1] / squares[0])) / self.depth)
        axes = Axis("member", tuple(lab.members)), Axis("sign", (1, -1))
        return Quantity(np.array(exponents)[:, None] * [1, -1], "log2 of the growth in a layer, times sign", "", axes)


@dataclass(frozen=True)
class PhaseMap(Experiment):
    """By how many powers of two a stack multiplies the mean square of the signal, over the scale of its weights and its depth.

    All scales share the weights but for their gain.

    Attributes:
        start: Fills the weight of a layer, shape `(width, width)`; called with it and `gain`.
        activation: Behind each layer; there are no biases.
        gains: The scales.
        depths: The depths, in rising order.
        width: Features of all layers.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    start: Subject = Subject("torch.nn.init", "orthogonal_")
    activation: Subject = Subject("torch.nn", "Identity")
    gains: tuple[float, ...] = tuple(2 ** (exponent / 8) for exponent in range(-8, 9))
    depths: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)
    width: int = 16

    def draw(self, lab: Lab) -> Signals:
        """One normal input."""
        return Signals(lab.normal("inputs", (1, self.width)), np.zeros(0))

    def measure(self, lab: Lab, given: Signals) -> Quantity:
        """Logarithms to base 2, shape `(gains, depths)`."""
        activation, grown = self.activation(), np.empty((len(self.gains), len(self.depths)))
        for row, gain in enumerate(self.gains):
            signal = lab.tensor(given.inputs[0])
            before = signal.double().square().mean()
            with torch.no_grad(), lab.seeded("weights"):
                for layer in range(1, self.depths[-1] + 1):
                    weight = torch.empty(self.width, self.width, dtype=lab.torch_dtype, device=lab.device)
                    self.start(weight, gain=gain)
                    signal = activation(signal @ weight.T)
                    if layer in self.depths:
                        grown[row, self.depths.index(layer)] = torch.log2(signal.double().square().mean() / before)
        axes = Axis("gain", self.gains, scale="log2"), Axis("depth", self.depths, "layers", scale="log2")
        return Quantity(grown, "log2 of the growth of the mean square", "", axes)
