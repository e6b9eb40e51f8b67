"""Experiments on likelihoods, cross-entropies and divergences: what they are worth, where they are smallest, how they train."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Literal, cast

import numpy as np
import torch

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.ensembles import Perceptron, train
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


def shares(classes: int, parts: int, least: int = 0) -> Array:
    """All ways to share `parts` among the classes, at least `least` for each: whole numbers, shape `(ways, classes)`."""
    free = parts - classes * least
    bars = itertools.combinations(range(free + classes - 1), classes - 1)
    ways = [np.diff([-1, *cuts, free + classes - 1]) - 1 + least for cuts in bars]
    return np.array(ways[::-1])


def _names(counts: Array) -> tuple[str, ...]:
    return tuple(" ".join(str(count) for count in row) for row in counts)


@dataclass(frozen=True)
class Distributions:
    """Distributions of labels, and predictions.

    Attributes:
        labels: Probabilities of the classes, or numbers in proportion to them, shape `(labels, classes)`.
        predictions: Shape `(predictions, classes)`.
    """

    labels: Array
    predictions: Array


@dataclass(frozen=True)
class ExpectedLosses(Experiment):
    """The loss that is to be expected of a prediction where labels follow a distribution of their own.

    Attributes:
        loss: The loss; called with `reduction="none"`, and then with logarithms of the prediction and classes.
        classes: 2, or more.
        parts: All probabilities are multiples of 1 / parts; predictions are nowhere 0.
        total: What the numbers of a prediction add up to.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    loss: Subject
    classes: int = 2
    parts: int = 8
    total: float = 1.0

    def draw(self, lab: Lab) -> Distributions:
        """All distributions of labels that give the first class at least half, and all predictions."""
        labels, predictions = shares(self.classes, self.parts), shares(self.classes, self.parts, least=1)
        labels = labels[2 * labels[:, 0] >= self.parts]
        return Distributions(lab.rounded(labels / self.parts), lab.rounded(self.total * predictions / self.parts))

    def measure(self, lab: Lab, given: Distributions) -> Quantity:
        """The expected losses, shape `(labels, predictions)`."""
        each = _losses(lab, self.loss, given.predictions, "logarithms").double().cpu().numpy()
        labels = Axis("probabilities of labels", _names((given.labels * self.parts).astype(int)))
        if self.classes == 2:
            predictions = Axis("prediction for the first class", tuple(given.predictions[:, 0].tolist()))
        else:
            predictions = Axis("prediction", _names((given.predictions * self.parts).astype(int)))
        return Quantity(given.labels @ each.T, "expected loss", "", (labels, predictions))


Taken = Literal["logarithms", "probabilities"]


