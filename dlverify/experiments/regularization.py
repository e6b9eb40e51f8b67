"""Experiments on regularizers: what they add to a loss, and what they do to minimisers, risks and decisions."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Literal

import numpy as np
import scipy.linalg
import torch

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity

ROWS = (
    2**15
)  # passes through dropout: of 5 units at p = 3/4 the rarest pattern has probability 4^-5, and is missed with e^-32


def patterns(lab: Lab, layer: torch.nn.Module, inputs: Array, stream: str) -> Array:
    """All different outputs of a random layer in many passes of the same inputs (units,), shape `(patterns, units)`."""
    with lab.seeded(stream):
        rows: Array = layer(lab.tensor(np.tile(inputs, (ROWS, 1)))).cpu().numpy()
    found: Array = np.array(sorted({row.tobytes(): tuple(row.tolist()) for row in rows}.values()))
    return found


@dataclass(frozen=True)
class Inputs:
    """What a layer is given.

    Attributes:
        values: Shape `(units,)`.
    """

    values: Array


@dataclass(frozen=True)
class DroppedUnits(Experiment):
    """In how many different ways a dropout layer drops 0, 1, ... of its units, in many passes.

    Attributes:
        dropout: The layer; called with `p`.
        p: The probability of being dropped.
        units: How many units.
        mode: "training", or "evaluation".
    """

    dropout: Subject = Subject("torch.nn", "Dropout")
    p: float = 0.5
    units: int = 5
    mode: Literal["training", "evaluation"] = "training"

    def draw(self, lab: Lab) -> Inputs:
        """Whole numbers other than zero."""
        return Inputs(lab.rounded(lab.generator("inputs").integers(1, 10, self.units)))

    def measure(self, lab: Lab, given: Inputs) -> Quantity:
        """Numbers of different outputs, shape `(units + 1,)`."""
        layer = self.dropout(p=self.p).train(self.mode == "training")
        dropped = (patterns(lab, layer, given.values, "masks") == 0).sum(axis=1)
        counts = np.bincount(dropped, minlength=self.units + 1)
        return Quantity(
            counts,
            "different patterns in which so many are dropped",
            "",
            (Axis("units dropped", tuple(range(self.units + 1))),),
        )


@dataclass(frozen=True)
class PassedOn(Experiment):
    """What a dropout layer returns for the same inputs, pass after pass.

    Attributes:
        dropout: The layer; called with `p`.
        mode: "evaluation", or "training".
        shares: The probabilities p of being dropped.
        passes: How many passes.
        units: How many units.
    """

    dropout: Subject = Subject("torch.nn", "Dropout")
    mode: Literal["evaluation", "training"] = "evaluation"
    shares: tuple[float, ...] = (0.0, 0.25, 0.5, 0.75, 1.0)
    passes: int = 4
    units: int = 16

    def draw(self, lab: Lab) -> Inputs:
        """Normal numbers."""
        return Inputs(lab.normal("inputs", (self.units,))[0])

    def measure(self, lab: Lab, given: Inputs) -> Quantity:
        """The outputs, shape `(shares, passes, units)`."""
        inputs, rows = lab.tensor(given.values), []
        with lab.seeded("masks"):
            for p in self.shares:
                layer = self.dropout(p=p).train(self.mode == "training")
                rows.append(torch.stack([layer(inputs) for _ in range(self.passes)]))
        axes = (
            Axis("probability of being dropped", self.shares),
            Axis("pass", tuple(range(self.passes))),
            Axis("unit", tuple(range(self.units))),
        )
        return Quantity(torch.stack(rows), "output", "", axes)


@dataclass(frozen=True)
class DroppedShares(Experiment):
    """Mean and variance of the share of units that a dropout layer drops, over many passes, each with both signs.

    Attributes:
        dropout: The layer; called with `p`.
        p: The probability of being dropped.
        units: How many units.
        passes: How many passes.
    """

    dropout: Subject = Subject("torch.nn", "Dropout")
    p: float = 0.5
    units: int = 64
    passes: int = 4096

    def draw(self, lab: Lab) -> Inputs:
        """Ones."""
        return Inputs(np.ones(self.units))

    def measure(self, lab: Lab, given: Inputs) -> Quantity:
        """Shape `(members, 4)`."""
        layer, ones = self.dropout(p=self.p), lab.tensor(np.tile(given.values, (self.passes, 1)))
        rows = []
        for member in lab.members:
            with lab.seeded("masks", member):
                shares = (layer(ones) == 0).double().mean(1).cpu().numpy()
            mean, variance = shares.mean(), shares.var(ddof=1)
            rows.append([mean, -mean, variance, -variance])
        axes = Axis("member", tuple(lab.members)), Axis("what", ("mean", "minus mean", "variance", "minus variance"))
        return Quantity(np.array(rows), "share of units dropped", "", axes)


@dataclass(frozen=True)
class Regression:
    """A linear regression.

    Attributes:
        inputs: Shape `(points, features)`.
        targets: Shape `(points,)`.
        weights: Of a model, shape `(features,)`.
    """

    inputs: Array
    targets: Array
    weights: Array


@dataclass(frozen=True)
class DropoutLosses(Experiment):
    """Expected sum of squared errors of a model whose inputs pass through dropout, over all patterns that the layer produces.

    A pattern with k zeros among n inputs has the weight p^k (1 - p)^(n - k). All numbers are fractions of few digits.

    Attributes:
        dropout: The layer; called with `p`.
        p: The probability of being dropped, 1/2 or 3/4, so that survivors are multiplied by a power of two.
        model: "linear", or its positive part, "relu".
        scales: Multiples of the weights, each a model of its own.
        points: How many points.
        features: How many inputs.
    """

    dropout: Subject = Subject("torch.nn", "Dropout")
    p: float = 0.5
    model: Literal["linear", "relu"] = "linear"
    scales: tuple[int, ...] = (-2, -1, 0, 1, 2, 3)
    points: int = 3
    features: int = 5

    def draw(self, lab: Lab) -> Regression:
        """Whole numbers; inputs are not zero."""
        numbers = lab.generator("data")
        inputs = numbers.integers(1, 5, (self.points, self.features)) * numbers.choice(
            [-1, 1], (self.points, self.features)
        )
        targets, weights = numbers.integers(-9, 10, self.points), numbers.integers(1, 4, self.features)
        return Regression(lab.rounded(inputs), lab.rounded(targets), lab.rounded(weights))

    def measure(self, lab: Lab, given: Regression) -> Quantity:
        """Fractions, shape `(scales,)`."""
        totals = [Fraction(0)] * len(self.scales)
        p = Fraction(self.p)
        for point, (inputs, target) in enumerate(zip(given.inputs, given.targets, strict=True)):
            found = patterns(lab, self.dropout(p=self.p), inputs, f"masks {point}")
            for row, prediction in zip(found, found @ given.weights, strict=True):
                zeros = int((row == 0).sum())
                probability = p**zeros * (1 - p) ** (self.features - zeros)
                for place, scale in enumerate(self.scales):
                    output = scale * Fraction(float(prediction))
                    output = max(output, Fraction(0)) if self.model == "relu" else output
                    totals[place] += probability * (Fraction(float(target)) - output) ** 2
        exact = np.empty(len(totals), dtype=object)
        exact[:] = totals
        return Quantity(exact, "expected sum of squared errors", "", (Axis("scale of the weights", self.scales),))


@dataclass(frozen=True)
class Path:
    """Where a path of weights begins, and the gradients along it.

    Attributes:
        weights: Shape `(weights,)`.
        gradients: Of the loss, shape `(steps, weights)`.
    """

    weights: Array
    gradients: Array


@dataclass(frozen=True)
class DecayedPaths(Experiment):
    """Path of weights under prescribed gradients of the loss and a decay.

    Attributes:
        optimizer: The optimizer; called with parameters, `lr` and `weight_decay`.
        decay: A "penalty", half the sum of squares times the strength, is added to the loss, or `weight_decay` is given as "argument".
        gradients: Of the loss: "normal", or "none".
        lr: The learning rate.
        strength: Of the decay.
        steps: How many steps.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    optimizer: Subject
    decay: Literal["penalty", "argument"] = "penalty"
    gradients: Literal["normal", "none"] = "normal"
    lr: float = 0.25
    strength: float = 0.5
    steps: int = 12

    def draw(self, lab: Lab) -> Path:
        """Normal weights and gradients."""
        gradients = lab.normal("gradients", (self.steps, 8))[0]
        return Path(lab.normal("weights", (8,))[0], gradients if self.gradients == "normal" else 0 * gradients)

    def measure(self, lab: Lab, given: Path) -> Quantity:
        """The weights, shape `(steps + 1, weights)`."""
        weights = lab.tensor(given.weights).requires_grad_()
        strength = self.strength if self.decay == "argument" else 0.0
        optimizer = self.optimizer([weights], lr=self.lr, weight_decay=strength)
        path = [weights.detach().clone()]
        for gradient in lab.tensor(given.gradients):
            optimizer.zero_grad()
            with torch.enable_grad():
                loss = (gradient * weights).sum()
                if self.decay == "penalty":
                    loss = loss + self.strength / 2 * weights.square().sum()
            loss.backward()
            optimizer.step()
            path.append(weights.detach().clone())
        axes = Axis("step", tuple(range(self.steps + 1))), Axis("weight", tuple(range(8)))
        return Quantity(torch.stack(path), "weight", "", axes)


