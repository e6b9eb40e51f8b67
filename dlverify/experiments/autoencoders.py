"""Experiments on autoencoders and principal components: what is left of data that pass through a narrow code."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
import torch

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.data import digits
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity, pictures_of


@dataclass(frozen=True)
class Coded:
    """Inputs, and the matrices of an autoencoder whose numbers are short binary fractions: nothing rounds.

    Attributes:
        inputs: Shape `(samples, features)`, whole numbers.
        encoders: Each of shape `(code, features)`.
        decoders: Each of shape `(features, code)`.
    """

    inputs: Array
    encoders: tuple[Array, ...]
    decoders: tuple[Array, ...]


def _whole_inverse_pair(numbers: np.random.Generator, size: int) -> tuple[Array, Array]:
    """A matrix of whole numbers and its inverse, of whole numbers too: unit triangles multiplied."""
    lower = np.tril(numbers.integers(-1, 2, (size, size)), -1) + np.eye(size)
    upper = np.triu(numbers.integers(-1, 2, (size, size)), 1) + np.eye(size)
    return lower @ upper, np.rint(np.linalg.inv(upper)) @ np.rint(np.linalg.inv(lower))


def _reconstructed(lab: Lab, layer: Subject, activation: Subject, encoder: Array, decoder: Array, inputs: Array) -> Any:
    """What two layers without biases make of the inputs."""
    layers: list[torch.nn.Module] = []
    for weight in (encoder, decoder):
        made = layer(weight.shape[1], weight.shape[0]).to(lab.device, lab.torch_dtype)
        with torch.no_grad():
            made.weight.copy_(lab.tensor(weight))
        layers += [made, activation()]
    with torch.no_grad():
        return torch.nn.Sequential(*layers[:-1])(lab.tensor(inputs))


@dataclass(frozen=True)
class WideCodes(Experiment):
    """Squared error of autoencoders of two layers with given weights, on whole numbers without any structure.

    The encoder is a matrix with whole numbers, some of its rows left out for a narrower code; the decoder is its inverse
    without the same columns. Where the code holds pairs, a row stands twice, with both signs.

    Attributes:
        layer: The layer; called with (inputs, outputs), has a `weight` and no bias.
        activation: Of the code.
        paired: Whether the code holds pairs of units.
        missing: How many features the code has fewer than the data.
        features: The data have 2, 3, ..., `features` features.
        samples: How many inputs.
    """

    layer: Subject = Subject("torch.nn", "Linear", (("bias", False),))
    activation: Subject = Subject("torch.nn", "Identity")
    paired: bool = False
    missing: int = 0
    features: int = 8
    samples: int = 64

    def draw(self, lab: Lab) -> tuple[Coded, ...]:
        """For each number of features, inputs from -99 to 99 and the two matrices."""
        numbers = lab.generator("weights")
        drawn = []
        for features in range(2, self.features + 1):
            encoder, decoder = _whole_inverse_pair(numbers, features)
            encoder, decoder = encoder[self.missing :], decoder[:, self.missing :]
            if self.paired:
                encoder, decoder = np.concatenate([encoder, -encoder]), np.concatenate([decoder, -decoder], axis=1)
            inputs = numbers.integers(-99, 100, (self.samples, features)).astype(np.float64)
            drawn.append(Coded(lab.rounded(inputs), (lab.rounded(encoder),), (lab.rounded(decoder),)))
        return tuple(drawn)

    def measure(self, lab: Lab, given: tuple[Coded, ...]) -> Quantity:
        """The sum of squares over all samples and features, shape `(features - 1,)`."""
        errors = []
        for one in given:
            outputs = _reconstructed(lab, self.layer, self.activation, one.encoders[0], one.decoders[0], one.inputs)
            errors.append((outputs - lab.tensor(one.inputs)).square().sum())
        sizes = Axis("features", tuple(range(2, self.features + 1)))
        return Quantity(torch.stack(errors), "squared error", "", (sizes,))


@dataclass(frozen=True)
class ChangesOfCode(Experiment):
    """Squared error of a linear autoencoder at the principal components, after several changes of its code.

    The components are columns of a Hadamard matrix over 4. A change multiplies the encoder by a matrix with whole numbers
    and the decoder by its inverse.

    Attributes:
        layer: The layer; called with (inputs, outputs), has a `weight` and no bias.
        activation: Of the code.
        undone: The decoder undoes the change by its "inverse", or by its "transpose".
        code: Units of the code, of 16 features.
        changes: How many changes, the first of them none.
        samples: How many inputs.
    """

    layer: Subject = Subject("torch.nn", "Linear", (("bias", False),))
    activation: Subject = Subject("torch.nn", "Identity")
    undone: Literal["inverse", "transpose"] = "inverse"
    code: int = 4
    changes: int = 6
    samples: int = 8

    def draw(self, lab: Lab) -> Coded:
        """Inputs from -9 to 9, and the matrices of all changes."""
        import scipy.linalg

        numbers = lab.generator("changes")
        components = scipy.linalg.hadamard(16, dtype=np.float64)[:, : self.code] / 4
        encoders, decoders = [components.T], [components]
        for _ in range(self.changes - 1):
            change, inverse = _whole_inverse_pair(numbers, self.code)
            encoders.append(change @ components.T)
            decoders.append(components @ (inverse if self.undone == "inverse" else change.T))
        inputs = numbers.integers(-9, 10, (self.samples, 16)).astype(np.float64)
        return Coded(lab.rounded(inputs), tuple(map(lab.rounded, encoders)), tuple(map(lab.rounded, decoders)))

    def measure(self, lab: Lab, given: Coded) -> Quantity:
        """The errors, shape `(changes, samples)`."""
        inputs = lab.tensor(given.inputs)
        errors = []
        for encoder, decoder in zip(given.encoders, given.decoders, strict=True):
            outputs = _reconstructed(lab, self.layer, self.activation, encoder, decoder, given.inputs)
            errors.append((outputs - inputs).square().sum(1))
        axes = Axis("change of code", tuple(range(self.changes))), Axis("sample", tuple(range(self.samples)))
        return Quantity(torch.stack(errors), "squared error", "", axes)


@dataclass(frozen=True)
class ComponentErrors(Experiment):
    """Squared error of data that a linear reduction takes to k numbers and back, for k = 1, 2, ...

    Attributes:
        reducer: Called with `n_components`; has `fit`, `transform` and `inverse_transform`, as scikit-learn's have.
        data: The "digits" of scikit-learn, or 200 "gaussian" points in 8 features whose mean is far from the origin.
        components: Numbers kept.
    """

    reducer: Subject = Subject("sklearn.decomposition", "PCA", (("svd_solver", "full"),))
    data: Literal["digits", "gaussian"] = "digits"
    components: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)

    def draw(self, lab: Lab) -> Array:
        """The data, shape `(samples, features)`."""
        if self.data == "digits":
            return lab.rounded(digits().pixels)
        numbers = lab.generator("data")
        axes = np.linalg.qr(numbers.standard_normal((8, 8)))[0]
        return lab.rounded(5 + numbers.standard_normal((200, 8)) * 2.0 ** (1 - np.arange(8)) @ axes)

    def measure(self, lab: Lab, given: Array) -> Quantity:
        """The sum of squares over all samples and features, shape `(components,)`."""
        errors = []
        for components in self.components:
            reducer = self.reducer(n_components=components).fit(given)
            errors.append(np.square(reducer.inverse_transform(reducer.transform(given)) - given).sum())
        axes = (Axis("components", self.components, scale="log2"),)
        return Quantity(np.array(errors), "squared error", "", axes, scale="log")


@dataclass(frozen=True)
class Samples:
    """Training data, data kept aside, and minibatches.

    Attributes:
        training: Shape `(samples, features)`, or `(members, samples, features)`.
        unseen: The same for data kept aside; empty where there are none.
        orders: Minibatches, shape `(members, steps, batch)`.
    """

    training: Array
    unseen: Array
    orders: Array


@dataclass(frozen=True)
class TrainedCodes(Experiment):
    """Mean squared error on its own training digits of a trained autoencoder, for several sizes of its code.

    Attributes:
        network: The autoencoder; called with `widths`, those of data, hidden layer and code.
        optimizer: The optimizer; called with a list of parameters and `lr`.
        codes: Sizes of the code.
        hidden: Features of the hidden layer.
        samples: How many digits, the first ones.
        steps: How many steps on all of them.
        lr: The learning rate.
    """

    network: Subject = Subject("dlverify.lab.architectures.generative", "autoencoder", (("activation", "Identity"),))
    optimizer: Subject = Subject("torch.optim", "Adam")
    codes: tuple[int, ...] = (1, 2, 4, 8)
    hidden: int = 48
    samples: int = 256
    steps: int = 300
    lr: float = 0.003

    def draw(self, lab: Lab) -> Samples:
        """The digits; the network draws its own weights."""
        return Samples(lab.rounded(digits().pixels[: self.samples]), np.zeros(0), np.zeros(0))

    def measure(self, lab: Lab, given: Samples) -> Quantity:
        """The mean over digits of the sum over pixels, shape `(codes,)`."""
        data = lab.tensor(given.training)
        errors = []
        for code in self.codes:
            with lab.seeded("weights"):
                network = self.network(widths=(data.shape[1], self.hidden, code)).to(lab.device, lab.torch_dtype)
            optimizer = self.optimizer(list(network.parameters()), lr=self.lr)
            for _ in range(self.steps):
                optimizer.zero_grad()
                (network(data) - data).square().mean().backward()
                optimizer.step()
            with torch.no_grad():
                errors.append((network(data) - data).double().square().sum(1).mean())
        axes = (Axis("size of the code", self.codes, scale="log2"),)
        return Quantity(torch.stack(errors), "mean squared error", "", axes, scale="log")


@dataclass(frozen=True)
class UnseenErrors(Experiment):
    """Error on unseen digits of a trained autoencoder over that of principal components, fitted to the same digits.

    Attributes:
        network: The autoencoder; called without arguments.
        components: Called with `n_components`; has `fit`, `transform` and `inverse_transform`.
        optimizer: The optimizer; called with a list of parameters and `lr`.
        pixels: The digits as they are, "images"; or every pixel "shuffled" among all digits on its own.
        code: Size of the code, and number of components.
        training: How many digits are trained on; the rest are unseen.
        steps: How many steps.
        batch: Digits in a step.
        lr: The learning rate.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64")

    network: Subject = Subject("dlverify.lab.architectures.generative", "autoencoder", (("widths", (64, 48, 3)),))
    components: Subject = Subject("sklearn.decomposition", "PCA", (("svd_solver", "full"),))
    optimizer: Subject = Subject("torch.optim", "Adam")
    pixels: Literal["images", "shuffled"] = "images"
    code: int = 3
    training: int = 1297
    steps: int = 300
    batch: int = 64
    lr: float = 0.01

    def draw(self, lab: Lab) -> Samples:
        """Which digits are trained on, in which order; the network draws its own weights."""
        rows = []
        for member in lab.members:
            numbers = lab.generator("digits", member)
            images = numbers.permutation(digits().pixels)
            rows.append(images if self.pixels == "images" else numbers.permuted(images, axis=0))
        stacked = np.stack(rows)
        orders = lab.orders("order", self.training, self.batch, self.steps)
        return Samples(lab.rounded(stacked[:, : self.training]), lab.rounded(stacked[:, self.training :]), orders)

    def measure(self, lab: Lab, given: Samples) -> Quantity:
        """The ratios, shape `(members,)`."""
        from dlverify.lab.ensembles import train
        from dlverify.lab.modules import Modules

        modules = Modules(self.network)
        data = lab.tensor(given.training)
        trained = train(
            modules,
            modules.initial(lab),
            (data, data),
            optimizer=partial(self.optimizer, lr=self.lr),
            steps=self.steps,
            orders=lab.tensor(given.orders),
        ).parameters
        unseen = lab.tensor(given.unseen)
        with torch.no_grad():
            answers = modules.forward(trained, unseen)
            errors = (answers - unseen).double().square().mean((1, 2)).cpu().numpy()
        ratios, projections = [], []
        for error, seen, held in zip(errors, given.training, given.unseen, strict=True):
            components = self.components(n_components=self.code).fit(seen)
            projections.append(components.inverse_transform(components.transform(held)))
            ratios.append(error / np.square(projections[-1] - held).mean())
        return Quantity(
            np.array(ratios),
            "error over that of principal components",
            "",
            (Axis("seed", tuple(lab.members)),),
            pictures=pictures_of(
                {
                    "unseen digits": given.unseen[0, :6].reshape(-1, 8, 8),
                    f"what the autoencoder makes of them with {self.code} numbers": answers[0, :6].view(-1, 8, 8),
                    f"what {self.code} principal components make of them": projections[0][:6].reshape(-1, 8, 8),
                }
            ),
        )