@dataclass(frozen=True)
class Divergences(Experiment):
    """How far predictions are from distributions by a loss of whole distributions, summed over the classes.

    Attributes:
        loss: The loss; called with `reduction="none"` and `log_target`, then with logarithms of the prediction and the target.
        target: It is given as "probabilities", or as "logarithms", without zeros.
        order: "target last", or "target first", with the prediction in its place.
        classes: 2, or more.
        parts: All probabilities are multiples of 1 / parts; predictions are nowhere 0.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    loss: Subject = Subject("torch.nn", "KLDivLoss")
    target: Taken = "probabilities"
    order: Literal["target last", "target first"] = "target last"
    classes: int = 2
    parts: int = 8

    def draw(self, lab: Lab) -> Distributions:
        """All distributions, and all predictions."""
        least = int(self.target == "logarithms" or self.order == "target first")
        labels, predictions = shares(self.classes, self.parts, least), shares(self.classes, self.parts, least=1)
        return Distributions(lab.rounded(labels / self.parts), lab.rounded(predictions / self.parts))

    def measure(self, lab: Lab, given: Distributions) -> Quantity:
        """The sums, shape `(labels, predictions)`."""
        first = lab.tensor(given.predictions).expand(len(given.labels), -1, -1)
        second = lab.tensor(given.labels)[:, None].expand_as(first)
        first, second = (first, second) if self.order == "target last" else (second, first)
        logarithms = self.target == "logarithms"
        criterion = self.loss(reduction="none", log_target=logarithms)
        found = criterion(first.log(), second.log() if logarithms else second).sum(-1)
        labels, predictions = ((part * self.parts).astype(int) for part in (given.labels, given.predictions))
        axes = Axis("target", _names(labels)), Axis("prediction", _names(predictions))
        return Quantity(found, "divergence", "nats", axes)


def _losses(lab: Lab, loss: Subject, predictions: Array, takes: Taken) -> torch.Tensor:
    """The loss of each prediction for each class, shape `(predictions, classes)`.

    A loss that takes logarithms is given the index of the class, one that takes probabilities is given 1 and 0s.
    """
    count, classes = predictions.shape
    given = lab.tensor(predictions)
    if takes == "logarithms":
        labels = torch.arange(classes, device=given.device)
        each = loss(reduction="none")(given.log().repeat_interleave(classes, 0), labels.repeat(count))
        return cast("torch.Tensor", each.reshape(count, classes))
    of_entries = loss(reduction="none")(
        given[:, None].expand(-1, classes, -1), lab.tensor(np.eye(classes)).expand(count, -1, -1)
    )
    return cast("torch.Tensor", of_entries.sum(-1))


@dataclass(frozen=True)
class BestPredictions(Experiment):
    """The prediction with the smallest expected loss, found by trying all of them, for each distribution of labels.

    Attributes:
        loss: The loss; called with `reduction="none"`.
        takes: "logarithms" of the prediction with the class's index, or "probabilities" with 1 for the class and 0s.
        classes: How many classes.
        parts: Labels and predictions are all multiples of 1 / parts.
    """

    loss: Subject
    takes: Taken
    classes: int = 3
    parts: int = 10

    def draw(self, lab: Lab) -> Distributions:
        """Every distribution, in whole parts for labels and as probabilities for predictions."""
        ways = shares(self.classes, self.parts)
        return Distributions(lab.rounded(ways), lab.rounded(ways / self.parts))

    def measure(self, lab: Lab, given: Distributions) -> Quantity:
        """The best predictions in whole parts, shape `(labels, classes)`."""
        each = _losses(lab, self.loss, given.predictions, self.takes).double().cpu().numpy()
        with np.errstate(invalid="ignore"):  # 0 times an infinite loss: a class that never comes costs nothing
            expected = np.nansum(given.labels[:, None] * each, axis=-1)
        best = given.labels[expected.argmin(axis=1)].astype(int)
        axes = Axis("parts of labels", _names(given.labels.astype(int))), Axis("class", tuple(range(self.classes)))
        return Quantity(best, f"best prediction in parts of 1/{self.parts}", "", axes)


@dataclass(frozen=True)
class LabelNoise(Experiment):
    """How many labels must be wrong before the clean class is no longer the only best prediction.

    All samples are alike and belong to one class. Labels are counted and predictions are eighths, so that a loss that
    is linear in them is summed without rounding.

    Attributes:
        loss: The loss; called with `reduction="none"`.
        takes: "logarithms" of the prediction with the class's index, or "probabilities" with 1 for the class and 0s.
        wrong: Wrong labels are spread "evenly" over all other classes, or are all of the "next" one.
        classes: The numbers of classes.
        parts: The share of wrong labels is a multiple of 1 / parts.
    """

    loss: Subject = Subject("torch.nn", "L1Loss")
    takes: Taken = "probabilities"
    wrong: Literal["evenly", "next"] = "evenly"
    classes: tuple[int, ...] = (2, 3, 4, 5, 6)
    parts: int = 60

    def draw(self, lab: Lab) -> Distributions:
        """The distributions that predictions are chosen from for the most classes; the first one is the clean class."""
        return Distributions(lab.rounded(np.eye(1, max(self.classes))), lab.rounded(shares(max(self.classes), 4) / 4))

    def measure(self, lab: Lab, given: Distributions) -> Quantity:
        """The smallest such shares of wrong labels, fractions, shape `(classes,)`."""
        found = []
        for classes in self.classes:
            others = given.predictions[:, classes:].sum(axis=1) == 0
            predictions = given.predictions[others, :classes]
            each = _losses(lab, self.loss, predictions, self.takes).double().cpu().numpy()
            share = next(
                (part for part in range(self.parts + 1) if not self._is_best(each, self._labels(classes, part))), -1
            )
            found.append(Fraction(share, self.parts))
        axes = (Axis("classes", self.classes),)
        return Quantity(np.array(found), "share of wrong labels that moves the best prediction", "", axes)

    def _labels(self, classes: int, part: int) -> Array:
        """How often each class comes among parts * (classes - 1) labels."""
        counts = np.zeros(classes)
        counts[0] = (self.parts - part) * (classes - 1)
        if self.wrong == "evenly":
            counts[1:] = part
        else:
            counts[1] = part * (classes - 1)
        return counts

    def _is_best(self, each: Array, counts: Array) -> bool:
        came = counts > 0
        expected = each[:, came] @ counts[came]
        return int(expected.argmin()) == 0 and int((expected == expected[0]).sum()) == 1


@dataclass(frozen=True)
class Logits:
    """Logits; the true class is the first.

    Attributes:
        values: Shape `(..., classes)`.
    """

    values: Array


@dataclass(frozen=True)
class ScaledLogits(Experiment):
    """The loss of logits that are multiplied by a factor and shifted by a number, the same one for all classes.

    Attributes:
        loss: The loss; called with `reduction="none"`, and then with logits and the index of the true class, the first.
        logits: The logits.
        factors: What they are multiplied by.
        shifts: What is added to them then.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    loss: Subject = Subject("torch.nn", "CrossEntropyLoss")
    logits: tuple[tuple[float, ...], ...] = ((2.0, 1.0, 0.0), (2.0, 2.0, 0.0), (0.0, 2.0, 1.0))
    factors: tuple[float, ...] = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
    shifts: tuple[float, ...] = (0.0, 100.0)

    def draw(self, lab: Lab) -> Logits:
        """All of them, shape `(logits, shifts, factors, classes)`."""
        logits = np.array(self.logits)[:, None, None]
        return Logits(lab.rounded(np.array(self.factors)[:, None] * logits + np.array(self.shifts)[:, None, None]))

    def measure(self, lab: Lab, given: Logits) -> Quantity:
        """The losses, shape `(logits, shifts, factors)`."""
        logits = lab.tensor(given.values).flatten(0, -2)
        labels = torch.zeros(len(logits), dtype=torch.int64, device=logits.device)
        losses = self.loss(reduction="none")(logits, labels).reshape(given.values.shape[:-1])
        names = tuple(" ".join(f"{logit:g}" for logit in row) for row in self.logits)
        axes = Axis("logits", names), Axis("shift", self.shifts), Axis("factor", self.factors, scale="log2")
        return Quantity(losses, "loss", "", axes)


