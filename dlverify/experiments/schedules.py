"""Experiments on schedules: how many updates an epoch makes, and what a falling learning rate leaves of gradient noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Axis, Quantity


@dataclass(frozen=True)
class Nothing:
    """Nothing is drawn."""


@dataclass(frozen=True)
class UpdatesPerEpoch(Experiment):
    """How many times a parameter has moved after some epochs, for several data sets and learning rates.

    Attributes:
        optimizer: The optimizer; called with parameters and `lr`.
        loader: Cuts a data set into minibatches; called with the data set and `batch_size`.
        sizes: Pairs of a number of samples and a batch size.
        rates: Learning rates, powers of two.
        epochs: Passes over the data.
    """

    optimizer: Subject
    loader: Subject = Subject("torch.utils.data", "DataLoader")
    sizes: tuple[tuple[int, int], ...] = ((50_000, 128), (1000, 128), (96, 32), (10, 1), (7, 8))
    rates: tuple[float, ...] = (0.125, 0.5, 2.0)
    epochs: int = 1

    def draw(self, lab: Lab) -> Nothing:
        """Nothing."""
        return Nothing()

    def measure(self, lab: Lab, given: Nothing) -> Quantity:
        """The numbers, shape `(sizes, rates)`."""
        found = []
        for samples, batch in self.sizes:
            minibatches = self.loader(range(samples), batch_size=batch)
            parameters = [torch.nn.Parameter(lab.tensor(np.zeros(1))) for _ in self.rates]
            optimizers = [self.optimizer([p], lr=rate) for p, rate in zip(parameters, self.rates, strict=True)]
            moved = [0] * len(self.rates)
            for _ in range(self.epochs):
                for _ in minibatches:
                    for place, (parameter, optimizer) in enumerate(zip(parameters, optimizers, strict=True)):
                        before = parameter.item()
                        parameter.grad = torch.ones_like(parameter)
                        optimizer.step()
                        moved[place] += parameter.item() != before
            found.append(moved)
        names = tuple(f"{samples} samples by {batch}" for samples, batch in self.sizes)
        axes = Axis("data", names), Axis("learning rate", self.rates, scale="log2")
        return Quantity(np.array(found), "updates", "", axes, scale="log")


@dataclass(frozen=True)
class HalvedRates(Experiment):
    """Where full-batch descent on x^2 / 2 from 1 ends, with a learning rate and with half of it for twice the epochs.

    Attributes:
        optimizer: The optimizer; called with parameters and `lr`.
        rates: Learning rates, powers of two.
        curvature: How the curvature 1 goes on away from the minimum: "constant", or "falling" as that of sqrt(1 + x^2).
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    optimizer: Subject
    rates: tuple[float, ...] = tuple(2.0**-k for k in range(1, 9))
    curvature: Literal["constant", "falling"] = "constant"

    def draw(self, lab: Lab) -> Nothing:
        """Nothing."""
        return Nothing()

    def measure(self, lab: Lab, given: Nothing) -> Quantity:
        """The ends, shape `(rates, 2)`: after 1 / rate epochs, and with half the rate after 2 / rate."""
        ends = [[self._end(lab, rate), self._end(lab, rate / 2)] for rate in self.rates]
        axes = (
            Axis("learning rate", self.rates, scale="log2"),
            Axis("training", ("whole rate", "half of it, twice the epochs")),
        )
        return Quantity(np.array(ends), "x at the end", "", axes)

    def _end(self, lab: Lab, rate: float) -> float:
        parameter = torch.nn.Parameter(lab.tensor(np.ones(1)))
        values = parameter.detach()
        optimizer = self.optimizer([parameter], lr=rate)
        for _ in range(round(1 / rate)):
            parameter.grad = values.clone() if self.curvature == "constant" else values / (1 + values * values).sqrt()
            optimizer.step()
        return values.item()


@dataclass(frozen=True)
class NoisyParabola(Experiment):
    """The second moment of x along descent on a x^2 / 2 with noise in the gradient, for several schedules: no sampling.

    x is linear in its start and in the noise of every step, so that E x^2 is the sum of squares of what the start alone
    and the noise of each single step alone, of one standard deviation, lead to. Each of these is a coordinate of its own.
    The rate falls by `scheduler`; each factor is a schedule of its own.

    Attributes:
        optimizer: The optimizer; called with parameters and `lr`.
        scheduler: The scheduler; called with the optimizer and the arguments of the schedule.
        schedule: "two drops", at a half and at three quarters of the steps, with `milestones` and `gamma`; "even drops",
            after each quarter, with `step_size` and `gamma`; "cosine", with `T_max` and `eta_min`.
        noise: Standard deviation of the noise in each gradient.
        lasting: Whether the noise of a step comes again at the next one.
        factors: By what the rate is multiplied at each drop, one schedule each; with "cosine", over all steps.
        lr: The first learning rate.
        steps: How many steps.
        report: E x^2 after every step, the "path", or after the last one alone, its "end"; or the "rate" of every step,
            which is how far the noise of that step moves x over the size of the noise.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    optimizer: Subject
    scheduler: Subject = Subject("torch.optim.lr_scheduler", "MultiStepLR")
    schedule: Literal["two drops", "even drops", "cosine"] = "two drops"
    noise: float = 1.0
    lasting: bool = False
    factors: tuple[float, ...] = (1.0, 0.5, 0.1)
    lr: float = 0.1
    steps: int = 400
    report: Literal["path", "end", "rate"] = "path"

    def draw(self, lab: Lab) -> Nothing:
        """Nothing: the start is 5 and the curvature 1."""
        return Nothing()

    def measure(self, lab: Lab, given: Nothing) -> Quantity:
        """What is reported, shape `(factors, steps)`, or `(factors,)` for the end."""
        rows = [self._run(lab, factor) for factor in self.factors]
        factors = Axis("factor of the rate", self.factors, scale="log2")
        steps = Axis("step", tuple(range(1, self.steps + 1)))
        if self.report == "end":
            return Quantity(torch.stack(rows)[:, -1], f"E x^2 after {self.steps} steps", "", (factors,), scale="log")
        name = "learning rate" if self.report == "rate" else "E x^2"
        return Quantity(torch.stack(rows), name, "", (factors, steps), scale="log")

    def _run(self, lab: Lab, factor: float) -> torch.Tensor:
        parameter = torch.nn.Parameter(lab.tensor(np.concatenate([[5.0], np.zeros(self.steps)])))
        values, gradient = parameter.detach(), torch.zeros_like(parameter)
        parameter.grad = gradient
        optimizer = self.optimizer([parameter], lr=self.lr)
        arguments: dict[str, dict[str, Any]] = {
            "two drops": {"milestones": [self.steps // 2, 3 * self.steps // 4], "gamma": factor},
            "even drops": {"step_size": self.steps // 4, "gamma": factor},
            "cosine": {"T_max": self.steps, "eta_min": factor * self.lr},
        }
        scheduler = self.scheduler(optimizer, **arguments[self.schedule])
        found = torch.empty(self.steps, dtype=torch.float64, device=values.device)
        for step in range(self.steps):
            gradient.copy_(values)
            gradient[step + 1] += self.noise
            if self.lasting and step:
                gradient[step] += self.noise
            optimizer.step()
            scheduler.step()
            wide = values.double()
            found[step] = -wide[step + 1] / self.noise if self.report == "rate" else wide.square().sum()
        return found
