"""Experiments on classical classifiers: Bayes' rule, softmax and logistic regression, support vector machines, kernels."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Literal

import numpy as np
import torch

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


@dataclass(frozen=True)
class Labelled:
    """Labelled points.

    Attributes:
        inputs: Shape `(points, features)`.
        labels: Shape `(points,)`, whole numbers.
    """

    inputs: Array
    labels: Array


CELLS = ((0, 0), (0, 1), (1, 0), (1, 1))
"""The inputs of the example with ten points."""

LABELS = ((1, 1), (1, 0, 1), (0,), (0, 0, 0, 1))
"""The labels of its points in each of these cells."""


def _ten_points(lab: Lab) -> Labelled:
    inputs = [cell for cell, labels in zip(CELLS, LABELS, strict=True) for _ in labels]
    return Labelled(lab.rounded(np.array(inputs)), lab.rounded(np.concatenate(LABELS)))


@dataclass(frozen=True)
class RuleCosts(Experiment):
    """Mean cost on the ten points of the 16 rules that answer 0 or 1 in each of the four cells, or which of them cost least.

    Attributes:
        metric: Called with labels, answers and `sample_weight`; returns the weighted number of errors.
        report: The "mean cost" of each rule, or whether it is the "least" of all.
        cost: What it costs to answer 0 where 1 is right; the other error costs 1.
    """

    metric: Subject = Subject("sklearn.metrics", "zero_one_loss", (("normalize", False),))
    report: Literal["mean cost", "least"] = "mean cost"
    cost: int = 1

    def draw(self, lab: Lab) -> Labelled:
        """The ten points."""
        return _ten_points(lab)

    def measure(self, lab: Lab, given: Labelled) -> Quantity:
        """The costs as fractions, or booleans; shape `(16,)`."""
        labels, costs = given.labels.astype(int), np.where(given.labels == 1, self.cost, 1)
        cells = [CELLS.index((int(first), int(second))) for first, second in given.inputs]
        rules = list(itertools.product((0, 1), repeat=len(CELLS)))
        errors = [self.metric(labels, np.array(rule)[cells], sample_weight=costs) for rule in rules]
        names = tuple(", ".join(str(answer) for answer in rule) for rule in rules)
        found = np.array([Fraction(float(weight)) / len(labels) for weight in errors])
        axes = (Axis("answers at (0, 0), (0, 1), (1, 0), (1, 1)", names),)
        if self.report == "least":
            return Quantity(found == found.min(), "whether a rule costs least", "", axes)
        return Quantity(found, "mean cost", "", axes)


@dataclass(frozen=True)
class FittedAnswers(Experiment):
    """What a classifier answers in each cell, fitted to the ten points with several costs of missing a 1.

    Attributes:
        classifier: Fitted with `sample_weight`, as scikit-learn's are.
        costs: What it costs to answer 0 where 1 is right; the other error costs 1.
    """

    classifier: Subject = Subject("sklearn.tree", "DecisionTreeClassifier", (("random_state", 0),))
    costs: tuple[float, ...] = (0.25, 1.0, 2.0, 4.0)

    def draw(self, lab: Lab) -> Labelled:
        """The ten points."""
        return _ten_points(lab)

    def measure(self, lab: Lab, given: Labelled) -> Quantity:
        """The answers, whole numbers of shape `(costs, 4)`."""
        answers = []
        for cost in self.costs:
            weights = np.where(given.labels == 1, cost, 1.0)
            fitted = self.classifier().fit(given.inputs, given.labels.astype(int), sample_weight=weights)
            answers.append(fitted.predict(np.array(CELLS, dtype=np.float64)))
        cells = Axis("cell", tuple(f"({first}, {second})" for first, second in CELLS))
        return Quantity(np.stack(answers), "answer", "", (Axis("cost of missing a 1", self.costs, scale="log2"), cells))


@dataclass(frozen=True)
class Logits:
    """Logits of one sample a row.

    Attributes:
        logits: Shape `(samples, classes)`.
    """

    logits: Array


@dataclass(frozen=True)
class TwoClassLosses(Experiment):
    """Loss of two logits, and of one that is their difference, for either label and for many differences.

    All logits and differences are whole numbers of at most 32 in size, which every dtype holds.

    Attributes:
        softmax_loss: Called with `reduction="none"`, then with logits of shape `(samples, classes)` and labels.
        sigmoid_loss: Called with `reduction="none"`, then with one logit a sample and labels as floating numbers.
        classes: How many logits; those after the second are 0.
        largest: Differences run from -`largest` to `largest`.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    softmax_loss: Subject = Subject("torch.nn", "CrossEntropyLoss")
    sigmoid_loss: Subject = Subject("torch.nn", "BCEWithLogitsLoss")
    classes: int = 2
    largest: int = 16

    def draw(self, lab: Lab) -> Logits:
        """Second logits from -16 to 16 at random, and first ones that exceed them by -largest, ..., largest."""
        gaps = np.arange(-self.largest, self.largest + 1)
        second = lab.generator("logits").integers(-16, 17, gaps.size)
        return Logits(lab.rounded(np.column_stack([second + gaps, second, np.zeros((gaps.size, self.classes - 2))])))

    def measure(self, lab: Lab, given: Logits) -> Quantity:
        """The losses, shape `(models, labels, differences)`."""
        logits = lab.tensor(given.logits)
        softmax, sigmoid = self.softmax_loss(reduction="none"), self.sigmoid_loss(reduction="none")
        first = [softmax(logits, torch.full_like(logits[:, 0], label, dtype=torch.long)) for label in (0, 1)]
        gaps = logits[:, 0] - logits[:, 1]
        second = [sigmoid(gaps, torch.full_like(gaps, 1 - label)) for label in (0, 1)]
        axes = (
            Axis("model", ("softmax of two logits", "sigmoid of their difference")),
            Axis("label", ("first class", "second class")),
            Axis("difference of the logits", tuple(range(-self.largest, self.largest + 1))),
        )
        return Quantity(torch.stack([torch.stack(first), torch.stack(second)]), "loss", "", axes)


