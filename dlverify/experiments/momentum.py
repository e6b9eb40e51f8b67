"""Experiments on momentum: up to which learning rate it is stable, how fast it converges, where it asks for gradients."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

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
        values: Shape `(descents,)`.
    """

    values: Array


def slope(loss: str, curvature: torch.Tensor | float) -> Callable[[torch.Tensor], torch.Tensor]:
    """The derivative of a function of one variable whose curvature at its minimum, 0, is given.

    "parabola" c x^2 / 2; "huber" the same up to |c x| = 1 and straight beyond; "pseudo-huber" c sqrt(1 + x^2).
    """
    return {
        "parabola": lambda x: curvature * x,
        "huber": lambda x: (curvature * x).clamp(-1, 1),
        "pseudo-huber": lambda x: curvature * x / (1 + x * x).sqrt(),
    }[loss]


@dataclass(frozen=True)
class LargestRates(Experiment):
    """The largest learning rate, among whole multiples of 1/32, at which descent does not grow, for several momenta.

    The descents for all momenta run together, as groups of parameters of one optimizer, and so do the bisections. One
    has grown when its largest |x| in the last quarter of the steps is more than 9/8 of that in the second quarter: the
    first one is left to what momentum builds up from rest. So growth by less than 0.1% a step goes unseen, and a boundary
    that lies below a multiple of 1/32 by less than that would seem to lie on it.

    Attributes:
        optimizer: The optimizer; called with groups of parameters, each with `lr` and `momentum`.
        curvature: That of the function.
        loss: The function: a "parabola", or the "huber" loss, which is straight far from its minimum.
        momenta: One descent for each.
        steps: How many steps are made at each learning rate.
    """

    optimizer: Subject
    curvature: float = 1.0
    loss: Literal["parabola", "huber"] = "parabola"
    momenta: tuple[float, ...] = (0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875)
    steps: int = 192

    def draw(self, lab: Lab) -> Starts:
        """Starts between 1/2 and 1."""
        return Starts(lab.uniform("starts", (len(self.momenta),), 0.5, 1.0)[0])

    def measure(self, lab: Lab, given: Starts) -> Quantity:
        """The rates, shape `(momenta,)`, by bisection."""
        low = np.zeros(len(self.momenta), dtype=int)  # in units of 1/32; at 0 nothing moves
        high = np.full_like(low, 32 * 8)
        while (high - low > 1).any():
            middle = (low + high) // 2
            stays = self._stay(lab, given, middle / 32)
            low, high = np.where(stays, middle, low), np.where(stays, high, middle)
        momenta = Axis("momentum", self.momenta)
        return Quantity(low / 32, "largest stable learning rate", "", (momenta,))

    def _stay(self, lab: Lab, given: Starts, rates: Array) -> Array:
        values, gradients = lab.tensor(given.values), lab.tensor(np.zeros(len(self.momenta)))
        groups: list[dict[str, Any]] = []
        for index, momentum in enumerate(self.momenta):
            parameter = values[index : index + 1].detach().requires_grad_()  # the same storage
            parameter.grad = gradients[index : index + 1]
            groups.append({"params": [parameter], "lr": float(rates[index]), "momentum": momentum})
        optimizer = self.optimizer(groups, lr=1.0, momentum=self.momenta[0])
        derivative = slope(self.loss, self.curvature)
        quarters = torch.zeros(4, len(self.momenta), dtype=values.dtype, device=values.device)

        def closure() -> torch.Tensor:
            gradients.copy_(derivative(values))
            return torch.zeros(())

        for step in range(self.steps):
            optimizer.step(closure)
            quarter = quarters[4 * step // self.steps]
            torch.maximum(quarter, values.abs(), out=quarter)
        grown = ~(quarters[3] <= 9 / 8 * quarters[1])  # no number has grown too
        return ~grown.cpu().numpy()


@dataclass(frozen=True)
class StepsNeeded(Experiment):
    """After how many steps descent on an ill-conditioned function is 2^-20 as far from its minimum as at the start.

    The function has two coordinates, of curvatures 1 and 1/k, and descent starts at 1 in both; the distance is the
    larger of the two. Rate and momentum are those which are best for the condition number k: without momentum
    lr = 2 / (1 + 1/k), with it lr = 4 / (1 + 1/sqrt(k))^2 and momentum ((sqrt(k) - 1) / (sqrt(k) + 1))^2.

    Attributes:
        optimizer: The optimizer; called with parameters, `lr` and `momentum`.
        loss: The function along each coordinate: a "parabola", or the "pseudo-huber" loss, which curves less farther out.
        conditions: The condition numbers.
        most: How many steps are made at most.
    """

    optimizer: Subject
    loss: Literal["parabola", "pseudo-huber"] = "parabola"
    conditions: tuple[int, ...] = (4, 16, 64, 256, 1024)
    most: int = 8192

    def draw(self, lab: Lab) -> Starts:
        """Starts at 1."""
        return Starts(lab.rounded(np.ones(2)))

    def measure(self, lab: Lab, given: Starts) -> Quantity:
        """The numbers of steps, `most` where they did not suffice; shape `(2, conditions)`."""
        found = []
        for uses_momentum in (False, True):
            for condition in self.conditions:
                root = math.sqrt(condition)
                lr = 4 / (1 + 1 / root) ** 2 if uses_momentum else 2 / (1 + 1 / condition)
                momentum = ((root - 1) / (root + 1)) ** 2 if uses_momentum else 0.0
                found.append(self._needed(lab, given, condition, lr, momentum))
        axes = Axis("method", ("descent", "momentum")), Axis("condition number", self.conditions, scale="log2")
        return Quantity(np.array(found).reshape(2, -1), "steps needed", "", axes, scale="log2")

    def _needed(self, lab: Lab, given: Starts, condition: int, lr: float, momentum: float) -> int:
        parameter = torch.nn.Parameter(lab.tensor(given.values))
        values, derivative = parameter.detach(), slope(self.loss, lab.tensor(np.array([1.0, 1 / condition])))
        optimizer = self.optimizer([parameter], lr=lr, momentum=momentum)
        for step in range(1, self.most + 1):
            parameter.grad = derivative(values)
            optimizer.step()
            distance = values.abs().max().item()
            if distance <= 2.0**-20:
                return step
            if not distance < math.inf:
                break
        return self.most


@dataclass(frozen=True)
class GradientPoints(Experiment):
    """The points at which an optimizer asks for gradients of the Huber loss, which is x^2 / 2 up to 1 and straight beyond.

    The optimizer asks by calling the closure that `step` is given: so an implementation which stores the points that it
    reaches and moves ahead to look, and one which stores the points ahead, are seen to do the same. All numbers are
    multiples of powers of two: in float64 nothing is rounded within the first dozen steps.

    Attributes:
        optimizer: The optimizer; called with parameters, `lr` and `momentum`.
        lr: The first learning rate.
        falls: By what the learning rate is multiplied after each step, by torch's own scheduler.
        momentum: The momentum.
        steps: How many steps.
    """

    optimizer: Subject
    lr: float = 0.25
    falls: float = 1.0
    momentum: float = 0.5
    steps: int = 12

    def draw(self, lab: Lab) -> Starts:
        """Six multiples of 1/8, half of them where the loss curves and half where it is straight, of either sign."""
        numbers = lab.generator("starts")
        eighths = np.concatenate([numbers.integers(1, 8, 3), numbers.integers(9, 25, 3)])
        return Starts(lab.rounded(eighths * numbers.choice((-1, 1), 6) / 8))

    def measure(self, lab: Lab, given: Starts) -> Quantity:
        """The points, shape `(steps, starts)`."""
        parameter = torch.nn.Parameter(lab.tensor(given.values))
        optimizer = self.optimizer([parameter], lr=self.lr, momentum=self.momentum)
        scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, self.falls)
        derivative = slope("huber", 1.0)
        points: list[torch.Tensor] = []

        def closure() -> torch.Tensor:
            with torch.no_grad():
                points.append(parameter.detach().clone())
                parameter.grad = derivative(points[-1])
                return torch.zeros(())

        for _ in range(self.steps):
            optimizer.step(closure)
            scheduler.step()
        axes = Axis("step", tuple(range(1, len(points) + 1))), Axis("start", tuple(given.values.tolist()))
        return Quantity(torch.stack(points), "point at which the gradient is taken", "", axes)
