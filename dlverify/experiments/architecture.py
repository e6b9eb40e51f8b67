"""Experiments on architectures: how many parameters they have, what their blocks compute, how depth trains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import torch

from dlverify.evidence.spectra import smallest_singular_value
from dlverify.experiment import Experiment, ExperimentError
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity

if TYPE_CHECKING:
    from dlverify.lab.ensembles import Perceptron


@dataclass(frozen=True)
class ParameterCounts(Experiment):
    """Trainable parameters, or layers with weights, of a network at several depths, counted on the meta device.

    Attributes:
        network: The network; called with the depth that its name carries.
        depths: Depths, in layers.
        report: "parameters", or "weighted layers": parameter tensors of two and more dimensions, one a layer.
    """

    network: Subject = Subject("dlverify.lab.architectures.residual", "cifar_resnet")
    depths: tuple[int, ...] = (20, 32, 44, 56, 110, 1202)
    report: Literal["parameters", "weighted layers"] = "parameters"

    def draw(self, lab: Lab) -> None:
        """Nothing: a count needs no numbers."""

    def measure(self, lab: Lab, given: None) -> Quantity:
        """The counts, shape `(depths,)`."""
        counts = []
        for depth in self.depths:
            with torch.device("meta"):
                parameters = [p for p in self.network(depth).parameters() if p.requires_grad]
            weights = self.report == "weighted layers"
            counts.append(sum(int(p.dim() > 1) if weights else p.numel() for p in parameters))
        return Quantity(counts, self.report, "", (Axis("depth", self.depths, "layers", "log"),), scale="log")


@dataclass(frozen=True)
class Images:
    """What a convolutional block is given.

    Attributes:
        inputs: Shape `(samples, channels, pixels, pixels)`.
        kernels: Of two convolutions, shape `(2, channels, channels, 3, 3)`.
    """

    inputs: Array
    kernels: Array


@dataclass(frozen=True)
class BlockOutputs(Experiment):
    """Outputs of a residual block that keeps the shape of its input.

    Attributes:
        block: The block; called with (channels in, channels out).
        branch: "zero": all its parameters are zero; "random": it has two 3x3 kernels and nothing else, drawn normal with
            He's variance.
        inputs: Standard normal numbers, or their absolute values, as an earlier ReLU would leave them.
        samples: How many images.
        channels: Channels.
        pixels: Pixels along one side.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    block: Subject = Subject("dlverify.lab.architectures.residual", "basic_block")
    branch: Literal["zero", "random"] = "zero"
    inputs: Literal["nonnegative", "signed"] = "nonnegative"
    samples: int = 2
    channels: int = 4
    pixels: int = 6

    def draw(self, lab: Lab) -> Images:
        """Images and kernels."""
        images = lab.normal("images", (self.samples, self.channels, self.pixels, self.pixels))[0]
        shape = (2, self.channels, self.channels, 3, 3)
        kernels = lab.normal("kernels", shape, (2 / (9 * self.channels)) ** 0.5)[0]
        return Images(lab.rounded(np.abs(images)) if self.inputs == "nonnegative" else images, kernels)

    def measure(self, lab: Lab, given: Images) -> Quantity:
        """The outputs, shape `(samples, channels, pixels, pixels)`.

        Raises:
            ExperimentError: A random branch was asked of a block that has other parameters than two kernels.
        """
        block = self.block(self.channels, self.channels).to(lab.device, lab.torch_dtype).eval()
        parameters = list(block.parameters())
        with torch.no_grad():
            if self.branch == "random":
                shapes = [tuple(parameter.shape) for parameter in parameters]
                if shapes != [kernel.shape for kernel in given.kernels]:
                    raise ExperimentError(
                        f"a random branch needs a block whose parameters are two kernels {given.kernels[0].shape}; "
                        f"{self.block} has {shapes}: give it normalized=False"
                    )
                for parameter, kernel in zip(parameters, given.kernels, strict=True):
                    parameter.copy_(lab.tensor(kernel))
            else:
                for parameter in parameters:
                    parameter.zero_()
            outputs = block(lab.tensor(given.inputs))
        names = ("sample", "channel", "row", "column")
        axes = tuple(Axis(name, tuple(range(size))) for name, size in zip(names, outputs.shape, strict=True))
        return Quantity(outputs, "output", "", axes)


@dataclass(frozen=True)
class Blocks:
    """A chain of residual blocks x -> x + V act(W x) and where it starts.

    Attributes:
        start: x_0, shape `(width,)`.
        inner: W of every block, shape `(blocks, width, width)`.
        outer: V of every block, shape `(blocks, width, width)`.
        last: A gradient with respect to the output of the chain, shape `(width,)`.
    """

    start: Array
    inner: Array
    outer: Array
    last: Array


