"""Experiments on descent on functions of one variable that are not convex."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


@dataclass(frozen=True)
class Starts:
    """Where descents start.

    Attributes:
        places: Shape `(starts,)`.
    """

    places: Array


@dataclass(frozen=True)
class PiecewiseDescent(Experiment):
    """Values, exactly, of f(x) = 2 x^2 - (b / 2) max(|x| - 1, 0)^2 + (b - 3) / 2 max(|x| - 3, 0)^2 along a descent.

    The slope rises by 4 per unit up to |x| = 1, by 4 - b up to 3, and by 1 beyond, so that f is not convex if b > 4. With
    b = 5 the slope is 2 at its lowest, at 3; with b = 7 it falls to -2 there, and 5 is a minimum too. With a
    learning rate of 1/4 a step multiplies by quarters of whole numbers, so float64 rounds nothing in 16 steps from eighths.
    With b = 5 no start within 32 takes more to end at 0: |x| - 1 is multiplied by 3/4 down to 2, 5 - |x| by 5/4 up to 4.

    Attributes:
        optimizer: The optimizer; called with a list of parameters and `lr`.
        bend: The number b.
        steps: How many steps.
        starts: Of how many descents, half of them on each side.
    """

    optimizer: Subject = Subject("torch.optim", "SGD")
    bend: int = 5
    steps: int = 100
    starts: int = 8

    def draw(self, lab: Lab) -> Starts:
        """Multiples of 1/8 between 4 and 32 in size, of both signs, in order."""
        sizes = lab.generator("starts").choice(np.arange(32, 257), self.starts, replace=False) / 8
        return Starts(lab.rounded(np.sort(sizes * (-1.0) ** np.arange(self.starts))))

    def measure(self, lab: Lab, given: Starts) -> Quantity:
        """The values as fractions, before each step and after the last, shape `(steps + 1, starts)`."""
        place = torch.nn.Parameter(lab.tensor(given.places))
        stepper = self.optimizer([place], lr=0.25)
        values = []
        for step in range(self.steps + 1):
            values.append([self.value(Fraction(x)) for x in place.detach().double().tolist()])
            if step < self.steps:
                far, farther = (place.abs() - 1).relu(), (place.abs() - 3).relu()
                total = (2 * place**2 - self.bend / 2 * far**2 + (self.bend - 3) / 2 * farther**2).sum()
                (place.grad,) = torch.autograd.grad(total, [place])
                stepper.step()
        axes = Axis("step", tuple(range(self.steps + 1))), Axis("start", tuple(given.places.tolist()))
        return Quantity(np.array(values, dtype=object), "f", "", axes, scale="symlog")

    def value(self, place: Fraction) -> Fraction:
        """The function f."""
        far, farther = max(abs(place) - 1, Fraction(0)), max(abs(place) - 3, Fraction(0))
        return 2 * place**2 - Fraction(self.bend, 2) * far**2 + Fraction(self.bend - 3, 2) * farther**2