@dataclass(frozen=True)
class Classifier:
    """Labelled points and a linear classifier; the bias is the last column of its weights.

    Attributes:
        inputs: Shape `(points, features)`.
        labels: Shape `(points,)`, whole numbers.
        weights: Shape `(classes, features + 1)`.
        added: What is added to the weights, of the same shape.
    """

    inputs: Array
    labels: Array
    weights: Array
    added: Array


@dataclass(frozen=True)
class LossShifts(Experiment):
    """Change of a linear classifier's loss when one vector is added to the weights and biases of classes.

    Weights, biases and inputs are whole numbers, so that logits are not rounded, nor are their differences.

    Attributes:
        layer: The classifier; called with (features, classes), and has `weight` and `bias`.
        loss: Called with `reduction="none"`, then with logits and labels.
        added_to: To "all" classes, or to the "first" alone.
        classes: How many classes.
        features: How many inputs.
        samples: How many samples.
    """

    layer: Subject = Subject("torch.nn", "Linear")
    loss: Subject = Subject("torch.nn", "CrossEntropyLoss")
    added_to: Literal["all", "first"] = "all"
    classes: int = 3
    features: int = 4
    samples: int = 64

    def draw(self, lab: Lab) -> Classifier:
        """Inputs from -4 to 4, weights from -2 to 2, 1 to 3 for what is added, random labels."""
        inputs = lab.generator("inputs").integers(-4, 5, (self.samples, self.features))
        weights = lab.generator("weights").integers(-2, 3, (self.classes, self.features + 1))
        rows = np.arange(self.classes)[:, None] < (1 if self.added_to == "first" else self.classes)
        added = rows * lab.generator("added").integers(1, 4, self.features + 1)
        labels = lab.generator("labels").integers(0, self.classes, self.samples)
        return Classifier(lab.rounded(inputs), lab.rounded(labels), lab.rounded(weights), lab.rounded(added))

    def measure(self, lab: Lab, given: Classifier) -> Quantity:
        """Shape `(samples,)`."""
        inputs, labels = lab.tensor(given.inputs), lab.tensor(given.labels.astype(int))
        criterion = self.loss(reduction="none")
        with torch.no_grad():
            before, after = (
                criterion(_classifier(lab, self.layer, weights)(inputs), labels)
                for weights in (given.weights, given.weights + given.added)
            )
        return Quantity(after - before, "change of the loss", "", (Axis("sample", tuple(range(self.samples))),))


