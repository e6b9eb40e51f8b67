"""Experiments on what becomes of a layer's output, and of training, where pixels are shifted or permuted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.data import digits, placed
from dlverify.lab.modules import Modules
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


@dataclass(frozen=True)
class Maps:
    """An image, and weights.

    Attributes:
        image: Integers, shape `(channels, nodes, nodes)`.
        weights: Integers, as many as any layer needs; a layer takes the first ones.
    """

    image: Array
    weights: Array


@dataclass(frozen=True)
class ShiftedMaps(Experiment):
    """Whether the map of a shifted image is a shifted copy of the map of the image, for all circular shifts.

    Weights and pixels are small integers, so that nothing is rounded.

    Attributes:
        convolution: Called with channels in and out, the size of its kernel, `stride`, `padding`, `padding_mode` and
            `bias=False`.
        pooling: Called with the size of its window, after the convolution.
        stride: Of the convolution.
        window: Of the pooling, and its stride.
        padding_mode: What stands around the image: "circular", the other side of it, or "zeros".
        compared: The maps "everywhere"; or "away from the border", at nodes that see none of the padding, neither
            before nor after the shift.
        nodes: Of a side of the image, a multiple of stride times window.
        channels: Of the image, and of the map.
        kernel: Size of the kernel, odd.
    """

    convolution: Subject = Subject("torch.nn", "Conv2d")
    pooling: Subject = Subject("torch.nn", "MaxPool2d")
    stride: int = 1
    window: int = 1
    padding_mode: Literal["circular", "zeros"] = "circular"
    compared: Literal["everywhere", "away from the border"] = "everywhere"
    nodes: int = 12
    channels: int = 3
    kernel: int = 3

    def draw(self, lab: Lab) -> Maps:
        """Integers from -9 to 9."""
        count = self.nodes**2 * self.channels**2 * self.kernel**2
        image = lab.generator("image").integers(-9, 10, (self.channels, self.nodes, self.nodes))
        weights = lab.generator("weights").integers(-9, 10, count)
        return Maps(lab.rounded(image.astype(np.float64)), lab.rounded(weights.astype(np.float64)))

    def measure(self, lab: Lab, given: Maps) -> Quantity:
        """Whether it is a copy, shape `(nodes, nodes)`: shifts along rows and columns."""
        layer = self.convolution(
            self.channels,
            self.channels,
            self.kernel,
            stride=self.stride,
            padding=self.kernel // 2,
            padding_mode=self.padding_mode,
            bias=False,
        ).to(device=lab.device, dtype=lab.torch_dtype)
        shifted = _shifts(lab.tensor(given.image))
        layer(shifted[:1])  # a layer that takes its size from the first input has its weights after that
        with torch.no_grad():
            for parameter in layer.parameters():
                parameter.copy_(lab.tensor(given.weights[: parameter.numel()]).view(parameter.shape))
            maps = self.pooling(self.window)(layer(shifted))  # (shifts, channels, rows, columns)
        reach = self.kernel // 2 if self.compared == "away from the border" else 0
        inner = torch.zeros(maps.shape[2:], dtype=torch.bool, device=maps.device)
        inner[reach : len(inner) - reach, reach : len(inner) - reach] = True
        copies, seen = _shifts(maps[0]), _shifts(inner[None])[:, 0] & inner
        equal = ((maps[:, None] == copies) | ~seen[:, None]).flatten(2).all(2)
        found = (equal & seen.flatten(1).any(1)).any(1)
        shifts = tuple(range(self.nodes))
        axes = (Axis("row", shifts, "nodes"), Axis("column", shifts, "nodes"))
        return Quantity(found.view(self.nodes, self.nodes), "is a shifted copy", "", axes)


def _shifts(maps: Tensor) -> Tensor:
    """All circular shifts of maps (channels, nodes, nodes), along rows and columns: (nodes * nodes, ...)."""
    nodes = range(maps.shape[-1])
    return torch.stack([maps.roll((down, right), (1, 2)) for down in nodes for right in nodes])


@dataclass(frozen=True)
class Training:
    """Images with targets, initial weights, and a permutation of the pixels.

    Attributes:
        images: Shape `(samples, 64)`, no longer than 1.5.
        targets: 1 for digits below five and -1 for the others, shape `(samples,)`.
        first: Of the perceptron's first layer, shape `(hidden, 64)`.
        kernels: Of the convolution, shape `(hidden, 9)`.
        last: Of the last layer, shape `(36 hidden,)`; the perceptron takes the first ones.
        permutation: Of the pixels.
    """

    images: Array
    targets: Array
    first: Array
    kernels: Array
    last: Array
    permutation: Array


@dataclass(frozen=True)
class PermutedTraining(Experiment):
    """By how much the loss differs, step by step, between training on images and on the same with permuted pixels.

    Networks of one hidden layer of tanh and without biases are trained on digits by all samples at once, with half the
    mean squared error for a loss.

    Attributes:
        optimizer: Called with a list of parameters and `lr`.
        network: "perceptron", or "convolutional" with kernels of 3x3 pixels.
        columns: Those of the perceptron's first layer are "permuted" as the pixels are, or "as drawn".
        hidden: Hidden units, or maps.
        samples: How many images.
        steps: How many steps.
        lr: The learning rate.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    optimizer: Subject = Subject("torch.optim", "SGD")
    network: Literal["perceptron", "convolutional"] = "perceptron"
    columns: Literal["permuted", "as drawn"] = "permuted"
    hidden: int = 4
    samples: int = 32
    steps: int = 50
    lr: float = 0.2

    def draw(self, lab: Lab) -> Training:
        """The first digits of a random order; normal weights that keep the size of the signal."""
        data, numbers = digits(), lab.generator("samples")
        chosen = numbers.permutation(len(data.labels))[: self.samples]
        return Training(
            lab.rounded(data.pixels[chosen] / 4),
            lab.rounded(np.where(data.labels[chosen] < 5, 1.0, -1.0)),
            lab.normal("first", (self.hidden, 64), 0.5)[0],
            lab.normal("kernels", (self.hidden, 9), 0.5)[0],
            lab.normal("last", (36 * self.hidden,), 0.5 / self.hidden**0.5)[0],
            numbers.permutation(64),
        )

    def measure(self, lab: Lab, given: Training) -> Quantity:
        """The difference, shape `(steps + 1,)`."""
        permuted = given.first[:, given.permutation] if self.columns == "permuted" else given.first
        plain = self._losses(lab, given, given.images, given.first)
        other = self._losses(lab, given, given.images[:, given.permutation], permuted)
        steps = Axis("step", tuple(range(self.steps + 1)))
        return Quantity(other - plain, "loss on permuted pixels minus loss on pixels as they are", "", (steps,))

    def _losses(self, lab: Lab, given: Training, images: Array, first: Array) -> Tensor:
        body: list[nn.Module]
        if self.network == "perceptron":
            weights, body = (
                [first, given.last[None, : self.hidden]],
                [nn.Linear(64, self.hidden, bias=False), nn.Tanh()],
            )
        else:
            weights = [given.kernels.reshape(-1, 1, 3, 3), given.last[None]]
            body = [nn.Unflatten(1, (1, 8, 8)), nn.Conv2d(1, self.hidden, 3, bias=False), nn.Tanh(), nn.Flatten()]
        network = nn.Sequential(*body, nn.Linear(weights[1].shape[1], 1, bias=False)).to(lab.device, lab.torch_dtype)
        with torch.no_grad():
            for parameter, values in zip(network.parameters(), weights, strict=True):
                parameter.copy_(lab.tensor(values))
        inputs, targets = lab.tensor(images), lab.tensor(given.targets)
        optimizer, losses = self.optimizer(list(network.parameters()), lr=self.lr), []
        for _ in range(self.steps + 1):
            optimizer.zero_grad()
            loss = (network(inputs)[:, 0] - targets).square().mean() / 2
            loss.backward()
            losses.append(loss.detach())
            optimizer.step()
        return torch.stack(losses).double()