@dataclass(frozen=True)
class ResidualChain(Experiment):
    """Derivatives of the states x_1, x_2, ... of a chain of residual blocks, by automatic differentiation.

    A block is x -> after(factor * shortcut(x) + F(x)), F(x) = V act(W x) made of two layers without biases.

    Attributes:
        layer: Called with (inputs, outputs, bias=False); has `weight`.
        activation: Inside the branch.
        shortcut: The way around the branch.
        after: After the addition.
        factor: By which the way around is multiplied.
        weights: "normal" with standard deviation size / sqrt(width); "signs" of -size, 0, 0 or +size; "zero": V = 0, W
            normal; "opposite": W = 1 and V = -1, so that F(x) = -x where the activation is the identity.
        size: Of the weights.
        start: "normal"; "powers" 1, -2, 4, -8, ..., of which no signed sum vanishes, so that no ReLU sits at its kink, and
            which are negative in part; "minus one" everywhere.
        width: Features of every layer.
        blocks: How many blocks.
        report: "jacobian": d x_l / d x_0 for each l; "smallest singular value" of it, enclosed in ball arithmetic;
            "gradient": what remains of a given gradient at x_L, at x_0 ... x_L.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    layer: Subject = Subject("torch.nn", "Linear")
    activation: Subject = Subject("torch.nn", "Tanh")
    shortcut: Subject = Subject("torch.nn", "Identity")
    after: Subject = Subject("torch.nn", "Identity")
    factor: float = 1.0
    weights: Literal["normal", "signs", "zero", "opposite"] = "normal"
    size: float = 0.5
    start: Literal["normal", "powers", "minus one"] = "normal"
    width: int = 6
    blocks: int = 10
    report: Literal["jacobian", "smallest singular value", "gradient"] = "jacobian"

    def draw(self, lab: Lab) -> Blocks:
        """Weights, the start and a last gradient."""
        shape = (self.blocks, self.width, self.width)
        if self.weights == "opposite":
            inner = np.broadcast_to(np.eye(self.width), shape)
            outer = -inner
        elif self.weights == "signs":
            signs = np.array([-self.size, 0, 0, self.size])
            inner, outer = (signs[lab.generator(stream).integers(4, size=shape)] for stream in ("inner", "outer"))
        else:
            inner, outer = (lab.normal(stream, shape, self.size / self.width**0.5)[0] for stream in ("inner", "outer"))
            outer = outer if self.weights == "normal" else 0 * outer
        start = {
            "normal": lab.normal("start", (self.width,))[0],
            "powers": (-2.0) ** np.arange(self.width),
            "minus one": -np.ones(self.width),
        }[self.start]
        last = lab.normal("last gradient", (self.width,))[0]
        return Blocks(lab.rounded(start), lab.rounded(inner), lab.rounded(outer), last)

    def measure(self, lab: Lab, given: Blocks) -> Quantity:
        """Jacobians `(blocks, width, width)`, enclosures `(blocks,)`, or gradients `(blocks + 1, width)`."""
        branches = [
            torch.nn.Sequential(self._linear(lab, inner), self.activation(), self._linear(lab, outer))
            for inner, outer in zip(given.inner, given.outer, strict=True)
        ]
        shortcut, after = self.shortcut(), self.after()

        def states(start: torch.Tensor) -> list[torch.Tensor]:
            reached = [start]
            for branch in branches:
                around = shortcut(reached[-1])
                around = around if self.factor == 1 else self.factor * around
                reached.append(after(around + branch(reached[-1])))
            return reached

        start = lab.tensor(given.start)
        feature = tuple(range(self.width))
        if self.report == "gradient":
            reached = states(start.requires_grad_())
            gradients = torch.autograd.grad(reached[-1], reached, lab.tensor(given.last))
            depth = Axis("block", tuple(range(self.blocks + 1)))
            return Quantity(
                torch.stack(gradients), "gradient at the input of a block", "", (depth, Axis("feature", feature))
            )
        jacobians = torch.autograd.functional.jacobian(lambda x: torch.stack(states(x)[1:]), start)
        depth = Axis("blocks", tuple(range(1, self.blocks + 1)))
        if self.report == "jacobian":
            return Quantity(jacobians, "total derivative", "", (depth, Axis("output", feature), Axis("input", feature)))
        ends = np.array([smallest_singular_value(jacobian.double().cpu().numpy()) for jacobian in jacobians])
        return Quantity(ends[:, 0], "smallest singular value of the Jacobian", "", (depth,), ends[:, 1])

    def _linear(self, lab: Lab, weight: Array) -> torch.nn.Module:
        made: torch.nn.Module = self.layer(self.width, self.width, bias=False).to(lab.device, lab.torch_dtype)
        with torch.no_grad():
            made.weight.copy_(lab.tensor(weight))  # type: ignore[operator]
        return made


@dataclass(frozen=True)
class Copy:
    """A network of one hidden layer and inputs to it.

    Attributes:
        inputs: Shape `(samples, features)`.
        first: Shape `(width, features)`.
        bias: Shape `(width,)`.
        last: Shape `(outputs, width)`.
    """

    inputs: Array
    first: Array
    bias: Array
    last: Array


@dataclass(frozen=True)
class CopiedNetwork(Experiment):
    """Outputs of a network into which layers were inserted, minus its outputs without them.

    The inserted layers have the identity for a weight and, like the others, an activation after them.

    Attributes:
        layer: Called with (inputs, outputs); has `weight` and `bias`.
        activation: After every layer but the last.
        inserted: Numbers of inserted layers.
        factor: The inserted weights are this multiple of the identity.
        width: Hidden units.
        samples: How many inputs.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64")

    layer: Subject = Subject("torch.nn", "Linear")
    activation: Subject = Subject("torch.nn", "ReLU")
    inserted: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)
    factor: float = 1.0
    width: int = 12
    samples: int = 16

    def draw(self, lab: Lab) -> Copy:
        """Inputs and weights, standard normal; four features and three outputs."""
        shapes = {"inputs": (self.samples, 4), "first": (self.width, 4), "bias": (self.width,), "last": (3, self.width)}
        return Copy(*(lab.normal(name, shape)[0] for name, shape in shapes.items()))

    def measure(self, lab: Lab, given: Copy) -> Quantity:
        """The differences, shape `(numbers of inserted layers, samples, outputs)`."""

        def affine(weight: Array, bias: Array) -> torch.nn.Module:
            made: torch.nn.Module = self.layer(*weight.shape[::-1]).to(lab.device, lab.torch_dtype)
            with torch.no_grad():
                made.weight.copy_(lab.tensor(weight))  # type: ignore[operator]
                made.bias.copy_(lab.tensor(bias))  # type: ignore[operator]
            return made

        first, last = affine(given.first, given.bias), affine(given.last, np.zeros(len(given.last)))
        copying = affine(self.factor * np.eye(self.width), np.zeros(self.width))
        inputs, activation = lab.tensor(given.inputs), self.activation()
        with torch.no_grad():
            outputs = []
            for number in (0, *self.inserted):
                hidden = activation(first(inputs))
                for _ in range(number):
                    hidden = activation(copying(hidden))
                outputs.append(last(hidden))
            differences = torch.stack([deep - outputs[0] for deep in outputs[1:]])
        axes = (
            Axis("inserted layers", self.inserted, scale="log2"),
            Axis("sample", tuple(range(self.samples))),
            Axis("output", tuple(range(len(given.last)))),
        )
        return Quantity(differences, "output of the deeper network minus that of the shallower", "", axes)


