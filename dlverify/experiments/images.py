"""Experiments that train two networks on the same images and compare their errors, image by image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn

from dlverify.evidence.finding import NotAvailable
from dlverify.experiment import Experiment, ExperimentError
from dlverify.lab import openml
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity

SHAPES = {
    "digits": (1, 8),
    "scattered digits": (1, 14),
    "coloured digits": (3, 14),
    "mnist": (1, 28),
    "cifar10": (3, 28),
}
"""Channels, and pixels along one side, of each kind of data."""

AT_ONCE = 250
"""Test images that go through the networks at once, so that the maps of an ensemble fit into memory."""


@dataclass(frozen=True)
class Sample:
    """What two networks are trained and tested on.

    Attributes:
        pixels: Bytes, `(images, features)` for all members, or `(members, images, features)`.
        labels: Shape `(members, images)`.
        orders: Minibatches as numbers of images, `(members, steps, batch)`: the same for both networks.
        tests: Numbers of the images for testing, `(members, tested)`; none of them is in a minibatch.
        centre: Mean of all pixels, which is subtracted.
        spread: Their standard deviation, by which is divided.
    """

    pixels: Array
    labels: Array
    orders: Array
    tests: Array
    centre: float
    spread: float


@dataclass(frozen=True)
class Advantage(Experiment):
    """By how much a network errs less often on test images than another one, in standard errors: McNemar's statistic.

    Of the images that one network alone gets wrong, b are the rival's and c the network's: (b - c) / sqrt(b + c). Were both
    equally good, each of the b + c would be the one's or the other's like a fair coin. Both networks see the same images in
    the same minibatches.

    Attributes:
        network: Called without arguments; takes images `(samples, channels, side, side)`, returns ten numbers for each.
        rival: Likewise.
        optimizer: Called with a list of parameters and `lr`.
        data: "digits", scikit-learn's of 8x8 pixels; "scattered digits", each at random on a square of 14x14 pixels;
            "coloured digits", these in a colour of their own before one of their own; "mnist", 28x28 pixels; "cifar10", the
            middle 28x28 of 32x32 pixels in three colours. The last two are fetched from openml.org.
        labels: "true"; "shuffled" among the images; or "linear": the largest of ten random linear functions of the pixels.
        pixels: "in place", or "permuted": those of all images in one other order, a member's own.
        samples: Images for training: drawn for each member, from MNIST and CIFAR-10 among those meant for it.
        tested: Images for testing: drawn for each member among the other digits; the last ones of MNIST and CIFAR-10.
        batch: Images in a minibatch.
        epochs: Passes over the training images.
        lr: The learning rate.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64")

    network: Subject = Subject("dlverify.lab.architectures.small_images", "perceptron")
    rival: Subject = Subject("dlverify.lab.architectures.small_images", "perceptron", (("hidden", 0),))
    optimizer: Subject = Subject("torch.optim", "Adam")
    data: Literal["digits", "scattered digits", "coloured digits", "mnist", "cifar10"] = "digits"
    labels: Literal["true", "shuffled", "linear"] = "true"
    pixels: Literal["in place", "permuted"] = "in place"
    samples: int = 1000
    tested: int = 797
    batch: int = 25
    epochs: int = 10
    lr: float = 0.01

    def draw(self, lab: Lab) -> Sample:
        """Images with their labels, minibatches and tests.

        Raises:
            ExperimentError: There are fewer images than asked for.
            NotAvailable: The images cannot be fetched.
        """
        pixels, true = self._images(lab)
        count, features = true.shape[1], pixels.shape[-1]
        last = openml.SOURCES[self.data].tests if self.data in openml.SOURCES else 0
        if self.samples + (0 if last else self.tested) > count - last or self.tested > (last or count):
            allowed = (
                f"at most {count - last} for training, {last} for testing" if last else f"{count} at most together"
            )
            raise ExperimentError(
                f"expected images of {self.data}: {allowed}; found {self.samples} for training and {self.tested} for testing"
            )
        labels, chosen, tests = [], [], []
        for row, member in enumerate(lab.members):
            order = lab.generator("samples", member).permutation(count - last)
            chosen.append(order[: self.samples])
            tests.append(np.arange(count - self.tested, count) if last else order[self.samples :][: self.tested])
            own = true[row]
            if self.labels == "shuffled":
                own = lab.generator("labels", member).permutation(own)
            elif self.labels == "linear":
                shown = pixels.reshape(-1, count, features)[row if pixels.ndim == 3 else 0].astype(np.float64)
                functions = lab.generator("functions", member).standard_normal((features, 10))
                own = ((shown - shown.mean(0)) @ functions).argmax(1)
            labels.append(own)
        if self.pixels == "permuted":
            orders = [lab.generator("pixels", member).permutation(features) for member in lab.members]
            rows = [(pixels[row] if pixels.ndim == 3 else pixels)[:, order] for row, order in enumerate(orders)]
            pixels = np.stack(rows).copy(
                "C"
            )  # numpy stores what it has chosen by columns, which is slow to gather from
        steps = self.epochs * (self.samples // self.batch)
        within = lab.orders("orders", self.samples, self.batch, steps)
        orders_of_images = np.stack([numbers[order] for numbers, order in zip(chosen, within, strict=True)])
        shown = pixels[..., : count - last, :]
        return Sample(
            pixels,
            np.stack(labels),
            orders_of_images,
            np.stack(tests),
            float(shown.mean()),
            float(shown.std(dtype=np.float64)),
        )

    def _images(self, lab: Lab) -> tuple[Array, Array]:
        """Bytes, for all members or each, and true labels `(members, images)`.

        Raises:
            NotAvailable: The images cannot be fetched.
        """
        from dlverify.lab.data import digits, placed

        channels, side = SHAPES[self.data]
        members = len(lab.members)
        if self.data in openml.SOURCES:
            try:
                found = openml.fetch(self.data)
            except openml.NotFetched as reason:
                raise NotAvailable(str(reason)) from reason
            cut = openml.central(found.pixels, channels, side)
            return cut, np.broadcast_to(found.labels, (members, len(found.labels)))
        known = digits()
        count = len(known.labels)
        labels = np.broadcast_to(known.labels, (members, count))
        if self.data == "digits":
            return np.rint(255 * known.pixels).astype(np.uint8), labels
        squares = []
        for member in lab.members:
            corners = lab.generator("places", member).integers(1, 6, size=(count, 2))
            ink = placed(known.pixels, corners, side)[:, None, :]
            dark, light = lab.generator("colours", member).uniform(0, 0.5, (2, count, 3, 1))
            squares.append(dark + (light + 0.5 - dark) * ink if channels == 3 else ink)
        return np.rint(255 * np.stack(squares)).astype(np.uint8).reshape(members, count, channels * side**2), labels

    def measure(self, lab: Lab, given: Sample) -> Quantity:
        """The statistic of each member, `(members,)`; 0 where the networks err on the same images."""
        pixels = lab.tensor(given.pixels).to(lab.torch_dtype).sub_(given.centre).div_(given.spread)
        labels = lab.tensor(given.labels)
        network, rival = (self._wrong(lab, given, make, pixels, labels) for make in (self.network, self.rival))
        avoided, added = ((first & ~second).sum(1).double() for first, second in ((rival, network), (network, rival)))
        values = (avoided - added) / (avoided + added).clamp(min=1).sqrt()
        axes = (Axis("member", tuple(lab.members)),)
        return Quantity(values, "advantage over the rival", "standard errors", axes)

    def _wrong(self, lab: Lab, given: Sample, make: Subject, pixels: Tensor, labels: Tensor) -> Tensor:
        """Which test images a trained network gets wrong, `(members, tested)`."""
        from dlverify.lab.ensembles import train
        from dlverify.lab.modules import Modules

        def network() -> nn.Module:
            return nn.Sequential(nn.Unflatten(1, (channels, side, side)), make())

        channels, side = SHAPES[self.data]
        modules = Modules(network)
        trained = train(
            modules,
            modules.initial(lab),
            (pixels, labels),
            optimizer=lambda parameters: self.optimizer(parameters, lr=self.lr),
            steps=given.orders.shape[1],
            orders=lab.tensor(given.orders),
            loss="cross_entropy",
            record_every=0,  # all images at once would need too much memory, and no loss is asked for
        ).parameters
        rows = torch.arange(len(labels), device=labels.device)[:, None]
        wrong = []
        with torch.no_grad():
            for places in torch.split(lab.tensor(given.tests), AT_ONCE, 1):
                shown = pixels[rows, places] if pixels.dim() == 3 else pixels[places]
                wrong.append(modules.forward(trained, shown).argmax(-1) != labels[rows, places])
        return torch.cat(wrong, 1)
