"""Experiments on what a loss says of predictions: its sign and its mean, what it leaves to the variance and to accuracy."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


@dataclass(frozen=True)
class Pairs:
    """Predictions and what they should be.

    Attributes:
        predictions: Any shape.
        targets: The same shape.
    """

    predictions: Array
    targets: Array


@dataclass(frozen=True)
class SquaresAndVariances(Experiment):
    """The mean loss of predictions less the variance of their residuals, for every small choice of whole residuals.

    Means over a power of two of small whole numbers are computed without rounding.

    Attributes:
        loss: The loss; called with predictions and targets of shape `(points,)`.
        variance: The variance; called with the residuals, target minus prediction.
        points: Residuals in a choice, a power of two.
        largest: The largest residual; the smallest is its negative.
    """

    loss: Subject = Subject("torch.nn", "MSELoss")
    variance: Subject = Subject("torch", "var", (("correction", 0),))
    points: int = 2
    largest: int = 2

    def draw(self, lab: Lab) -> Pairs:
        """Residuals, those that are all alike first, and random targets; shape `(choices, points)`."""
        choices = itertools.combinations_with_replacement(range(-self.largest, self.largest + 1), self.points)
        residuals = np.array(sorted(choices, key=lambda r: (r[-1] - r[0], abs(sum(r)), sum(r) < 0)))
        targets = lab.generator("targets").integers(-8, 9, residuals.shape)
        return Pairs(lab.rounded(targets - residuals), lab.rounded(targets))

    def measure(self, lab: Lab, given: Pairs) -> Quantity:
        """The differences, shape `(choices,)`."""
        criterion, left = self.loss(), []
        for row in range(len(given.targets)):
            predictions, targets = lab.tensor(given.predictions[row]), lab.tensor(given.targets[row])
            left.append(criterion(predictions, targets) - self.variance(targets - predictions))
        names = tuple(" and ".join(f"{r:g}" for r in row) for row in given.targets - given.predictions)
        return Quantity(
            torch.stack(left), "mean squared error less the residuals' variance", "", (Axis("residuals", names),)
        )


@dataclass(frozen=True)
class Responses:
    """A regression problem with responses that differ by a constant.

    Attributes:
        inputs: Shape `(points, features)`.
        responses: Shape `(offsets, points)`.
    """

    inputs: Array
    responses: Array


@dataclass(frozen=True)
class FittedResiduals(Experiment):
    """The mean loss of a fitted line less the variance of its residuals, as the responses move away from zero.

    Attributes:
        fit: The estimator, as scikit-learn's are.
        loss: The loss; called with fitted values and responses.
        variance: The variance; called with the residuals.
        offsets: What is added to all responses, each a fit of its own.
        points: How many points, a power of two.
        features: How many inputs.
    """

    fit: Subject = Subject("sklearn.linear_model", "LinearRegression")
    loss: Subject = Subject("torch.nn", "MSELoss")
    variance: Subject = Subject("torch", "var", (("correction", 0),))
    offsets: tuple[float, ...] = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
    points: int = 64
    features: int = 3

    def draw(self, lab: Lab) -> Responses:
        """Random inputs, coefficients and noise."""
        inputs = lab.normal("inputs", (self.points, self.features))[0]
        responses = inputs @ lab.normal("coefficients", (self.features,))[0] + lab.normal("noise", (self.points,))[0]
        return Responses(inputs, lab.rounded(responses + np.array(self.offsets)[:, None]))

    def measure(self, lab: Lab, given: Responses) -> Quantity:
        """The differences, shape `(offsets,)`."""
        left = []
        for responses in given.responses:
            fitted = self.fit().fit(given.inputs, responses).predict(given.inputs)
            predictions, targets = lab.tensor(fitted), lab.tensor(responses)
            left.append(self.loss()(predictions, targets) - self.variance(targets - predictions))
        axes = (Axis("added to all responses", self.offsets),)
        return Quantity(torch.stack(left), "mean squared error less the residuals' variance", "", axes)


@dataclass(frozen=True)
class LossSigns(Experiment):
    """The sign of a loss for predictions of the labels -1 and 1: 1, 0 or -1.

    Attributes:
        loss: The loss; called with `reduction="none"`.
        takes: What it is given: "prediction and target", or "prediction, zero and label", as losses of rankings are.
        step: Predictions are whole multiples of it from -3 to 3.
    """

    loss: Subject
    takes: Literal["prediction and target", "prediction, zero and label"] = "prediction and target"
    step: float = 0.25

    def draw(self, lab: Lab) -> Pairs:
        """All predictions for both labels, shape `(2, predictions)`."""
        grid = np.arange(-3, 3 + self.step, self.step)
        predictions, targets = np.broadcast_arrays(grid, np.array([[-1.0], [1.0]]))
        return Pairs(lab.rounded(predictions), lab.rounded(targets))

    def measure(self, lab: Lab, given: Pairs) -> Quantity:
        """The signs, shape `(2, predictions)`."""
        predictions, targets = lab.tensor(given.predictions), lab.tensor(given.targets)
        between = (torch.zeros_like(predictions),) if self.takes != "prediction and target" else ()
        losses = self.loss(reduction="none")(predictions, *between, targets)
        axes = Axis("target", (-1, 1)), Axis("prediction", tuple(given.predictions[0].tolist()))
        return Quantity(losses.sign().to(torch.int64), "sign of the loss", "", axes)


@dataclass(frozen=True)
class LabelledPoints:
    """Points on a line with labels.

    Attributes:
        places: Shape `(points, 1)`.
        labels: 0 or 1, shape `(points, 1)`.
        start: The weight to begin with, shape `(1, 1)`.
    """

    places: Array
    labels: Array
    start: Array


@dataclass(frozen=True)
class LossAgainstAccuracy(Experiment):
    """What becomes of loss and accuracy in training a linear classifier without bias, with one point far out.

    Three points at 1 have the label 1, a fourth one, far out on the same side, has the label 0.

    Attributes:
        loss: The loss; called with scores and labels.
        optimizer: The optimizer; called with the parameters and `lr`.
        far: Where the fourth point is.
        lr: The learning rate.
        steps: How many steps.
    """

    loss: Subject = Subject("torch.nn", "BCEWithLogitsLoss")
    optimizer: Subject = Subject("torch.optim", "SGD")
    far: float = 10.0
    lr: float = 0.1
    steps: int = 12

    def draw(self, lab: Lab) -> LabelledPoints:
        """The points, and a weight of 1/10, which is right about the three."""
        places, labels = np.array([[1.0], [1.0], [1.0], [self.far]]), np.array([[1.0], [1.0], [1.0], [0.0]])
        return LabelledPoints(lab.rounded(places), lab.rounded(labels), lab.rounded(np.array([[0.1]])))

    def measure(self, lab: Lab, given: LabelledPoints) -> Quantity:
        """Three counts: correct predictions before and after, and steps in which the loss did not fall."""
        network = torch.nn.Linear(1, 1, bias=False).to(device=lab.device, dtype=lab.torch_dtype)
        places, labels = lab.tensor(given.places), lab.tensor(given.labels)
        with torch.no_grad():
            network.weight.copy_(lab.tensor(given.start))
        criterion, optimizer = self.loss(), self.optimizer(network.parameters(), lr=self.lr)
        losses, correct = [], []
        for _ in range(self.steps + 1):
            optimizer.zero_grad()
            scores = network(places)
            loss = criterion(scores, labels)
            loss.backward()
            losses.append(float(loss.detach()))
            correct.append(int(((scores > 0) == (labels > 0)).sum()))
            optimizer.step()
        not_falling = sum(after >= before for before, after in itertools.pairwise(losses))
        names = "correct predictions before", "correct predictions after", "steps in which the loss did not fall"
        return Quantity(np.array([correct[0], correct[-1], not_falling]), "count", "", (Axis("what", names),))


@dataclass(frozen=True)
class Scores:
    """Scores of classes; the true class is the first.

    Attributes:
        values: Shape `(kinds, errors, samples, classes)`.
    """

    values: Array


@dataclass(frozen=True)
class ErrorsAndLoss(Experiment):
    """The mean loss of predictions of which a growing share is wrong.

    Attributes:
        loss: The loss; called with scores `(samples, classes)` and the indices of the true classes.
        classes: How many classes.
        samples: How many samples; of 0 to all of them are wrong.
        excess: By how much the highest wrong score exceeds that of the true class, where errors are made "by a hair".
        lead: How far the true class leads where those predictions are right.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    loss: Subject = Subject("torch.nn", "CrossEntropyLoss")
    classes: int = 2
    samples: int = 16
    excess: float = 2.0**-10
    lead: float = 64.0

    def draw(self, lab: Lab) -> Scores:
        """Random scores of two sizes, with the highest one moved to where it should be, and errors by a hair."""
        wrong = np.arange(self.samples)[None, :] < np.arange(self.samples + 1)[:, None]
        kinds = []
        for scale in (0.5, 4.0):
            scores = scale * lab.normal(f"scores {scale}", (*wrong.shape, self.classes))[0]
            scores = np.sort(scores, axis=-1)  # the last is the highest; the first class is true
            kinds.append(np.where(wrong[..., None], scores, scores[..., ::-1]))
        hair = np.full((*wrong.shape, self.classes), -self.lead)
        hair[..., 0] = 0
        hair[..., 1] = np.where(wrong, self.excess, -self.lead)
        return Scores(lab.rounded(np.stack([*kinds, hair])))

    def measure(self, lab: Lab, given: Scores) -> Quantity:
        """The mean losses, shape `(kinds, errors)`."""
        scores = lab.tensor(given.values)
        labels = torch.zeros(scores.shape[2], dtype=torch.int64, device=scores.device)
        criterion = self.loss()
        losses = [[criterion(of_one, labels) for of_one in of_kind] for of_kind in scores]
        kinds = Axis("scores", ("small random ones", "large random ones", "errors by a hair"))
        shares = Axis("share of errors", tuple(wrong / self.samples for wrong in range(self.samples + 1)))
        return Quantity(torch.stack([torch.stack(row) for row in losses]), "mean loss", "", (kinds, shares))