@dataclass(frozen=True)
class Confidences:
    """Probabilities of the classes; the true class is the first.

    Attributes:
        values: Shape `(confidences, classes)` for each number of classes.
    """

    values: tuple[Array, ...]


@dataclass(frozen=True)
class LossesOfProbabilities(Experiment):
    """The loss of known probabilities: the true class has most of them, the others share the rest.

    Attributes:
        loss: The loss; called with `reduction="none"`, and then with logits and the index of the true class.
        given_as: What it is given for logits: "log-odds" against the last class, or "probabilities".
        classes: The numbers of classes.
        confidences: The probabilities of the true class.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    loss: Subject = Subject("torch.nn", "CrossEntropyLoss")
    given_as: Literal["log-odds", "logarithms", "probabilities"] = "log-odds"
    classes: tuple[int, ...] = (2, 5, 10, 100)
    confidences: tuple[float, ...] = (0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875)

    def draw(self, lab: Lab) -> Confidences:
        """The probabilities."""
        return Confidences(tuple(lab.rounded(self._probabilities(classes)) for classes in self.classes))

    def _probabilities(self, classes: int) -> Array:
        first = np.array(self.confidences)[:, None]
        return np.hstack([first, np.repeat((1 - first) / (classes - 1), classes - 1, axis=1)])

    def measure(self, lab: Lab, given: Confidences) -> Quantity:
        """The losses, shape `(classes, confidences)`."""
        criterion, rows = self.loss(reduction="none"), []
        for probabilities in map(lab.tensor, given.values):
            logits = probabilities
            if self.given_as != "probabilities":
                logits = probabilities.log()
            if self.given_as == "log-odds":
                logits = logits - logits[:, -1:]
            labels = torch.zeros(len(logits), dtype=torch.int64, device=logits.device)
            rows.append(criterion(logits, labels))
        axes = Axis("classes", self.classes), Axis("probability of the true class", self.confidences)
        return Quantity(torch.stack(rows), "loss", "", axes)


@dataclass(frozen=True)
class Labelled:
    """Logits with distributions of labels.

    Attributes:
        logits: Shape `(samples, classes)`.
        labels: Shape `(samples, classes)`.
    """

    logits: Array
    labels: Array


@dataclass(frozen=True)
class LogitGradients(Experiment):
    """The gradient of a loss with respect to logits, by autograd.

    Attributes:
        loss: The loss; called with `reduction="sum"`, and then with logits and distributions of labels.
        before: What the logits pass on their way into it: "nothing", or a "softmax".
        labels: "one class" a sample, or "all classes" in random proportions.
        classes: How many classes.
        samples: How many samples.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    loss: Subject = Subject("torch.nn", "CrossEntropyLoss")
    before: Literal["nothing", "softmax"] = "nothing"
    labels: Literal["one class", "all classes"] = "one class"
    classes: int = 5
    samples: int = 12

    def draw(self, lab: Lab) -> Labelled:
        """Random logits of some size, and labels."""
        shape = self.samples, self.classes
        if self.labels == "one class":
            labels = np.eye(self.classes)[lab.generator("labels").integers(0, self.classes, self.samples)]
        else:  # parts of 64, one at least for each class
            sizes = lab.generator("labels").multinomial(
                64 - self.classes, np.full(self.classes, 1 / self.classes), self.samples
            )
            labels = (sizes + 1) / 64
        return Labelled(lab.normal("logits", shape, scale=3.0)[0], lab.rounded(labels))

    def measure(self, lab: Lab, given: Labelled) -> Quantity:
        """The gradients, shape `(samples, classes)`."""
        logits = lab.tensor(given.logits).requires_grad_()
        outputs = torch.nn.Softmax(dim=-1)(logits) if self.before == "softmax" else logits
        (gradient,) = torch.autograd.grad(self.loss(reduction="sum")(outputs, lab.tensor(given.labels)), logits)
        axes = Axis("sample", tuple(range(self.samples))), Axis("class", tuple(range(self.classes)))
        return Quantity(gradient, "gradient of the loss", "", axes)


