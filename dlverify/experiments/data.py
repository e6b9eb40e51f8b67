"""Experiments on data: what tasks ask for, how answers to them are scored, and which data may choose a model."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Literal

import numpy as np
import torch

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.data import digits
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity

TASKS = ("segmentation", "classification", "detection", "pose estimation", "question answering")
"""The tasks of `AnswerSizes`."""


@dataclass(frozen=True)
class AnswerSizes(Experiment):
    """How many numbers a network answers with, for five tasks on images of several sizes, on the meta device.

    Two convolutions lead to a map of features. Over it a convolution gives every pixel its classes; the mean over all
    pixels leads to the class of the image, to joints, and, with the mean of embedded words, to an answer; queries attend
    to the pixels and lead to boxes, each with four coordinates, its classes and "nothing".

    Attributes:
        convolution: Called with channels in, channels out, the size of its kernel and `padding`.
        attention: Called with features, heads and `batch_first`, and then with queries, keys and values.
        readout: Stands between the map and the classes of pixels.
        pooled: Images are classified by the "mean" over the map, or "nowhere" pooled, at every pixel.
        padding: Of the convolutions.
        sides: Pixels along a side of an image.
        classes: Classes of images, pixels and boxes.
        boxes: How many boxes.
        joints: How many joints.
        coordinates: Of a joint, two or three.
        answers: Answers to choose from.
    """

    convolution: Subject = Subject("torch.nn", "Conv2d")
    attention: Subject = Subject("torch.nn", "MultiheadAttention")
    readout: Subject = Subject("torch.nn", "Identity")
    pooled: Literal["mean", "nowhere"] = "mean"
    padding: int = 1
    sides: tuple[int, ...] = (8, 16, 32, 64)
    classes: int = 10
    boxes: int = 20
    joints: int = 17
    coordinates: int = 2
    answers: int = 100

    def draw(self, lab: Lab) -> None:
        """Nothing: shapes need no numbers."""

    def measure(self, lab: Lab, given: None) -> Quantity:
        """Numbers in the answer to one image, shape `(tasks, sides)`."""
        counts = np.empty((len(TASKS), len(self.sides)), dtype=object)
        for column, side in enumerate(self.sides):
            with torch.device("meta"), torch.no_grad():
                answers = self._answers(torch.empty(1, 3, side, side))
            counts[:, column] = [answers[task].numel() for task in TASKS]
        axes = Axis("task", TASKS), Axis("side of the image", self.sides, "pixels", "log2")
        return Quantity(counts, "numbers in the answer to an image", "", axes, scale="log")

    def _answers(self, image: torch.Tensor) -> dict[str, torch.Tensor]:
        features = 8
        maps = self.convolution(3, features, 3, padding=self.padding)(image).relu()
        maps = self.convolution(features, features, 3, padding=self.padding)(maps).relu()  # (1, features, side, side)
        pixels = maps.flatten(2).mT  # (1, side^2, features)
        mean, words = pixels.mean(1), torch.nn.Embedding(50, features)(torch.zeros(1, 6, dtype=torch.long)).mean(1)
        attended, _ = self.attention(features, 2, batch_first=True)(
            torch.empty(1, self.boxes, features), pixels, pixels
        )
        coordinates = torch.nn.Linear(features, 4)(attended).sigmoid()
        kinds = torch.nn.Linear(features, self.classes + 1)(attended).softmax(2)
        classified = mean if self.pooled == "mean" else pixels
        return {
            "classification": torch.nn.Linear(features, self.classes)(classified).softmax(-1),
            "segmentation": self.convolution(features, self.classes, 1)(self.readout()(maps)).softmax(1),
            "detection": torch.cat([coordinates, kinds], dim=2),
            "pose estimation": torch.nn.Linear(features, self.joints * self.coordinates)(mean),
            "question answering": torch.nn.Linear(2 * features, self.answers)(torch.cat([mean, words], dim=1)).softmax(
                1
            ),
        }


@dataclass(frozen=True)
class Masks:
    """Pairs of masks.

    Attributes:
        first: Zeros and ones, shape `(pairs, pixels)`.
        second: As many.
    """

    first: Array
    second: Array


@dataclass(frozen=True)
class OverlapScores(Experiment):
    """A score of the overlap of two masks, for all pairs of masks of a few pixels, neither of them empty.

    Attributes:
        score: Called with two arrays, a column for each pair, and `average=None`, as scikit-learn's scores are.
        pixels: How many pixels.
    """

    score: Subject = Subject("sklearn.metrics", "jaccard_score")
    pixels: int = 4

    def draw(self, lab: Lab) -> Masks:
        """All pairs."""
        masks = np.array(list(itertools.product((0, 1), repeat=self.pixels)))[1:]
        first, second = np.divmod(np.arange(len(masks) ** 2), len(masks))
        return Masks(masks[first], masks[second])

    def measure(self, lab: Lab, given: Masks) -> Quantity:
        """The score of each pair, shape `(masks, masks)`."""
        scores = self.score(given.first.T, given.second.T, average=None)
        side = 2**self.pixels - 1
        names = tuple(" ".join(map(str, mask)) for mask in given.second[:side].tolist())
        return Quantity(
            np.reshape(scores, (side, side)), "score", "", (Axis("truth", names), Axis("prediction", names))
        )


@dataclass(frozen=True)
class LabelMaps:
    """Label maps in pairs.

    Attributes:
        first: Shape `(maps, rows, columns)`, whole numbers.
        second: As many: the first with classes exchanged.
    """

    first: Array
    second: Array


@dataclass(frozen=True)
class ExchangedClasses(Experiment):
    """What exchanging classes does to a segmentation, and to its boundaries: for all label maps of a few pixels.

    Attributes:
        boundary: Called with a label map; what is above 0 is on a boundary.
        score: The mean intersection over union, called with two rows of labels.
        classes: How many classes; each takes the place of the one before it.
        shape: Rows and columns of the maps.
        exchanged: Classes are exchanged "everywhere", or in the "first column" alone.
    """

    boundary: Subject = Subject("scipy.ndimage", "morphological_gradient", (("size", 3),))
    score: Subject = Subject("sklearn.metrics", "jaccard_score", (("average", "macro"),))
    classes: int = 2
    shape: tuple[int, ...] = (2, 3)
    exchanged: Literal["everywhere", "first column"] = "everywhere"

    def draw(self, lab: Lab) -> LabelMaps:
        """All maps."""
        maps = np.array(list(itertools.product(range(self.classes), repeat=int(np.prod(self.shape))))).reshape(
            -1, *self.shape
        )
        others = (maps + 1) % self.classes
        if self.exchanged == "first column":
            others[:, :, 1:] = maps[:, :, 1:]
        return LabelMaps(maps, others)

    def measure(self, lab: Lab, given: LabelMaps) -> Quantity:
        """Pixels that are on a boundary in one map alone, and the mean intersection over union, shape `(maps, 2)`."""
        rows = []
        for first, second in zip(given.first, given.second, strict=True):
            marked = [self.boundary(labels) > 0 for labels in (first, second)]
            overlap = Fraction(float(self.score(first.ravel(), second.ravel())))
            rows.append([int((marked[0] != marked[1]).sum()), overlap])
        names = tuple(" / ".join(" ".join(map(str, row)) for row in labels) for labels in given.first.tolist())
        columns = ("boundary pixels that differ", "mean intersection over union")
        return Quantity(
            np.array(rows, dtype=object), "of the two maps", "", (Axis("label map", names), Axis("what", columns))
        )


@dataclass(frozen=True)
class Selection:
    """What a model is chosen from and by.

    Attributes:
        inputs: Shape `(members, examples, features)`.
        labels: Booleans that have nothing to do with the inputs, shape `(members, examples)`.
        weights: Of linear classifiers, shape `(members, candidates, features)`.
        splits: Seeds of the split, shape `(members,)`.
    """

    inputs: Array
    labels: Array
    weights: Array
    splits: Array


@dataclass(frozen=True)
class ReportedAccuracy(Experiment):
    """Accuracy of the best of many classifiers, on the examples that chose it or on those that were left out.

    Examples are scikit-learn's digits, drawn anew for each member, with labels that are coin flips: nothing can be right
    more often than every second time. Classifiers are linear with random weights. Of the first M the best is reported.

    Attributes:
        split: Splits a range into two, called with `test_size` and `random_state`.
        report: Accuracy on the examples that "chose" the classifier, or on those "left out".
        candidates: Numbers M of classifiers.
        examples: In each half.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64")

    split: Subject = Subject("sklearn.model_selection", "train_test_split")
    report: Literal["chose", "left out"] = "chose"
    candidates: tuple[int, ...] = (50, 200, 1000)
    examples: int = 100

    def draw(self, lab: Lab) -> Selection:
        """Digits less the mean digit, coin flips, normal weights, seeds."""
        pixels = digits().pixels
        pixels = pixels - pixels.mean(axis=0)
        rows, labels, splits = [], [], []
        for member in lab.members:
            rows.append(lab.generator("examples", member).choice(len(pixels), 2 * self.examples, replace=False))
            labels.append(lab.generator("labels", member).integers(2, size=2 * self.examples) == 1)
            splits.append(int(lab.generator("splits", member).integers(2**31)))
        weights = lab.normal("weights", (max(self.candidates), pixels.shape[1]))
        return Selection(lab.rounded(pixels[np.stack(rows)]), np.stack(labels), weights, np.array(splits))

    def measure(self, lab: Lab, given: Selection) -> Quantity:
        """The reported accuracy, shape `(members, candidates)`."""
        answers = torch.bmm(lab.tensor(given.inputs), lab.tensor(given.weights).mT) > 0
        right = answers.cpu().numpy() == given.labels[:, :, None]  # (members, examples, candidates)
        reported = np.empty((len(right), len(self.candidates)))
        for row, (table, seed) in enumerate(zip(right, given.splits.tolist(), strict=True)):
            halves = self.split(np.arange(2 * self.examples), test_size=self.examples, random_state=seed)
            chose, left_out = (table[half].mean(axis=0) for half in halves)
            for column, number in enumerate(self.candidates):
                best = int(chose[:number].argmax())
                reported[row, column] = (chose if self.report == "chose" else left_out)[best]
        axes = Axis("member", tuple(lab.members)), Axis("classifiers to choose from", self.candidates, scale="log")
        return Quantity(reported, "reported accuracy", "", axes)


