"""Experiments on losses: where they are smallest, what a wrong observation does to that, what noise and penalty they stand for."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import scipy.linalg
import torch

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


@dataclass(frozen=True)
class Samples:
    """Numbers to be fitted by one number.

    Attributes:
        values: Shape `(samples, points)`, whole multiples of `points`, so that means are whole numbers too.
    """

    values: Array


def summed_loss(lab: Lab, loss: Subject, sample: Array) -> Callable[[int], float]:
    """The sum of a loss over a sample as a function of the one number that is predicted for all of it.

    Everything is a whole number below 2^53, and so are the sums of absolute values and of squares: no rounding.
    """
    criterion, targets = loss(), lab.tensor(sample[:, None])
    return lambda number: float(criterion(torch.full_like(targets, number), targets).sum())


@dataclass(frozen=True)
class Minimisers(Experiment):
    """The whole numbers at which the summed loss is smallest, found by trying all of them, for every small sample.

    Attributes:
        loss: The loss; called without arguments, and then with predictions and targets of shape `(points, 1)`.
        points: Numbers in a sample: all combinations of 0, points, 2 points, ..., (levels - 1) points.
        levels: How many different ones there are.
    """

    loss: Subject
    points: int = 5
    levels: int = 5

    def draw(self, lab: Lab) -> Samples:
        """The samples."""
        combinations = itertools.combinations_with_replacement(range(self.levels), self.points)
        return Samples(lab.rounded(self.points * np.array(list(combinations))))

    def measure(self, lab: Lab, given: Samples) -> Quantity:
        """The first and the last minimiser of each sample, shape `(samples, 2)`."""
        candidates = range(-self.points, self.points * self.levels + 1)
        found = []
        for sample in given.values:
            loss = summed_loss(lab, self.loss, sample)
            losses = [loss(candidate) for candidate in candidates]
            best = [c for c, value in zip(candidates, losses, strict=True) if value == min(losses)]
            found.append([best[0], best[-1]])
        names = tuple(" ".join(f"{value:g}" for value in sample) for sample in given.values)
        axes = Axis("sample", names), Axis("end", ("first minimiser", "last minimiser"))
        return Quantity(np.array(found), "where the summed loss is smallest", "", axes)


@dataclass(frozen=True)
class Contamination(Experiment):
    """Where the summed loss is smallest when more and more points of a sample are moved far away.

    The smallest points are moved, all to the same place: nothing pulls harder.

    Attributes:
        loss: The loss; called without arguments, and then with predictions and targets of shape `(points, 1)`.
        points: How many points, different whole multiples of their number, drawn at random.
        bad: How many of them are moved at most.
        distances: Where they are moved to, in units of the number of points.
        report: The "place" where the loss is smallest, or its "shift" from where it is without bad points.
    """

    loss: Subject
    points: int = 11
    bad: int = 5
    distances: tuple[int, ...] = (2**10, 2**14, 2**18)
    report: Literal["place", "shift"] = "place"

    def draw(self, lab: Lab) -> Samples:
        """The good sample, in rising order, between -200 and 200 times the number of points."""
        numbers = lab.generator("points").choice(np.arange(-200, 201), self.points, replace=False)
        return Samples(lab.rounded(self.points * np.sort(numbers)[None]))

    def measure(self, lab: Lab, given: Samples) -> Quantity:
        """The last minimiser, shape `(numbers of bad points, distances)`, by bisection: the losses are convex."""
        found = np.empty((self.bad + 1, len(self.distances)), dtype=object)
        for (bad, place), _ in np.ndenumerate(found):
            sample = given.values[0].copy()
            sample[:bad] = self.points * self.distances[place]
            loss = summed_loss(lab, self.loss, sample)
            low, high = (
                int(sample.min()),
                int(sample.max()) + 1,
            )  # the loss still falls, or stays, at low; it rises at high
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if loss(middle) <= loss(middle - 1) else (low, middle)
            found[bad, place] = low
        shares = Axis("share of bad points", tuple(bad / self.points for bad in range(self.bad + 1)))
        distances = Axis("place of the bad points", tuple(self.points * d for d in self.distances), scale="log2")
        if self.report == "shift":
            return Quantity(found - found[0], "shift of where the summed loss is smallest", "", (shares, distances))
        return Quantity(found, "where the summed loss is smallest", "", (shares, distances))


@dataclass(frozen=True)
class Efficiency(Experiment):
    """Mean squared error of the number that fits clean samples best by one loss, over that by another.

    The minimisers are found by bisection on the sign of the derivative that autograd takes through the loss.

    Attributes:
        loss: The loss in the numerator; called with `reduction="sum"`.
        rival: The loss in the denominator.
        noise: How the points of a sample are distributed about zero: "normal" or "laplace".
        samples: The same "shared" samples for both losses, or "separate" ones.
        count: How many samples each mean is taken over.
        points: Points in a sample.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    loss: Subject = Subject("torch.nn", "MSELoss")
    rival: Subject = Subject("torch.nn", "L1Loss")
    noise: Literal["normal", "laplace"] = "normal"
    samples: Literal["shared", "separate"] = "shared"
    count: int = 256
    points: int = 25

    def draw(self, lab: Lab) -> Samples:
        """Samples of both losses, shape `(members, 2, count, points)`."""
        shape = (1 if self.samples == "shared" else 2, self.count, self.points)
        if self.noise == "normal":
            values = lab.normal("points", shape)
        else:
            uniform = lab.uniform("points", shape, -1.0, 1.0)
            values = lab.rounded(-np.sign(uniform) * np.log1p(-np.abs(uniform)))
        return Samples(np.broadcast_to(values, (len(values), 2, self.count, self.points)))

    def measure(self, lab: Lab, given: Samples) -> Quantity:
        """The ratio of the two mean squared errors for each member."""
        errors = [
            self._minimisers(lab, loss, given.values[:, arm]).square().mean(1).double().cpu().numpy()
            for arm, loss in enumerate((self.loss, self.rival))
        ]
        axes = (Axis("member", tuple(lab.members)),)
        return Quantity(errors[0] / errors[1], "mean squared error / that of the rival", "", axes)

    def _minimisers(self, lab: Lab, loss: Subject, samples: Array) -> torch.Tensor:
        """One for each sample, `(members, count)`, to 2^-20 of the sample's range."""
        targets, criterion = lab.tensor(samples), loss(reduction="sum")
        low, high = targets.amin(-1), targets.amax(-1)
        for _ in range(20):
            middle = ((low + high) / 2).requires_grad_()
            with torch.enable_grad():
                total = criterion(middle[..., None].expand_as(targets), targets)
            (slope,) = torch.autograd.grad(total, middle)
            middle = middle.detach()
            low, high = torch.where(slope < 0, middle, low), torch.where(slope < 0, high, middle)
        return (low + high) / 2