@dataclass(frozen=True)
class MarginGradients(Experiment):
    """The size of the gradient that the logit of the true class gets, of two classes, by two losses.

    Attributes:
        loss: A loss of logits; called with `reduction="sum"`, and then with logits and the index of the true class.
        rival: A loss of outputs; called with `reduction="sum"`, and then with outputs and 1 and 0 as targets.
        between: What makes outputs of logits for the rival.
        margins: By how much the true class leads.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    loss: Subject = Subject("torch.nn", "CrossEntropyLoss")
    rival: Subject = Subject("torch.nn", "MSELoss")
    between: Subject = Subject("torch.nn", "Softmax", (("dim", -1),))
    margins: tuple[float, ...] = tuple(float(margin) for margin in range(-16, 9))

    def draw(self, lab: Lab) -> Logits:
        """Logits `(margin, 0)`, shape `(margins, 2)`."""
        margins = np.array(self.margins)
        return Logits(lab.rounded(np.stack([margins, 0 * margins], axis=1)))

    def measure(self, lab: Lab, given: Logits) -> Quantity:
        """The sizes, shape `(2, margins)`."""
        logits = lab.tensor(given.values).requires_grad_()
        labels = torch.zeros(len(logits), dtype=torch.int64, device=logits.device)
        targets = lab.tensor(np.array([[1.0, 0.0]])).expand(len(logits), -1)
        losses = (
            self.loss(reduction="sum")(logits, labels),
            self.rival(reduction="sum")(self.between()(logits), targets),
        )
        rows = [torch.autograd.grad(loss, logits)[0][:, 0].abs() for loss in losses]
        axes = Axis("loss", ("cross-entropy", "squared error")), Axis("lead of the true class", self.margins)
        return Quantity(torch.stack(rows), "gradient with respect to its logit", "", axes, scale="log")


@dataclass(frozen=True)
class Leads:
    """By how much a true class leads.

    Attributes:
        values: Shape `(leads,)`.
    """

    values: Array


@dataclass(frozen=True)
class RoundedLosses(Experiment):
    """Whether the loss of a right prediction is exactly zero, as the true class of two takes a larger lead.

    Attributes:
        loss: The loss; called with `reduction="none"`.
        takes: What it is given: the "logits" of both classes and the index of the true one, or its "lead" and a 1.
        arithmetic: The floating dtype, whatever that of the lab is.
        leads: How many leads there are: 1/2, 3/2, 5/2, ... times log 2.
    """

    loss: Subject = Subject("torch.nn", "CrossEntropyLoss")
    takes: Literal["logits", "lead"] = "logits"
    arithmetic: Literal["float64", "float32"] = "float64"
    leads: int = 64

    def draw(self, lab: Lab) -> Leads:
        """The leads, none of them a multiple of log 2, where rounding to even would decide."""
        return Leads(lab.rounded((np.arange(self.leads) + 0.5) * math.log(2)))

    def measure(self, lab: Lab, given: Leads) -> Quantity:
        """Whether it is zero, booleans, shape `(leads,)`."""
        leads = lab.tensor(given.values).to(getattr(torch, self.arithmetic))
        criterion = self.loss(reduction="none")
        if self.takes == "logits":
            labels = torch.zeros(len(leads), dtype=torch.int64, device=leads.device)
            losses = criterion(torch.stack([leads, torch.zeros_like(leads)], 1), labels)
        else:
            losses = criterion(leads, torch.ones_like(leads))
        axes = (Axis("lead of the true class", tuple(given.values.tolist())),)
        return Quantity(losses == 0, "loss is exactly zero", "", axes)


@dataclass(frozen=True)
class ErrorsAndVariances:
    """Errors, and variances of the noise.

    Attributes:
        errors: Shape `(errors, 1)`.
        variances: Shape `(variances,)`.
    """

    errors: Array
    variances: Array


@dataclass(frozen=True)
class GaussianLosses(Experiment):
    """The negative log-density of an error under Gaussian noise, over the variance.

    Attributes:
        loss: The loss; called with `reduction="none"`, and then with predictions, targets and variances.
        errors: The errors.
        variances: The variances.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    loss: Subject = Subject("torch.nn", "GaussianNLLLoss", (("full", True),))
    errors: tuple[float, ...] = (0.0, 0.0625, 0.125)
    variances: tuple[float, ...] = tuple(2.0**k for k in range(-8, 4))

    def draw(self, lab: Lab) -> ErrorsAndVariances:
        """All of them."""
        return ErrorsAndVariances(lab.rounded(np.array(self.errors)[:, None]), lab.rounded(np.array(self.variances)))

    def measure(self, lab: Lab, given: ErrorsAndVariances) -> Quantity:
        """The losses, shape `(errors, variances)`."""
        targets, variances = np.broadcast_arrays(given.errors, given.variances)
        losses = self.loss(reduction="none")(lab.tensor(0 * targets), lab.tensor(targets), lab.tensor(variances))
        axes = Axis("error", self.errors), Axis("variance", self.variances, scale="log2")
        return Quantity(losses, "loss", "", axes)