@dataclass(frozen=True)
class Coins:
    """All classifiers of a few examples, the first half of which chooses among them.

    Attributes:
        answers: Booleans, shape `(2^(2 examples), 2 examples)`.
        labels: Booleans, shape `(2 examples,)`.
    """

    answers: Array
    labels: Array


@dataclass(frozen=True)
class BestOfMany(Experiment):
    """Mean accuracy of the best of M classifiers, exactly, over all ways to pick them one by one among all functions.

    So each answers every question by a coin flip. Of several that are best the first is chosen.

    Attributes:
        examples: How many choose, and how many are left out.
        candidates: Numbers M of classifiers.
        report: Accuracy on the examples that "chose" the classifier, or on those "left out".
    """

    examples: int = 2
    candidates: tuple[int, ...] = (1, 2, 3, 4, 5)
    report: Literal["chose", "left out"] = "chose"

    def draw(self, lab: Lab) -> Coins:
        """All functions, and labels."""
        answers = np.array(list(itertools.product((False, True), repeat=2 * self.examples)))
        return Coins(answers, lab.generator("labels").integers(2, size=2 * self.examples) == 1)

    def measure(self, lab: Lab, given: Coins) -> Quantity:
        """The means, shape `(candidates,)`."""
        right = given.answers == given.labels
        chose, left_out = right[:, : self.examples].sum(axis=1), right[:, self.examples :].sum(axis=1)
        best, besides = chose, left_out  # of every M-tuple of classifiers
        means = []
        for number in range(1, max(self.candidates) + 1):
            if number > 1:
                better = chose > best[:, None]
                best, besides = (
                    np.where(better, chose, best[:, None]).ravel(),
                    np.where(better, left_out, besides[:, None]).ravel(),
                )
            if number in self.candidates:
                counts = best if self.report == "chose" else besides
                means.append(Fraction(int(counts.sum()), len(counts) * self.examples))
        axes = (Axis("classifiers to choose from", self.candidates),)
        return Quantity(np.array(means, dtype=object), "mean reported accuracy of the best", "", axes)
