"""Experiments on networks that classify images: their depth, maps and kernels, what reaches what, and how LeNet learns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from dlverify.experiment import Experiment, ExperimentError
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity, pictures_of


@dataclass(frozen=True)
class Depth(Experiment):
    """Layers with weights of a network, on the meta device: calls of torch that take a parameter of two or more dimensions.

    Attributes:
        network: The network; called without arguments.
        count: "on the longest path" from image to answer, or "all".
        pixels: Pixels along one side of the image.
    """

    network: Subject = Subject("dlverify.lab.architectures.residual", "resnet", (("depth", 50),))
    count: Literal["on the longest path", "all"] = "on the longest path"
    pixels: int = 224

    def draw(self, lab: Lab) -> None:
        """Nothing: a count needs no numbers."""

    def measure(self, lab: Lab, given: None) -> Quantity:
        """The number of layers."""
        with torch.device("meta"):
            network, image = self.network().eval(), torch.empty(1, 3, self.pixels, self.pixels)
        with torch.no_grad(), _Path() as path:
            answer = network(image)
        found = path.depth(answer) if self.count == "on the longest path" else path.weighted
        return Quantity(found, f"layers with weights {self.count}".removesuffix(" all"), "")


class _Path(TorchFunctionMode):
    """Counts, for each tensor that torch makes, the weighted calls on the longest path to it.

    Attributes:
        weighted: Weighted calls in all.
    """

    def __init__(self) -> None:
        super().__init__()
        self.weighted = 0
        self._depths: dict[int, tuple[Tensor, int]] = {}  # with the tensor, so that no other one takes its id

    def depth(self, tensor: Tensor) -> int:
        """Weighted calls on the longest path to the tensor."""
        return self._depths[id(tensor)][1] if id(tensor) in self._depths else 0

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        given = _tensors((*args, *(kwargs or {}).values()))
        weighs = any(isinstance(tensor, nn.Parameter) and tensor.dim() > 1 for tensor in given)
        made = [tensor for tensor in _tensors([result]) if not isinstance(tensor, nn.Parameter)]
        if made:
            self.weighted += weighs
            depth = max(map(self.depth, given), default=0) + weighs
            self._depths |= {id(tensor): (tensor, depth) for tensor in made}
        return result


def _tensors(values: Any) -> list[Tensor]:
    """The tensors among values, and in lists and tuples of them."""
    if isinstance(values, Tensor):
        return [values]
    return [tensor for value in values for tensor in _tensors(value)] if isinstance(values, (list, tuple)) else []


@dataclass(frozen=True)
class FeatureMaps(Experiment):
    """Channels, or pixels along one side, of the maps behind each stage of a network, on the meta device.

    Attributes:
        network: The network; called without arguments. Its stages are its children.
        report: "channels" or "pixels".
        pixels: Pixels along one side of the image.
    """

    network: Subject = Subject("dlverify.lab.architectures.classification", "alexnet", (("classes", None),))
    report: Literal["channels", "pixels"] = "channels"
    pixels: int = 224

    def draw(self, lab: Lab) -> None:
        """Nothing: a count needs no numbers."""

    def measure(self, lab: Lab, given: None) -> Quantity:
        """The numbers, shape `(stages,)`: stages that return no maps are left out."""
        sizes: list[int] = []

        def note(module: nn.Module, inputs: Any, outputs: Tensor) -> None:
            if outputs.dim() == 4:
                sizes.append(outputs.shape[1 if self.report == "channels" else 2])

        with torch.device("meta"):
            network, image = self.network().eval(), torch.empty(1, 3, self.pixels, self.pixels)
            for stage in network.children():
                stage.register_forward_hook(note)
            network(image)
        name = "channels" if self.report == "channels" else "pixels along one side"
        return Quantity(sizes, name, "", (Axis("stage", tuple(range(1, len(sizes) + 1))),))


@dataclass(frozen=True)
class PixelsWithoutEffect(Experiment):
    """Rows and columns of an image in which no pixel has a gradient, by automatic differentiation.

    All weights and pixels are positive, so that no ReLU is off.

    Attributes:
        network: The network without its dense layers; called without arguments.
        sizes: Pixels along one side of the image.
        samples: How many images.
    """

    network: Subject = Subject(
        "dlverify.lab.architectures.classification", "alexnet", (("channels", (4, 4, 4, 4, 4)), ("classes", None))
    )
    sizes: tuple[int, ...] = tuple(range(223, 232))
    samples: int = 2

    def draw(self, lab: Lab) -> Array:
        """Images, `(samples, 3, pixels, pixels)`; smaller ones are their corners."""
        side = max(self.sizes)
        images: Array = lab.uniform("images", (self.samples, 3, side, side), 0.5, 1.5)[0]
        return images

    def measure(self, lab: Lab, given: Array) -> Quantity:
        """How many rows, and columns, `(sizes, 2)`."""
        network = self.network().to(lab.device, lab.torch_dtype).eval()
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.abs_()
        counts = []
        for size in self.sizes:
            images = lab.tensor(given[:, :, :size, :size]).requires_grad_()
            (gradient,) = torch.autograd.grad(network(images).sum(), images)
            counts.append([int((gradient.abs().sum(axes) == 0).sum()) for axes in ((0, 1, 3), (0, 1, 2))])
        axes = (Axis("size of the image", self.sizes, "pixels"), Axis("lines", ("rows", "columns")))
        return Quantity(counts, "lines without effect", "", axes)


@dataclass(frozen=True)
class ReachableKernels(Experiment):
    """Dimension of the set of kernels that stacks of convolutions compute, with nothing between them.

    It is the rank of the derivative of the stack's kernel by its weights, at random integers: found modulo a prime, so it
    is never too large, and too small with a probability of about rank over 2^31.

    Attributes:
        layer: A convolution; called with (channels in, channels out, kernel, bias=False).
        layers: How many, one stack each.
        kernel: Size of their kernels.
        channels: Of the input and of the output.
        inner: Of the maps between the layers, in units of `channels`.
    """

    layer: Subject = Subject("torch.nn", "Conv2d")
    layers: tuple[int, ...] = (1, 2, 3, 4)
    kernel: int = 3
    channels: int = 1
    inner: int = 1

    def draw(self, lab: Lab) -> list[list[Array]]:
        """Weights from -3 to 3, `(out, in, kernel, kernel)`: for each stack, for each layer."""
        drawn = []
        for layers in self.layers:
            widths = [self.channels, *[self.channels * self.inner] * (layers - 1), self.channels]
            shapes = [(b, a, self.kernel, self.kernel) for a, b in zip(widths[:-1], widths[1:], strict=True)]
            numbers = lab.generator(f"weights of {layers}")
            drawn.append([lab.rounded(numbers.integers(-3, 4, shape)) for shape in shapes])
        return drawn

    def measure(self, lab: Lab, given: list[list[Array]]) -> Quantity:
        """The dimensions, shape `(layers,)`."""
        ranks = [self._rank(lab, weights) for weights in given]
        return Quantity(ranks, "dimension of the reachable kernels", "", (Axis("layers", self.layers),))

    def _rank(self, lab: Lab, weights: list[Array]) -> int:
        side = len(weights) * (self.kernel - 1) + 1
        point = torch.zeros(self.channels, self.channels, 2 * side - 1, 2 * side - 1)
        point[range(self.channels), range(self.channels), side - 1, side - 1] = 1  # one image for each input channel
        modules = [self.layer(w.shape[1], w.shape[0], self.kernel, bias=False) for w in weights]
        stack = nn.Sequential(*modules).to(lab.device, lab.torch_dtype)
        with torch.no_grad():
            for parameter, weight in zip(stack.parameters(), weights, strict=True):
                parameter.copy_(lab.tensor(weight))
        kernel = stack(point.to(lab.device, lab.torch_dtype)).flatten()
        rows = [torch.autograd.grad(number, list(stack.parameters()), retain_graph=True) for number in kernel]
        derivative = torch.stack([torch.cat([part.flatten() for part in row]) for row in rows])
        return _rank_modulo(derivative.cpu().numpy().astype(np.int64), 2**31 - 1)


def _rank_modulo(matrix: Array, prime: int) -> int:
    """Rank of an integer matrix modulo a prime below 2^31, by elimination."""
    rows, rank = matrix % prime, 0
    for column in range(rows.shape[1]):
        (found,) = np.nonzero(rows[rank:, column])
        if len(found):
            rows[[rank, rank + found[0]]] = rows[[rank + found[0], rank]]
            rows[rank] = rows[rank] * pow(int(rows[rank, column]), -1, prime) % prime
            below = rows[rank + 1 :]
            below[:] = (below - below[:, column, None] * rows[rank] % prime) % prime
            rank += 1
    return rank


@dataclass(frozen=True)
class Gate:
    """What a squeeze-and-excitation block is given.

    Attributes:
        inputs: Shape `(samples, channels, pixels, pixels)`.
        first: W1, shape `(channels / reduction, channels)`.
        second: W2, shape `(channels, channels / reduction)`.
    """

    inputs: Array
    first: Array
    second: Array


@dataclass(frozen=True)
class GatedMaps(Experiment):
    """Outputs of a squeeze-and-excitation block.

    Attributes:
        block: The block; called with (channels, reduction=...), has two weights and no biases.
        weights: "random", or "zero": the second one is.
        samples: How many images.
        channels: Channels.
        reduction: Channels over units between the two layers.
        pixels: Pixels along one side.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    block: Subject = Subject("dlverify.lab.architectures.channels", "SqueezeExcitation")
    weights: Literal["random", "zero"] = "random"
    samples: int = 2
    channels: int = 6
    reduction: int = 2
    pixels: int = 4

    def draw(self, lab: Lab) -> Gate:
        """Standard normal inputs, and weights that make gates of all sizes of their means.

        The means are of size 1 / pixels: so the first weights are normal with standard deviation 2 pixels / sqrt(channels),
        the second with sqrt(2 / units).
        """
        inner = self.channels // self.reduction
        images = lab.normal("images", (self.samples, self.channels, self.pixels, self.pixels))[0]
        first = lab.normal("first", (inner, self.channels), 2 * self.pixels / self.channels**0.5)[0]
        second = lab.normal("second", (self.channels, inner), (2 / inner) ** 0.5 * (self.weights == "random"))[0]
        return Gate(images, first, second)

    def measure(self, lab: Lab, given: Gate) -> Quantity:
        """The outputs, shape `(samples, channels, pixels, pixels)`.

        Raises:
            ExperimentError: The block has other parameters than two weights.
        """
        block = self.block(self.channels, reduction=self.reduction).to(lab.device, lab.torch_dtype).eval()
        weights = (given.first, given.second)
        shapes = [tuple(parameter.shape) for parameter in block.parameters()]
        if shapes != [weight.shape for weight in weights]:
            raise ExperimentError(
                f"expected parameters of shapes {[weight.shape for weight in weights]}; {self.block} has {shapes}"
            )
        with torch.no_grad():
            for parameter, weight in zip(block.parameters(), weights, strict=True):
                parameter.copy_(lab.tensor(weight))
            outputs = block(lab.tensor(given.inputs))
        names = ("sample", "channel", "row", "column")
        axes = tuple(Axis(name, tuple(range(size))) for name, size in zip(names, outputs.shape, strict=True))
        return Quantity(outputs, "output", "", axes)