@dataclass(frozen=True)
class Start:
    """Predictions to begin with, and what they should be.

    Attributes:
        predictions: Any shape.
        targets: The same shape.
    """

    predictions: Array
    targets: Array


@dataclass(frozen=True)
class LikelihoodDescent(Experiment):
    """How far predictions are from their targets while an optimizer works on their mean log-likelihood.

    The predictions are the parameters. Whole numbers and powers of two leave nothing to be rounded.

    Attributes:
        noise: The distribution; called with predictions and the scale 1, and has `log_prob`.
        optimizer: The optimizer; called with the parameters and `lr`.
        objective: What it is told to make small.
        samples: How many samples, a power of two.
        lr: The learning rate, a power of two.
        steps: How many steps.
    """

    noise: Subject = Subject("torch.distributions", "Normal")
    optimizer: Subject = Subject("torch.optim", "SGD")
    objective: Literal["negative log-likelihood", "log-likelihood"] = "negative log-likelihood"
    samples: int = 4
    lr: float = 1.0
    steps: int = 10

    def draw(self, lab: Lab) -> Start:
        """Random whole targets, and predictions at distance 1, 2, 3, ... from them on a random side."""
        targets = lab.generator("targets").integers(-8, 9, self.samples)
        sides = lab.generator("sides").choice(np.array([-1, 1]), self.samples)
        return Start(lab.rounded(targets + sides * np.arange(1, self.samples + 1)), lab.rounded(targets))

    def measure(self, lab: Lab, given: Start) -> Quantity:
        """The distances, shape `(samples, steps + 1)`."""
        predictions, targets = lab.tensor(given.predictions).requires_grad_(), lab.tensor(given.targets)
        optimizer, found = self.optimizer([predictions], lr=self.lr), []
        sign = 1 if self.objective == "log-likelihood" else -1
        for _ in range(self.steps + 1):
            found.append((predictions.detach() - targets).abs())
            optimizer.zero_grad()
            (sign * self.noise(predictions, lab.tensor(np.float64(1))).log_prob(targets).mean()).backward()
            optimizer.step()
        axes = Axis("sample", tuple(range(self.samples))), Axis("step", tuple(range(self.steps + 1)))
        return Quantity(torch.stack(found, 1), "distance from the target", "", axes, scale="log2")


