"""Experiments on data that are mixed or transformed; the pipelines are written as their papers define them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.data import digits
from dlverify.lab.ensembles import Perceptron, train
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


def mixup(inputs: Tensor, labels: Tensor, share: float, partners: Tensor) -> tuple[Tensor, Tensor]:
    """Mixup of Zhang et al. 2018: one share for inputs and labels.

    Args:
        inputs: Shape `(samples, ...)`.
        labels: Probabilities of the classes, shape `(samples, classes)`.
        share: The share of a sample's own; the rest is its partner's.
        partners: Numbers of the samples to mix with, shape `(samples,)`.

    Returns:
        Mixed inputs and labels.
    """
    return (share * part + (1 - share) * part[partners] for part in (inputs, labels))  # type: ignore[return-value]


def cutmix(
    images: Tensor, labels: Tensor, share: float, partners: Tensor, centre: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """CutMix of Yun et al. 2019, as their code has it: sides rounded down, box clipped at the border, label by what is left.

    Args:
        images: Shape `(samples, height, width)`.
        labels: Probabilities of the classes, shape `(samples, classes)`.
        share: The share of its own pixels that a sample should keep.
        partners: Numbers of the samples whose pixels are pasted, shape `(samples,)`.
        centre: Row and column of the centre of the box.

    Returns:
        Mixed images and labels.
    """
    sizes = images.shape[1:]
    half = [int(size * np.sqrt(1 - share)) // 2 for size in sizes]
    rows, columns = (
        slice(max(place - reach, 0), min(place + reach, size))
        for place, reach, size in zip(centre, half, sizes, strict=True)
    )
    mixed = images.clone()
    mixed[:, rows, columns] = images[partners][:, rows, columns]
    pasted = (rows.stop - rows.start) * (columns.stop - columns.start)
    kept = 1 - pasted / (sizes[0] * sizes[1])
    return mixed, kept * labels + (1 - kept) * labels[partners]


def cutmix_inside(
    images: Tensor, labels: Tensor, share: float, partners: Tensor, centre: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """CutMix whose box is moved into the image where it would be clipped; arguments as for `cutmix`."""
    half = [int(size * np.sqrt(1 - share)) // 2 for size in images.shape[1:]]
    moved = [
        min(max(place, reach), size - reach) for place, reach, size in zip(centre, half, images.shape[1:], strict=True)
    ]
    return cutmix(images, labels, share, partners, (moved[0], moved[1]))


def cutmix_as_drawn(
    images: Tensor, labels: Tensor, share: float, partners: Tensor, centre: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """CutMix whose labels carry the share that was drawn, not the one that was pasted; arguments as for `cutmix`."""
    mixed, _ = cutmix(images, labels, share, partners, centre)
    return mixed, share * labels + (1 - share) * labels[partners]


@dataclass(frozen=True)
class Mixtures:
    """Samples, a linear model of their classes, and how to mix them.

    Attributes:
        inputs: Shape `(points, features)`.
        labels: Classes, shape `(points,)`.
        partners: Shape `(points,)`.
        shares: Shape `(shares,)`, in rising order.
        weights: Of the model, shape `(classes, features)`.
    """

    inputs: Array
    labels: Array
    partners: Array
    shares: Array
    weights: Array


@dataclass(frozen=True)
class MixedLosses(Experiment):
    """The loss of a linear model at every mixed sample, for shares drawn from a Beta distribution.

    Attributes:
        loss: The loss; called with `reduction="none"`, then with logits and probabilities of the classes.
        mix: The pipeline; called as `mixup` is.
        labels: "mixed" with the share of the inputs, "kept", or mixed with "another share", that of the partner.
        concentration: Both parameters of the Beta distribution.
        points: How many samples.
        draws: How many shares are drawn.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    loss: Subject = Subject("torch.nn", "CrossEntropyLoss")
    mix: Subject = Subject("dlverify.experiments.augmentation", "mixup")
    labels: Literal["mixed", "kept", "another share"] = "mixed"
    concentration: float = 1.0
    points: int = 12
    draws: int = 16

    def draw(self, lab: Lab) -> Mixtures:
        """Normal inputs and weights; each sample's partner is the next, and of another class."""
        shares = np.sort(lab.generator("shares").beta(self.concentration, self.concentration, self.draws))
        return Mixtures(
            lab.normal("inputs", (self.points, 4))[0],
            np.arange(self.points) % 3,
            np.roll(np.arange(self.points), -1),
            lab.rounded(shares),
            lab.normal("weights", (3, 4))[0],
        )

    def measure(self, lab: Lab, given: Mixtures) -> Quantity:
        """The losses, shape `(shares, points)`."""
        inputs, weights, partners = lab.tensor(given.inputs), lab.tensor(given.weights), lab.tensor(given.partners)
        labels = lab.tensor(np.eye(3)[given.labels])
        rows = []
        for share in given.shares.tolist():
            mixed, mixed_labels = self.mix(inputs, labels, share, partners)
            if self.labels == "kept":
                mixed_labels = labels
            if self.labels == "another share":
                _, mixed_labels = self.mix(inputs, labels, 1 - share, partners)
            rows.append(self.loss(reduction="none")(mixed @ weights.T, mixed_labels))
        axes = Axis("share of the own input", tuple(given.shares.tolist())), Axis("sample", tuple(range(self.points)))
        return Quantity(torch.stack(rows), "loss", "nats", axes)