@dataclass(frozen=True)
class Digits:
    """Training and test images of each member.

    Attributes:
        inputs: Shape `(members, samples, 64)`: first those for training, then those for testing.
        labels: Shape `(members, samples)`.
        orders: Minibatches of the network and of the one that it is compared with, shape `(2, members, steps, batch)`.
    """

    inputs: Array
    labels: Array
    orders: Array


@dataclass(frozen=True)
class DeepTraining(Experiment):
    """What depth does to training: a fully connected network beside a shallow plain one, on scikit-learn's digits.

    Both are trained in the same way on the same samples, from independent initial weights and minibatch orders.

    Attributes:
        optimizer: Called with a list of parameters and `lr`.
        initialize: Fills the weight of a layer; biases start at zero.
        activation: "relu" or "tanh".
        residual: Whether the network has blocks of two layers with a way around; the second weight of each is then zero
            at the start.
        depth: Layers of the network that have weights.
        width: Its hidden units.
        shallow: Layers of the one that it is compared with, of 32 units.
        samples: Training images, drawn anew for each member out of all; 500 others are for testing.
        batch: Images in a minibatch.
        epochs: Passes over the training images.
        lr: The learning rate.
        report: "errors": the network's error minus the shallow one's, on training and on test images. "gradients": the
            gradient's norm behind the first layer over that before the last, at the start and after training, and the
            difference of training errors.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64")

    optimizer: Subject = Subject("torch.optim", "Adam")
    initialize: Subject = Subject("torch.nn.init", "kaiming_normal_", (("nonlinearity", "relu"),))
    activation: Literal["relu", "tanh"] = "relu"
    residual: bool = False
    depth: int = 34
    width: int = 32
    shallow: int = 4
    samples: int = 256
    batch: int = 32
    epochs: int = 10
    lr: float = 0.002
    report: Literal["errors", "gradients"] = "errors"

    def draw(self, lab: Lab) -> Digits:
        """Samples and minibatch orders."""
        from dlverify.lab.data import digits

        images = digits()
        number = len(images.labels)
        chosen = np.stack([lab.generator("samples", m).permutation(number)[: self.samples + 500] for m in lab.members])
        steps = self.epochs * (self.samples // self.batch)
        orders = [lab.orders(stream, self.samples, self.batch, steps) for stream in ("orders", "other orders")]
        return Digits(lab.rounded(images.pixels[chosen]), images.labels[chosen], np.stack(orders))

    def measure(self, lab: Lab, given: Digits) -> Quantity:
        """Rows of two differences of errors, or of two ratios and a difference, `(members, ...)`."""
        from dlverify.lab.ensembles import Perceptron

        deep = Perceptron(
            (64, *(self.width,) * (self.depth - 1), 10), self.activation, shortcut=1.0 if self.residual else None
        )
        shallow = Perceptron((64, *(32,) * (self.shallow - 1), 10), self.activation)
        start = self._initial(lab, deep, "weights")
        trained = self._trained(lab, deep, start, given, 0)
        other = self._trained(lab, shallow, self._initial(lab, shallow, "other weights"), given, 1)
        pairs = zip(self._errors(lab, deep, trained, given), self._errors(lab, shallow, other, given), strict=True)
        training, testing = (mine - others for mine, others in pairs)
        members = Axis("member", tuple(lab.members))
        if self.report == "errors":
            axes = (members, Axis("images", ("training", "test")))
            rows = torch.stack([training, testing], dim=1)
            return Quantity(rows, "error of the network minus that of the shallow one", "", axes)
        axes = (members, Axis("report", ("ratio at the start", "ratio after training", "excess training error")))
        ratios = [self._ratios(lab, deep, parameters, given) for parameters in (start, trained)]
        name = "gradient ratios and excess error"
        return Quantity(torch.stack([*ratios, training], dim=1), name, "", axes)

    def _initial(self, lab: Lab, network: Perceptron, stream: str) -> list[torch.Tensor]:
        """Initial parameters, each (members, ...)."""
        shapes = network.parameter_shapes()
        stacks = [lab.tensor(np.zeros((len(lab.members), *shape))) for shape in shapes]
        # In blocks, the weights of layers 2, 4, ... are the second ones; the last layer of all is no part of a block.
        zero = {2 * layer for layer in range(2, len(shapes) // 2 - 1, 2)} if network.shortcut else set()
        for row, member in enumerate(lab.members):
            with lab.seeded(stream, member):
                for index in range(0, len(shapes), 2):
                    if index not in zero:
                        self.initialize(stacks[index][row])
        return stacks

    def _trained(
        self, lab: Lab, network: Perceptron, start: list[torch.Tensor], given: Digits, arm: int
    ) -> list[torch.Tensor]:
        from dlverify.lab.ensembles import train

        images, labels = self._samples(lab, given, training=True)
        return train(
            network,
            start,
            (images, labels),
            optimizer=lambda parameters: self.optimizer(parameters, lr=self.lr),
            steps=given.orders.shape[2],
            orders=lab.tensor(given.orders[arm]),
            loss="cross_entropy",
        ).parameters

    def _errors(
        self, lab: Lab, network: Perceptron, parameters: list[torch.Tensor], given: Digits
    ) -> list[torch.Tensor]:
        """Shares of wrong answers on training and on test images, each (members,)."""
        errors = []
        for training in (True, False):
            images, labels = self._samples(lab, given, training=training)
            with torch.no_grad():
                answers = network.forward(parameters, images).argmax(-1)
            errors.append((answers != labels).double().mean(1))
        return errors

    def _ratios(self, lab: Lab, network: Perceptron, parameters: list[torch.Tensor], given: Digits) -> torch.Tensor:
        """Norm of the training loss's gradient in what enters the second layer over that in what enters the last one.

        Gradients in the weights would not do: scaling all weights of a ReLU network scales all of them alike.
        """
        from dlverify.lab.ensembles import loss_function

        states, labels = self._samples(lab, given, training=True)
        entering: list[torch.Tensor] = []
        for layer in network.layers([parameter.detach() for parameter in parameters]):
            states = layer(states)
            entering.append(states if entering else states.requires_grad_())
        losses = loss_function("cross_entropy")(entering[-1], labels)
        first, last = torch.autograd.grad(losses.sum(), [entering[0], entering[-2]])
        ratios: torch.Tensor = (first.flatten(1).norm(dim=1) / last.flatten(1).norm(dim=1)).double()
        return ratios

    def _samples(self, lab: Lab, given: Digits, training: bool) -> tuple[torch.Tensor, torch.Tensor]:
        rows = slice(None, self.samples) if training else slice(self.samples, None)
        return lab.tensor(given.inputs[:, rows]), lab.tensor(given.labels[:, rows])
