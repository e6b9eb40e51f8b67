"""Experiments on adversarial training: the discriminator's objective, the generator's gradient, their game, and DCGAN's layers."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch.nn.functional import softplus

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.ensembles import Perceptron, stepping
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity, pictures_of


@dataclass(frozen=True)
class DiscriminatorValues(Experiment):
    """What the discriminator's objective, log D(real) + log(1 - D(fake)), is worth for given answers, to four decimals.

    Attributes:
        loss: The loss whose negative is maximised; called without arguments, and then with answers and their targets.
        fakes: "told apart", with the answer 1 - D(real), or "taken for real", with the answer D(real).
        answers: D(real).
    """

    loss: Subject = Subject("torch.nn", "BCELoss")
    fakes: Literal["told apart", "taken for real"] = "told apart"
    answers: tuple[float, ...] = (0.5, 0.01, 0.1, 0.3, 0.7, 0.9, 0.99, 0.9999)

    def draw(self, lab: Lab) -> None:
        """Nothing: the answers are given."""

    def measure(self, lab: Lab, given: None) -> Quantity:
        """The objective in units of 0.0001, rounded to whole ones, shape `(answers,)`."""
        loss, found = self.loss(), []
        for answer in self.answers:
            real = lab.tensor(np.array([answer]))
            fake = 1 - real if self.fakes == "told apart" else real
            value = -(loss(real, torch.ones_like(real)) + loss(fake, torch.zeros_like(fake)))
            found.append(round(float(value) * 10_000))
        return Quantity(
            found, "value of the discriminator", "0.0001 nats", (Axis("answer to a real sample", self.answers),)
        )


@dataclass(frozen=True)
class Samples:
    """How often each point comes among real samples and among fakes.

    Attributes:
        real: Whole numbers, shape `(separations, points)`; each row has the same sum as that of the fakes.
        fake: The same.
        pair: The points of one real and one fake sample, drawn from each row, shape `(separations, 2)`.
    """

    real: Array
    fake: Array
    pair: Array


@dataclass(frozen=True)
class BestDiscriminators(Experiment):
    """The table of answers, one for each point, with the largest objective, found by trying all: multiples of 1/144.

    At separation s = 0..12 the point a = 0..12 has the share (72 + s (a - 6)) / 144 of real ones among its samples, so
    that real samples and fakes are one distribution at s = 0, while at s = 12 some points have only the one or the other.

    Attributes:
        loss: The loss whose negative is maximised; called with `reduction="none"`, and then with answers and targets.
        report: "answers", in parts of 1/144, or "value", the objective.
        objective: "expected", over both distributions, or "one pair" of samples drawn from them.
        fakes: Fakes for each real sample.
        shared: How many neighbouring points get one answer from a discriminator that does not tell them apart.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    loss: Subject = Subject("torch.nn", "BCELoss")
    report: Literal["answers", "value"] = "answers"
    objective: Literal["expected", "one pair"] = "expected"
    fakes: int = 1
    shared: int = 1

    def draw(self, lab: Lab) -> Samples:
        """Points of unlike weight, real samples in parts of it, and fakes as the rest."""
        numbers = lab.generator("weights")
        half = numbers.integers(1, 10, 6)
        weights = np.concatenate([half, numbers.integers(1, 10, 1), half[::-1]])
        parts = 72 + np.arange(13)[:, None] * (np.arange(13) - 6)
        real, fake = weights * parts, weights * (144 - parts)
        pair = [[numbers.choice(13, p=row / row.sum()) for row in rows] for rows in zip(real, fake, strict=True)]
        return Samples(real, fake, np.array(pair))

    def measure(self, lab: Lab, given: Samples) -> Quantity:
        """The best answers, shape `(separations, points)`, or the best value, shape `(separations,)`."""
        real, fake = given.real / given.real.sum(1, keepdims=True), given.fake / given.fake.sum(1, keepdims=True)
        if self.objective == "one pair":
            real, fake = np.eye(13)[given.pair[:, 0]], np.eye(13)[given.pair[:, 1]]
        tried, loss = lab.tensor(np.arange(145) / 144), self.loss(reduction="none")
        as_real, as_fake = (
            -loss(tried, target).double().cpu().numpy() for target in (torch.ones_like(tried), 0 * tried)
        )
        # The objective is a sum over points, so the best table has the best answer at every point, or group of points.
        values = real[:, :, None] * as_real + self.fakes * fake[:, :, None] * as_fake
        values = np.add.reduceat(values, np.arange(0, 13, self.shared), axis=1)
        separations = Axis("separation of real samples and fakes", tuple(range(13)), "1/12")
        if self.report == "value":
            return Quantity(values.max(axis=2).sum(axis=1), "best value of the discriminator", "nats", (separations,))
        best = np.repeat(values.argmax(axis=2), self.shared, axis=1)[:, :13]
        return Quantity(
            best, "best answer of the discriminator", "1/144", (separations, Axis("point", tuple(range(13))))
        )