@dataclass(frozen=True)
class Boxes:
    """Where boxes are pasted.

    Attributes:
        centres: Rows and columns, shape `(boxes, 2)`.
    """

    centres: Array


@dataclass(frozen=True)
class PastedShares(Experiment):
    """What share of an image's own pixels and of its own label a pipeline keeps: an image of zeros takes from one of ones.

    Attributes:
        mix: The pipeline; called as `cutmix` is.
        shares: The shares that it is asked for.
        size: Height and width, powers of two, so that shares of pixels are floating-point numbers.
        boxes: How many centres beside the middle, drawn at random.
    """

    mix: Subject = Subject("dlverify.experiments.augmentation", "cutmix")
    shares: tuple[float, ...] = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
    size: int = 32
    boxes: int = 15

    def draw(self, lab: Lab) -> Boxes:
        """The middle, and other places."""
        places = lab.generator("centres").integers(0, self.size, (self.boxes, 2))
        return Boxes(np.concatenate([np.full((1, 2), self.size // 2), places]))

    def measure(self, lab: Lab, given: Boxes) -> Quantity:
        """Fractions, shape `(2, shares, boxes)`."""
        images = torch.stack([torch.zeros(self.size, self.size), torch.ones(self.size, self.size)]).double()
        labels, partners = torch.eye(2, dtype=torch.float64), torch.tensor([1, 0])
        found = np.empty((2, len(self.shares), len(given.centres)), dtype=object)
        for row, share in enumerate(self.shares):
            for column, centre in enumerate(given.centres.tolist()):
                mixed, mixed_labels = self.mix(images, labels, share, partners, tuple(centre))
                found[0, row, column] = 1 - Fraction(float(mixed[0].sum())) / self.size**2
                found[1, row, column] = Fraction(float(mixed_labels[0, 0]))
        places = tuple(f"{row}, {column}" for row, column in given.centres.tolist())
        axes = (
            Axis("what", ("own pixels", "own label")),
            Axis("share asked for", self.shares),
            Axis("row and column of the centre", places),
        )
        return Quantity(found, "share that is kept", "", axes)


@dataclass(frozen=True)
class Curve:
    """Points of a curve.

    Attributes:
        places: Shape `(points,)`.
        responses: Shape `(points,)`.
    """

    places: Array
    responses: Array


@dataclass(frozen=True)
class AugmentedFits(Experiment):
    """Coefficients of a polynomial fitted to points and to transformed copies of them.

    Attributes:
        fit: The estimator, as scikit-learn's are; called with `fit_intercept=False`.
        copies: What each point (x, y) is joined by: its reflection "(-x, y)", "(-x, -y)", or the same "(x, y)" again.
        degree: Of the polynomial.
        points: How many points.
    """

    fit: Subject = Subject("sklearn.linear_model", "LinearRegression")
    copies: Literal["(-x, y)", "(-x, -y)", "(x, y)"] = "(-x, y)"
    degree: int = 5
    points: int = 16

    def draw(self, lab: Lab) -> Curve:
        """Different places among the multiples of 1/16 in [-1, 1], and responses that are whole numbers."""
        numbers = lab.generator("places").choice(np.arange(-16, 17), self.points, replace=False)
        responses = lab.generator("responses").integers(-8, 9, self.points)
        return Curve(lab.rounded(numbers / 16), lab.rounded(responses))

    def measure(self, lab: Lab, given: Curve) -> Quantity:
        """The coefficients, shape `(degree + 1,)`."""
        side = 1 if self.copies == "(x, y)" else -1
        sign = -1 if self.copies == "(-x, -y)" else 1
        places = np.concatenate([given.places, side * given.places])
        responses = np.concatenate([given.responses, sign * given.responses])
        powers = np.arange(self.degree + 1)
        found = self.fit(fit_intercept=False).fit(places[:, None] ** powers, responses).coef_
        return Quantity(found, "coefficient", "", (Axis("power", tuple(powers.tolist())),))


@dataclass(frozen=True)
class LabelledDigits:
    """Digits for each member, and how its two arms start and go on.

    Attributes:
        inputs: Shape `(members, samples, 64)`: training data with all their shifts, the unshifted first, validation and test data.
        labels: Shape `(members, samples)`; some of the training and validation data are wrong.
        weights: Initial parameters, each of shape `(members, ...)`.
        orders: Minibatches without and with the method, shape `(2, members, steps, batch)`.
        partners: With which place of its minibatch a digit is mixed, shape `(members, steps, batch)`.
        shares: The share of the own in each minibatch that is mixed, shape `(members, steps)`.
        centres: Row and column of the box that is pasted into a minibatch, shape `(members, steps, 2)`.
    """

    inputs: Array
    labels: Array
    weights: tuple[Array, ...]
    orders: Array
    partners: Array
    shares: Array
    centres: Array


@dataclass(frozen=True)
class _Masked:
    """A perceptron whose inputs are followed by what its hidden units are multiplied with; of all the data the last `held_out` alone."""

    perceptron: Perceptron
    batch: int
    held_out: int

    def forward(self, parameters: Sequence[Tensor], inputs: Tensor) -> Tensor:
        """Outputs of a minibatch, or of the last of all samples."""
        rows = inputs if inputs.shape[1] <= self.batch else inputs[:, -self.held_out :]
        *hidden, last = self.perceptron.layers(parameters)
        outputs = rows[:, :, :64].contiguous()
        for index, layer in enumerate(hidden, start=1):
            outputs = layer(outputs)
            masks = rows[:, :, 64 * index : 64 * (index + 1)]
            outputs = outputs * masks if masks.shape[2] else outputs
        return last(outputs)


@dataclass(frozen=True)
class DigitsWithWrongLabels(Experiment):
    """Test accuracy that a method gains on digits of which some have wrong labels: two arms from the same weights.

    A perceptron 64-64-64-10 with ReLU trains on 200 digits with Adam; 200 more, mislabelled alike, are for validation, 400 with
    right labels for the test.

    Attributes:
        optimizer: The optimizer; called with parameters and `lr`, and for the weight decay with `weight_decay`, 0 without it.
        loss: The loss; called with `reduction="none"`, and for label smoothing with `label_smoothing`.
        dropout: The layer behind both hidden ones where the method is "dropout"; called with `p`.
        method: "shifts" by up to one pixel, anew in each minibatch; "stopping" where the validation loss was least; "dropout";
            "mixup" or "cutmix" of each minibatch; "weight decay"; "label smoothing"; or "nothing", other minibatches alone.
        strength: The share that dropout drops, the weight decay, the label smoothing, or both parameters of the Beta distribution
            of mixup's and cutmix's shares.
        wrong: The share of wrong labels.
        lr: The learning rate.
        steps: How many steps, a multiple of 20.
        batch: Size of a minibatch.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32",)

    optimizer: Subject = Subject("torch.optim", "Adam")
    loss: Subject = Subject("torch.nn", "CrossEntropyLoss")
    dropout: Subject = Subject("torch.nn", "Identity")
    method: Literal[
        "shifts", "stopping", "dropout", "mixup", "cutmix", "weight decay", "label smoothing", "nothing"
    ] = "shifts"
    strength: float = 1.0
    wrong: float = 0.3
    lr: float = 0.003
    steps: int = 300
    batch: int = 50

    def draw(self, lab: Lab) -> LabelledDigits:
        """Digits, wrong labels, initial weights as `torch.nn.Linear` draws them, and minibatches of each member."""
        data, offsets = digits(), [(0, 0), *((i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j)]
        offsets = offsets if self.method == "shifts" else offsets[:1]
        inputs, labels, moves, partners, shares, centres = [], [], [], [], [], []
        for member in lab.members:
            numbers = lab.generator("digits", member)
            chosen = numbers.permutation(len(data.labels))[:800]
            pixels, classes = data.pixels[chosen], data.labels[chosen].copy()
            spoiled = np.flatnonzero(numbers.random(400) < self.wrong)
            classes[spoiled] = (classes[spoiled] + numbers.integers(1, 10, len(spoiled))) % 10
            padded = np.pad(pixels[:200].reshape(-1, 8, 8), ((0, 0), (1, 1), (1, 1)))
            shifted = [padded[:, 1 + i : 9 + i, 1 + j : 9 + j].reshape(200, 64) for i, j in offsets]
            inputs.append(np.concatenate([*shifted, pixels[200:]]))
            labels.append(np.concatenate([np.tile(classes[:200], len(offsets)), classes[200:]]))
            moves.append(lab.generator("shifts", member).integers(0, len(offsets), (self.steps, self.batch)))
            mixing = lab.generator("mixtures", member)
            partners.append(mixing.permuted(np.tile(np.arange(self.batch), (self.steps, 1)), axis=1))
            shares.append(mixing.beta(self.strength, self.strength, self.steps))
            centres.append(mixing.integers(0, 8, (self.steps, 2)))
        orders = lab.orders("orders", 200, self.batch, self.steps)
        others = lab.orders("other orders", 200, self.batch, self.steps) if self.method == "nothing" else orders
        shapes = Perceptron((64, 64, 64, 10)).parameter_shapes()
        bounds = [1 / np.sqrt(inner) for inner in (64, 64, 64, 64, 64, 64)]
        weights = tuple(
            lab.uniform(f"parameter {index}", shape, -bound, bound)
            for index, (shape, bound) in enumerate(zip(shapes, bounds, strict=True))
        )
        both = np.stack([orders, others + 200 * np.stack(moves)])
        return LabelledDigits(
            lab.rounded(np.stack(inputs)),
            np.stack(labels),
            weights,
            both,
            np.stack(partners),
            lab.rounded(np.stack(shares)),
            np.stack(centres),
        )

    def measure(self, lab: Lab, given: LabelledDigits) -> Quantity:
        """Accuracy with the method minus that without, shape `(members,)`."""
        arms = [self._accuracies(lab, given, arm) for arm in ((0,) if self.method == "stopping" else (0, 1))]
        if self.method == "stopping":
            validation, accuracy = arms[0]
            gain = np.take_along_axis(accuracy, validation.argmin(axis=0)[None], axis=0)[0] - accuracy[-1]
        else:
            gain = arms[1][1][-1] - arms[0][1][-1]
        return Quantity(100 * gain, "test accuracy gained", "percentage points", (Axis("member", tuple(lab.members)),))

    def _accuracies(self, lab: Lab, given: LabelledDigits, arm: int) -> tuple[Array, Array]:
        """Validation losses and test accuracies, each of shape `(records, members)`."""
        validation: list[Array] = []
        accuracies: list[Array] = []
        smoothed, decayed = self.method == "label smoothing", self.method == "weight decay"
        criterion = self.loss(reduction="none", **({"label_smoothing": arm * self.strength} if smoothed else {}))

        def losses(outputs: Tensor, targets: Tensor) -> Tensor:
            targets = targets[:, -outputs.shape[1] :]
            each: Tensor = criterion(outputs.mT, targets.mT if targets.dim() == 3 else targets)
            if outputs.shape[1] == 600:  # a record: 200 for validation, 400 for the test
                labels = lab.tensor(given.labels)[:, -400:]
                validation.append(each[:, :200].mean(1).double().cpu().numpy())
                accuracies.append((outputs[:, 200:].argmax(2) == labels).double().mean(1).cpu().numpy())
            return each.mean(1)

        members = len(given.labels)
        inputs, targets, orders = self._minibatches(lab, given, arm)
        train(
            _Masked(Perceptron((64, 64, 64, 10)), self.batch, 600),
            [lab.tensor(weight) for weight in given.weights],
            (inputs, targets),
            optimizer=lambda parameters: self.optimizer(
                parameters, lr=self.lr, **({"weight_decay": arm * self.strength} if decayed else {})
            ),
            steps=self.steps,
            orders=orders,
            loss=losses,
            record_every=20 if self.method == "stopping" else None,
            chunk=max(members, 2),
        )
        return np.stack(validation)[:, :members], np.stack(accuracies)[:, :members]

    def _minibatches(self, lab: Lab, given: LabelledDigits, arm: int) -> tuple[Tensor, Tensor, Tensor]:
        """Data and orders of `train`; where a minibatch is changed as a whole, all of them are written out, 600 others behind."""
        inputs, labels, orders = lab.tensor(given.inputs), lab.tensor(given.labels), lab.tensor(given.orders[arm])
        if not arm or self.method not in ("dropout", "mixup", "cutmix"):
            return inputs, labels, orders
        written: list[tuple[Tensor, ...]] = []
        for member, (own, classes) in enumerate(zip(inputs, labels, strict=True)):
            images, targets = own[orders[member]], functional.one_hot(classes, 10).to(own)
            chosen = targets[orders[member]]
            if self.method == "dropout":
                layer, ones = self.dropout(p=self.strength), torch.ones(self.steps * self.batch, 128).to(own)
                with lab.seeded("masks", lab.members[member]):
                    images = torch.cat([images.flatten(0, 1), layer(ones)], dim=1)
                held_out = torch.cat([own[-600:], layer.eval()(ones[:600])], dim=1)
                written.append((torch.cat([images, held_out]), torch.cat([chosen.flatten(0, 1), targets[-600:]])))
                continue
            mixed = []
            for step, share in enumerate(given.shares[member].tolist()):
                partners = lab.tensor(given.partners[member, step])
                if self.method == "mixup":
                    mixed.append(tuple(mixup(images[step], chosen[step], share, partners)))
                else:
                    centre = tuple(given.centres[member, step].tolist())
                    mixed.append(cutmix(images[step].view(-1, 8, 8), chosen[step], share, partners, centre))
            parts = zip(*mixed, (own[-600:], targets[-600:]), strict=True)
            written.append(tuple(torch.cat([part.reshape(len(part), -1) for part in pieces]) for pieces in parts))
        everything, soft = (torch.stack(pieces) for pieces in zip(*written, strict=True))
        every = torch.arange(self.steps * self.batch).view(self.steps, self.batch).to(orders.device)
        return everything, soft, every.expand(len(labels), -1, -1)
