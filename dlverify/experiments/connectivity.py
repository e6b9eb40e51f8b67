"""Experiments on how layers are joined: patterns of weights, masks, ways around, and what remains when one is cut."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import torch

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity

if TYPE_CHECKING:
    from dlverify.lab.ensembles import Perceptron


def _jacobian(function: Any, start: torch.Tensor) -> torch.Tensor:
    found: torch.Tensor = torch.autograd.functional.jacobian(function, start)
    return found


@dataclass(frozen=True)
class Weights:
    """The numbers that a layer may choose.

    Attributes:
        weights: Shape `(12, 12)`, `(3,)`, or `(2, 2, 2)` for those of the input and of the state.
    """

    weights: Array


@dataclass(frozen=True)
class LayerMatrix(Experiment):
    """The matrix of a layer of 12 inputs and 12 outputs: its derivative by automatic differentiation, at ones.

    Weights are 1, 2 or 3, so that no dtype of `dtypes` rounds anything: the largest number is below 10^7.

    Attributes:
        layer: Called with the arguments of its pattern, (inputs, outputs, ...) first, and `bias=False`.
        shortcut: The way around, where there is one.
        pattern: "full" and "skip" have 12 x 12 weights; "convolutional" and "dilated" (by 2) three, with zeros padded on
            both sides; "recurrent" two weights and two states at each of six times, with ReLU.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    layer: Subject = Subject("torch.nn", "Linear")
    shortcut: Subject = Subject("torch.nn", "Identity")
    pattern: Literal["full", "convolutional", "dilated", "recurrent", "skip"] = "full"

    def draw(self, lab: Lab) -> Weights:
        """Weights of 1, 2 and 3."""
        shape = {"recurrent": (2, 2, 2), "convolutional": (3,), "dilated": (3,)}.get(self.pattern, (12, 12))
        return Weights(lab.rounded(lab.generator("weights").integers(1, 4, shape).astype(float)))

    def measure(self, lab: Lab, given: Weights) -> Quantity:
        """The derivative, shape `(12 outputs, 12 inputs)`."""
        arguments: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
            "recurrent": ((2, 2), {"nonlinearity": "relu"}),
            "convolutional": ((1, 1, 3), {"padding": 1}),
            "dilated": ((1, 1, 3), {"padding": 2, "dilation": 2}),
        }
        sizes, named = arguments.get(self.pattern, ((12, 12), {}))
        layer = self.layer(*sizes, bias=False, **named).to(lab.device, lab.torch_dtype)
        parameters = list(layer.parameters())
        weights = given.weights if self.pattern == "recurrent" else given.weights[None]
        with torch.no_grad():
            for parameter, weight in zip(parameters, weights, strict=True):
                parameter.copy_(lab.tensor(weight).view_as(parameter))
        shortcut = self.shortcut()

        def outputs(inputs: torch.Tensor) -> torch.Tensor:
            if self.pattern == "recurrent":
                states: torch.Tensor = layer(inputs.view(6, 2))[0]
                return states.flatten()
            if self.pattern in ("convolutional", "dilated"):
                return torch.Tensor.flatten(layer(inputs.view(1, 1, 12)))
            mapped: torch.Tensor = layer(inputs)
            return shortcut(inputs) + mapped if self.pattern == "skip" else mapped

        matrix = _jacobian(outputs, lab.tensor(np.ones(12)))
        axes = (Axis("row", tuple(range(12))), Axis("column", tuple(range(12))))
        return Quantity(matrix, "entry of the layer's matrix", "", axes)


@dataclass(frozen=True)
class Masked:
    """A layer with some of its connections, and data to train it on.

    Attributes:
        mask: Which connections there are, booleans of shape `(outputs, inputs)`.
        inputs: Shape `(samples, inputs)`.
        targets: Shape `(samples, outputs)`.
    """

    mask: Array
    inputs: Array
    targets: Array


