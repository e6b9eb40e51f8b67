"""Experiments on gradient clipping: what it makes of a gradient, and how long the steps are that follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


@dataclass(frozen=True)
class Coordinates:
    """A gradient, or the point at which a descent starts.

    Attributes:
        values: Shape `(coordinates,)`.
    """

    values: Array


@dataclass(frozen=True)
class ClippedGradients(Experiment):
    """What clipping makes of one gradient, which three parameters of four coordinates share, at several thresholds.

    Attributes:
        clip: What clips; called with a list of parameters and the threshold.
        unit: The unit of gradient and thresholds, a power of two; as large as here, 10^12, it hides small numbers that an
            implementation adds to the norm lest it divide by zero.
        thresholds: The thresholds in units; standard normal coordinates, twelve of them, have a norm of about 3.4.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    clip: Subject
    unit: float = 2.0**40
    thresholds: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)

    def draw(self, lab: Lab) -> Coordinates:
        """The gradient, shape `(12,)`."""
        return Coordinates(lab.normal("gradient", (12,), self.unit)[0])

    def measure(self, lab: Lab, given: Coordinates) -> Quantity:
        """The clipped gradient in units, shape `(thresholds, 12)`."""
        found = []
        for threshold in self.thresholds:
            gradient = lab.tensor(given.values)
            parameters = [torch.nn.Parameter(torch.zeros_like(gradient[:4])) for _ in range(3)]
            for number, parameter in enumerate(parameters):
                parameter.grad = gradient[4 * number : 4 * number + 4]
            self.clip(parameters, threshold * self.unit)
            found.append(torch.cat([_gradient(parameter) for parameter in parameters]) / self.unit)
        axes = Axis("threshold", self.thresholds, scale="log2"), Axis("coordinate", tuple(range(1, 13)))
        return Quantity(torch.stack(found), "clipped gradient", "", axes)


@dataclass(frozen=True)
class ClippedDescent(Experiment):
    """The lengths of the steps of a descent from a cliff, sum x^4 / 4 far from 0, whose gradients are clipped first.

    Attributes:
        optimizer: The optimizer; called with a list of parameters and `lr`.
        clip: What clips; called with a list of parameters and the threshold.
        threshold: The threshold.
        lr: The learning rate.
        steps: How many steps.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    optimizer: Subject
    clip: Subject
    threshold: float = 4.0
    lr: float = 0.125
    steps: int = 128

    def draw(self, lab: Lab) -> Coordinates:
        """A start between 8 and 16 in each of three coordinates."""
        return Coordinates(lab.uniform("start", (3,), 8.0, 16.0)[0])

    def measure(self, lab: Lab, given: Coordinates) -> Quantity:
        """The lengths, shape `(steps,)`."""
        parameter = torch.nn.Parameter(lab.tensor(given.values))
        values, found = parameter.detach(), []
        stepper = self.optimizer([parameter], lr=self.lr)
        for _ in range(self.steps):
            before = values.clone()
            parameter.grad = before * before * before
            self.clip([parameter], self.threshold)
            stepper.step()
            found.append(torch.linalg.vector_norm(values - before))
        steps = Axis("step", tuple(range(1, self.steps + 1)))
        return Quantity(torch.stack(found), "step length", "", (steps,), scale="log")


def _gradient(parameter: torch.nn.Parameter) -> torch.Tensor:
    assert parameter.grad is not None
    return parameter.grad