@dataclass(frozen=True)
class BestGaps(Experiment):
    """The logit by which a class should exceed the others, for each probability of it: where the expected loss is least.

    It is found by bisection on the sign of the derivative that autograd takes; all other classes share the rest evenly.

    Attributes:
        loss: The loss; called with `label_smoothing` and `reduction="none"`, then with logits and probabilities.
        smoothing: The strengths of label smoothing.
        classes: How many classes.
        probabilities: Of the class.
        report: The "gap", or the least "loss".
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    loss: Subject = Subject("torch.nn", "CrossEntropyLoss")
    smoothing: tuple[float, ...] = (0.0625, 0.125, 0.25, 0.5)
    classes: int = 10
    probabilities: tuple[float, ...] = (0.0625, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 0.9375, 1.0)
    report: Literal["gap", "loss"] = "gap"

    def draw(self, lab: Lab) -> Inputs:
        """The probabilities."""
        return Inputs(lab.rounded(np.array(self.probabilities)))

    def measure(self, lab: Lab, given: Inputs) -> Quantity:
        """Gaps between -16 and 16, or losses, shape `(smoothing, probabilities)`."""
        others = self.classes - 1
        rest = np.tile((1 - given.values)[:, None] / others, (1, others))
        labels = lab.tensor(np.concatenate([given.values[:, None], rest], axis=1))
        zeros = torch.zeros_like(labels[:, 1:])
        rows = []
        for strength in self.smoothing:
            criterion = self.loss(label_smoothing=strength, reduction="none")
            low, high = torch.full_like(labels[:, 0], -16), torch.full_like(labels[:, 0], 16)
            for _ in range(60):  # 32 / 2^60 is below the gap between neighbours in every dtype
                middle = ((low + high) / 2).requires_grad_()
                with torch.enable_grad():
                    losses = criterion(torch.cat([middle[:, None], zeros], 1), labels)
                (slope,) = torch.autograd.grad(losses.sum(), middle)
                middle = middle.detach()
                low, high = torch.where(slope < 0, middle, low), torch.where(slope < 0, high, middle)
            rows.append(middle if self.report == "gap" else losses.detach())
        axes = Axis("label smoothing", self.smoothing), Axis("probability of the class", self.probabilities)
        name = "best logit gap" if self.report == "gap" else "least expected loss"
        return Quantity(torch.stack(rows), name, "nats", axes)


@dataclass(frozen=True)
class Distributions:
    """Probabilities of classes at several places.

    Attributes:
        probabilities: Shape `(places, classes)`.
    """

    probabilities: Array


@dataclass(frozen=True)
class SmoothedDecisions(Experiment):
    """At how many places the logits that fit smoothed labels best decide otherwise than those that fit the labels.

    Logits start at zero and descend on the expected loss, one set at each place.

    Attributes:
        loss: The loss; called with `label_smoothing` and `reduction="sum"`, then with logits and probabilities.
        smoothing: The strengths.
        towards: Labels are smoothed towards "all classes" by the loss, or towards the "first class" before.
        classes: How many classes.
        places: How many distributions.
        steps: Steps of descent.
    """

    loss: Subject = Subject("torch.nn", "CrossEntropyLoss")
    smoothing: tuple[float, ...] = (0.05, 0.1, 0.2, 0.4, 0.8, 0.95)
    towards: Literal["all classes", "first class"] = "all classes"
    classes: int = 4
    places: int = 512
    steps: int = 100

    def draw(self, lab: Lab) -> Distributions:
        """Drawn evenly from all distributions."""
        return Distributions(lab.rounded(lab.generator("distributions").dirichlet(np.ones(self.classes), self.places)))

    def measure(self, lab: Lab, given: Distributions) -> Quantity:
        """Numbers of places, shape `(smoothing,)`."""
        labels = lab.tensor(given.probabilities)
        first = torch.zeros_like(labels)
        first[:, 0] = 1

        def decisions(strength: float) -> torch.Tensor:
            criterion = self.loss(label_smoothing=strength if self.towards == "all classes" else 0.0, reduction="sum")
            targets = labels if self.towards == "all classes" else (1 - strength) * labels + strength * first
            logits = torch.zeros_like(labels, requires_grad=True)
            optimizer = torch.optim.SGD([logits], lr=2.0)
            for _ in range(self.steps):
                optimizer.zero_grad()
                with torch.enable_grad():
                    criterion(logits, targets).backward()
                optimizer.step()
            return logits.detach().argmax(1)

        hard = decisions(0.0)
        counts = [int((decisions(strength) != hard).sum()) for strength in self.smoothing]
        return Quantity(np.array(counts), "places decided otherwise", "", (Axis("label smoothing", self.smoothing),))


@dataclass(frozen=True)
class NoisyCopies(Experiment):
    """Coefficients fitted to all copies of the points whose inputs are moved by plus or minus a size, in all combinations.

    Attributes:
        fit: The estimator, as scikit-learn's are; called with `fit_intercept=False`.
        noise: Signs of the moves: "independent", "shared" by all inputs of a copy, or "shifted" to 0 and 2.
        onto: What is moved: "inputs", or "targets" by the first sign.
        sizes: The sizes, each a fit of its own.
        points: How many points.
        features: How many inputs.
    """

    fit: Subject = Subject("sklearn.linear_model", "LinearRegression")
    noise: Literal["independent", "shared", "shifted"] = "independent"
    onto: Literal["inputs", "targets"] = "inputs"
    sizes: tuple[float, ...] = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0)
    points: int = 8
    features: int = 3

    def draw(self, lab: Lab) -> Regression:
        """Whole numbers; three times the identity is among the inputs, so that they span all directions."""
        numbers = lab.generator("data")
        inputs = numbers.integers(-3, 4, (self.points, self.features))
        inputs[: self.features] = 3 * np.eye(self.features)
        targets = inputs @ np.arange(1, self.features + 1) + numbers.integers(-2, 3, self.points)
        return Regression(lab.rounded(inputs), lab.rounded(targets), lab.rounded(np.arange(1, self.features + 1)))

    def measure(self, lab: Lab, given: Regression) -> Quantity:
        """The coefficients, shape `(sizes, features)`."""
        signs = np.array(list(itertools.product((-1, 1), repeat=self.features)))
        if self.noise == "shared":
            signs = np.tile(signs[:, :1], (1, self.features))
        if self.noise == "shifted":
            signs = signs + 1
        rows = []
        for size in self.sizes:
            moves = size * signs
            moved = given.inputs[:, None] + (moves if self.onto == "inputs" else 0 * moves)
            targets = given.targets[:, None] + (moves[:, 0] if self.onto == "targets" else 0 * moves[:, 0])
            rows.append(self.fit(fit_intercept=False).fit(moved.reshape(-1, self.features), targets.reshape(-1)).coef_)
        axes = Axis("size of the noise", self.sizes, scale="log2"), Axis("input", tuple(range(self.features)))
        return Quantity(np.stack(rows), "coefficient", "", axes)


@dataclass(frozen=True)
class PenalisedSlopes(Experiment):
    """How steep the function fitted under a penalty is: the norm of its gradient, read off its predictions.

    Attributes:
        fit: The estimator, as scikit-learn's are; called with `alpha` and `fit_intercept=False`.
        penalties: The penalties, each a fit of its own.
        stretch: Factor by which the first input is multiplied before the fit: another unit.
        points: How many points.
        features: How many inputs.
    """

    fit: Subject = Subject("sklearn.linear_model", "Ridge")
    penalties: tuple[float, ...] = (0.0, 0.125, 0.5, 2.0, 8.0, 32.0, 128.0, 512.0)
    stretch: float = 1.0
    points: int = 8
    features: int = 3

    def draw(self, lab: Lab) -> Regression:
        """As for `NoisyCopies`."""
        return NoisyCopies(points=self.points, features=self.features).draw(lab)

    def measure(self, lab: Lab, given: Regression) -> Quantity:
        """Norms, shape `(penalties,)`."""
        norms = []
        units = np.ones(self.features)
        units[0] = self.stretch
        for penalty in self.penalties:
            model = self.fit(alpha=penalty, fit_intercept=False).fit(given.inputs * units, given.targets)
            rises = model.predict(np.diag(units)) - model.predict(np.zeros((1, self.features)))
            norms.append(np.linalg.norm(rises))
        return Quantity(np.array(norms), "steepest slope", "", (Axis("penalty", self.penalties, scale="symlog"),))


@dataclass(frozen=True)
class Worlds:
    """Every combination of signs of coefficients and noise.

    Attributes:
        inputs: Shape `(points, features)`.
        coefficients: Shape `(features, worlds)`.
        noise: Shape `(points, worlds)`.
    """

    inputs: Array
    coefficients: Array
    noise: Array


@dataclass(frozen=True)
class RidgeRisks(Experiment):
    """Mean squared error of fits under a penalty, on their own data and on new inputs without noise, over many worlds.

    A world has coefficients of plus or minus `signal` and noise of plus or minus `noise`; all are fitted, so that means
    over them are expectations. New inputs have independent components of variance 1.

    Attributes:
        fit: The estimator, as scikit-learn's are; called with `alpha` and `fit_intercept=False`.
        noise: Standard deviation of the noise.
        signal: Standard deviation of a coefficient.
        design: The columns of the inputs are "orthonormal", or each is that plus half of the next, "correlated".
        penalties: The penalties.
    """

    fit: Subject = Subject("sklearn.linear_model", "Ridge")
    noise: float = 1.0
    signal: float = 1.0
    design: Literal["orthonormal", "correlated"] = "orthonormal"
    penalties: tuple[float, ...] = (0.0, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)

    def draw(self, lab: Lab) -> Worlds:
        """Three columns of a Hadamard matrix for eight points, and all 2^11 worlds."""
        hadamard = scipy.linalg.hadamard(8, dtype=np.float64)
        inputs = hadamard[:, lab.generator("columns").permutation(8)[:3]] / np.sqrt(8)
        if self.design == "correlated":
            inputs = inputs + np.roll(inputs, 1, axis=1) / 2
        signs = np.array(list(itertools.product((-1.0, 1.0), repeat=11))).T
        return Worlds(lab.rounded(inputs), lab.rounded(self.signal * signs[:3]), lab.rounded(self.noise * signs[3:]))

    def measure(self, lab: Lab, given: Worlds) -> Quantity:
        """Means over worlds of the summed squares, shape `(2, penalties)`."""
        targets = given.inputs @ given.coefficients + given.noise
        rows = []
        for penalty in self.penalties:
            model = self.fit(alpha=penalty, fit_intercept=False).fit(given.inputs, targets)
            training = ((model.predict(given.inputs) - targets) ** 2).sum(axis=0).mean()
            new = ((model.predict(np.eye(3)) - given.coefficients) ** 2).sum(axis=0).mean()
            rows.append([training, new])
        axes = Axis("on", ("training data", "new inputs")), Axis("penalty", self.penalties, scale="symlog")
        return Quantity(np.array(rows).T, "expected squared error", "", axes)


@dataclass(frozen=True)
class Signals:
    """Noisy values of several functions, and the functions elsewhere.

    Attributes:
        places: Shape `(points, 1)`.
        targets: Shape `(frequencies, points)`.
        noise: Orthogonal columns, plus and minus, shape `(points, 2 points)`.
        new_places: Shape `(new points, 1)`.
        new_targets: Shape `(frequencies, new points)`.
    """

    places: Array
    targets: Array
    noise: Array
    new_places: Array
    new_targets: Array


@dataclass(frozen=True)
class SmoothFits(Experiment):
    """Mean squared error of kernel fits of sin(frequency x + 1) against the length-scale of the kernel.

    The columns of noise are orthogonal and of equal length, so that their mean is the expectation over any uncorrelated
    noise of this variance.

    Attributes:
        fit: The estimator, as scikit-learn's are; called with `alpha`, `kernel` and `gamma`, 1 / (2 length-scale^2).
        frequencies: Of the targets, in radians a unit; 0 is a constant.
        length_scales: Of the kernel: the longer, the smoother the fits.
        noise: Its standard deviation.
        alpha: The penalty.
        report: The "error", or the length-scale where it is "best".
        on: Errors are taken on "new points" and without noise, or on the "training data" with it.
    """

    fit: Subject = Subject("sklearn.kernel_ridge", "KernelRidge")
    frequencies: tuple[float, ...] = (3.0, 20.0)
    length_scales: tuple[float, ...] = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
    noise: float = 0.25
    alpha: float = 0.125
    report: Literal["error", "best"] = "error"
    on: Literal["new points", "training data"] = "new points"

    def draw(self, lab: Lab) -> Signals:
        """32 places drawn from [0, 1], and 101 new ones spaced evenly."""
        places = np.sort(lab.uniform("places", (32,))[0])
        hadamard = scipy.linalg.hadamard(32, dtype=np.float64)
        new = np.linspace(0, 1, 101)
        frequencies = np.array(self.frequencies)[:, None]
        return Signals(
            places[:, None],
            lab.rounded(np.sin(frequencies * places + 1)),
            lab.rounded(self.noise * np.concatenate([hadamard, -hadamard], axis=1)),
            new[:, None],
            lab.rounded(np.sin(frequencies * new + 1)),
        )

    def measure(self, lab: Lab, given: Signals) -> Quantity:
        """Errors, shape `(frequencies, length-scales)`, or best length-scales, shape `(frequencies,)`."""
        errors = np.empty((len(self.frequencies), len(self.length_scales)))
        for row, (target, new_target) in enumerate(zip(given.targets, given.new_targets, strict=True)):
            noisy = target[:, None] + given.noise
            for column, length in enumerate(self.length_scales):
                model = self.fit(alpha=self.alpha, kernel="rbf", gamma=1 / (2 * length**2)).fit(given.places, noisy)
                if self.on == "new points":
                    errors[row, column] = ((model.predict(given.new_places) - new_target[:, None]) ** 2).mean()
                else:
                    errors[row, column] = ((model.predict(given.places) - noisy) ** 2).mean()
        frequencies = Axis("frequency of the target", self.frequencies)
        if self.report == "best":
            best = np.array(self.length_scales)[errors.argmin(axis=1)]
            return Quantity(best, "length-scale with the least error", "", (frequencies,))
        lengths = Axis("length-scale", self.length_scales, scale="log")
        return Quantity(errors, "expected squared error", "", (frequencies, lengths), scale="log")


@dataclass(frozen=True)
class Valleys:
    """Every combination of signs of truth and noise along axes of several curvatures.

    Attributes:
        truths: Shape `(worlds, curvatures)`.
        minimisers: Of the noisy loss, shape `(worlds, curvatures)`.
        starts: Shape `(worlds, curvatures)`.
    """

    truths: Array
    minimisers: Array
    starts: Array


@dataclass(frozen=True)
class StoppedDescent(Experiment):
    """Expected squared distance from the truth, step by step, of descent on a quadratic whose minimum noise has moved.

    Along an axis of curvature d the truth is plus or minus 1 and the minimum lies plus or minus noise / sqrt(d) beside it,
    as in least squares; all four worlds descend, so that their mean is an expectation.

    Attributes:
        optimizer: The optimizer; called with parameters and `lr`.
        noise: Its standard deviation, a power of two.
        curvatures: Powers of four.
        lr: The learning rate.
        steps: How many steps.
        start: Weights start at "zero", or at the "minimum".
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    optimizer: Subject = Subject("torch.optim", "SGD")
    noise: float = 0.5
    curvatures: tuple[float, ...] = (1.0, 0.25, 0.0625)
    lr: float = 0.5
    steps: int = 32
    start: Literal["zero", "minimum"] = "zero"

    def draw(self, lab: Lab) -> Valleys:
        """The four worlds."""
        signs = np.array(list(itertools.product((-1.0, 1.0), repeat=2)))
        truths = np.tile(signs[:, :1], (1, len(self.curvatures)))
        minimisers = lab.rounded(truths + self.noise * signs[:, 1:] / np.sqrt(self.curvatures))
        return Valleys(lab.rounded(truths), minimisers, 0 * minimisers if self.start == "zero" else minimisers)

    def measure(self, lab: Lab, given: Valleys) -> Quantity:
        """Means over worlds, shape `(curvatures, steps + 1)`."""
        truths, minimisers = lab.tensor(given.truths), lab.tensor(given.minimisers)
        curvatures = lab.tensor(np.array(self.curvatures))
        weights = lab.tensor(given.starts).requires_grad_()
        optimizer = self.optimizer([weights], lr=self.lr)
        rows = []
        for step in range(self.steps + 1):
            rows.append((weights.detach() - truths).square().mean(0))
            if step < self.steps:
                optimizer.zero_grad()
                with torch.enable_grad():
                    (curvatures / 2 * (weights - minimisers).square()).sum().backward()
                optimizer.step()
        axes = Axis("curvature", self.curvatures, scale="log"), Axis("step", tuple(range(self.steps + 1)))
        return Quantity(torch.stack(rows, 1), "expected squared distance from the truth", "", axes, scale="log")
