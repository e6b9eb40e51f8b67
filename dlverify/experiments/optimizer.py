"""Experiments on optimizers: what they do to a parameter along prescribed gradients, and on a parabola."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction
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


def correction_roundings(beta: float, t: Array) -> Array:
    """How many roundings 1 - beta^t is off by, relative to itself, where an optimizer computes it in floating point.

    beta is rounded, which its t-th power repeats t times, and the power is good to two units; the difference magnifies them
    by beta^t / (1 - beta^t), and rounds once itself.

    Args:
        beta: Between 0 and 1.
        t: Numbers of steps, 1 or more.
    """
    power = beta ** np.asarray(t, dtype=np.float64)
    return np.asarray((np.asarray(t) + 2) * power / (1 - power) + 1)


def updates(lab: Lab, optimizer: Subject, lr: float, gradients: Array, *, from_zero: bool = True) -> torch.Tensor:
    """The parameter after each step, shape `(steps, coordinates)`.

    With `from_zero` it is put back to zero before each step, so that each row is an update, read off without rounding;
    an optimizer whose step depends on the parameter (weight decay) needs another experiment.
    """
    rows = lab.tensor(gradients)
    parameter = torch.nn.Parameter(torch.zeros_like(rows[0]))
    stepper = optimizer([parameter], lr=lr)
    values = parameter.detach()  # the same storage
    found = torch.empty_like(rows)
    for place, gradient in zip(found, rows, strict=True):
        if from_zero:
            values.zero_()
        parameter.grad = gradient
        stepper.step()
        place.copy_(values)
    return found


@dataclass(frozen=True)
class StepLengths(Experiment):
    """What an optimizer does along a prescribed sequence of gradients, one coordinate for each size of them.

    Attributes:
        optimizer: The optimizer; called with a list of parameters and `lr`.
        lr: The learning rate.
        gradient: The t-th gradient of a coordinate of size c: "constant" c, "alternating" c with changing sign, "growing"
            c t, "halving" c / 2^t, "random" normal of standard deviation c, "persistent" of either sign and uniform
            between c and 3 c; the last two drawn anew for each coordinate.
        steps: How many steps.
        first: The first step to report.
        sizes: One coordinate for each.
        report: "update" with its sign, its "length", the "rate" |update| / |gradient|, or the "displacement" from the
            start, the one report for which the parameter is not put back to zero before each step.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    optimizer: Subject
    lr: float = 0.01
    gradient: Literal["constant", "alternating", "growing", "halving", "random", "persistent"] = "constant"
    steps: int = 1024
    first: int = 1
    sizes: tuple[float, ...] = (1.0,)
    report: Literal["update", "length", "rate", "displacement"] = "length"

    def draw(self, lab: Lab) -> Gradients:
        """The gradients."""
        t, sizes = np.arange(1, self.steps + 1, dtype=np.float64)[:, None], np.array(self.sizes)
        shape = (self.steps, len(self.sizes))
        if self.gradient == "random":
            return Gradients(lab.rounded(sizes * lab.normal("gradients", shape)[0]))
        if self.gradient == "persistent":
            signs = np.sign(lab.normal("signs", shape)[0])
            return Gradients(lab.rounded(sizes * signs * lab.uniform("gradients", shape, 1.0, 3.0)[0]))
        factors = {"constant": t**0, "alternating": (-1.0) ** t, "growing": t, "halving": 2.0**-t}[self.gradient]
        return Gradients(lab.rounded(sizes * factors))

    def measure(self, lab: Lab, given: Gradients) -> Quantity:
        """What is to be reported, shape `(steps - first + 1, coordinates)`."""
        moves = updates(lab, self.optimizer, self.lr, given.values, from_zero=self.report != "displacement")
        steps = Axis("step", tuple(range(self.first, self.steps + 1)), scale="log")
        axes = steps, Axis("size of the gradient", self.sizes, scale="log")
        if self.report == "update":
            return Quantity(moves[self.first - 1 :], "update", "", axes)
        values = moves.abs() / lab.tensor(given.values).abs() if self.report == "rate" else moves.abs()
        name = {"rate": "step length / |gradient|", "length": "step length"}.get(self.report, "distance from the start")
        return Quantity(values[self.first - 1 :], name, "", axes, scale="log")