@dataclass(frozen=True)
class MeanOverOutputs(Experiment):
    """The loss of the same samples with more and more outputs.

    Attributes:
        loss: The loss; called with predictions and targets of shape `(samples, outputs)`.
        outputs: How many outputs.
        samples: How many samples.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    loss: Subject = Subject("torch.nn", "MSELoss")
    outputs: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)
    samples: int = 8

    def draw(self, lab: Lab) -> Pairs:
        """Random predictions and targets, shape `(samples, most outputs)`; the first few columns are used for fewer."""
        shape = self.samples, max(self.outputs)
        return Pairs(lab.normal("predictions", shape)[0], lab.normal("targets", shape)[0])

    def measure(self, lab: Lab, given: Pairs) -> Quantity:
        """The losses, shape `(outputs,)`."""
        predictions, targets, criterion = lab.tensor(given.predictions), lab.tensor(given.targets), self.loss()
        losses = [criterion(predictions[:, :outputs], targets[:, :outputs]) for outputs in self.outputs]
        return Quantity(torch.stack(losses), "loss", "", (Axis("outputs", self.outputs, scale="log2"),))


@dataclass(frozen=True)
class LargestStableRates(Experiment):
    """The largest whole learning rate at which one step does not carry predictions further from their targets.

    The predictions are the parameters. Residuals of 1 and sizes that are powers of two leave nothing to be rounded.

    Attributes:
        loss: The loss; called with predictions and targets of shape `(samples, outputs)`.
        optimizer: The optimizer; called with the parameters and `lr`.
        outputs: How many outputs.
        samples: How many samples.
    """

    loss: Subject = Subject("torch.nn", "MSELoss")
    optimizer: Subject = Subject("torch.optim", "SGD")
    outputs: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)
    samples: int = 4

    def draw(self, lab: Lab) -> Pairs:
        """Random whole targets, and predictions that are too large by 1."""
        targets = lab.generator("targets").integers(-8, 9, (self.samples, max(self.outputs)))
        return Pairs(lab.rounded(targets + 1), lab.rounded(targets))

    def measure(self, lab: Lab, given: Pairs) -> Quantity:
        """The rates, shape `(outputs,)`, by bisection between 0 and eight times the number of entries."""
        criterion, found = self.loss(), []
        for outputs in self.outputs:
            start, targets = lab.tensor(given.predictions[:, :outputs]), lab.tensor(given.targets[:, :outputs])
            low, high = 0, 8 * self.samples * outputs
            while high - low > 1:
                middle = (low + high) // 2
                predictions = start.clone().requires_grad_()
                optimizer = self.optimizer([predictions], lr=float(middle))
                criterion(predictions, targets).backward()
                optimizer.step()
                nearer = bool(((predictions - targets).abs() <= (start - targets).abs()).all())
                low, high = (middle, high) if nearer else (low, middle)
            found.append(low)
        axes = (Axis("outputs", self.outputs, scale="log2"),)
        return Quantity(np.array(found), "largest stable learning rate", "", axes, scale="log2")