@dataclass(frozen=True)
class Observations:
    """Points to fit a line to, the last of them wrong.

    Attributes:
        places: Shape `(cases, points)`.
        responses: Shape `(cases, points)`.
    """

    places: Array
    responses: Array


@dataclass(frozen=True)
class LineFits(Experiment):
    """Slope of the line fitted to points of y = 1 + 2 x at x = -half, ..., half, and to wrong ones beside them.

    Attributes:
        fit: The estimator, as scikit-learn's are.
        places: Where the wrong points stand, each place a fit of its own.
        errors: How far their responses are from the line, each a fit of its own.
        wrong: How many wrong points stand there.
        half: Half of the number of good points, without the one in the middle.
    """

    fit: Subject
    places: tuple[float, ...] = (5.0,)
    errors: tuple[float, ...] = (0.0, 1.0, 10.0, 100.0, 1000.0)
    wrong: int = 1
    half: int = 5

    def draw(self, lab: Lab) -> Observations:
        """The points, for each place and error."""
        good = np.arange(-self.half, self.half + 1, dtype=np.float64)
        rows = [
            (np.append(good, [place] * self.wrong), np.append(0 * good, [error] * self.wrong))
            for place in self.places
            for error in self.errors
        ]
        places, errors = (np.stack(parts) for parts in zip(*rows, strict=True))
        return Observations(lab.rounded(places), lab.rounded(1 + 2 * places + errors))

    def measure(self, lab: Lab, given: Observations) -> Quantity:
        """The slopes, shape `(places, errors)`."""
        slopes = [
            float(self.fit().fit(places[:, None], responses).coef_[0])
            for places, responses in zip(given.places, given.responses, strict=True)
        ]
        axes = (
            Axis("place of the wrong point", self.places, scale="symlog"),
            Axis("error of the wrong point", self.errors, scale="symlog"),
        )
        return Quantity(np.reshape(slopes, (len(self.places), len(self.errors))), "slope of the fitted line", "", axes)


@dataclass(frozen=True)
class Residuals:
    """Predictions and targets.

    Attributes:
        predictions: Shape `(points,)`.
        targets: Shape `(points,)`.
    """

    predictions: Array
    targets: Array