@dataclass(frozen=True)
class LikelihoodAlongALine(Experiment):
    """The mean log-likelihood of samples with several outputs as their predictions pass the targets on a line.

    Attributes:
        noise: The distribution; called with predictions and scale, and has `log_prob`.
        scale: Its scale.
        outputs: How many outputs, summed over.
        samples: How many samples, averaged over.
        reach: Predictions begin this many times their residuals before the targets, and end as far behind them.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    noise: Subject = Subject("torch.distributions", "Normal")
    scale: float = 1.0
    outputs: int = 3
    samples: int = 16
    reach: int = 2

    def draw(self, lab: Lab) -> Start:
        """Random targets `(samples, outputs)`, and predictions `(places, samples, outputs)`."""
        shape = self.samples, self.outputs
        targets, residuals = lab.normal("targets", shape)[0], lab.normal("residuals", shape)[0]
        return Start(lab.rounded(targets + self._places()[:, None, None] * residuals), targets)

    def _places(self) -> Array:
        return np.linspace(-self.reach, self.reach, 33)

    def measure(self, lab: Lab, given: Start) -> Quantity:
        """The log-likelihoods, shape `(places,)`."""
        noise = self.noise(lab.tensor(given.predictions), lab.tensor(np.float64(self.scale)))
        likelihoods = noise.log_prob(lab.tensor(given.targets)).sum(-1).mean(-1)
        axes = (Axis("residual in units of the one drawn", tuple(self._places().tolist())),)
        return Quantity(likelihoods, "mean log-likelihood", "", axes)


@dataclass(frozen=True)
class Problem:
    """A regression problem with weights to begin with.

    Attributes:
        inputs: Shape `(samples, features)`.
        targets: Shape `(samples, outputs)`.
        weights: Shape `(outputs, features)`.
    """

    inputs: Array
    targets: Array
    weights: Array


@dataclass(frozen=True)
class PairedTrainings(Experiment):
    """How many weights of a linear layer differ, by however little, between two trainings that begin alike.

    The first makes a loss small, the second a likelihood loss of given variance, with a rate of its own.

    Attributes:
        loss: The loss; called with outputs and targets.
        likelihood: The likelihood loss; called with outputs, targets and variances.
        optimizer: The optimizer; called with the parameters and `lr`.
        variance: The variance.
        lr: The learning rate of the first training.
        rate: That of the second over it.
        steps: How many steps.
        samples: How many samples.
        features: How many inputs.
        outputs: How many outputs.
    """

    loss: Subject = Subject("torch.nn", "MSELoss")
    likelihood: Subject = Subject("torch.nn", "GaussianNLLLoss")
    optimizer: Subject = Subject("torch.optim", "SGD")
    variance: float = 1.0
    lr: float = 0.1
    rate: float = 2.0
    steps: int = 50
    samples: int = 64
    features: int = 5
    outputs: int = 4

    def draw(self, lab: Lab) -> Problem:
        """Random inputs, targets and weights."""
        inputs = lab.normal("inputs", (self.samples, self.features))[0]
        targets = lab.normal("targets", (self.samples, self.outputs))[0]
        return Problem(inputs, targets, lab.normal("weights", (self.outputs, self.features))[0])

    def measure(self, lab: Lab, given: Problem) -> Quantity:
        """The numbers of weights, shape `(steps,)`."""
        inputs, targets = lab.tensor(given.inputs), lab.tensor(given.targets)
        criteria, variances = (self.loss(), self.likelihood()), torch.full_like(targets, self.variance)
        layers = [torch.nn.Linear(self.features, self.outputs, bias=False) for _ in criteria]
        optimizers = []
        for layer, lr in zip(layers, (self.lr, self.rate * self.lr), strict=True):
            layer.to(device=lab.device, dtype=lab.torch_dtype)
            with torch.no_grad():
                layer.weight.copy_(lab.tensor(given.weights))
            optimizers.append(self.optimizer(layer.parameters(), lr=lr))
        found = []
        for _ in range(self.steps):
            for layer, criterion, optimizer, more in zip(layers, criteria, optimizers, ((), (variances,)), strict=True):
                optimizer.zero_grad()
                criterion(layer(inputs), targets, *more).backward()
                optimizer.step()
            found.append(int((layers[0].weight != layers[1].weight).sum()))
        axes = (Axis("step", tuple(range(1, self.steps + 1))),)
        return Quantity(np.array(found), "weights that differ", "", axes)


@dataclass(frozen=True)
class Errors:
    """What is left between predictions and targets.

    Attributes:
        values: Shape `(levels, samples)`.
    """

    values: Array


@dataclass(frozen=True)
class ReportedVariances(Experiment):
    """The variance that a likelihood reports of errors of several sizes, where predictions are given.

    Attributes:
        noise: The distribution; called with predictions and scale, and has `log_prob`.
        variance: It is "fitted": the square of the scale with the largest likelihood, or "fixed" at 1.
        levels: The standard deviations that errors are drawn with.
        samples: How many errors of each.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    noise: Subject = Subject("torch.distributions", "Normal")
    variance: Literal["fitted", "fixed"] = "fitted"
    levels: tuple[float, ...] = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
    samples: int = 32

    def draw(self, lab: Lab) -> Errors:
        """The errors."""
        return Errors(lab.rounded(np.array(self.levels)[:, None] * lab.normal("errors", (self.samples,))[0]))

    def measure(self, lab: Lab, given: Errors) -> Quantity:
        """The variances, shape `(levels,)`; fitted ones by bisection on the sign of the derivative that autograd takes."""
        errors = lab.tensor(given.values)
        # A single error is shorter than 2^-30, with which the search begins, once in 10^8; from 2^10 down to the last bit of
        # that are 93 halvings.
        low, high = torch.full_like(errors[:, 0], 2.0**-30), torch.full_like(errors[:, 0], 2.0**10)
        for _ in range(93 if self.variance == "fitted" else 0):
            scales = ((low + high) / 2).requires_grad_()
            likelihood = self.noise(torch.zeros_like(errors), scales[:, None].expand_as(errors)).log_prob(errors).sum()
            (slope,) = torch.autograd.grad(likelihood, scales)
            scales = scales.detach()
            low, high = torch.where(slope > 0, scales, low), torch.where(slope > 0, high, scales)
        reported = low.double() ** 2 if self.variance == "fitted" else torch.ones_like(low)
        axes = (Axis("noise", self.levels, scale="log2"),)
        return Quantity(reported, "reported variance", "", axes, scale="log2")