@dataclass(frozen=True)
class GeneratorGradients(Experiment):
    """How strongly a fake is pulled towards "real": minus the derivative of the generator's loss by the discriminator's logit.

    Attributes:
        criterion: Scores logits against targets; called with `reduction="sum"`.
        loss: "minimax", log(1 - D), which is minus the criterion for the target "fake"; or "non-saturating", -log D, the
            criterion for the target "real".
        logits: The discriminator's logits of the fakes.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    criterion: Subject = Subject("torch.nn", "BCEWithLogitsLoss")
    loss: Literal["minimax", "non-saturating"] = "minimax"
    logits: tuple[float, ...] = (-10.0, -8.0, -6.0, -4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0, 6.0, 8.0, 10.0)

    def draw(self, lab: Lab) -> Array:
        """The logits."""
        return lab.rounded(np.array(self.logits))

    def measure(self, lab: Lab, given: Array) -> Quantity:
        """The pulls, shape `(logits,)`."""
        logits = lab.tensor(given).requires_grad_()
        criterion = self.criterion(reduction="sum")
        fake, real = torch.zeros_like(logits), torch.ones_like(logits)
        loss = -criterion(logits, fake) if self.loss == "minimax" else criterion(logits, real)
        (gradient,) = torch.autograd.grad(loss, logits)
        return Quantity(-gradient, "pull on a fake", "", (Axis("logit of the fake", self.logits),), scale="log")


@dataclass(frozen=True)
class Game(Experiment):
    """Two players on x y, the one descending by x and the other ascending by y; where neither gains is (0, 0).

    Attributes:
        optimizer: Steps each player; called with a list of parameters and `lr`.
        order: "simultaneous", or "alternating", where the second player sees the first one's step.
        penalty: The second player pays penalty y^2 / 2, as a discriminator pays for steep answers.
        lr: The learning rate of both.
        steps: Steps of both.
        starts: Games with starts of their own.
        report: "x^2 + y^2", or "x^2 + y^2 - lr x y".
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    optimizer: Subject = Subject("torch.optim", "SGD")
    order: Literal["simultaneous", "alternating"] = "simultaneous"
    penalty: float = 0.0
    lr: float = 0.1
    steps: int = 128
    starts: int = 4
    report: Literal["x^2 + y^2", "x^2 + y^2 - lr x y"] = "x^2 + y^2"

    def draw(self, lab: Lab) -> Array:
        """Starts, shape `(2, starts)`."""
        start: Array = lab.normal("start", (2, self.starts))[0]
        return start

    def measure(self, lab: Lab, given: Array) -> Quantity:
        """The form along the way, shape `(steps + 1, starts)`."""
        x, y = (lab.tensor(row).requires_grad_() for row in given)
        first, second = self.optimizer([x], lr=self.lr), self.optimizer([y], lr=self.lr)
        places = [given]
        for _ in range(self.steps):
            (x.grad,) = torch.autograd.grad((x * y).sum(), x)
            if self.order == "alternating":
                first.step()
            (y.grad,) = torch.autograd.grad((self.penalty * y.square() / 2 - x * y).sum(), y)
            if self.order == "simultaneous":
                first.step()
            second.step()
            places.append(torch.stack([x, y]).detach().double().cpu().numpy())
        xs, ys = np.stack(places, axis=1)
        values = xs**2 + ys**2 - (self.report != "x^2 + y^2") * self.lr * xs * ys
        axes = Axis("step", tuple(range(self.steps + 1))), Axis("start", tuple(range(self.starts)))
        return Quantity(values, self.report, "", axes, scale="log")