@dataclass(frozen=True)
class LogLikelihoods(Experiment):
    """A loss, and the negative log-likelihood of noise of several scales, at the same residuals.

    Attributes:
        loss: The loss; called with `reduction="none"`.
        noise: The distribution; called with location and scale, and has `log_prob`.
        scales: The scales.
        points: How many residuals, from -4 to 4.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    loss: Subject
    noise: Subject
    scales: tuple[float, ...] = (0.5, 1.0, 2.0)
    points: int = 65

    def draw(self, lab: Lab) -> Residuals:
        """Random predictions, and targets that are some -4 to 4 away from them."""
        predictions = lab.normal("predictions", (self.points,))[0]
        return Residuals(predictions, lab.rounded(predictions + np.linspace(-4, 4, self.points)))

    def measure(self, lab: Lab, given: Residuals) -> Quantity:
        """The loss and the negative log-likelihood for each scale, shape `(1 + scales, points)`."""
        predictions, targets = lab.tensor(given.predictions), lab.tensor(given.targets)
        rows = [self.loss(reduction="none")(predictions, targets)]
        rows += [-self.noise(predictions, lab.tensor(np.float64(scale))).log_prob(targets) for scale in self.scales]
        names = ("loss", *(f"negative log-likelihood, scale {scale:g}" for scale in self.scales))
        axes = Axis("what", names), Axis("residual", tuple((given.targets - given.predictions).tolist()))
        return Quantity(torch.stack(rows), "loss or negative log-likelihood", "", axes)


@dataclass(frozen=True)
class LossesOfResiduals(Experiment):
    """A loss and its slope for residuals that are multiples of 1/16; with thresholds that are powers of two nothing is rounded.

    Attributes:
        loss: The loss; called with `reduction="none"`.
        points: How many residuals, from -4 to 4.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    loss: Subject
    points: int = 129

    def draw(self, lab: Lab) -> Residuals:
        """Predictions that are whole multiples of 1/16, too."""
        predictions = lab.generator("predictions").integers(-64, 65, self.points) / 16
        return Residuals(lab.rounded(predictions), lab.rounded(predictions - np.linspace(-4, 4, self.points)))

    def measure(self, lab: Lab, given: Residuals) -> Quantity:
        """Shape `(2, points)`; slopes by autograd with respect to predictions."""
        predictions = lab.tensor(given.predictions).requires_grad_()
        with torch.enable_grad():
            losses = self.loss(reduction="none")(predictions, lab.tensor(given.targets))
        (slopes,) = torch.autograd.grad(losses.sum(), predictions)
        residuals = Axis("residual", tuple((given.predictions - given.targets).tolist()))
        return Quantity(
            torch.stack([losses.detach(), slopes]), "loss or slope", "", (Axis("what", ("loss", "slope")), residuals)
        )


@dataclass(frozen=True)
class Regression:
    """A linear regression without intercept.

    Attributes:
        inputs: Shape `(points, features)`.
        targets: Shape `(points,)`.
    """

    inputs: Array
    targets: Array


@dataclass(frozen=True)
class ShrunkCoefficients(Experiment):
    """Coefficients of a penalised linear regression whose least-squares coefficients are known and evenly spaced.

    All numbers are multiples of 1/32, so that products with the inputs are computed without rounding.

    Attributes:
        fit: The estimator, as scikit-learn's are; called with `alpha` and `fit_intercept=False`.
        squares: What it penalises: the "mean" of squares, over two, or their "sum"; alpha is then lambda / points or lambda.
        design: The columns of the inputs are "orthonormal", sixteen columns of a Hadamard matrix over 8, or "correlated", where each is
            that plus half of its neighbour.
        strengths: The lambdas, in front of the penalty where half the sum of squares has the factor 1.
    """

    fit: Subject
    squares: Literal["mean", "sum"]
    design: Literal["orthonormal", "correlated"] = "orthonormal"
    strengths: tuple[float, ...] = (0.25, 1.25, 3.0)

    def draw(self, lab: Lab) -> Regression:
        """64 points and 16 features; targets with coefficients -15/4, -13/4, ..., 15/4 and noise orthogonal to all inputs."""
        hadamard = scipy.linalg.hadamard(64, dtype=np.float64)
        columns = lab.generator("columns").permutation(64)
        inputs, others = hadamard[:, columns[:16]] / 8, hadamard[:, columns[16:]] / 8
        if self.design == "correlated":
            inputs = inputs + np.roll(inputs, 1, axis=1) / 2
        noise = others @ lab.generator("noise").integers(-4, 5, 48) / 4
        return Regression(lab.rounded(inputs), lab.rounded(inputs @ COEFFICIENTS + noise))

    def measure(self, lab: Lab, given: Regression) -> Quantity:
        """The coefficients, shape `(lambdas, features)`."""
        per_lambda = 1 / len(given.targets) if self.squares == "mean" else 1.0
        fits = [self.fit(alpha=per_lambda * strength, fit_intercept=False) for strength in self.strengths]
        found = [fit.fit(given.inputs, given.targets).coef_ for fit in fits]
        axes = Axis("lambda", self.strengths), Axis("least-squares coefficient", tuple(COEFFICIENTS.tolist()))
        return Quantity(np.stack(found), "coefficient", "", axes)


COEFFICIENTS = np.arange(-15, 16, 2) / 4
"""The least-squares coefficients of `ShrunkCoefficients`."""