@dataclass(frozen=True)
class UpdateRatios(Experiment):
    """How much longer an update becomes when gradients are multiplied: the first coordinate's ratio to what it was.

    The factors are powers of two, by which floating-point numbers are multiplied without rounding.

    Attributes:
        optimizer: The optimizer; called with a list of parameters and `lr`.
        multiplied: Whose gradients are multiplied: those of "all" coordinates, or of all but the first, the "others",
            these from the middle of the run on: what looks at relative sizes alone would not notice it from the start.
        lr: The learning rate.
        steps: How many steps, along gradients drawn from a normal distribution.
        factors: By what they are multiplied, each in a run of its own.
        coordinates: How many there are.
    """

    optimizer: Subject
    multiplied: Literal["all", "others"]
    lr: float = 0.01
    steps: int = 64
    factors: tuple[float, ...] = (2.0**-20, 2.0**-10, 1.0, 2.0**10, 2.0**20)
    coordinates: int = 4

    def draw(self, lab: Lab) -> Gradients:
        """The gradients before they are multiplied."""
        return Gradients(lab.normal("gradients", (self.steps, self.coordinates))[0])

    def measure(self, lab: Lab, given: Gradients) -> Quantity:
        """Updates of the first coordinate with multiplied gradients over those without, shape `(factors, steps)`."""
        before = updates(lab, self.optimizer, self.lr, given.values)[:, 0]
        ratios = []
        for factor in self.factors:
            gradients = given.values.copy()
            gradients[np.s_[:, :] if self.multiplied == "all" else np.s_[self.steps // 2 :, 1:]] *= factor
            ratios.append(updates(lab, self.optimizer, self.lr, gradients)[:, 0] / before)
        factors = Axis("factor of the gradients", self.factors, scale="log2")
        steps = Axis("step", tuple(range(1, self.steps + 1)))
        return Quantity(torch.stack(ratios), "update / update before", "", (factors, steps), scale="log")


@dataclass(frozen=True)
class RateTrends(Experiment):
    """Whether an optimizer's step per gradient grows or falls, along many sequences of gradients.

    All gradients are powers of two with random signs, by which numbers are multiplied and divided without rounding.

    Attributes:
        optimizer: The optimizer; called with a list of parameters and `lr`.
        sequences: "every" sequence of the sizes, or 32 "random" ones.
        sizes: Powers of two from which the sizes of gradients are taken.
        steps: The length of a sequence.
        lr: The learning rate.
    """

    optimizer: Subject
    sequences: Literal["every", "random"] = "every"
    sizes: tuple[float, ...] = (0.125, 1.0, 8.0)
    steps: int = 5
    lr: float = 0.1

    def draw(self, lab: Lab) -> Gradients:
        """The sequences, one a coordinate."""
        if self.sequences == "every":
            values = np.array(list(itertools.product(self.sizes, repeat=self.steps))).T
        else:
            values = lab.generator("sizes").choice(self.sizes, (self.steps, 32))
        return Gradients(lab.rounded(values * lab.generator("signs").choice((-1.0, 1.0), values.shape)))

    def measure(self, lab: Lab, given: Gradients) -> Quantity:
        """The sign of each change of |update| / |gradient| from the step before, shape `(steps - 1, sequences)`."""
        rates = updates(lab, self.optimizer, self.lr, given.values).abs() / lab.tensor(given.values).abs()
        steps = Axis("step", tuple(range(2, self.steps + 1)))
        names = [" ".join(str(Fraction(abs(value))) for value in column[:8]) for column in given.values.T]
        if self.sequences == "random":
            names = [f"{name} ..., number {number}" for number, name in enumerate(names)]
        trend = torch.sign(rates[1:] - rates[:-1]).to(torch.int64)
        axes = steps, Axis("gradients", tuple(names))
        return Quantity(trend, "sign of the change of step length / |gradient|", "", axes)


@dataclass(frozen=True)
class Noise:
    """What is added to gradients.

    Attributes:
        values: Shape `(members, steps)`.
    """

    values: Array


@dataclass(frozen=True)
class Parabola(Experiment):
    """The rate |update| / |gradient| of an optimizer that descends x^2 / 2 from x = 1, so that the gradient is x.

    Attributes:
        optimizer: The optimizer; called with a list of parameters and `lr`.
        rates: Learning rates, each a descent of its own.
        noise: Standard deviation of what is added to the t-th gradient.
        steps: How many steps.
        first: The first step to report.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    optimizer: Subject
    rates: tuple[float, ...] = (0.25, 0.5, 0.75)
    noise: float = 0.0
    steps: int = 64
    first: int = 1

    def draw(self, lab: Lab) -> Noise:
        """The noise of the gradients."""
        return Noise(lab.normal("noise", (self.steps,), self.noise))

    def measure(self, lab: Lab, given: Noise) -> Quantity:
        """The rates, shape `(learning rates, steps - first + 1)`."""
        found = []
        for rate in self.rates:
            lengths, sizes = descend(lab, self.optimizer, rate, given.values[:1])
            found.append((lengths / sizes)[self.first - 1 :, 0])
        steps = Axis("step", tuple(range(self.first, self.steps + 1)))
        axes = Axis("learning rate", self.rates, scale="log"), steps
        return Quantity(torch.stack(found), "step length / |gradient|", "", axes, scale="log")


@dataclass(frozen=True)
class RateDecay(Experiment):
    """With what power of time an optimizer's rate falls on x^2 / 2 when the gradients are noisy: one exponent a seed.

    Attributes:
        optimizer: The optimizer; called with a list of parameters and `lr`.
        noise: Whether the standard deviation of what is added to the t-th gradient is "persistent", 1, or "fading", 1 / t.
        lr: The learning rate.
        octaves: The steps are 2^octaves; the exponent is fitted over all octaves [2^k, 2^(k + 1)) from k = 4 on.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    optimizer: Subject
    noise: Literal["persistent", "fading"] = "persistent"
    lr: float = 0.5
    octaves: int = 11

    def draw(self, lab: Lab) -> Noise:
        """The noise of the gradients."""
        t = np.arange(1, 2**self.octaves)
        return Noise(lab.rounded(lab.normal("noise", t.shape) / (t if self.noise == "fading" else 1)))

    def measure(self, lab: Lab, given: Noise) -> Quantity:
        """Slope of log2(rate) over log2(t), and its negative, so that it can be bounded on both sides: `(members, 2)`.

        Each rate is that of an octave: its summed step lengths over its summed gradients.
        """
        lengths, sizes = descend(lab, self.optimizer, self.lr, given.values)
        octaves = range(4, self.octaves)
        spans = [slice(2**k - 1, 2 ** (k + 1) - 1) for k in octaves]
        rates = torch.stack([lengths[span].sum(0) / sizes[span].sum(0) for span in spans]).double().cpu().numpy()
        slopes = np.polyfit(np.array(octaves), np.log2(rates), 1)[0]
        axes = Axis("member", tuple(lab.members)), Axis("sign", (1, -1))
        return Quantity(slopes[:, None] * [1, -1], "exponent of time in the rate, times sign", "", axes)


def descend(lab: Lab, optimizer: Subject, lr: float, noise: Array) -> tuple[torch.Tensor, torch.Tensor]:
    """Descend x^2 / 2 from x = 1 with gradients x + noise; each member on its own, `noise` is `(members, steps)`.

    Members are stacked where the optimizer steps a stack bitwise as it steps each of them alone.

    Returns:
        The lengths of the updates and the sizes of the gradients, each `(steps, members)`.
    """
    from dlverify.lab.ensembles import separable

    columns = lab.tensor(noise.T)[:, :, None]
    stacked = len(noise) > 1 and separable(lambda tensors: optimizer(tensors, lr=lr), [columns[0]])
    lengths, sizes = [], []
    for block in [columns] if stacked else torch.split(columns, 1, dim=1):
        parameter = torch.nn.Parameter(torch.ones_like(block[0]))
        values = parameter.detach()  # the same storage
        stepper = optimizer([parameter], lr=lr)
        moves, gradients = torch.empty_like(block), torch.empty_like(block)
        for move, gradient, disturbance in zip(moves, gradients, block, strict=True):
            before = values.clone()
            parameter.grad = before + disturbance
            gradient.copy_(parameter.grad)
            stepper.step()
            move.copy_(values - before)
        lengths.append(moves.abs().squeeze(-1))
        sizes.append(gradients.abs().squeeze(-1))
    return torch.cat(lengths, 1), torch.cat(sizes, 1)