@dataclass(frozen=True)
class MapSizes(Experiment):
    """Pixels along one side of every map that a generator and a discriminator make, on the meta device.

    Attributes:
        generator: Called without arguments; then with `latent` channels of one pixel.
        discriminator: Called without arguments; then with what the generator made.
        latent: Channels of the generator's input.
    """

    generator: Subject = Subject("dlverify.lab.architectures.adversarial", "dcgan_generator")
    discriminator: Subject = Subject("dlverify.lab.architectures.adversarial", "dcgan_discriminator")
    latent: int = 100

    def draw(self, lab: Lab) -> None:
        """Nothing: a size needs no numbers."""

    def measure(self, lab: Lab, given: None) -> Quantity:
        """The sizes after each layer with a kernel, the input's first, shape `(networks, layers + 1)`."""
        with torch.device("meta"):
            inputs, found = torch.empty(2, self.latent, 1, 1), []
            for subject in (self.generator, self.discriminator):
                sizes, network = [inputs.shape[-1]], subject()
                for layer in network.modules():
                    if any(parameter.dim() == 4 for parameter in layer.parameters(recurse=False)):
                        layer.register_forward_hook(lambda _, __, made, sizes=sizes: sizes.append(made.shape[-1]))
                inputs = network(inputs)
                found.append(sizes)
        axes = Axis("network", ("generator", "discriminator")), Axis("layer", tuple(range(len(found[0]))))
        return Quantity(found, "side of a map", "pixels", axes, scale="log2")


@dataclass(frozen=True)
class BothWays(Experiment):
    """What a convolution and the transposed one with the same kernel make of images with a single pixel of 1.

    Kernels are whole numbers, so that nothing is rounded.

    Attributes:
        convolution: Called as `torch.nn.Conv2d`.
        transposed: Called as `torch.nn.ConvTranspose2d`.
        way: "forth", the convolution's response to each pixel; "back", that of the transposed one to each pixel of its
            own input; "forth and back", both after one another.
        size: Height and width of the images.
        kernel: Height and width of the kernel.
        stride: Of both.
        padding: Of both.
        weights: "drawn" from -3..3, or "ones".
        turned: Whether the transposed convolution has the kernel turned by 180 degrees.
    """

    convolution: Subject = Subject("torch.nn", "Conv2d")
    transposed: Subject = Subject("torch.nn", "ConvTranspose2d")
    way: Literal["forth", "back", "forth and back"] = "forth and back"
    size: tuple[int, int] = (6, 6)
    kernel: tuple[int, int] = (4, 4)
    stride: int = 2
    padding: int = 1
    weights: Literal["drawn", "ones"] = "drawn"
    turned: bool = False

    def draw(self, lab: Lab) -> Array:
        """The kernel, shape `self.kernel`."""
        drawn = lab.generator("kernel").integers(-3, 4, self.kernel)
        return lab.rounded(drawn if self.weights == "drawn" else np.ones(self.kernel))

    def measure(self, lab: Lab, given: Array) -> Quantity:
        """The images that come out, one a row; for "back" the response of pixel i to each input, transposed likewise."""
        weight = lab.tensor(given)[None, None]
        extra = [(n + 2 * self.padding - k) % self.stride for n, k in zip(self.size, self.kernel, strict=True)]
        layers = [
            self.convolution(1, 1, self.kernel, stride=self.stride, padding=self.padding, bias=False),
            self.transposed(
                1, 1, self.kernel, stride=self.stride, padding=self.padding, output_padding=tuple(extra), bias=False
            ),
        ]
        for layer, values in zip(layers, (weight, weight.flip(2, 3) if self.turned else weight), strict=True):
            layer.to(lab.device, lab.torch_dtype).weight.data.copy_(values)
        forth, back = layers
        with torch.no_grad():
            images = _single_pixels(lab, self.size)
            responses = forth(images)
            if self.way == "forth":
                made = responses
            elif self.way == "back":
                made = back(_single_pixels(lab, responses.shape[2:]))
            else:
                made = back(responses)
        axes = (Axis("pixel given", tuple(range(len(made)))), Axis("pixel made", tuple(range(made[0].numel()))))
        return Quantity(made.flatten(1), "what comes out", "", axes)