@dataclass(frozen=True)
class Connections(Experiment):
    """Which earlier outputs enter each layer of a block unchanged, bit for bit.

    Attributes:
        block: A chain of layers; called with (layers, channels in, growth). The last `growth` channels that a layer
            returns are its own output.
        layers: How many.
        inputs: Channels of the block's input.
        growth: Channels of a layer's own output.
    """

    block: Subject = Subject("dlverify.lab.architectures.channels", "dense_block")
    layers: int = 6
    inputs: int = 4
    growth: int = 3

    def draw(self, lab: Lab) -> Array:
        """Two images of 5x5 pixels, `(2, inputs, 5, 5)`."""
        images: Array = lab.normal("images", (2, self.inputs, 5, 5))[0]
        return images

    def measure(self, lab: Lab, given: Array) -> Quantity:
        """Whether the output of a source enters a layer, `(layers, layers)`: the first source is the block's input."""
        block = self.block(self.layers, self.inputs, self.growth).to(lab.device, lab.torch_dtype)
        signal = lab.tensor(given)
        sources, table = [signal], []
        with torch.no_grad():
            for layer in block:
                entering = [channel for channel in signal.unbind(1)]
                known = [all(any(map(part.equal, entering)) for part in source.unbind(1)) for source in sources]
                table.append(known + [False] * (self.layers - len(known)))
                signal = layer(signal)
                sources.append(signal[:, -self.growth :])
        layers = Axis("layer", tuple(range(1, self.layers + 1)))
        return Quantity(np.array(table), "enters", "", (layers, Axis("source", tuple(range(self.layers)))))