@dataclass(frozen=True)
class Digits:
    """Digits on larger squares and the orders of two arms' minibatches, a row for each member.

    Attributes:
        images: Shape `(members, samples + 500, 144)`, the last 500 for the test.
        labels: What is to be told of each, shape `(members, samples + 500)`.
        orders: Shape `(2, members, steps, batch)`.
    """

    images: Array
    labels: Array
    orders: Array


@dataclass(frozen=True)
class PlacedDigits(Experiment):
    """By how much a network errs more often than another on digits that stand somewhere on a larger square.

    The digits have 8x8 pixels, the square 12x12. The convolutional network has two convolutions, the maximum over all
    places and a linear layer, 1,474 parameters; the perceptron has ten hidden units and 1,560 parameters. Both are trained
    by minibatches of 32.

    Attributes:
        optimizer: Called with a list of parameters and `lr`.
        pooling: What the convolutional network has behind its convolutions, on maps of 3x3 nodes; called without
            arguments.
        network: The network.
        other: The other one.
        pixels: "in place", or "permuted", by one permutation for all images of a member.
        stand: Digits stand "anywhere", or all "in the middle".
        target: What is to be told: the "digit", or in which "quarter" of the places it stands.
        samples: Images to train on.
        steps: Of training.
        lr: The learning rate.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64")

    optimizer: Subject = Subject("torch.optim", "Adam")
    pooling: Subject = Subject("torch.nn", "AdaptiveMaxPool2d", (("output_size", 1),))
    network: Literal["convolutional", "perceptron"] = "perceptron"
    other: Literal["convolutional", "perceptron"] = "convolutional"
    pixels: Literal["in place", "permuted"] = "in place"
    stand: Literal["anywhere", "in the middle"] = "anywhere"
    target: Literal["digit", "quarter"] = "digit"
    samples: int = 300
    steps: int = 150
    lr: float = 0.01

    def draw(self, lab: Lab) -> Digits:
        """Other digits, places, permutation and minibatches for each member."""
        data = digits()
        images, labels = [], []
        for member in lab.members:
            numbers = lab.generator("samples", member)
            chosen = numbers.permutation(len(data.labels))[: self.samples + 500]
            corners = numbers.integers(0, 5, (len(chosen), 2))
            corners = corners if self.stand == "anywhere" else np.full_like(corners, 2)
            squares = placed(data.pixels[chosen], corners, 12)
            images.append(squares[:, numbers.permutation(144)] if self.pixels == "permuted" else squares)
            quarters = corners // 3 @ np.array([2, 1])
            labels.append(data.labels[chosen] if self.target == "digit" else quarters)
        orders = [lab.orders(stream, self.samples, 32, self.steps) for stream in ("orders", "other orders")]
        return Digits(lab.rounded(np.stack(images)), np.stack(labels), np.stack(orders))

    def measure(self, lab: Lab, given: Digits) -> Quantity:
        """Test error of the network minus that of the other, shape `(members,)`."""
        arms = zip(("network", "other"), (self.network, self.other), given.orders, strict=True)
        errors = [self._errors(lab, given, f"weights of the {arm}", kind, orders) for arm, kind, orders in arms]
        members = Axis("member", tuple(lab.members))
        name = f"test error of the {self.network} network minus that of the {self.other} one"
        return Quantity(errors[0] - errors[1], name, "", (members,))

    def _errors(self, lab: Lab, given: Digits, stream: str, kind: str, orders: Array) -> Tensor:
        from dlverify.lab.ensembles import train

        network = Modules(self._convolutional if kind == "convolutional" else _perceptron)
        images, labels = lab.tensor(given.images), lab.tensor(given.labels)
        trained = train(
            network,
            network.initial(lab, stream),
            (images[:, : self.samples], labels[:, : self.samples]),
            optimizer=lambda parameters: self.optimizer(parameters, lr=self.lr),
            steps=self.steps,
            orders=lab.tensor(orders),
            loss="cross_entropy",
        ).parameters
        with torch.no_grad():
            answers = network.forward(trained, images[:, self.samples :]).argmax(-1)
        errors: Tensor = (answers != labels[:, self.samples :]).double().mean(1)
        return errors

    def _convolutional(self) -> nn.Module:
        convolutions = [nn.Conv2d(1, 8, 4, 2), nn.ReLU(), nn.Conv2d(8, 16, 3), nn.ReLU()]
        body = nn.Sequential(nn.Unflatten(1, (1, 12, 12)), *convolutions, self.pooling(), nn.Flatten())
        return nn.Sequential(body, nn.Linear(body(torch.zeros(1, 144)).shape[1], 10))


def _perceptron() -> nn.Module:
    return nn.Sequential(nn.Linear(144, 10), nn.ReLU(), nn.Linear(10, 10))
