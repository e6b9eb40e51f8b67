"""Experiments on what the initial weights make of a signal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

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
    """

    inputs: Array


@dataclass(frozen=True)
class SignalGrowth(Experiment):
    """By how many powers of two a layer multiplies the mean square of the signal, on average over a stack of new layers.

    Attributes:
        start: Fills the weight of a layer, shape `(width, width)`; called with it, as the functions of `torch.nn.init` are.
        activation: Behind each layer; there are no biases.
        size: The standard deviation of the normal inputs.
        width: Features of all layers.
        depth: How many layers.
        samples: How many inputs.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64", "bfloat16")

    start: Subject = Subject("torch.nn.init", "kaiming_normal_")
    activation: Subject = Subject("torch.nn", "ReLU")
    size: float = 1.0
    width: int = 128
    depth: int = 16
    samples: int = 16

    def draw(self, lab: Lab) -> Signals:
        """Normal numbers."""
        return Signals(lab.normal("inputs", (self.samples, self.width), self.size))

    def measure(self, lab: Lab, given: Signals) -> Quantity:
        """The exponent, and its negative so that it can be bounded on both sides, shape `(members, 2)`."""
        exponents = []
        activation = self.activation()
        for member, inputs in zip(lab.members, given.inputs, strict=True):
            signal = lab.tensor(inputs)
            before = signal.double().square().mean()
            with torch.no_grad(), lab.seeded("weights", member):
                for _ in range(self.depth):
                    weight = torch.empty(self.width, self.width, dtype=lab.torch_dtype, device=lab.device)
                    self.start(weight)
                    signal = activation(signal @ weight.T)
            exponents.append(float(torch.log2(signal.double().square().mean() / before)) / self.depth)
        axes = Axis("member", tuple(lab.members)), Axis("sign", (1, -1))
        return Quantity(np.array(exponents)[:, None] * [1, -1], "log2 of the growth in a layer, times sign", "", axes)