@dataclass(frozen=True)
class Start:
    """Data and initial weights.

    Attributes:
        data: Shape `(members, samples, features)`.
        weights: Encoders, shape `(members, code, features)`, and decoders, shape `(members, features, code)`.
    """

    data: Array
    weights: tuple[Array, Array]


@dataclass(frozen=True)
class TrainedSubspace(Experiment):
    """Where descent brings the decoder of a linear autoencoder, on data whose covariance has given eigenvalues.

    Attributes:
        optimizer: The optimizer; called with a list of parameters and `lr`.
        activation: Of the code.
        report: The "sine" of the largest angle between what the decoder spans and the first principal components; or the
            largest "slant", the size of the cosine between two of its columns.
        variances: Eigenvalues of the covariance.
        code: Units of the code.
        start: "random" (uniform in +-1/sqrt(inputs of the layer), as `torch.nn.Linear` draws), or "zero".
        samples: How many data a member has.
        steps: How many steps on all of them.
        lr: The learning rate; the loss is the mean over data of the sum over features.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    optimizer: Subject = Subject("torch.optim", "SGD")
    activation: Literal["identity", "relu"] = "identity"
    report: Literal["sine", "slant"] = "sine"
    variances: tuple[float, ...] = (4.0, 3.0, 0.5, 0.3, 0.2, 0.1)
    code: int = 2
    start: Literal["random", "zero"] = "random"
    samples: int = 32
    steps: int = 400
    lr: float = 0.05

    def draw(self, lab: Lab) -> Start:
        """Centred data with exactly these variances along random directions, and weights."""
        features = len(self.variances)
        data = []
        for member in lab.members:
            numbers = lab.generator("data", member)
            axes = np.linalg.qr(numbers.standard_normal((features, features)))[0]
            raw = numbers.standard_normal((self.samples, features))
            white = np.linalg.qr(raw - raw.mean(0))[0] * self.samples**0.5
            data.append(white * np.sqrt(self.variances) @ axes)
        bounds = (0.0, 0.0) if self.start == "zero" else (features**-0.5, self.code**-0.5)
        encoders = lab.uniform("encoder", (self.code, features), -bounds[0], bounds[0])
        decoders = lab.uniform("decoder", (features, self.code), -bounds[1], bounds[1])
        return Start(lab.rounded(np.stack(data)), (encoders, decoders))

    def measure(self, lab: Lab, given: Start) -> Quantity:
        """One number a member, shape `(members,)`."""
        from dlverify.lab.ensembles import Perceptron, train

        features, data = len(self.variances), lab.tensor(given.data)
        _, decoders = train(
            Perceptron((features, self.code, features), self.activation, bias=False),
            [lab.tensor(weight) for weight in given.weights],
            (data, data),
            optimizer=partial(self.optimizer, lr=self.lr),
            steps=self.steps,
            loss=lambda outputs, targets: (outputs - targets).square().sum(2).mean(1),
        ).parameters
        found = decoders.double().cpu().numpy()
        axes = (Axis("seed", tuple(lab.members)),)
        if self.report == "slant":
            columns = found / np.linalg.norm(found, axis=1, keepdims=True)
            slants = np.abs(columns.mT @ columns - np.eye(self.code)).max((1, 2))
            return Quantity(slants, "cosine between two columns of the decoder", "", axes)
        spanned = np.linalg.qr(found)[0]
        components = np.linalg.svd(given.data, full_matrices=False)[2][:, : self.code].mT
        outside = spanned - components @ (components.mT @ spanned)
        sines = np.linalg.norm(outside, 2, axis=(1, 2))
        return Quantity(sines, "sine of the largest angle", "", axes, scale="log")
