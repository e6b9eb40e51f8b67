"""Experiments on Bayesian optimisation: Gaussian processes, expected improvement, and how soon a minimum is found."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


@dataclass(frozen=True)
class Observations:
    """Values of functions, each at its own points.

    Attributes:
        points: Shape `(members, points)`.
        values: Shape `(members, points)`.
    """

    points: Array
    values: Array


@dataclass(frozen=True)
class PosteriorAtData(Experiment):
    """Mean and variance of a Gaussian process at the points whose values it was given.

    Attributes:
        process: The process, as scikit-learn's; by default its kernel is exp(-d^2 / 2) of the distance d.
        spacing: The distance of neighbouring points.
        points: How many there are.
    """

    process: Subject
    spacing: float = 1.5
    points: int = 12

    def draw(self, lab: Lab) -> Observations:
        """Standard normal values at equally spaced points."""
        points = self.spacing * np.arange(self.points)[None]
        return Observations(lab.rounded(points), lab.normal("values", (self.points,)))

    def measure(self, lab: Lab, given: Observations) -> Quantity:
        """Means and variances, shape `(2, points)`."""
        fitted = self.process().fit(given.points[0][:, None], given.values[0])
        mean, deviation = posterior(fitted, given.points[0])
        axes = Axis("what", ("mean", "variance")), Axis("point", tuple(given.points[0].tolist()))
        return Quantity(np.stack([mean, deviation**2]), "posterior at the data", "", axes)


@dataclass(frozen=True)
class SampledImprovements(Experiment):
    """How much lower than the lowest value so far a Gaussian process expects the next to be: averages over its own draws.

    The process knows four values at 0, 2, 4, 6; next values are drawn at 1, 3, 5, 7. Each seed has draws of its own.

    Attributes:
        process: The process, as scikit-learn's.
        sought: Whether lower or higher values improve on those known: the "lowest" or the "highest".
        draws: How many draws are averaged.
    """

    process: Subject
    sought: Literal["lowest", "highest"] = "lowest"
    draws: int = 4096

    def draw(self, lab: Lab) -> Observations:
        """Standard normal values."""
        values = lab.normal("values", (4,))
        return Observations(np.broadcast_to(np.array([0.0, 2.0, 4.0, 6.0]), values.shape), values)

    def measure(self, lab: Lab, given: Observations) -> Quantity:
        """The averages and their negatives, so that they can be bounded on both sides: `(members, 4, 2)`."""
        next_points, rows = np.array([1.0, 3.0, 5.0, 7.0]), []
        for member, points, values in zip(lab.members, given.points, given.values, strict=True):
            fitted = self.process().fit(points[:, None], values)
            state = int(lab.generator("draws", member).integers(2**31))
            drawn = fitted.sample_y(next_points[:, None], self.draws, random_state=state)  # (points, draws)
            gain = values.min() - drawn if self.sought == "lowest" else drawn - values.max()
            rows.append(np.maximum(gain, 0).mean(axis=1))
        axes = Axis("member", tuple(lab.members)), Axis("point", tuple(next_points.tolist())), Axis("sign", (1, -1))
        return Quantity(np.stack(rows)[:, :, None] * [1, -1], "mean improvement, times sign", "", axes)


@dataclass(frozen=True)
class Searches(Experiment):
    """How much of random search's distance from the minimum a search by expected improvement leaves, one share a seed.

    A function on an interval is known at two of 513 points; then both searches look at more of them, one by one. The
    distance is the lowest value seen less the minimum, which is that over four times as many points; the share is the one
    distance over the sum of both.

    Attributes:
        process: The Gaussian process that models the function, as scikit-learn's.
        function: "smooth", a sum of 256 waves of normal frequencies, nearly a Gaussian process of length scale 1, or "rough",
            with a value of its own at each point.
        chosen: Whether the next point is that of largest "expected improvement", or "at random".
        length: The length of the interval.
        looks: How many more points are looked at.
    """

    process: Subject
    function: Literal["smooth", "rough"] = "smooth"
    chosen: Literal["expected improvement", "at random"] = "expected improvement"
    length: float = 8.0
    looks: int = 12

    def draw(self, lab: Lab) -> Observations:
        """Functions, `values` of shape `(members, 2049)`, and orders of random search, `points` as indices of every fourth."""
        places = np.linspace(0, self.length, 4 * 512 + 1)
        if self.function == "smooth":
            frequencies = lab.normal("frequencies", (256, 1))
            phases = lab.uniform("phases", (256, 1), 0.0, 2 * np.pi)
            members = zip(frequencies, phases, strict=True)
            sums = [np.cos(frequency * places + phase).sum(axis=0) for frequency, phase in members]
            values = np.stack(sums) / np.sqrt(128)  # of variance 1
        else:
            values = lab.normal("values", places.shape)
        orders = [4 * lab.generator("order", member).permutation(513) for member in lab.members]
        return Observations(np.stack(orders), lab.rounded(values))

    def measure(self, lab: Lab, given: Observations) -> Quantity:
        """The shares, one half where both found the minimum: `(members,)`."""
        shares, looks = [], 2 + self.looks
        for member, order, values in zip(lab.members, given.points, given.values, strict=True):
            best = values[order[:looks]].min() - values.min()
            if self.chosen == "at random":
                seen = 4 * lab.generator("another order", member).permutation(513)[:looks]
            else:
                seen = 4 * self._seen(values[::4], order[:2] // 4)
            own = values[seen].min() - values.min()
            shares.append(0.5 if own == best == 0 else own / (own + best))
        members = Axis("member", tuple(lab.members))
        return Quantity(np.array(shares), "share of the distance that is left", "", (members,))

    def _seen(self, values: Array, start: Array) -> Array:
        from scipy.special import ndtr  # 0.2 s to import, so not at the door

        places, seen = np.linspace(0, self.length, len(values)), list(start)
        for _ in range(self.looks):
            mean, deviation = posterior(self.process().fit(places[seen, None], values[seen]), places)
            deviation = np.maximum(deviation, 1e-12)  # at the points seen, where nothing can be gained
            z = (values[seen].min() - mean) / deviation
            gain = deviation * (z * ndtr(z) + np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi))
            gain[seen] = -1
            seen.append(int(np.argmax(gain)))
        return np.array(seen)


def posterior(fitted: Any, points: Array) -> tuple[Array, Array]:
    """Mean and standard deviation of a fitted process at points of a line."""
    with warnings.catch_warnings():
        # scikit-learn says so where rounding made a variance negative, and it has put 0 in its place
        warnings.filterwarnings("ignore", "Predicted variances smaller than 0")
        mean, deviation = fitted.predict(points[:, None], return_std=True)
    return mean, deviation
