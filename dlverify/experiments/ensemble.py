"""Experiments on ensembles: resamples, averages of fits, and boosted stumps."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.designs import gaussian_designs, pairwise_coins
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


class Dice(np.random.RandomState):
    """A generator whose whole numbers are prescribed, so that all that can be drawn is drawn once; the rest is seeded.

    A resampler that asks for `randint(0, n, size)` gets the prescribed numbers.

    Attributes:
        faces: The prescribed numbers.
    """

    def __init__(self) -> None:
        super().__init__(0)
        self.faces: Sequence[int] = ()

    def randint(self, *_: Any, size: Any = None, **__: Any) -> Any:
        """The first of the prescribed numbers, as many as asked for."""
        count = 1 if size is None else int(np.prod(size))
        return np.resize(np.array(self.faces), count)


@dataclass(frozen=True)
class Sample:
    """A sample.

    Attributes:
        values: Whole numbers, shape `(samples,)`.
    """

    values: Array


@dataclass(frozen=True)
class Resamples(Experiment):
    """Of all resamples of n points: the share that holds the first point, or the variance of their mean.

    The resampler throws dice: it is called once for each of the n^n equally likely throws of n dice with n faces.

    Attributes:
        resample: Called with a sample and `random_state`; returns a resample.
        report: "share holding the first point", or "variance of the mean".
        sizes: The numbers n of points.
    """

    resample: Subject = Subject("sklearn.utils", "resample")
    report: Literal["share holding the first point", "variance of the mean"] = "share holding the first point"
    sizes: tuple[int, ...] = (1, 2, 3, 4)

    def draw(self, lab: Lab) -> Sample:
        """Different whole numbers, in random order."""
        return Sample(lab.rounded(lab.generator("sample").permutation(20)[: max(self.sizes)].astype(np.float64)))

    def measure(self, lab: Lab, given: Sample) -> Quantity:
        """Fractions of shape `(sizes,)`."""
        found = []
        dice = Dice()
        for size in self.sizes:
            sample = [int(value) for value in given.values[:size]]
            means, holding = [], 0
            for faces in itertools.product(range(size), repeat=size):
                dice.faces = faces
                drawn = self.resample(sample, random_state=dice)
                means.append(Fraction(sum(drawn), len(drawn)))
                holding += sample[0] in drawn
            centre = sum(means, Fraction(0)) / len(means)
            variance = sum(((mean - centre) ** 2 for mean in means), Fraction(0)) / len(means)
            found.append(Fraction(holding, len(means)) if self.report.startswith("share") else variance)
        return Quantity(np.array(found, dtype=object), self.report, "", (Axis("points", self.sizes),))


@dataclass(frozen=True)
class BagContents(Experiment):
    """What the members of a bagged ensemble were fitted to: how many draws, and whether a sample was drawn twice.

    Attributes:
        ensemble: Called with `n_estimators` and `random_state`; fitted, it lists the draws in `estimators_samples_`.
        samples: Samples of the training set.
        members: Members of the ensemble.
    """

    ensemble: Subject = Subject("sklearn.ensemble", "BaggingRegressor")
    samples: int = 60
    members: int = 6

    def draw(self, lab: Lab) -> Sample:
        """A seed for the ensemble."""
        return Sample(lab.rounded(lab.generator("ensemble").integers(0, 2**31, 1).astype(np.float64)))

    def measure(self, lab: Lab, given: Sample) -> Quantity:
        """Whole numbers of shape `(2, members)`."""
        places = np.arange(self.samples, dtype=np.float64)
        ensemble = self.ensemble(n_estimators=self.members, random_state=int(given.values[0]))
        draws = [np.asarray(draw) for draw in ensemble.fit(places[:, None], places).estimators_samples_]
        counts = [[len(draw) for draw in draws], [int(len(np.unique(draw)) < len(draw)) for draw in draws]]
        axes = (Axis("count", ("draws", "some sample twice")), Axis("member", tuple(range(1, self.members + 1))))
        return Quantity(counts, "number", "", axes)


@dataclass(frozen=True)
class Pieces:
    """For each size the designs of a piece with their probabilities.

    Attributes:
        inputs: One array for each number of samples, shape `(designs, samples of a piece, features)`.
        weights: Their probabilities, shape `(designs,)`.
        noise: One array for each number of samples, shape `(samples, equally likely noises)`.
    """

    inputs: tuple[Array, ...]
    weights: tuple[Array, ...]
    noise: tuple[Array, ...]


@dataclass(frozen=True)
class PiecewiseRisks(Experiment):
    """Expected excess risk of the average of an estimator's fits to K disjoint pieces of the data, for Gaussian inputs.

    The expectation is a finite sum over the inputs of all pieces (`gaussian_designs`) and over pairwise independent noise.

    Attributes:
        fit: The estimator; it has `fit` and `predict`, for many targets at once.
        pieces: How many pieces.
        samples: How many samples in all.
        features: How many features.
        noise: "each" sample has its own noise, or pieces "share" theirs.
    """

    fit: Subject = Subject("sklearn.linear_model", "LinearRegression", (("fit_intercept", False),))
    pieces: int = 2
    samples: tuple[int, ...] = (12, 24, 48)
    features: int = 1
    noise: Literal["each", "share"] = "each"

    def draw(self, lab: Lab) -> Pieces:
        """The finite worlds; the seed turns the inputs."""
        numbers = lab.generator("frames")
        designs = [gaussian_designs(numbers, count // self.pieces, self.features) for count in self.samples]
        noise = []
        for count in self.samples:
            own = pairwise_coins(count)
            noise.append(
                lab.rounded(own if self.noise == "each" else np.tile(own[: count // self.pieces], (self.pieces, 1)))
            )
        inputs = tuple(lab.rounded(design.matrices) for design in designs)
        return Pieces(inputs, tuple(lab.rounded(design.weights) for design in designs), tuple(noise))

    def measure(self, lab: Lab, given: Pieces) -> Quantity:
        """The risks, shape `(samples,)`."""
        risks = []
        basis = np.eye(self.features)
        for inputs, weights, noise in zip(given.inputs, given.weights, given.noise, strict=True):
            targets = np.split(noise, self.pieces)
            risk = 0.0
            for places in itertools.product(range(len(weights)), repeat=self.pieces):
                fits = [self.fit().fit(inputs[at], target) for at, target in zip(places, targets, strict=True)]
                average = sum(fit.predict(basis) for fit in fits) / self.pieces
                risk += float(np.prod(weights[list(places)])) * float((average**2).sum(0).mean())
            risks.append(risk)
        return Quantity(
            np.array(risks), "expected excess risk", "", (Axis("samples", self.samples, scale="log"),), scale="log"
        )


@dataclass(frozen=True)
class Coins:
    """All throws of the coins that members' errors are made of.

    Attributes:
        common: The coin common to all, shape `(throws,)`.
        own: The coins of the members, shape `(throws, most members)`.
    """

    common: Array
    own: Array


@dataclass(frozen=True)
class AveragedVariances(Experiment):
    """Variance of an ensemble's answer whose members answer common + own, two coins of sizes 3 and 4, in all worlds.

    So members have the variance 25 and the correlation 9/25 in pairs.

    Attributes:
        ensemble: Called with a list of named members; has `fit` and `predict`.
        member: A member; called with the `constant` that it answers.
        most: The numbers of members are 1, 2, 4, ..., up to this.
        common: Every member has the "same" sign of the common coin, or signs "alternate".
        own: "each" member has a coin of its own, or "one" does for all.
    """

    ensemble: Subject = Subject("sklearn.ensemble", "VotingRegressor")
    member: Subject = Subject("sklearn.dummy", "DummyRegressor", (("strategy", "constant"),))
    most: int = 4
    common: Literal["same", "alternate"] = "same"
    own: Literal["each", "one"] = "each"

    @property
    def counts(self) -> tuple[int, ...]:
        """The numbers of members."""
        return tuple(2**power for power in range(self.most.bit_length()))

    def draw(self, lab: Lab) -> Coins:
        """All throws; the seed permutes them."""
        throws = np.array(list(itertools.product((-1.0, 1.0), repeat=self.most + 1)))
        throws = lab.generator("order").permutation(throws)
        return Coins(lab.rounded(3 * throws[:, 0]), lab.rounded(4 * throws[:, 1:]))

    def measure(self, lab: Lab, given: Coins) -> Quantity:
        """Fractions of shape `(numbers of members,)`; float64 rounds no mean of 2, 4, ... whole numbers."""
        found = []
        place = np.zeros((2, 1))
        for count in self.counts:
            signs = np.ones(count) if self.common == "same" else (-1.0) ** np.arange(count)
            answers = []
            for common, coins in zip(given.common, given.own, strict=True):
                own = coins if self.own == "each" else np.broadcast_to(coins[:1], coins.shape)
                members = [(f"m{i}", self.member(constant=signs[i] * common + own[i])) for i in range(count)]
                answers.append(Fraction(float(self.ensemble(members).fit(place, np.zeros(2)).predict(place)[0])))
            centre = sum(answers, Fraction(0)) / len(answers)
            found.append(sum(((answer - centre) ** 2 for answer in answers), Fraction(0)) / len(answers))
        return Quantity(np.array(found, dtype=object), "variance", "", (Axis("members", self.counts, scale="log2"),))


@dataclass(frozen=True)
class Disc:
    """Points of the square, labelled by whether they lie in a disc.

    Attributes:
        inputs: Shape `(samples, 2)`.
        labels: -1 or 1, shape `(samples,)`.
    """

    inputs: Array
    labels: Array


@dataclass(frozen=True)
class BoostedStumps(Experiment):
    """Of AdaBoost after each round: the last learner's error under the new weights, or its training losses over their bound.

    Both are read from the learners h_t and their public weights, 2 a_t: the samples' weights are proportional to
    exp(-y F) with F = sum of a_t h_t, and the bound is the product of 2 sqrt(e_t (1 - e_t)), e_t the error of h_t under
    the weights that it was fitted to.

    Attributes:
        boost: Called with `n_estimators`; fitted, it has `estimators_` and `estimator_weights_`.
        report: "error under the new weights"; or "share of the bound": the share of mistakes, and the mean of exp(-y F), each
            over the bound.
        samples: How many points.
        rounds: How many rounds.
    """

    boost: Subject = Subject("sklearn.ensemble", "AdaBoostClassifier", (("random_state", 0),))
    report: Literal["error under the new weights", "share of the bound"] = "error under the new weights"
    samples: int = 200
    rounds: int = 60

    def draw(self, lab: Lab) -> Disc:
        """Uniform points of [-1, 1]^2 and a disc of half its area."""
        inputs = lab.uniform("points", (self.samples, 2), -1, 1)[0]
        return Disc(inputs, lab.rounded(np.where((inputs**2).sum(1) < 2 / np.pi, 1.0, -1.0)))

    def measure(self, lab: Lab, given: Disc) -> Quantity:
        """Shape `(rounds,)`, or `(2, rounds)` where both losses are reported."""
        fitted = self.boost(n_estimators=self.rounds).fit(given.inputs, given.labels)
        score, bound = np.zeros(self.samples), 1.0
        weights = np.full(self.samples, 1 / self.samples)
        errors, shares = [], []
        for learner, weight in zip(fitted.estimators_, fitted.estimator_weights_, strict=False):
            answers = learner.predict(given.inputs)
            wrong = answers != given.labels
            error = weights[wrong].sum()
            bound *= 2 * (error * (1 - error)) ** 0.5
            score += weight / 2 * answers
            losses = np.exp(-given.labels * score)
            weights = losses / losses.sum()
            errors.append(weights[wrong].sum())
            shares.append([(given.labels * score <= 0).mean() / bound, losses.mean() / bound])
        rounds = Axis("round", tuple(range(1, len(errors) + 1)))
        if self.report == "share of the bound":
            both = Axis("loss", ("share of mistakes", "mean of exp(-y F)"))
            return Quantity(np.transpose(shares), self.report, "", (both, rounds))
        return Quantity(np.array(errors), self.report, "", (rounds,))