def _single_pixels(lab: Lab, size: Any) -> torch.Tensor:
    """Images of that height and width, each with a single pixel of 1, shape `(pixels, 1, height, width)`."""
    return lab.tensor(np.eye(math.prod(size))).reshape(-1, 1, *size)


@dataclass(frozen=True)
class Overlaps(Experiment):
    """How unevenly a transposed convolution covers its output: the most kernels that reach one pixel less the fewest.

    Attributes:
        transposed: Called as `torch.nn.ConvTranspose1d`; its kernel is set to ones and its input is ones, which counts.
        kernels: Sizes of kernels.
        strides: Strides.
        border: Whether pixels near the border count, which fewer kernels can reach.
    """

    transposed: Subject = Subject("torch.nn", "ConvTranspose1d")
    kernels: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
    strides: tuple[int, ...] = (1, 2, 3, 4)
    border: bool = False

    def draw(self, lab: Lab) -> None:
        """Nothing: ones are counted."""

    def measure(self, lab: Lab, given: None) -> Quantity:
        """The differences, shape `(kernels, strides)`."""
        found = []
        for kernel in self.kernels:
            row = []
            for stride in self.strides:
                layer = self.transposed(1, 1, kernel, stride=stride, bias=False).to(lab.device, lab.torch_dtype)
                with torch.no_grad():
                    layer.weight.fill_(1.0)
                    counts = layer(lab.tensor(np.ones((1, 1, 3 * max(self.kernels)))))[0, 0]
                reached = counts if self.border else counts[kernel:-kernel]
                row.append(round(float(reached.max() - reached.min())))
            found.append(row)
        axes = Axis("kernel", self.kernels, "pixels"), Axis("stride", self.strides, "pixels")
        return Quantity(found, "difference between the most and the fewest kernels on a pixel", "", axes)


@dataclass(frozen=True)
class RingSamples:
    """What a member's generator and discriminator are given.

    Attributes:
        generator: Initial weights and biases, each `(members, ...)`.
        discriminator: The same.
        real: Real samples of every step, shape `(members, steps, batch, 2)`.
        noise: The generator's inputs, of the same shape.
        test_noise: Its inputs after training, shape `(members, samples, 2)`.
    """

    generator: tuple[Array, ...]
    discriminator: tuple[Array, ...]
    real: Array
    noise: Array
    test_noise: Array