@dataclass(frozen=True)
class ClassifierDescent(Experiment):
    """Weights and bias along full-batch descent of two models: softmax, as the difference of the two classes', and sigmoid.

    The sigmoid starts at that difference, and descends at twice the rate.

    Attributes:
        layer: Both models; called with (features, outputs), and has `weight` and `bias`.
        softmax_loss: Called without arguments, then with logits of shape `(samples, classes)` and labels.
        sigmoid_loss: Called without arguments, then with one logit a sample and labels as floating numbers.
        optimizer: Called with parameters and `lr`.
        classes: How many logits softmax has; labels are 0 and 1 only.
        lr: The learning rate of softmax.
        steps: How many steps.
        features: How many inputs.
        samples: How many samples.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    layer: Subject = Subject("torch.nn", "Linear")
    softmax_loss: Subject = Subject("torch.nn", "CrossEntropyLoss")
    sigmoid_loss: Subject = Subject("torch.nn", "BCEWithLogitsLoss")
    optimizer: Subject = Subject("torch.optim", "SGD")
    classes: int = 2
    lr: float = 0.5
    steps: int = 32
    features: int = 2
    samples: int = 32

    def draw(self, lab: Lab) -> Classifier:
        """Normal inputs whose mean is 1/2 or -1/2 by class, alternating labels, weights that are multiples of 1/16."""
        labels = np.arange(self.samples) % 2
        inputs = lab.rounded(lab.normal("inputs", (self.samples, self.features))[0] + 0.5 - labels[:, None])
        weights = lab.generator("weights").integers(-16, 17, (self.classes, self.features + 1)) / 16
        return Classifier(inputs, lab.rounded(labels), lab.rounded(weights), lab.rounded(0 * weights))

    def measure(self, lab: Lab, given: Classifier) -> Quantity:
        """After 1, 2, ... steps; shape `(models, steps, features + 1)`."""
        inputs, labels = lab.tensor(given.inputs), lab.tensor(given.labels.astype(int))
        first = (labels == 0).to(inputs.dtype)
        softmax = _classifier(lab, self.layer, given.weights)
        sigmoid = _classifier(lab, self.layer, given.weights[:1] - given.weights[1:2])
        softmax_loss, sigmoid_loss = self.softmax_loss(), self.sigmoid_loss()
        paths = []
        for model, rate in ((softmax, self.lr), (sigmoid, 2 * self.lr)):
            optimizer = self.optimizer(list(model.parameters()), lr=rate)
            path = []
            for _ in range(self.steps):
                optimizer.zero_grad()
                logits = model(inputs)
                loss = softmax_loss(logits, labels) if model is softmax else sigmoid_loss(logits[:, 0], first)
                loss.backward()
                optimizer.step()
                parameters = torch.cat([model.weight, model.bias[:, None]], 1).detach().double()
                path.append(parameters[0] - parameters[1] if model is softmax else parameters[0])
            paths.append(torch.stack(path))
        axes = (
            Axis("model", ("softmax, difference of its classes", "sigmoid")),
            Axis("step", tuple(range(1, self.steps + 1))),
            Axis("parameter", (*(f"weight {index}" for index in range(1, self.features + 1)), "bias")),
        )
        return Quantity(torch.stack(paths), "weight or bias", "", axes)


@dataclass(frozen=True)
class Separated:
    """Points of two classes, and the plane that separates them with the largest margin.

    Coordinates are whole numbers, and so are inner products, small enough for LIBSVM's cache of them in single precision.

    Attributes:
        inputs: Shape `(points, features)`, whole numbers; the support vectors come first.
        labels: Shape `(points,)`, 1 or -1.
        normal: Normal vector of the plane; its length is the margin. Shape `(features,)`, whole numbers.
        centre: The plane passes through it. Shape `(features,)`, whole numbers.
        support: How many support vectors there are.
    """

    inputs: Array
    labels: Array
    normal: Array
    centre: Array
    support: int


def _separated(lab: Lab, points: int, features: int, support: int, centred: bool) -> Separated:
    """Support vectors at centre +- normal, all other points farther from the plane.

    With three support vectors, two on the positive side lie at right angles to the normal, one and two lengths from
    where the one was: the nearest points of the two classes' hulls, centre + normal and centre - normal, stay.
    """
    numbers = lab.generator("points")
    normal = np.zeros(features, dtype=int)
    while normal @ normal < 8 or not normal[:2].all():
        normal = numbers.integers(-3, 4, features)
    across = np.zeros(features, dtype=int)
    across[:2] = -normal[1], normal[0]
    centre = np.zeros(features, dtype=int) if centred else numbers.integers(-8, 9, features)
    offsets = [normal, -normal] if support == 2 else [normal + across, normal - 2 * across, -normal]
    while len(offsets) < points:
        offset = numbers.integers(-16, 17, features)
        if abs(offset @ normal) > normal @ normal:
            offsets.append(offset)
    inputs, labels = np.array(offsets) + centre, np.sign(np.array(offsets) @ normal)
    return Separated(lab.rounded(inputs), lab.rounded(labels), lab.rounded(normal), lab.rounded(centre), support)


@dataclass(frozen=True)
class Margins(Experiment):
    """Margin, or norm of the weights, of a fitted linear classifier: the smallest y (w . x + b) over |w|.

    Attributes:
        fit: The estimator, as scikit-learn's linear classifiers are; called with `C`, `tol` and `max_iter`.
        strengths: The values of C, the weight of the loss against the penalty |w|^2 / 2.
        report: The "margin", from the weights as they are in rational arithmetic, or the "norm" of the weights.
        separable: Whether a plane separates the classes; if not, the label of the first support vector is flipped.
        centred: Whether the best plane passes through the origin.
        features: How many inputs.
        support: How many support vectors the best plane has, 2 or 3.
        points: How many points.
        tol: Where the estimator stops.
        max_iter: How many iterations it may make.
    """

    fit: Subject
    strengths: tuple[float, ...] = (1.0,)
    report: Literal["margin", "norm"] = "margin"
    separable: bool = True
    centred: bool = False
    features: int = 2
    support: int = 2
    points: int = 60
    tol: float = 1e-9
    max_iter: int = 1000

    def draw(self, lab: Lab) -> Separated:
        """The points, in whole numbers."""
        return _separated(lab, self.points, self.features, self.support, self.centred)

    def measure(self, lab: Lab, given: Separated) -> Quantity:
        """Shape `(strengths,)`."""
        labels = given.labels.astype(int)
        if not self.separable:
            labels[0] = -labels[0]
        found = []
        for strength in self.strengths:
            fitted = self.fit(C=strength, tol=self.tol, max_iter=self.max_iter).fit(given.inputs, labels)
            weights = [Fraction(float(weight)) for weight in fitted.coef_[0]]
            norm = math.sqrt(sum(weight**2 for weight in weights))
            if self.report == "norm":
                found.append(norm)
                continue
            offset = Fraction(float(np.ravel(fitted.intercept_)[0]))
            values = [
                int(label) * (sum(w * Fraction(x) for w, x in zip(weights, point, strict=True)) + offset)
                for point, label in zip(given.inputs, labels, strict=True)
            ]
            found.append(float(min(values)) / norm)
        name = "margin" if self.report == "margin" else "norm of the weights"
        return Quantity(found, name, "", (Axis("C", self.strengths, scale="log"),))


@dataclass(frozen=True)
class RemovedPoints(Experiment):
    """Squared relative change of a fitted linear classifier's weights when points are removed: exact, from the weights as they are.

    Attributes:
        fit: The estimator, as scikit-learn's linear classifiers are; called with `tol` and `max_iter`.
        removed: The points that are "not support" vectors, or the "support" vectors first.
        counts: How many points are removed.
        features: How many inputs.
        support: How many support vectors there are, 2 or 3.
        points: How many points.
        tol: Where the estimator stops.
        max_iter: How many iterations it may make.
    """

    fit: Subject
    removed: Literal["not support", "support"] = "not support"
    counts: tuple[int, ...] = (1, 4, 16, 40)
    features: int = 2
    support: int = 3
    points: int = 60
    tol: float = 1e-9
    max_iter: int = 1000

    def draw(self, lab: Lab) -> Separated:
        """The points, in whole numbers."""
        return _separated(lab, self.points, self.features, self.support, False)

    def measure(self, lab: Lab, given: Separated) -> Quantity:
        """Fractions of shape `(counts,)`."""
        order = np.arange(self.points)
        if self.removed == "not support":
            order = np.roll(order, -given.support)
        weights = []
        for count in (0, *self.counts):
            kept = np.sort(order[count:])
            estimator = self.fit(tol=self.tol, max_iter=self.max_iter)
            fitted = estimator.fit(given.inputs[kept], given.labels[kept].astype(int))
            weights.append([Fraction(float(weight)) for weight in fitted.coef_[0]])
        size = sum(weight**2 for weight in weights[0])
        changes = [sum((a - b) ** 2 for a, b in zip(row, weights[0], strict=True)) / size for row in weights[1:]]
        removed = Axis("points removed", self.counts)
        return Quantity(np.array(changes), "squared relative change of the weights", "", (removed,))


@dataclass(frozen=True)
class CellScores(Experiment):
    """Score that a linear classifier gives to cells which share nothing, fitted to so many positive points in each of them.

    A cell is a unit vector, so that its score is a weight of its own.

    Attributes:
        fit: The estimator, as scikit-learn's linear classifiers are; called with `C`, `fit_intercept=False`, `tol`, `max_iter`.
        strength: The value of C, the weight of the loss against the penalty |w|^2 / 2.
        positives: How many points of each cell are positive.
        points: How many points there are in each cell.
        tol: Where the estimator stops.
        max_iter: How many iterations it may make.
    """

    fit: Subject
    strength: float = 1.0
    positives: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8, 9)
    points: int = 10
    tol: float = 1e-10
    max_iter: int = 1000

    def draw(self, lab: Lab) -> Labelled:
        """The points of all cells, in random order."""
        cells = np.repeat(np.arange(len(self.positives)), self.points)
        labels = np.concatenate([np.where(np.arange(self.points) < count, 1, -1) for count in self.positives])
        order = lab.generator("order").permutation(labels.size)
        return Labelled(lab.rounded(np.eye(len(self.positives))[cells[order]]), lab.rounded(labels[order]))

    def measure(self, lab: Lab, given: Labelled) -> Quantity:
        """Shape `(cells,)`."""
        estimator = self.fit(C=self.strength, fit_intercept=False, tol=self.tol, max_iter=self.max_iter)
        scores = estimator.fit(given.inputs, given.labels.astype(int)).decision_function(np.eye(len(self.positives)))
        shares = tuple(count / self.points for count in self.positives)
        return Quantity(scores, "score", "", (Axis("share of positive points", shares),))


@dataclass(frozen=True)
class LossHessians(Experiment):
    """Second derivatives of a linear classifier's summed loss by its weights, at weights of several lengths along a line.

    Attributes:
        loss: Called with `reduction="sum"`, then with what the classifier puts out and labels 0 and 1.
        output: The classifier's "logit", or its "probability", the sigmoid of that.
        lengths: How far along the line.
        features: How many weights.
        samples: How many samples.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")
    second_derivatives: ClassVar[bool] = True

    loss: Subject = Subject("torch.nn", "BCEWithLogitsLoss")
    output: Literal["logit", "probability"] = "logit"
    lengths: tuple[float, ...] = (0.0, 0.5, 1.0, 2.0, 4.0)
    features: int = 3
    samples: int = 16

    def draw(self, lab: Lab) -> Classifier:
        """Standard normal inputs and direction, random labels."""
        inputs = lab.normal("inputs", (self.samples, self.features))[0]
        direction = lab.normal("weights", (1, self.features))[0]
        labels = lab.generator("labels").integers(0, 2, self.samples)
        return Classifier(inputs, lab.rounded(labels), direction, lab.rounded(0 * direction))

    def measure(self, lab: Lab, given: Classifier) -> Quantity:
        """Shape `(lengths, features, features)`."""
        inputs, labels = lab.tensor(given.inputs), lab.tensor(given.labels)
        criterion = self.loss(reduction="sum")

        def loss(weights: torch.Tensor) -> Any:
            logits = inputs @ weights
            return criterion(logits if self.output == "logit" else torch.sigmoid(logits), labels)

        direction = lab.tensor(given.weights[0])
        hessians = [torch.autograd.functional.hessian(loss, length * direction) for length in self.lengths]
        names = tuple(range(1, self.features + 1))
        axes = Axis("length of the weights", self.lengths), Axis("weight", names), Axis("other weight", names)
        return Quantity(torch.stack(hessians), "second derivative of the loss", "", axes)


