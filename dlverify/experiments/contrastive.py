"""Experiments on contrastive learning: SimCLR's loss, what it makes of digits, and what unlabelled data are good for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.data import digits
from dlverify.lab.ensembles import train
from dlverify.lab.modules import Modules
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity, pictures_of


def nt_xent(
    similarities: Tensor, criterion: Callable[..., Tensor], temperature: float, *, itself: bool = False
) -> Tensor:
    """SimCLR's loss: the cross-entropy of picking a view's partner among all other views (Chen et al. 2020, equation 1).

    Args:
        similarities: Of all views, shape `(..., 2 N, 2 N)`; views i and i + N are a pair.
        criterion: Called with logits `(..., classes)`, classes and `reduction="none"`, as torch's cross-entropy is.
        temperature: What similarities are divided by.
        itself: Whether a view also stands among those that it could pick.

    Returns:
        The mean over all views, shape `(...)`.
    """
    views = similarities.shape[-1]
    logits = similarities / temperature
    if not itself:
        logits = logits.masked_fill(torch.eye(views, dtype=torch.bool, device=logits.device), -torch.inf)
    partners = torch.arange(views, device=logits.device).roll(views // 2).expand(logits.shape[:-1])
    losses = criterion(logits.flatten(0, -2), partners.flatten(), reduction="none")
    return losses.view(logits.shape[:-1]).mean(-1)


# ---- the loss of representations that are known ----


@dataclass(frozen=True)
class Representations:
    """Representations of 2 N views for each number N of pairs.

    Attributes:
        views: One array of shape `(2 N, features)` for each N, whole numbers times powers of two; i and i + N are a pair.
    """

    views: tuple[Array, ...]


@dataclass(frozen=True)
class ContrastiveLosses(Experiment):
    """SimCLR's loss of views that are arranged in space in a certain way.

    Attributes:
        similarity: Called with two stacks of representations, the last axis their features.
        criterion: Called as torch's cross-entropy is.
        arrangement: The representations have all "collapsed" to one point; pairs stand on the corners of a regular "simplex";
            or all views, "every view" on a corner of its own.
        itself: Whether a view also stands among those that it could pick.
        pairs: The numbers of pairs.
        temperatures: The temperatures.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    similarity: Subject = Subject("torch.nn.functional", "cosine_similarity", (("dim", -1),))
    criterion: Subject = Subject("torch.nn.functional", "cross_entropy")
    arrangement: Literal["simplex", "collapsed", "every view"] = "simplex"
    itself: bool = False
    pairs: tuple[int, ...] = (2, 3, 4, 8, 16)
    temperatures: tuple[float, ...] = (0.125, 0.25, 0.5, 1.0, 4.0, 64.0)

    def draw(self, lab: Lab) -> Representations:
        """Corners n e_i - (1, ..., 1) of a simplex of n corners, in random order, with lengths changed by powers of two."""
        numbers = lab.generator("representations")
        found = []
        for pairs in self.pairs:
            corners = 2 * pairs if self.arrangement == "every view" else pairs
            points = numbers.permutation(corners * np.eye(corners) - 1)
            chosen = np.zeros(2 * pairs, int) if self.arrangement == "collapsed" else np.arange(2 * pairs) % corners
            found.append(lab.rounded(points[chosen] * 2.0 ** numbers.integers(-2, 3, (2 * pairs, 1))))
        return Representations(tuple(found))

    def measure(self, lab: Lab, given: Representations) -> Quantity:
        """The losses, shape `(pairs, temperatures)`."""
        rows = []
        for array in given.views:
            views = lab.tensor(array)
            similarities = self.similarity(views[:, None], views[None])
            losses = [nt_xent(similarities, self.criterion, t, itself=self.itself) for t in self.temperatures]
            rows.append(torch.stack(losses))
        axes = Axis("pairs", self.pairs, scale="log2"), Axis("temperature", self.temperatures, scale="log2")
        return Quantity(torch.stack(rows), "contrastive loss", "nats", axes)


# ---- SimCLR on digits ----

Positives = Literal["views of one image", "of two images", "one view"]
"""What a pair is: two views of one image, views of two images that are drawn at random, or one view twice."""


@dataclass(frozen=True)
class Views:
    """Digits, views of those for training, and which views make a minibatch.

    Attributes:
        images: Shape `(members, samples, 64)`: first those for training, then those for testing, if any.
        labels: Shape `(members, samples)`.
        views: Shape `(members, training samples * views, 64)`: all views of the first image, then of the second, ...
        orders: Rows of `views`, shape `(members, steps, 2 * batch)`; i and i + batch are a pair.
        labelled: Training images whose labels are known, one a class, shape `(members, draws, 10)`.
    """

    images: Array
    labels: Array
    views: Array
    orders: Array
    labelled: Array