@dataclass(frozen=True)
class MaskedTraining(Experiment):
    """Which weights of a layer with a random mask are not zero after training, by squared error.

    Attributes:
        mask: Puts a mask on the weight of a module; called with (module, "weight", mask).
        optimizer: Called with parameters and `lr=0.01`.
        kept: "throughout", or "at the start": the mask is made permanent, which leaves zeros behind, and taken away.
        density: Probability of a connection.
        steps: Of training.
        size: Inputs and outputs of the layer.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    mask: Subject = Subject("torch.nn.utils.prune", "custom_from_mask")
    optimizer: Subject = Subject("torch.optim", "SGD")
    kept: Literal["throughout", "at the start"] = "throughout"
    density: float = 0.3
    steps: int = 20
    size: int = 12

    def draw(self, lab: Lab) -> Masked:
        """Each connection by itself, and standard normal data."""
        mask = lab.generator("mask").random((self.size, self.size)) < self.density
        return Masked(mask, lab.normal("inputs", (32, self.size))[0], lab.normal("targets", (32, self.size))[0])

    def measure(self, lab: Lab, given: Masked) -> Quantity:
        """Booleans, shape `(outputs, inputs)`."""
        from torch.nn.utils import prune

        layer = torch.nn.Linear(self.size, self.size).to(lab.device, lab.torch_dtype)
        self.mask(layer, "weight", lab.tensor(given.mask))
        if self.kept == "at the start":
            prune.remove(layer, "weight")
        optimizer = self.optimizer(layer.parameters(), lr=0.01)
        inputs, targets = lab.tensor(given.inputs), lab.tensor(given.targets)
        for _ in range(self.steps):
            optimizer.zero_grad()
            (layer(inputs) - targets).square().mean().backward()
            optimizer.step()
        with torch.no_grad():
            layer(inputs)  # the mask is applied as the layer is used
        axes = (Axis("row", tuple(range(self.size))), Axis("column", tuple(range(self.size))))
        return Quantity(layer.weight != 0, "whether two units are connected after training", "", axes)


@dataclass(frozen=True)
class Branch:
    """A branch V relu(W x) and the place where it is differentiated; all are integers.

    Attributes:
        start: x, shape `(4,)`.
        inner: W, shape `(4, 4)`.
        outer: V, shape `(4, 4)`.
    """

    start: Array
    inner: Array
    outer: Array


@dataclass(frozen=True)
class SkipJacobian(Experiment):
    """The derivative of a block whose input is joined to its branch F(x) = V relu(W x).

    Attributes:
        layer: Of the branch and of the map behind a concatenation; called with (inputs, outputs, bias=False).
        shortcut: What happens to the input before it is joined.
        join: "addition"; "concatenation", the input before the branch; or "concatenation and map": behind it is a layer
            with weights [1 second].
        second: Of that layer, the multiple of the identity that meets the branch.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    layer: Subject = Subject("torch.nn", "Linear")
    shortcut: Subject = Subject("torch.nn", "Identity")
    join: Literal["addition", "concatenation", "concatenation and map"] = "addition"
    second: float = 1.0

    def draw(self, lab: Lab) -> Branch:
        """Powers of two with signs, of which no signed sum vanishes, so that no ReLU sits at its kink and no two units cancel.

        The first unit is active, so that the branch has a derivative.
        """
        start = (-2.0) ** np.arange(4)
        inner, outer = (lab.generator(name).choice((-1.0, 1.0), (4, 4)) for name in ("inner", "outer"))
        inner[0] *= np.sign(inner[0] @ start)
        return Branch(lab.rounded(start), lab.rounded(2.0 ** np.arange(4)[:, None] * inner), lab.rounded(outer))

    def measure(self, lab: Lab, given: Branch) -> Quantity:
        """The derivative, shape `(outputs, 4)`."""
        inner, outer = (self._linear(lab, weight) for weight in (given.inner, given.outer))
        last = self._linear(lab, np.hstack([np.eye(4), self.second * np.eye(4)]))
        shortcut = self.shortcut().to(lab.device, lab.torch_dtype)

        def joined(inputs: torch.Tensor) -> torch.Tensor:
            parts = shortcut(inputs), outer(torch.relu(inner(inputs)))
            if self.join == "addition":
                return torch.add(*parts)
            both = torch.cat(parts)
            found: torch.Tensor = both if self.join == "concatenation" else last(both)
            return found

        jacobian = _jacobian(joined, lab.tensor(given.start))
        axes = (Axis("row", tuple(range(len(jacobian)))), Axis("column", tuple(range(4))))
        return Quantity(jacobian, "derivative of an output in an input", "", axes)

    def _linear(self, lab: Lab, weight: Array) -> torch.nn.Module:
        made: torch.nn.Module = self.layer(*weight.shape[::-1], bias=False).to(lab.device, lab.torch_dtype)
        with torch.no_grad():
            made.weight.copy_(lab.tensor(weight))  # type: ignore[operator]
        return made