@dataclass(frozen=True)
class Plane:
    """Points of the plane, with targets.

    Attributes:
        inputs: Shape `(points, 2)`.
        targets: Shape `(points,)`.
        queries: Where predictions are wanted, shape `(queries, 2)`.
    """

    inputs: Array
    targets: Array
    queries: Array


@dataclass(frozen=True)
class KernelValues(Experiment):
    """Values of a kernel between points of the plane with whole coordinates, which float64 does not round.

    Attributes:
        kernel: Called with points of shape `(points, 2)`; returns the matrix of its values.
        points: How many points.
        reach: Coordinates run from -reach to reach.
    """

    kernel: Subject
    points: int = 12
    reach: int = 9

    def draw(self, lab: Lab) -> Plane:
        """The points."""
        inputs = lab.generator("inputs").integers(-self.reach, self.reach + 1, (self.points, 2))
        return Plane(lab.rounded(inputs), lab.rounded(np.zeros(self.points)), lab.rounded(np.zeros((0, 2))))

    def measure(self, lab: Lab, given: Plane) -> Quantity:
        """Shape `(points, points)`."""
        names = tuple(f"({x:g}, {z:g})" for x, z in given.inputs)
        return Quantity(self.kernel(given.inputs), "kernel", "", (Axis("point", names), Axis("other point", names)))