def warped(images: Array, numbers: np.random.Generator, views: int) -> Array:
    """Views of images of 8x8 pixels: turned by up to 20 degrees, stretched by up to 0.3, moved by up to 0.6 pixels.

    Returns:
        Shape `(images * views, 64)`.
    """
    count = len(images) * views
    angles = numbers.uniform(-1, 1, count) * np.pi / 9
    turned = np.stack([np.cos(angles), -np.sin(angles), np.sin(angles), np.cos(angles)], 1).reshape(count, 2, 2)
    stretched = np.eye(2) + numbers.uniform(-0.3, 0.3, (count, 2, 2))
    moved = numbers.uniform(-0.15, 0.15, (count, 2, 1))  # in half widths of four pixels
    maps = torch.from_numpy(np.concatenate([turned @ stretched, moved], 2))
    grid = functional.affine_grid(maps, [count, 1, 8, 8], align_corners=False)
    pictures = torch.from_numpy(np.repeat(images, views, axis=0)).view(count, 1, 8, 8)
    found: Array = functional.grid_sample(pictures, grid, align_corners=False).flatten(1).numpy()
    return found


def paired_views(
    numbers: np.random.Generator, positives: Positives, images: int, views: int, shape: tuple[int, int]
) -> Array:
    """Rows of views for each minibatch, whose images are different ones, shape `(steps, 2 * batch)`; `shape` is (steps, batch)."""
    steps, batch = shape
    first = np.stack([numbers.permutation(images)[:batch] for _ in range(steps)])
    second = np.roll(first, 1, axis=1) if positives == "of two images" else first
    view = numbers.integers(views, size=shape)
    other = view if positives == "one view" else (view + numbers.integers(1, views, shape)) % views
    return np.concatenate([first * views + view, second * views + other], axis=1)


def _pretrained(
    lab: Lab,
    given: Views,
    network: Modules,
    criterion: Subject,
    optimizer: Subject,
    lr: float,
    temperature: float,
) -> list[Tensor]:
    """Parameters of SimCLR, trained on the minibatches of views."""
    views, orders = lab.tensor(given.views), lab.tensor(given.orders)

    def loss(projections: Tensor, unused: Tensor) -> Tensor:
        # The loss over all data, which `train` takes at both ends, is of no use here: as much as a minibatch will do.
        return loss_of(projections[:, : orders.shape[2]], criterion, temperature)

    no_labels = torch.zeros(views.shape[:2], dtype=torch.int64, device=views.device)
    return train(
        network,
        network.initial(lab),
        (views, no_labels),
        optimizer=lambda tensors: optimizer(tensors, lr=lr),
        steps=orders.shape[1],
        orders=orders,
        loss=loss,
    ).parameters


def loss_of(projections: Tensor, criterion: Callable[..., Tensor], temperature: float) -> Tensor:
    """SimCLR's loss of projections (members, 2 N, features), one for each member."""
    directions = functional.normalize(projections, dim=-1)
    return nt_xent(directions @ directions.mT, criterion, temperature)