@dataclass(frozen=True)
class NoisyCurves:
    """Noisy observations of a curve, and networks to begin with.

    Attributes:
        inputs: Shape `(members, samples, 1)`.
        targets: Shape `(members, samples, 1)`.
        weights: Initial parameters, each `(members, ...)`.
    """

    inputs: Array
    targets: Array
    weights: tuple[Array, ...]


@dataclass(frozen=True)
class LearnedNoise(Experiment):
    """What a network with an output for the variance has learned of the noise: its ratio far out over that in the middle.

    The observations are x + (1/10 + "growing" |x| / 2) z, x from -1 to 1, with standard normal z: six times as noisy at
    the ends as in the middle. Noise that is "even" has the deviation 7/20 everywhere.

    Attributes:
        loss: The loss; called with `reduction="none"`, and then with means, targets and variances.
        variance: The network's second output, as the logarithm, is the variance "learned", or it is "fixed" at 1.
        noise: "growing" with |x|, or "even".
        width: Units of the hidden layer.
        samples: How many observations.
        steps: How many steps of Adam at rate 1/50 on all of them.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    loss: Subject = Subject("torch.nn", "GaussianNLLLoss")
    variance: Literal["learned", "fixed"] = "learned"
    noise: Literal["growing", "even"] = "growing"
    width: int = 16
    samples: int = 256
    steps: int = 150

    def _network(self) -> Perceptron:
        return Perceptron((1, self.width, 2), activation="tanh")

    def draw(self, lab: Lab) -> NoisyCurves:
        """Random observations, and weights of deviation 1 / sqrt(inputs of the layer)."""
        inputs = lab.uniform("inputs", (self.samples, 1), -1.0, 1.0)
        deviation = 0.1 + np.abs(inputs) / 2 if self.noise == "growing" else 0.35
        targets = inputs + deviation * lab.normal("noise", (self.samples, 1))
        weights = [
            lab.normal(f"weights {index}", shape, scale=shape[-1] ** -0.5 if len(shape) == 2 else 1.0)
            for index, shape in enumerate(self._network().parameter_shapes())
        ]
        weights[-1] = np.zeros_like(weights[-1])
        return NoisyCurves(inputs, lab.rounded(targets), tuple(weights))

    def measure(self, lab: Lab, given: NoisyCurves) -> Quantity:
        """The ratio of deviations at 1 and at 0 that the network reports, for each member."""
        criterion, network = self.loss(reduction="none"), self._network()

        def reported(outputs: torch.Tensor) -> torch.Tensor:
            return outputs[..., 1:].exp() if self.variance == "learned" else torch.ones_like(outputs[..., 1:])

        def loss(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
            return cast("torch.Tensor", criterion(outputs[..., :1], targets, reported(outputs)).mean((1, 2)))

        trained = train(
            network,
            [lab.tensor(stack) for stack in given.weights],
            (lab.tensor(given.inputs), lab.tensor(given.targets)),
            optimizer=lambda parameters: torch.optim.Adam(parameters, lr=0.02),
            steps=self.steps,
            loss=loss,
        )
        with torch.no_grad():
            ends = network.forward(trained.parameters, lab.tensor(np.array([[1.0], [0.0]])))
        variances = reported(ends)[..., 0]
        ratios = (variances[:, 0] / variances[:, 1]).sqrt()
        return Quantity(ratios, "reported noise at 1 over that at 0", "", (Axis("member", tuple(lab.members)),))


@dataclass(frozen=True)
class Counts:
    """How often each outcome was seen.

    Attributes:
        values: Whole numbers, shape `(samples, outcomes)`.
    """

    values: Array


@dataclass(frozen=True)
class NearestModels(Experiment):
    """Which binomial model has the largest likelihood, and which is nearest to what was seen, for every small sample.

    Attributes:
        family: The models; called with the largest outcome and `probs`, and has `log_prob`.
        divergence: How far distributions are apart; called with `reduction="none"`, input and target.
        takes: Its input is "logarithms" or "probabilities".
        seen: What was seen is its "target", and the model its input, or the other way round: it is the "input".
        outcomes: Outcomes are 0, 1, ..., outcomes - 1.
        observations: How many a sample has; all samples that have each outcome at least once are tried.
        finer: Models differ by 1 / finer in their expected sum of all observations.
    """

    family: Subject = Subject("torch.distributions", "Binomial")
    divergence: Subject = Subject("torch.nn", "KLDivLoss")
    takes: Taken = "logarithms"
    seen: Literal["target", "input"] = "target"
    outcomes: int = 3
    observations: int = 8
    finer: int = 16

    def draw(self, lab: Lab) -> Counts:
        """The samples."""
        return Counts(lab.rounded(shares(self.outcomes, self.observations, least=1)))

    def measure(self, lab: Lab, given: Counts) -> Quantity:
        """The two models, as expected sums of all observations, fractions; shape `(samples, 2)`."""
        largest = self.outcomes - 1
        grid = np.arange(1, largest * self.observations * self.finer)
        success = lab.tensor(grid / (largest * self.observations * self.finer))
        models = self.family(largest, probs=success[:, None]).log_prob(lab.tensor(np.arange(float(self.outcomes))))
        likelihoods = lab.tensor(given.values) @ models.T
        seen = lab.tensor(given.values / self.observations)[:, None].expand(-1, len(grid), -1)
        pair = [seen, models.exp().expand(len(seen), -1, -1)]
        first, second = pair if self.seen == "input" else pair[::-1]
        distances = self.divergence(reduction="none")(first.log() if self.takes == "logarithms" else first, second)
        best = [likelihoods.argmax(1), distances.sum(-1).argmin(1)]
        sums = np.array([Fraction(int(step), self.finer) for step in grid])
        found = np.stack([sums[index.cpu().numpy()] for index in best], axis=1)
        axes = (
            Axis("counts of 0, 1, ...", _names(given.values.astype(int))),
            Axis("model", ("largest likelihood", "smallest divergence")),
        )
        return Quantity(found, "expected sum of the observations", "", axes)


@dataclass(frozen=True)
class Mixtures:
    """Mixtures of two Gaussians on a grid, each of variance 1.

    Attributes:
        places: Shape `(points,)`.
        probabilities: Shape `(mixtures, points)`.
    """

    places: Array
    probabilities: Array


@dataclass(frozen=True)
class NearestGaussians(Experiment):
    """Mean and variance of the Gaussian that is nearest to a mixture of two, as these move apart.

    Attributes:
        family: The models; called with location and scale, and has `log_prob`.
        divergence: How far distributions are apart; called with `reduction="none"`, a logarithm and a target.
        mixture: The mixture is its "target", or its "input", and the model the target.
        distances: The two are at plus and minus this, whole numbers up to 4.
        weight: Of the one at minus, 1/2 or 1/4.
    """

    family: Subject = Subject("torch.distributions", "Normal")
    divergence: Subject = Subject("torch.nn", "KLDivLoss")
    mixture: Literal["target", "input"] = "target"
    distances: tuple[int, ...] = (0, 1, 2, 3, 4)
    weight: float = 0.5

    def draw(self, lab: Lab) -> Mixtures:
        """The mixtures at half-integers from -16 to 16: sums over these are integrals but for 1e-30 (Poisson's formula)."""
        places = np.arange(-16, 16.25, 0.5)
        centres = np.array(self.distances)[:, None]
        left, right = (np.exp(-((places - sign * centres) ** 2) / 2) for sign in (-1, 1))
        mixtures = self.weight * left + (1 - self.weight) * right
        return Mixtures(lab.rounded(places), lab.rounded(mixtures / mixtures.sum(axis=1, keepdims=True)))

    def measure(self, lab: Lab, given: Mixtures) -> Quantity:
        """Mean and variance, shape `(2, distances)`, the best of all multiples of 1/2 and of 1/4 up to 5 and 20."""
        means, variances = (
            part.ravel() for part in np.meshgrid(np.arange(-10, 11) / 2, np.arange(1, 81) / 4, indexing="ij")
        )
        places = lab.tensor(given.places)
        models = self.family(lab.tensor(means)[:, None], lab.tensor(variances)[:, None].sqrt()).log_prob(places)
        models = models + math.log(0.5)  # the distance of the places: probabilities of densities
        criterion, found = self.divergence(reduction="none"), []
        for mixture in lab.tensor(given.probabilities).expand(1, -1, -1).transpose(0, 1):
            pair = (models, mixture.expand_as(models)) if self.mixture == "target" else (mixture.log(), models.exp())
            best = int(criterion(*(part.expand_as(models) for part in pair)).sum(-1).argmin())
            found.append([means[best], variances[best]])
        axes = Axis("of the nearest Gaussian", ("mean", "variance")), Axis("distance of the two", self.distances)
        return Quantity(np.array(found).T, "mean or variance", "", axes)