@dataclass(frozen=True)
class SmallestEigenvalues(Experiment):
    """Smallest eigenvalue of a kernel's matrix of values between the first n of many random points of the plane.

    Attributes:
        kernel: Called with points of shape `(n, 2)`; returns the matrix of its values.
        sizes: The numbers n.
    """

    kernel: Subject
    sizes: tuple[int, ...] = (2, 4, 8, 16)

    def draw(self, lab: Lab) -> Plane:
        """Standard normal points."""
        inputs = lab.normal("inputs", (max(self.sizes), 2))[0]
        return Plane(inputs, lab.rounded(np.zeros(len(inputs))), lab.rounded(np.zeros((0, 2))))

    def measure(self, lab: Lab, given: Plane) -> Quantity:
        """Shape `(sizes,)`."""
        lowest = [np.linalg.eigvalsh(self.kernel(given.inputs[:size]))[0] for size in self.sizes]
        return Quantity(lowest, "smallest eigenvalue", "", (Axis("points", self.sizes, scale="log2"),))


@dataclass(frozen=True)
class RidgePredictions(Experiment):
    """Predictions of ridge regression from features of points of the plane, and of kernel ridge regression from the points.

    The features of (x, z) are 1, s x, s z, x^2, z^2, s x z.

    Attributes:
        primal: The estimator on features; called with `alpha` and `fit_intercept=False`.
        dual: The estimator on points; called with `alpha`.
        cross_terms: The number s: the "root of two", or "one".
        penalties: The values of alpha.
        points: How many points.
        queries: How many predictions.
    """

    primal: Subject = Subject("sklearn.linear_model", "Ridge")
    dual: Subject = Subject(
        "sklearn.kernel_ridge", "KernelRidge", (("kernel", "poly"), ("degree", 2), ("gamma", 1), ("coef0", 1))
    )
    cross_terms: Literal["root of two", "one"] = "root of two"
    penalties: tuple[float, ...] = (0.25, 1.0, 4.0, 16.0)
    points: int = 12
    queries: int = 8

    def draw(self, lab: Lab) -> Plane:
        """Whole numbers: coordinates from -2 to 2, targets from -4 to 4."""
        inputs = lab.generator("inputs").integers(-2, 3, (self.points, 2))
        targets = lab.generator("targets").integers(-4, 5, self.points)
        queries = lab.generator("queries").integers(-2, 3, (self.queries, 2))
        return Plane(lab.rounded(inputs), lab.rounded(targets), lab.rounded(queries))

    def measure(self, lab: Lab, given: Plane) -> Quantity:
        """Shape `(models, penalties, queries)`."""
        features, wanted = self._features(given.inputs), self._features(given.queries)
        primal, dual = [], []
        for alpha in self.penalties:
            on_features = self.primal(alpha=alpha, fit_intercept=False).fit(features, given.targets)
            primal.append(on_features.predict(wanted))
            dual.append(self.dual(alpha=alpha).fit(given.inputs, given.targets).predict(given.queries))
        axes = (
            Axis("model", ("ridge on features", "kernel ridge")),
            Axis("penalty", self.penalties, scale="log2"),
            Axis("query", tuple(range(self.queries))),
        )
        return Quantity(np.stack([primal, dual]), "prediction", "", axes)

    def _features(self, points: Array) -> Array:
        x, z = points.T
        s = math.sqrt(2) if self.cross_terms == "root of two" else 1.0
        return np.stack([np.ones_like(x), s * x, s * z, x**2, z**2, s * x * z], axis=1)


def _classifier(lab: Lab, subject: Subject, weights: Array) -> torch.nn.Linear:
    """The subject's layer with these weights, the bias in the last column, on the lab's device and in its dtype."""
    layer: torch.nn.Linear = subject(weights.shape[1] - 1, weights.shape[0])
    layer.to(device=lab.device, dtype=lab.torch_dtype)
    with torch.no_grad():
        layer.weight.copy_(lab.tensor(weights[:, :-1]))
        layer.bias.copy_(lab.tensor(weights[:, -1]))
    return layer