@dataclass(frozen=True)
class SimCLRProbe(Experiment):
    """What SimCLR's features are worth to a linear classifier that knows one label a class, beside pixels, on digits.

    The classifier sees both at unit length times eight, since the loss looks at directions alone.

    Attributes:
        network: SimCLR: its `encoder` is what is used, and its answers are what the loss sees.
        criterion: Called as torch's cross-entropy is.
        optimizer: Called with a list of parameters and `lr`.
        probe: A classifier, as scikit-learn's are; by the nearest of points one a class it is linear, for its boundaries are planes.
        positives: What a pair is.
        images: Training images, drawn anew for each member out of all; 500 others are for testing.
        views: How many views of each.
        batch: Pairs in a minibatch.
        steps: How many steps.
        lr: The learning rate.
        temperature: What similarities are divided by.
        draws: How many times ten labels are drawn; errors are averaged.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64")

    network: Subject = Subject("dlverify.lab.architectures.learning", "simclr")
    criterion: Subject = Subject("torch.nn.functional", "cross_entropy")
    optimizer: Subject = Subject("torch.optim", "Adam")
    probe: Subject = Subject("sklearn.neighbors", "KNeighborsClassifier", (("n_neighbors", 1),))
    positives: Positives = "views of one image"
    images: int = 512
    views: int = 8
    batch: int = 64
    steps: int = 200
    lr: float = 0.003
    temperature: float = 0.5
    draws: int = 8

    def draw(self, lab: Lab) -> Views:
        """Images, views, minibatches and the images whose labels are known."""
        data, rows = digits(), []
        for member in lab.members:
            chosen = lab.generator("samples", member).permutation(len(data.labels))[: self.images + 500]
            pixels, labels = data.pixels[chosen], data.labels[chosen]
            views = warped(pixels[: self.images], lab.generator("views", member), self.views)
            numbers = lab.generator("pairs", member)
            orders = paired_views(numbers, self.positives, self.images, self.views, (self.steps, self.batch))
            known = lab.generator("labels", member)
            classes = [np.flatnonzero(labels[: self.images] == digit) for digit in range(10)]
            labelled = np.array([[known.choice(places) for places in classes] for _ in range(self.draws)])
            rows.append((pixels, labels, views, orders, labelled))
        pixels, labels, views, orders, labelled = (np.stack(parts) for parts in zip(*rows, strict=True))
        return Views(lab.rounded(pixels), labels, lab.rounded(views), orders, labelled)

    def measure(self, lab: Lab, given: Views) -> Quantity:
        """Test error on pixels minus test error on features, shape `(members,)`."""
        network, encoder = Modules(self.network), Modules(lambda: self.network().encoder)
        parameters = _pretrained(lab, given, network, self.criterion, self.optimizer, self.lr, self.temperature)
        inside = [p for name, p in zip(network.names, parameters, strict=True) if name.startswith("encoder.")]
        with torch.no_grad():
            features = encoder.forward(inside, lab.tensor(given.images)).double().cpu().numpy()
        gains = [
            self._error(pixels, labels, labelled) - self._error(seen, labels, labelled)
            for pixels, seen, labels, labelled in zip(given.images, features, given.labels, given.labelled, strict=True)
        ]
        axes = (Axis("member", tuple(lab.members)),)
        # Six pairs of the first minibatch of the first member.
        pairs = given.views[0][given.orders[0, 0].reshape(2, -1)[:, :6]].reshape(2, -1, 8, 8)
        pictures = pictures_of({"views of digits": pairs[0], "what each is paired with": pairs[1]})
        name = "test error on pixels minus test error on features"
        return Quantity(np.array(gains), name, "", axes, pictures=pictures)

    def _error(self, inputs: Array, labels: Array, labelled: Array) -> float:
        """Test error of the probe, averaged over the draws of labels."""
        directions = 8 * inputs / np.linalg.norm(inputs, axis=1, keepdims=True)
        tests, answers = directions[self.images :], labels[self.images :]
        fits = [self.probe().fit(directions[known], labels[known]) for known in labelled]
        return float(np.mean([(fit.predict(tests) != answers).mean() for fit in fits]))


@dataclass(frozen=True)
class LossOnGivenImages(Experiment):
    """SimCLR's loss after training on a few digits alone: no label, and no further image.

    It is taken on views that training has not seen, of the same images.

    Attributes:
        network: SimCLR.
        criterion: Called as torch's cross-entropy is.
        optimizer: Called with a list of parameters and `lr`.
        positives: What a pair is while training.
        images: How many images.
        views: How many views of each for training, and as many for the loss that is measured.
        steps: How many steps, all images in each.
        lr: The learning rate.
        temperature: What similarities are divided by.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64")

    network: Subject = Subject("dlverify.lab.architectures.learning", "simclr")
    criterion: Subject = Subject("torch.nn.functional", "cross_entropy")
    optimizer: Subject = Subject("torch.optim", "Adam")
    positives: Positives = "views of one image"
    images: int = 4
    views: int = 16
    steps: int = 100
    lr: float = 0.003
    temperature: float = 0.5

    def draw(self, lab: Lab) -> Views:
        """Images, their views and minibatches; the images for testing are the further views."""
        data, rows = digits(), []
        for member in lab.members:
            chosen = lab.generator("samples", member).permutation(len(data.labels))[: self.images]
            views = warped(data.pixels[chosen], lab.generator("views", member), 2 * self.views)
            views = views.reshape(self.images, 2, self.views, 64)
            numbers = lab.generator("pairs", member)
            orders = paired_views(numbers, self.positives, self.images, self.views, (self.steps, self.images))
            fresh = views[:, 1].swapaxes(0, 1).reshape(-1, 64)  # one view of each image, then another of each, ...
            rows.append((fresh, np.tile(data.labels[chosen], self.views), views[:, 0].reshape(-1, 64), orders))
        fresh, labels, views, orders = (np.stack(parts) for parts in zip(*rows, strict=True))
        return Views(lab.rounded(fresh), labels, lab.rounded(views), orders, np.empty((len(rows), 0, 10), int))

    def measure(self, lab: Lab, given: Views) -> Quantity:
        """The loss after training, shape `(members,)`."""
        network = Modules(self.network)
        parameters = _pretrained(lab, given, network, self.criterion, self.optimizer, self.lr, self.temperature)
        with torch.no_grad():
            projections = network.forward(parameters, lab.tensor(given.images))
            pairs = projections.unflatten(1, (self.views // 2, 2 * self.images)).flatten(0, 1)
            losses = loss_of(pairs, self.criterion, self.temperature).view(-1, self.views // 2).mean(1)
        return Quantity(losses, "contrastive loss on fresh views", "nats", (Axis("member", tuple(lab.members)),))


# ---- unlabelled data beside labelled ones ----


@dataclass(frozen=True)
class Points:
    """Points in the plane and their classes.

    Attributes:
        inputs: Two labelled points, one a class, then unlabelled ones, then those for testing, shape `(members, repetitions, points, 2)`.
        labels: Shape `(members, repetitions, points)`.
    """

    inputs: Array
    labels: Array


@dataclass(frozen=True)
class UnlabelledPoints(Experiment):
    """What unlabelled points are worth to a classifier that knows one label a class; errors on 200 fresh points.

    Attributes:
        clusters: Finds clusters, as scikit-learn's `KMeans` does; called with `n_clusters=2`, the labelled points as `init` and
            `n_init=1`. A point is given the class of the labelled point that its cluster started from.
        world: Classes are two normal "clusters" at -1.5 and 1.5 on the first axis; or parts of "one cluster", on the two
            sides of a line in a random direction, up to 1 from its middle.
        unlabelled: How many unlabelled points.
        repetitions: How many data sets the errors of a member are averaged over.
    """

    clusters: Subject = Subject("sklearn.cluster", "KMeans")
    world: Literal["clusters", "one cluster"] = "clusters"
    unlabelled: int = 200
    repetitions: int = 32

    def draw(self, lab: Lab) -> Points:
        """The points; the first of each class are the labelled ones."""
        shape = self.repetitions, 2 + self.unlabelled + 200
        inputs = lab.normal("points", (*shape, 2))
        if self.world == "clusters":
            labels = lab.uniform("labels", shape) < 0.5
            inputs = inputs + np.where(labels, 1.5, -1.5)[..., None] * np.array([1.0, 0.0])
        else:
            angles = lab.uniform("angles", (self.repetitions, 1), 0.0, 2 * np.pi)
            offsets = lab.uniform("offsets", (self.repetitions, 1), -1.0, 1.0)
            labels = inputs[..., 0] * np.cos(angles) + inputs[..., 1] * np.sin(angles) > offsets
        # Both classes have more than a sixth of the points, so that each has some among so many.
        order = np.broadcast_to(np.arange(shape[1]), labels.shape).copy()
        for place, label in enumerate((False, True)):
            first = (labels == label).argmax(-1)[..., None]
            np.put_along_axis(order, first, -2 + place, -1)
        order = order.argsort(-1)
        inputs, labels = np.take_along_axis(inputs, order[..., None], -2), np.take_along_axis(labels, order, -1)
        return Points(lab.rounded(inputs), labels.astype(int))

    def measure(self, lab: Lab, given: Points) -> Quantity:
        """Error without the unlabelled points minus error with them, shape `(members,)`."""
        gains = [
            np.mean([self._error(*data, 0) - self._error(*data, self.unlabelled) for data in zip(*member, strict=True)])
            for member in zip(given.inputs, given.labels, strict=True)
        ]
        axes = (Axis("member", tuple(lab.members)),)
        return Quantity(np.array(gains), "error without unlabelled points minus error with them", "", axes)

    def _error(self, inputs: Array, labels: Array, unlabelled: int) -> float:
        fitted = self.clusters(n_clusters=2, init=inputs[:2], n_init=1).fit(inputs[: 2 + unlabelled])
        tests = slice(2 + self.unlabelled, None)
        return float((fitted.predict(inputs[tests]) != labels[tests]).mean())