@dataclass(frozen=True)
class JoinedChannels(Experiment):
    """Channels of two joined maps, for all pairs of numbers of channels.

    Attributes:
        join: "addition" or "concatenation" of the channels.
        most: The largest number of channels.
        smaller: By how many pixels a side the second map is smaller.
    """

    join: Literal["addition", "concatenation"] = "addition"
    most: int = 5
    smaller: int = 0

    def draw(self, lab: Lab) -> None:
        """Nothing: shapes need no numbers."""

    def measure(self, lab: Lab, given: None) -> Quantity:
        """Channels that come out, 0 where torch refuses, shape `(channels of the one, channels of the other)`."""
        numbers = tuple(range(1, self.most + 1))
        found = []
        for first in numbers:
            for second in numbers:
                one = torch.empty(1, first, 4, 4, device="meta")
                other = torch.empty(1, second, 4 - self.smaller, 4 - self.smaller, device="meta")
                try:
                    both = one + other if self.join == "addition" else torch.cat([one, other], dim=1)
                except RuntimeError:
                    found.append(0)
                else:
                    found.append(both.shape[1])
        axes = (Axis("channels of the one", numbers), Axis("channels of the other", numbers))
        return Quantity(np.array(found).reshape(self.most, self.most), "channels that come out, 0 if refused", "", axes)


@dataclass(frozen=True)
class Chain:
    """Linear branches of residual blocks, and inputs; all are integers.

    Attributes:
        weights: Shape `(blocks, width, width)`.
        inputs: Shape `(samples, width)`.
    """

    weights: Array
    inputs: Array