@dataclass(frozen=True)
class SmallestErrors(Experiment):
    """The smallest squared error among many perceptrons in answering one number, whatever the input.

    Beside perceptrons with normal weights there is, for each target, the one whose last layer has no weights and the
    target as its bias.

    Attributes:
        last: Activation behind the last layer.
        targets: Numbers to answer.
        units: Hidden units.
        networks: Perceptrons with random weights.
    """

    last: Subject = Subject("torch.nn", "Identity")
    targets: tuple[float, ...] = (-2.0, -1.0, 0.0, 1.0, 2.0)
    units: int = 4
    networks: int = 200

    def draw(self, lab: Lab) -> Array:
        """Parameters, one perceptron of one input a row."""
        parameters: Array = lab.normal("weights", (self.networks, 3 * self.units + 1), 2.0)[0]
        return parameters

    def measure(self, lab: Lab, given: Array) -> Quantity:
        """The smallest mean squared errors at the inputs -1, 0 and 1, shape `(targets,)`."""
        network = nn.Sequential(nn.Linear(1, self.units), nn.ReLU(), nn.Linear(self.units, 1), self.last())
        network = network.to(lab.device, lab.torch_dtype)
        inputs = lab.tensor([[-1.0], [0.0], [1.0]])
        constructed = np.zeros((len(self.targets), given.shape[1]))
        constructed[:, -1] = self.targets
        targets = lab.tensor(self.targets)
        errors = []
        with torch.no_grad():
            for row in (*given, *constructed):
                nn.utils.vector_to_parameters(lab.tensor(row), network.parameters())
                errors.append((network(inputs) - targets).square().mean(0))
        return Quantity(torch.stack(errors).amin(0), "smallest squared error", "", (Axis("target", self.targets),))