@dataclass(frozen=True)
class Ring(Experiment):
    """A generator trained against a discriminator on Gaussians of standard deviation 0.1 around a ring of radius 2.

    Both are perceptrons of two hidden layers of tanh; they step in turns, the discriminator first.

    Attributes:
        optimizer: Called with a list of parameters and `lr`, for each of the two.
        modes: How many Gaussians.
        steps: Steps of the generator.
        lasting: Steps after which the discriminator stops learning; at most `steps`.
        loss: The generator's, "non-saturating" or "minimax".
        penalty: Half of it times the squared gradient of the discriminator at real samples is added to its loss.
        lr: The learning rate of both.
        batch: Real samples, and fakes, of each step.
        width: Units of a hidden layer.
        samples: What the generator makes in the end, to be looked at.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64")

    optimizer: Subject = Subject("torch.optim", "Adam", (("betas", (0.5, 0.9)),))
    modes: int = 4
    steps: int = 400
    lasting: int = 400
    loss: Literal["non-saturating", "minimax"] = "non-saturating"
    penalty: float = 0.1
    lr: float = 0.005
    batch: int = 32
    width: int = 32
    samples: int = 512

    def draw(self, lab: Lab) -> RingSamples:
        """Weights of variance 2 / inputs with biases of 0, samples and noise."""

        def weights(player: str, outputs: int) -> tuple[Array, ...]:
            sizes, found = (2, self.width, self.width, outputs), []
            for layer in range(3):
                shape = sizes[layer + 1], sizes[layer]
                found += [lab.normal(f"{player} {layer}", shape, math.sqrt(2 / shape[1]))]
                found += [np.zeros((len(lab.members), shape[0]))]
            return tuple(found)

        shape = (self.steps, self.batch, 2)
        which = [lab.generator("modes", member).integers(0, self.modes, shape[:2]) for member in lab.members]
        real = _ring(self.modes)[np.stack(which)] + lab.normal("around a mode", shape, 0.1)
        noise, test_noise = lab.normal("noise", shape), lab.normal("test noise", (self.samples, 2))
        return RingSamples(weights("generator", 2), weights("discriminator", 1), lab.rounded(real), noise, test_noise)

    def measure(self, lab: Lab, given: RingSamples) -> Quantity:
        """The smallest share of the samples that any one mode gets within 0.5, shape `(members,)`."""
        generator, discriminator = (Perceptron((2, self.width, self.width, outputs), "tanh") for outputs in (2, 1))
        weights, judges = (
            [lab.tensor(part).requires_grad_() for part in parts] for parts in (given.generator, given.discriminator)
        )
        make = functools.partial(self.optimizer, lr=self.lr)
        generate, judge = stepping(make, weights), stepping(make, judges)
        stream = zip(lab.tensor(given.real).unbind(1), lab.tensor(given.noise).unbind(1), strict=True)
        for step, (real, noise) in enumerate(stream):
            fakes = generator.forward(weights, noise)
            if step < self.lasting:
                seen = torch.cat([real, fakes.detach()], 1).requires_grad_()
                logits = discriminator.forward(judges, seen)[..., 0]
                (slopes,) = torch.autograd.grad(logits[:, : self.batch].sum(), seen, create_graph=True)
                losses = softplus(-logits[:, : self.batch]).mean(1) + softplus(logits[:, self.batch :]).mean(1)
                losses = losses + self.penalty / 2 * slopes[:, : self.batch].square().sum(2).mean(1)
                judge(losses)
            logits = discriminator.forward(judges, fakes)[..., 0]
            losses = softplus(-logits) if self.loss == "non-saturating" else -softplus(logits)
            generate(losses.mean(1))
        with torch.no_grad():
            made = generator.forward(weights, lab.tensor(given.test_noise))
            away = (made[:, :, None] - lab.tensor(_ring(self.modes))).norm(dim=3)
        shares = (away < 0.5).double().mean(1).min(1).values
        pictures = pictures_of(
            {
                "real samples, counted in cells of 1/4": _counted(given.real[0].reshape(-1, 2)[-self.samples :]),
                "samples of the generator, those farther out at the edge": _counted(made[0].double().cpu().numpy()),
            }
        )
        axes = (Axis("member", tuple(lab.members)),)
        return Quantity(shares, "smallest share of a mode", "", axes, pictures=pictures)


def _counted(points: Array) -> Array:
    """How many points of the plane are in each of 24 by 24 cells around the ring, shape `(1, 24, 24)`, the upper ones first."""
    across, up = np.clip(points, -3, 3).T
    counts: Array = np.histogram2d(up, across, bins=24, range=((-3, 3), (-3, 3)))[0]
    return counts[None, ::-1]


def _ring(modes: int) -> Array:
    """Centres at equal distances around the ring of radius 2, shape `(modes, 2)`."""
    angles = 2 * math.pi * np.arange(modes) / modes
    return 2 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