@dataclass(frozen=True)
class ResidualPaths(Experiment):
    """What a chain of residual blocks x -> shortcut(x) + act(A x) makes of its inputs.

    Attributes:
        layer: Of the branches; called with (inputs, outputs, bias=False).
        activation: Behind it.
        shortcut: The way around.
        blocks: How many.
        report: "outputs", where A has entries -1, 0, 1 and the width is 3; or "paths by length": one feature and A = t,
            the same in all blocks, so that the k-th derivative in t, divided by k!, counts the paths through k branches.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    layer: Subject = Subject("torch.nn", "Linear")
    activation: Subject = Subject("torch.nn", "Identity")
    shortcut: Subject = Subject("torch.nn", "Identity")
    blocks: int = 6
    report: Literal["outputs", "paths by length"] = "outputs"

    def draw(self, lab: Lab) -> Chain:
        """Branches and inputs; of one feature, zeros and a one."""
        if self.report == "paths by length":
            return Chain(lab.rounded(np.zeros((self.blocks, 1, 1))), lab.rounded(np.ones((1, 1))))
        weights = lab.generator("weights").integers(-1, 2, (self.blocks, 3, 3)).astype(float)
        inputs = lab.generator("inputs").integers(-3, 4, (8, 3)).astype(float)
        return Chain(lab.rounded(weights), lab.rounded(inputs))

    def measure(self, lab: Lab, given: Chain) -> Quantity:
        """Outputs `(samples, 3)`, or counts `(blocks + 1,)` for the lengths 0, 1, ..., blocks."""
        branches = []
        for weight in given.weights:
            layer = self.layer(*weight.shape, bias=False).to(lab.device, lab.torch_dtype)
            with torch.no_grad():
                layer.weight.copy_(lab.tensor(weight))
            branches.append(torch.nn.Sequential(layer, self.activation()))
        shortcut = self.shortcut()

        def outputs(inputs: torch.Tensor, weight: torch.Tensor | None = None) -> torch.Tensor:
            for branch in branches:
                around = shortcut(inputs)
                named = {} if weight is None else {"0.weight": weight}
                inputs = around + torch.func.functional_call(branch, named, (inputs,))
            return inputs

        inputs = lab.tensor(given.inputs)
        if self.report == "outputs":
            axes = (Axis("sample", tuple(range(len(inputs)))), Axis("feature", tuple(range(3))))
            with torch.no_grad():
                return Quantity(outputs(inputs), "output", "", axes)
        weight = lab.tensor(given.weights[0]).requires_grad_()
        derivative = outputs(inputs, weight).sum()
        counts = [derivative.detach()]
        for length in range(1, self.blocks + 1):
            (slope,) = torch.autograd.grad(derivative, weight, create_graph=True)
            derivative = slope.sum()
            counts.append(derivative.detach() / math.factorial(length))
        axis = Axis("branches on a path", tuple(range(self.blocks + 1)))
        return Quantity(torch.stack(counts), "paths", "", (axis,))


@dataclass(frozen=True)
class Digits:
    """Training and test images of each member.

    Attributes:
        inputs: Shape `(members, samples, 64)`: first those for training, then those for testing.
        labels: Shape `(members, samples)`.
        orders: Minibatches of the two networks that are compared, shape `(2, members, steps, batch)`.
    """

    inputs: Array
    labels: Array
    orders: Array


def _digits(lab: Lab, samples: int, batch: int, epochs: int) -> Digits:
    """Samples of scikit-learn's digits, 500 of them for testing, and minibatch orders."""
    from dlverify.lab.data import digits

    images = digits()
    number = len(images.labels)
    chosen = np.stack([lab.generator("samples", m).permutation(number)[: samples + 500] for m in lab.members])
    steps = epochs * (samples // batch)
    orders = [lab.orders(stream, samples, batch, steps) for stream in ("orders", "other orders")]
    return Digits(lab.rounded(images.pixels[chosen]), images.labels[chosen], np.stack(orders))


@dataclass(frozen=True)
class Lesions(Experiment):
    """What it costs a trained network to lose one of its parts, beside a plain network, on scikit-learn's digits.

    Both have 32 hidden units a layer and are trained in the same way on the same samples. A block is lost when its branch
    is set to zero, a layer of a plain network when its weight is set to the identity and its bias to zero.

    Attributes:
        optimizer: Called with a list of parameters and `lr`.
        residual: Whether the network has blocks of two layers with a way around, the second weights zero at the start;
            otherwise it is plain too.
        depth: Layers of both networks that have weights; even.
        samples: Training images, drawn anew for each member out of all; 500 others are for testing.
        epochs: Passes over them in minibatches of 32.
        lr: The learning rate.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64")

    optimizer: Subject = Subject("torch.optim", "Adam")
    residual: bool = True
    depth: int = 10
    samples: int = 256
    epochs: int = 20
    lr: float = 0.002

    def draw(self, lab: Lab) -> Digits:
        """Samples and minibatch orders."""
        return _digits(lab, self.samples, 32, self.epochs)

    def measure(self, lab: Lab, given: Digits) -> Quantity:
        """The plain network's smallest rise of the test error minus the network's largest, shape `(members,)`."""
        rises = []
        for arm, shortcut in enumerate((None, 1.0 if self.residual else None)):
            rises.append(self._rises(lab, given, shortcut, arm))
        gap = rises[0].amin(0) - rises[1].amax(0)
        name = "smallest rise of the plain network's error minus the largest of the other's"
        return Quantity(gap, name, "", (Axis("member", tuple(lab.members)),))

    def _rises(self, lab: Lab, given: Digits, shortcut: float | None, arm: int) -> torch.Tensor:
        """Test error without a part minus test error, shape (parts, members)."""
        from dlverify.lab.ensembles import Perceptron, train

        network = Perceptron((64, *(32,) * (self.depth - 1), 10), "relu", shortcut=shortcut)
        inputs, labels = lab.tensor(given.inputs), lab.tensor(given.labels)
        parameters = train(
            network,
            self._initial(lab, network, arm),
            (inputs[:, : self.samples], labels[:, : self.samples]),
            optimizer=lambda tensors: self.optimizer(tensors, lr=self.lr),
            steps=given.orders.shape[2],
            orders=lab.tensor(given.orders[arm]),
            loss="cross_entropy",
        ).parameters
        errors = []
        for layer in (None, *(range(2, self.depth - 1, 2) if shortcut else range(1, self.depth - 1))):
            cut = [parameter.detach().clone() for parameter in parameters]
            if layer is not None:
                cut[2 * layer] = torch.zeros_like(cut[2 * layer])
                cut[2 * layer + 1] = torch.zeros_like(cut[2 * layer + 1])
                if not shortcut:
                    cut[2 * layer] += torch.eye(32, dtype=cut[0].dtype, device=cut[0].device)
            with torch.no_grad():
                answers = network.forward(cut, inputs[:, self.samples :]).argmax(-1)
            errors.append((answers != labels[:, self.samples :]).double().mean(1))
        return torch.stack(errors[1:]) - errors[0]

    def _initial(self, lab: Lab, network: Perceptron, arm: int) -> list[torch.Tensor]:
        """Weights with He's variance, those that end a block zero, and biases zero; each (members, ...)."""
        stacks = [lab.tensor(np.zeros((len(lab.members), *shape))) for shape in network.parameter_shapes()]
        ends = {2 * layer for layer in range(2, self.depth - 1, 2)} if network.shortcut else set()
        for index in range(0, len(stacks), 2):
            if index not in ends:
                shape = tuple(stacks[index].shape[1:])
                stacks[index] = lab.tensor(lab.normal(f"weights {arm} {index}", shape, math.sqrt(2 / shape[1])))
        return stacks


@dataclass(frozen=True)
class ConvolutionalDepth(Experiment):
    """What the ways around do for a convolutional network, beside the same network without them, on digits.

    A 3x3 convolution with stride 2, blocks of two 3x3 convolutions that keep 4x4 pixels, and a dense layer. Both
    networks have the same parameters, start with the same values, as torch draws them, and see the same samples.

    Attributes:
        block: Of the network; called with (channels, channels, normalized=False, bias=True).
        plain: Of the one that it is compared with.
        optimizer: Called with a list of parameters and `lr`.
        blocks: How many.
        channels: Of every convolution.
        samples: Training images, drawn anew for each member out of all; 500 others are for testing.
        epochs: Passes over them.
        batch: Images in a minibatch.
        lr: The learning rate.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64")

    block: Subject = Subject("dlverify.lab.architectures.residual", "basic_block")
    plain: Subject = Subject("dlverify.lab.architectures.residual", "basic_block", (("shortcut", "none"),))
    optimizer: Subject = Subject("torch.optim", "Adam")
    blocks: int = 8
    channels: int = 8
    samples: int = 256
    epochs: int = 10
    batch: int = 64
    lr: float = 0.005

    def draw(self, lab: Lab) -> Digits:
        """Samples and minibatch orders."""
        return _digits(lab, self.samples, self.batch, self.epochs)

    def measure(self, lab: Lab, given: Digits) -> Quantity:
        """Test error without ways around minus test error with them, shape `(members,)`."""
        plain, residual = (self._error(lab, given, kind, arm) for arm, kind in enumerate((self.plain, self.block)))
        name = "test error without ways around minus test error with them"
        return Quantity(plain - residual, name, "", (Axis("member", tuple(lab.members)),))

    def _error(self, lab: Lab, given: Digits, block: Subject, arm: int) -> torch.Tensor:
        from dlverify.lab.ensembles import train
        from dlverify.lab.modules import Modules

        def make() -> torch.nn.Module:
            nn, channels = torch.nn, self.channels
            blocks = [block(channels, channels, normalized=False, bias=True) for _ in range(self.blocks)]
            first = nn.Unflatten(1, (1, 8, 8)), nn.Conv2d(1, channels, 3, 2, 1), nn.ReLU()
            return nn.Sequential(*first, *blocks, nn.Flatten(), nn.Linear(16 * channels, 10))

        network = Modules(make)
        inputs, labels = lab.tensor(given.inputs), lab.tensor(given.labels)
        parameters = train(
            network,
            network.initial(lab),
            (inputs[:, : self.samples], labels[:, : self.samples]),
            optimizer=lambda tensors: self.optimizer(tensors, lr=self.lr),
            steps=given.orders.shape[2],
            orders=lab.tensor(given.orders[arm]),
            loss="cross_entropy",
        ).parameters
        with torch.no_grad():
            answers = network.forward(parameters, inputs[:, self.samples :]).argmax(-1)
        errors: torch.Tensor = (answers != labels[:, self.samples :]).double().mean(1)
        return errors
