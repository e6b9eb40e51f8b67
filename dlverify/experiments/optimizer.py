"""Experiments on optimizers: what they do to a parameter along prescribed gradients."""

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
class Gradients:
    """What an optimizer is given, one gradient a step.

    Attributes:
        values: Shape `(steps, coordinates)`.
    """

    values: Array


@dataclass(frozen=True)
class StepLengths(Experiment):
    """Length of every update that an optimizer makes along a prescribed sequence of gradients.

    The parameter is put back to zero before each step, so that the update is read off without rounding; an optimizer
    whose step depends on the parameter (weight decay) is another experiment.

    Attributes:
        optimizer: The optimizer; called with a list of parameters and `lr`.
        lr: The learning rate.
        gradient: Size of the t-th gradient: "constant" 0.3, "alternating" 0.3 with changing sign, "growing" 0.3 t,
            "halving" 0.3 / 2^t, "falling" twenty of 8 and then 1/8 for the rest, "random" normal.
        steps: How many steps.
        coordinates: How many coordinates, each with its own gradients where they are random.
        report: "length" |update|, "rate" |update| / |gradient|, or "trend", the sign of the rate's change.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    optimizer: Subject
    lr: float = 0.01
    gradient: Literal["constant", "alternating", "growing", "halving", "falling", "random"] = "constant"
    steps: int = 4096
    coordinates: int = 1
    report: Literal["length", "rate", "trend"] = "length"

    def draw(self, lab: Lab) -> Gradients:
        """The gradients."""
        t = np.arange(1, self.steps + 1, dtype=np.float64)[:, None] * np.ones(self.coordinates)
        if self.gradient == "random":
            return Gradients(lab.normal("gradients", t.shape)[0])
        values = {
            "constant": 0.3 + 0 * t,
            "alternating": 0.3 * (-1.0) ** t,
            "growing": 0.3 * t,
            "halving": 0.3 * 2.0**-t,
            "falling": np.where(t <= 20, 8.0, 0.125),
        }[self.gradient]
        return Gradients(lab.rounded(values))

    def measure(self, lab: Lab, given: Gradients) -> Quantity:
        """The lengths of the updates, or the rates, or the signs of the rates' changes, shape `(steps, coordinates)`."""
        gradients = lab.tensor(given.values)
        parameter = torch.nn.Parameter(torch.zeros_like(gradients[0]))
        optimizer = self.optimizer([parameter], lr=self.lr)
        lengths = torch.empty_like(gradients)
        for length, gradient in zip(lengths, gradients, strict=True):
            with torch.no_grad():
                parameter.zero_()
            parameter.grad = gradient
            optimizer.step()
            length.copy_(parameter.detach().abs())
        steps = Axis("step", tuple(range(1, self.steps + 1)), scale="log")
        coordinates = Axis("coordinate", tuple(range(self.coordinates)))
        if self.report == "length":
            return Quantity(lengths, "step length", "", (steps, coordinates), scale="log")
        rates = lengths / gradients.abs()
        if self.report == "rate":
            return Quantity(rates, "step length / |gradient|", "", (steps, coordinates), scale="log")
        trend = torch.sign(rates[1:] - rates[:-1]).to(torch.int64)
        later = Axis("step", tuple(range(2, self.steps + 1)), scale="log")
        return Quantity(trend, "sign of the change of step length / |gradient|", "", (later, coordinates))
