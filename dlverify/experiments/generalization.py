"""Experiments on training and test error: finite worlds of training sets over which an estimator's errors are averaged."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.designs import gaussian_designs, pairwise_coins
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


@dataclass(frozen=True)
class Worlds:
    """For each size, inputs with their probabilities, and the noise of the targets.

    Attributes:
        inputs: One array for each size, shape `(designs, samples, features)`.
        weights: Their probabilities, shape `(designs,)`.
        noise: One array for each size, shape `(samples, equally likely noises)`.
    """

    inputs: tuple[Array, ...]
    weights: tuple[Array, ...]
    noise: tuple[Array, ...]


@dataclass(frozen=True)
class LinearErrors(Experiment):
    """Expected squared errors of an estimator of a noisy linear target of Gaussian inputs, for several sizes.

    The expectation is a finite sum: over inputs of `gaussian_designs`, over pairwise independent noise of +-sigma, and
    over the coefficients, `signal` times the root of the number of features along one axis after another, so that they
    have the mean square `signal^2 features`. An error on new inputs is |found - true coefficients|^2, plus sigma^2.

    Attributes:
        fit: The estimator; it has `fit` and `predict`, for many targets at once.
        report: "errors", on training data and new data; one of these; the "gap", new less training; or the "excess" of
            the error on new data over sigma^2.
        samples: How many samples; one number, or as many as `features` has.
        features: How many features; one number, or as many as `samples` has.
        sigma: Standard deviation of the noise.
        signal: Size of the coefficients.
        used: The share of features that the estimator is given, from the first on.
        copies: How often each sample is repeated; `samples` counts the copies.
        test: Whether new data have "new" inputs, or the "same" as in training with new noise.
    """

    fit: Subject = Subject("sklearn.linear_model", "LinearRegression", (("fit_intercept", False),))
    report: Literal["errors", "training", "gap", "excess"] = "errors"
    samples: tuple[int, ...] = (4, 5, 8, 16, 32, 64)
    features: tuple[int, ...] = (2,)
    sigma: float = 1.0
    signal: float = 1.0
    used: float = 1.0
    copies: int = 1
    test: Literal["new", "same"] = "new"

    @property
    def sizes(self) -> tuple[tuple[int, int], ...]:
        """Samples and features of every size."""
        count = max(len(self.samples), len(self.features))
        samples, features = (np.broadcast_to(each, count).tolist() for each in (self.samples, self.features))
        return tuple(zip(samples, features, strict=True))

    def draw(self, lab: Lab) -> Worlds:
        """The finite worlds; the seed turns the inputs."""
        numbers = lab.generator("frames")
        inputs, weights, noise = [], [], []
        for samples, features in self.sizes:
            designs = gaussian_designs(numbers, samples // self.copies, features)
            inputs.append(lab.rounded(np.repeat(designs.matrices, self.copies, axis=1)))
            weights.append(lab.rounded(designs.weights))
            coins = pairwise_coins(samples // self.copies)
            noise.append(lab.rounded(self.sigma * np.repeat(coins, self.copies, axis=0)))
        return Worlds(tuple(inputs), tuple(weights), tuple(noise))

    def measure(self, lab: Lab, given: Worlds) -> Quantity:
        """The expected errors, shape `(sizes,)`, or `(2, sizes)` for both."""
        training, testing = [], []
        for inputs, weights, noise in zip(given.inputs, given.weights, given.noise, strict=True):
            features = inputs.shape[2]
            shown = round(self.used * features)
            axes = self.signal * features**0.5 * np.repeat(np.eye(features), noise.shape[1], axis=1)
            seen, unseen = [], []
            for design in inputs:
                clean = design @ axes
                targets = clean + np.tile(noise, features)
                fitted = self.fit().fit(design[:, :shown], targets)
                answers = fitted.predict(design[:, :shown])
                seen.append(((answers - targets) ** 2).mean())
                if self.test == "same":
                    unseen.append(((answers - clean) ** 2).mean())
                else:
                    origin = fitted.predict(np.zeros((1, shown)))
                    slopes = fitted.predict(np.eye(shown)) - origin
                    missed = axes - np.pad(slopes, ((0, features - shown), (0, 0)))
                    unseen.append(((missed**2).sum(0) + origin[0] ** 2).mean())
            training.append(weights @ np.array(seen))
            testing.append(weights @ np.array(unseen))
        train, excess = np.array(training), np.array(testing)
        test = excess + self.sigma**2
        by_samples = len(self.samples) >= len(self.features)
        axis = Axis("samples" if by_samples else "features", self.samples if by_samples else self.features, scale="log")
        if self.report == "errors":
            return Quantity(
                np.stack([train, test]), "expected squared error", "", (Axis("data", ("training", "new")), axis)
            )
        values = {"training": train, "gap": test - train, "excess": excess}[self.report]
        names = {"training": "expected training error", "gap": "expected gap", "excess": "expected excess risk"}
        return Quantity(values, names[self.report], "", (axis,), scale="log")


def roundings(experiment: LinearErrors, given: Worlds) -> int:
    """Three orthogonal reductions of an n x p matrix, each n p terms with a small constant (Higham 2002, section 20.3)."""
    return 12 * max(experiment.samples) * max(experiment.features)


def magnified(experiment: LinearErrors, given: Worlds) -> Array:
    """(kappa (|y| / s_min + |w|))^2 for the worst design: least squares magnifies by kappa^2 at most (Higham 2002, theorem 20.1)."""
    sizes = []
    for inputs, noise in zip(given.inputs, given.noise, strict=True):
        values, length = np.linalg.svd(inputs, compute_uv=False), experiment.signal * inputs.shape[2] ** 0.5
        target = values[:, 0] * length + np.linalg.norm(noise[:, 0])
        sizes.append((values[:, 0] / values[:, -1] * (target / values[:, -1] + length)).max() ** 2)
    return np.array(sizes)


@dataclass(frozen=True)
class Curve:
    """A target at fixed inputs, and its noise.

    Attributes:
        inputs: Shape `(samples,)`.
        clean: The target there, shape `(samples,)`.
        noise: Shape `(samples, equally likely noises)`.
    """

    inputs: Array
    clean: Array
    noise: Array


@dataclass(frozen=True)
class CapacityErrors(Experiment):
    """Expected squared errors of polynomials of every degree, fitted to a noisy polynomial at Chebyshev's nodes.

    Errors on new data are those at the same inputs with new noise. Fits use Chebyshev polynomials T_0, T_1, ...

    Attributes:
        fit: The estimator; it has `fit` and `predict`, for many targets at once.
        coefficients: The target's coefficients of T_0, T_1, ...
        samples: How many inputs.
        sigma: Standard deviation of the noise.
        labels: "noisy", or "clean" in training.
    """

    fit: Subject = Subject("sklearn.linear_model", "LinearRegression", (("fit_intercept", False),))
    coefficients: tuple[float, ...] = (1.0, -1.0, 1.0, 1.0)
    samples: int = 16
    sigma: float = 1.0
    labels: Literal["noisy", "clean"] = "noisy"

    def draw(self, lab: Lab) -> Curve:
        """Nodes cos(pi (i + 1/2) / samples), the target there with random signs of its coefficients, and noise of +-sigma."""
        inputs = np.cos(np.pi * (np.arange(self.samples) + 0.5) / self.samples)
        signs = lab.generator("signs").choice((-1.0, 1.0), len(self.coefficients))
        clean = np.polynomial.chebyshev.chebval(inputs, signs * np.array(self.coefficients))
        return Curve(lab.rounded(inputs), lab.rounded(clean), lab.rounded(self.sigma * pairwise_coins(self.samples)))

    def measure(self, lab: Lab, given: Curve) -> Quantity:
        """The expected errors, shape `(2, samples)`."""
        degrees = tuple(range(self.samples))
        targets = given.clean[:, None] + (given.noise if self.labels == "noisy" else 0 * given.noise)
        errors = []
        for degree in degrees:
            features = np.polynomial.chebyshev.chebvander(given.inputs, degree)
            answers = self.fit().fit(features, targets).predict(features)
            new = ((answers - given.clean[:, None]) ** 2).mean() + self.sigma**2
            errors.append((((answers - targets) ** 2).mean(), new))
        axes = (Axis("data", ("training", "new")), Axis("degree", degrees))
        return Quantity(np.array(errors).T, "expected squared error", "", axes)


@dataclass(frozen=True)
class Targets:
    """Targets of the training sets, one set a column, and what is common to all.

    Attributes:
        clean: The mean of the targets, whole numbers of shape `(samples,)`.
        noise: Equally likely noises, shape `(samples, sets)`.
    """

    clean: Array
    noise: Array


@dataclass(frozen=True)
class CrossValidated(Experiment):
    """Error that cross-validation reports for an estimator, averaged over training sets: for one, or for all 2^samples.

    The targets are whole multiples of 27720 = lcm(1, ..., 12), so that float64 rounds no mean of 12 of them or fewer.

    Attributes:
        validate: Called with an estimator, inputs, targets, `cv` and `scoring`; returns one score for each fold.
        split: Called with `n_splits`; says which samples each fold holds out.
        fit: The estimator, for many targets at once; the inputs say nothing.
        worlds: "one" training set of random whole numbers, or "all" those of fair coins +-1 (times 27720).
        samples: Samples of a training set.
        folds: How many folds, for each number of them.
        repeated: Whether the second half of the samples repeats the first, so that folds share samples.
    """

    validate: Subject = Subject("sklearn.model_selection", "cross_val_score")
    split: Subject = Subject("sklearn.model_selection", "KFold")
    fit: Subject = Subject("sklearn.dummy", "DummyRegressor")
    worlds: Literal["one", "all"] = "one"
    samples: int = 8
    folds: tuple[int, ...] = (2, 4, 8)
    repeated: bool = False

    def draw(self, lab: Lab) -> Targets:
        """Whole numbers from -9 to 9, the last of which is large; or all patterns of coins."""
        if self.worlds == "one":
            clean = lab.generator("targets").integers(-9, 10, self.samples).astype(np.float64)
            clean[-1] += 30
            return Targets(lab.rounded(clean), lab.rounded(np.zeros((self.samples, 1))))
        coins = np.array(list(itertools.product((-1.0, 1.0), repeat=self.samples))).T
        return Targets(lab.rounded(np.zeros(self.samples)), lab.rounded(coins))

    def measure(self, lab: Lab, given: Targets) -> Quantity:
        """Fractions of shape `(numbers of folds,)`, in units of 27720^2."""
        unit = 27720.0
        targets = unit * (given.clean[:, None] + given.noise)
        if self.repeated:
            targets = np.tile(targets[: self.samples // 2], (2, 1))
        inputs = np.zeros((self.samples, 1))
        found = []
        for folds in self.folds:
            scores = self.validate(
                self.fit(), inputs, targets, cv=self.split(n_splits=folds), scoring="neg_mean_squared_error"
            )
            found.append(-sum(Fraction(float(score)) for score in scores) / len(scores) / int(unit) ** 2)
        values = np.array(found, dtype=object)
        return Quantity(values, "cross-validated error", "", (Axis("folds", self.folds, scale="log2"),))


@dataclass(frozen=True)
class NeighbourErrors(Experiment):
    """Expected loss at new noisy targets of the mean of nearest neighbours, over all 2^samples training sets.

    Targets are f(x) +- 1 at x = 0, 1, ..., in units of 420, which the means of 7 neighbours or fewer divide: float64 rounds nothing.

    Attributes:
        fit: The estimator; called with `n_neighbors`, and fitted to many targets at once.
        neighbours: How many neighbours.
        samples: Samples of a training set.
        noise: Whether the noise of the tested targets is "new", or that "of training".
        loss: "squared" or "absolute".
    """

    fit: Subject = Subject("sklearn.neighbors", "KNeighborsRegressor")
    neighbours: tuple[int, ...] = (1, 3, 5, 7)
    samples: int = 7
    noise: Literal["new", "of training"] = "new"
    loss: Literal["squared", "absolute"] = "squared"

    def draw(self, lab: Lab) -> Targets:
        """Random whole numbers from -4 to 4 for f, and all patterns of noise."""
        clean = lab.generator("target").integers(-4, 5, self.samples)
        coins = np.array(list(itertools.product((-1.0, 1.0), repeat=self.samples))).T
        return Targets(lab.rounded(clean.astype(np.float64)), lab.rounded(coins))

    def measure(self, lab: Lab, given: Targets) -> Quantity:
        """Mean over all training sets and the new noise, at the place in the middle; fractions of shape `(neighbours,)`."""
        unit, middle = 420, self.samples // 2
        places = np.arange(self.samples, dtype=np.float64)[:, None]
        found = []
        for count in self.neighbours:
            fitted = self.fit(n_neighbors=count).fit(places, unit * (given.clean[:, None] + given.noise))
            answers = [Fraction(float(answer)) / unit for answer in fitted.predict(places[middle : middle + 1])[0]]
            total = Fraction(0)
            for answer, drawn in zip(answers, given.noise[middle], strict=True):
                for noise in (-1, 1) if self.noise == "new" else (int(drawn),):
                    off = int(given.clean[middle]) + noise - answer
                    total += (off**2 if self.loss == "squared" else abs(off)) / (2 if self.noise == "new" else 1)
            found.append(total / len(answers))
        values = np.array(found, dtype=object)
        return Quantity(values, f"expected {self.loss} error", "", (Axis("neighbours", self.neighbours),))


@dataclass(frozen=True)
class Regression:
    """A fixed design with a linear target.

    Attributes:
        inputs: Shape `(samples, features)`.
        coefficients: Shape `(features,)`.
        noise: Shape `(samples, equally likely noises)`.
    """

    inputs: Array
    coefficients: Array
    noise: Array


@dataclass(frozen=True)
class RidgePath(Experiment):
    """Squared bias and variance of the coefficients that an estimator finds at several strengths of its penalty.

    Attributes:
        fit: The estimator; called with `alpha`, and has `fit` and `predict`, for many targets at once.
        strengths: The strengths lambda of the penalty.
        samples: Samples.
        features: Features.
        sigma: Standard deviation of the noise.
        noise: "each" sample has its own noise, or "one" is common to all.
    """

    fit: Subject = Subject("sklearn.linear_model", "Ridge", (("fit_intercept", False),))
    strengths: tuple[float, ...] = tuple(2.0**power for power in range(-10, 11))
    samples: int = 20
    features: int = 5
    sigma: float = 1.0
    noise: Literal["each", "one"] = "each"

    def draw(self, lab: Lab) -> Regression:
        """Standard normal inputs and coefficients, and pairwise independent noise of +-sigma."""
        coins = pairwise_coins(self.samples)
        coins = coins if self.noise == "each" else np.broadcast_to(coins[:1], coins.shape)
        inputs, coefficients = (
            lab.normal("inputs", (self.samples, self.features)),
            lab.normal("truth", (self.features,)),
        )
        return Regression(inputs[0], coefficients[0], lab.rounded(self.sigma * coins))

    def measure(self, lab: Lab, given: Regression) -> Quantity:
        """Shape `(2, strengths)`."""
        targets = (given.inputs @ given.coefficients)[:, None] + given.noise
        parts = []
        for strength in self.strengths:
            fitted = self.fit(alpha=strength).fit(given.inputs, targets)
            found = fitted.predict(np.eye(self.features)) - fitted.predict(np.zeros((1, self.features)))
            mean = found.mean(1)
            parts.append((((mean - given.coefficients) ** 2).sum(), ((found - mean[:, None]) ** 2).mean(1).sum()))
        axes = (
            Axis("part", ("squared bias", "variance")),
            Axis("strength of the penalty", self.strengths, scale="log2"),
        )
        return Quantity(np.array(parts).T, "mean squared error of the coefficients", "", axes, scale="log")


@dataclass(frozen=True)
class BaggedParts(Experiment):
    """Squared bias and variance of an estimator, fitted once or averaged over all resamples, summed over the training inputs.

    Samples sit at x = 0, 1, ...; targets are fair coins +-1, in all 2^samples training sets. All samples^samples draws
    with replacement are enumerated. The target's mean is 0 everywhere, so that a tree cannot be biased.

    Attributes:
        fit: The estimator; fitted to many targets at once.
        samples: Samples of a training set: 2, 3, ... up to this.
        replace: Whether resamples are drawn with replacement.
    """

    fit: Subject = Subject("sklearn.tree", "DecisionTreeRegressor", (("random_state", 0),))
    samples: tuple[int, ...] = (2, 3, 4)
    replace: bool = True

    def draw(self, lab: Lab) -> tuple[Array, ...]:
        """All patterns of targets, shape `(samples, patterns)` for each size."""
        return tuple(lab.rounded(np.array(list(itertools.product((-1.0, 1.0), repeat=n))).T) for n in self.samples)

    def measure(self, lab: Lab, given: tuple[Array, ...]) -> Quantity:
        """Fractions of shape `(2 parts, 2 methods, sizes)`."""
        found = np.empty((2, 2, len(self.samples)), dtype=object)
        for size, targets in enumerate(given):
            count = len(targets)
            places = np.arange(count, dtype=np.float64)[:, None]
            draws = (
                itertools.product(range(count), repeat=count) if self.replace else itertools.permutations(range(count))
            )
            # Coins are whole, a tree with a leaf for each place answers with one of them, and sums of these are whole.
            fits = [self.fit().fit(places[list(d)], targets[list(d)]).predict(places) for d in draws]
            single = self.fit().fit(places, targets).predict(places)
            for method, (total, number) in enumerate(((single, 1), (sum(fits), len(fits)))):
                answers = [[Fraction(float(value)) / number for value in row] for row in total]
                means = [sum(row) / len(row) for row in answers]
                found[0, method, size] = sum((mean**2 for mean in means), Fraction(0))
                found[1, method, size] = sum(
                    ((value - mean) ** 2 / len(row) for row, mean in zip(answers, means, strict=True) for value in row),
                    Fraction(0),
                )
        axes = (
            Axis("part", ("squared bias", "variance")),
            Axis("method", ("one fit", "average over resamples")),
            Axis("samples", self.samples),
        )
        return Quantity(found, "mean squared error, summed over the inputs", "", axes)