@dataclass(frozen=True)
class PlacedImages:
    """Digits, each somewhere on a larger square.

    Attributes:
        inputs: Shape `(members, samples, pixels)`: first those for training, then those for testing.
        labels: Shape `(members, samples)`.
        orders: Minibatches, `(members, steps, batch)`: the same for both networks.
    """

    inputs: Array
    labels: Array
    orders: Array


@dataclass(frozen=True)
class LearningPlacedDigits(Experiment):
    """Test errors of a network on scikit-learn's digits, each put at random on a larger square, beside a linear classifier's.

    Both see the same images in the same minibatches.

    Attributes:
        network: Called without arguments; takes images `(samples, 1, size, size)`.
        optimizer: Called with a list of parameters and `lr`.
        pixels: "in place", or "permuted": those of all images in one other order, a member's own.
        labels: "true", or "shuffled" among the images.
        size: Pixels along one side of the square.
        freedom: Places along each side where the first pixel of a digit may lie, in the middle of the square.
        samples: Images for training, drawn anew for each member out of all; 500 others are for testing.
        batch: Images in a minibatch.
        epochs: Passes over the training images.
        lr: The learning rate.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64")

    network: Subject = Subject(
        "dlverify.lab.architectures.classification",
        "lenet",
        (("original", False), ("partial", False), ("channels", (3, 6, 12)), ("hidden", 16), ("kernel", 3)),
    )
    optimizer: Subject = Subject("torch.optim", "Adam")
    pixels: Literal["in place", "permuted"] = "in place"
    labels: Literal["true", "shuffled"] = "true"
    size: int = 18
    freedom: int = 5
    samples: int = 500
    batch: int = 25
    epochs: int = 8
    lr: float = 0.02

    def draw(self, lab: Lab) -> PlacedImages:
        """Samples, places, orders of pixels and minibatches."""
        from dlverify.lab.data import digits, placed

        images = digits()
        inputs, labels = [], []
        for member in lab.members:
            chosen = lab.generator("samples", member).permutation(len(images.labels))[: self.samples + 500]
            corners = lab.generator("places", member).integers(self.freedom, size=(len(chosen), 2))
            corners += (self.size - 8 - self.freedom + 1) // 2
            square = placed(images.pixels[chosen], corners, self.size)
            order = lab.generator("pixels", member).permutation(self.size**2)
            square = (square - square.mean()) / square.std()  # as LeCun et al. 1998 do, section II.B
            inputs.append(square[:, order] if self.pixels == "permuted" else square)
            own = images.labels[chosen]
            labels.append(lab.generator("labels", member).permutation(own) if self.labels == "shuffled" else own)
        steps = self.epochs * (self.samples // self.batch)
        orders = lab.orders("orders", self.samples, self.batch, steps)
        return PlacedImages(lab.rounded(np.stack(inputs)), np.stack(labels), orders)

    def measure(self, lab: Lab, given: PlacedImages) -> Quantity:
        """The linear classifier's error minus the network's, shape `(members,)`."""

        def network() -> nn.Module:
            return nn.Sequential(nn.Unflatten(1, (1, self.size, self.size)), self.network())

        linear, _ = self._trained(lab, lambda: nn.Linear(self.size**2, 10), given)
        error, (weights, *_) = self._trained(lab, network, given)
        name = "error of the linear classifier minus that of the network"
        pictures: dict[str, Any] = {"images": given.inputs[0, :3].reshape(-1, self.size, self.size)}
        if weights.dim() == 5:  # kernels, each (outputs, inputs, height, width)
            pictures["learned kernels of the first layer"] = weights[0].flatten(0, 1)
        axes = (Axis("member", tuple(lab.members)),)
        return Quantity(linear - error, name, "", axes, pictures=pictures_of(pictures))

    def _trained(self, lab: Lab, make: Callable[[], nn.Module], given: PlacedImages) -> tuple[Tensor, Sequence[Tensor]]:
        """Share of wrong answers on the test images, one for each member, and the parameters."""
        from dlverify.lab.ensembles import train
        from dlverify.lab.modules import Modules

        modules = Modules(make)
        images, labels = lab.tensor(given.inputs), lab.tensor(given.labels)
        trained = train(
            modules,
            modules.initial(lab),
            (images[:, : self.samples], labels[:, : self.samples]),
            optimizer=lambda parameters: self.optimizer(parameters, lr=self.lr),
            steps=given.orders.shape[1],
            orders=lab.tensor(given.orders),
            loss="cross_entropy",
        ).parameters
        with torch.no_grad():
            answers = modules.forward(trained, images[:, self.samples :]).argmax(-1)
        wrong: Tensor = answers != labels[:, self.samples :]
        return wrong.double().mean(1), trained
