"""Small networks as stacks: every member of an ensemble has its own parameters, and all act at once.

On the CPU, in float32 and float64, what a member puts out is bitwise the same whatever members run beside it. Elementwise
arithmetic sees to that by itself; products by MKL (`_product`) and torch's sigmoid (`_Bounded`) do not, and are dealt
with here; a batch of one is in `dlverify.lab.ensembles`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, Protocol, cast

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

LossFunction = Callable[[Tensor, Tensor], Tensor]
"""Outputs (members, samples, outputs) and targets (members, samples, ...) to one loss per member (members,)."""

_LINE = 16  # numbers of float32 in a cache line of 64 bytes; of float64, two lines
_NARROW = 16  # features: one AVX-512 vector of float32; products narrower than that depend on their order


class Network(Protocol):
    """What `train` needs of a network: how stacked parameters act on stacked inputs."""

    def forward(self, parameters: Sequence[Tensor], inputs: Tensor) -> Tensor:
        """Outputs (members, samples, outputs) of inputs (members, samples, features)."""


class _Bounded(torch.autograd.Function):
    """Tanh or sigmoid, in place, with all derivatives; on a CPU by numpy.

    Because numpy's tanh is 5-7 times faster, and because torch's sigmoid rounds the last elements of a tensor, those
    that fill no vector, differently, so that a member's values would depend on how many members there are.
    """

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, name: str) -> Tensor:
        if inputs.device.type != "cpu" or inputs.dtype not in (torch.float32, torch.float64):
            torch.tanh_(inputs) if name == "tanh" else torch.sigmoid_(inputs)
        else:
            array = inputs.detach().numpy()
            if name == "tanh":
                np.tanh(array, out=array)
            else:
                with np.errstate(over="ignore"):  # 1 / (1 + inf) is right
                    np.exp(np.negative(array, out=array), out=array)
                np.reciprocal(np.add(array, 1, out=array), out=array)
        ctx.mark_dirty(inputs)
        ctx.save_for_backward(inputs)
        ctx.name = name
        return inputs

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (outputs,) = ctx.saved_tensors
        return gradients[0] * (1 - outputs * outputs if ctx.name == "tanh" else outputs * (1 - outputs)), None


# In place, since what they act on is always the fresh result of `_Dense`.
_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu_,
    "tanh": lambda inputs: cast("Tensor", _Bounded.apply(inputs, "tanh")),  # type: ignore[no-untyped-call]
    "sigmoid": lambda inputs: cast("Tensor", _Bounded.apply(inputs, "sigmoid")),  # type: ignore[no-untyped-call]
    "identity": lambda inputs: inputs,
}


class _Dense(torch.autograd.Function):
    """Every member's `torch.nn.Linear`: inputs (members, samples, in), weight (members, out, in), bias (members, out).

    A Function of its own because a product with one narrow side is 2-7 times slower in the order that autograd picks.
    torch.func does not see through it: differentiate twice with `create_graph`.
    """

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, weight: Tensor, bias: Tensor | None, last: bool) -> Tensor:
        ctx.save_for_backward(inputs, weight)
        # The last layer alone, since autograd lets nobody write into this view; and only where `_product` pads nothing.
        if last and weight.shape[1] < _NARROW and weight.shape[1] * inputs.shape[1] % _LINE == 0:
            return _product(weight, inputs.mT, None if bias is None else bias.unsqueeze(2)).mT
        return _product(inputs, weight.mT, None if bias is None else bias.unsqueeze(1))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (gradient,), (inputs, weight) = gradients, ctx.saved_tensors
        narrow = weight.shape[2] < _NARROW
        return (
            _product(gradient, weight) if ctx.needs_input_grad[0] else None,
            _product(inputs.mT, gradient).mT if narrow else _product(gradient.mT, inputs),
            gradient.sum(1) if ctx.needs_input_grad[2] else None,
            None,
        )


def _product(left: Tensor, right: Tensor, added: Tensor | None = None) -> Tensor:
    """Batched product, plus something (members, rows or 1, columns or 1), rounded alike for every place in the stack.

    MKL rounds a product by where its factors and its result lie in memory. So every member's begin at a whole cache
    line, behind padding where their sizes do not see to it.
    """
    columns = right.shape[2]
    ragged = left.shape[1] * columns % _LINE > 0
    if ragged:
        right = functional.pad(right, (0, -columns % _LINE))
        added = added if added is None or added.shape[2] == 1 else functional.pad(added, (0, -columns % _LINE))
    left, right = aligned(left), aligned(right)
    result = torch.bmm(left, right) if added is None else torch.baddbmm(added, left, right)
    return result[:, :, :columns].contiguous() if ragged else result


def aligned(stack: Tensor) -> Tensor:
    """The same matrices, with the same order of axes in memory, each of which begins at a whole cache line."""
    if stack.stride(0) % _LINE == 0 and stack.data_ptr() % 64 == 0:
        return stack
    if stack.stride(1) < stack.stride(2):
        return aligned(stack.mT).mT
    flat = stack.flatten(1)
    padded = functional.pad(flat, (0, -flat.shape[1] % _LINE)).contiguous()
    return (padded if padded.data_ptr() % 64 == 0 else padded.clone())[:, : flat.shape[1]].view(stack.shape)


def _dense(weight: Tensor, bias: Tensor | None, last: bool, inputs: Tensor) -> Tensor:
    return cast("Tensor", _Dense.apply(inputs, weight, bias, last))  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Perceptron:
    """Fully connected network, plain or residual; its parameters are shaped and ordered as those of `torch.nn.Linear`s.

    Plain (`shortcut` None): linear, activation, linear, activation, ..., linear.
    In blocks (`shortcut` a number): a first linear layer, then blocks of two, a last linear layer, where a block is
    h -> shortcut * h + branch * (W2 act(W1 h + b1) + b2). The plain network of the same widths has the same parameters.

    Attributes:
        widths: Features of inputs, hidden layers and outputs; len(widths) - 1 linear layers.
        activation: Between layers: "relu", "tanh", "sigmoid" or "identity".
        bias: Whether the layers have biases.
        shortcut: Factor of a block's input: 1 is a residual network, 0 the same blocks without the way around.
        branch: Factor of a block's branch, 1 / sqrt(blocks) say.
    """

    widths: tuple[int, ...]
    activation: Literal["relu", "tanh", "sigmoid", "identity"] = "relu"
    bias: bool = True
    shortcut: float | None = None
    branch: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what is no network.

        Raises:
            ValueError: Fewer than two widths, an unknown activation, or hidden layers that do not pair into blocks.
        """
        if len(self.widths) < 2 or min(self.widths) < 1:
            raise ValueError(f"expected at least two positive widths, found {self.widths}")
        if self.activation not in _ACTIVATIONS:
            raise ValueError(f"expected an activation of {', '.join(_ACTIVATIONS)}, found {self.activation!r}")
        hidden = self.widths[1:-1]
        if self.shortcut is not None and (len(set(hidden)) != 1 or len(hidden) % 2 == 0):
            raise ValueError(
                "blocks of two layers need an odd number of hidden widths, all equal (the first layer leads into the "
                f"blocks), found {hidden}; for L blocks of width w give (inputs, *(w,) * (2 * L + 1), outputs)"
            )

    def parameter_shapes(self) -> list[tuple[int, ...]]:
        """Shapes of one member's parameters: (out, in), and (out,) where there are biases, layer by layer."""
        pairs = itertools.pairwise(self.widths)
        return [shape for inner, outer in pairs for shape in ((outer, inner), (outer,))[: 1 + self.bias]]

    def layers(self, parameters: Sequence[Tensor]) -> list[Callable[[Tensor], Tensor]]:
        """The maps of which the network is composed, first to last: layers, or first layer, blocks and last layer.

        Raises:
            ValueError: The parameters are not those of this network.
        """
        shapes = [tuple(parameter.shape[1:]) for parameter in parameters]
        if shapes != self.parameter_shapes():
            raise ValueError(f"expected stacked parameters (members, ...) of {self.parameter_shapes()}, found {shapes}")
        biases = parameters[1::2] if self.bias else [None] * len(parameters)
        pairs = list(zip(parameters[:: 1 + self.bias], biases, strict=True))
        *hidden, last = (partial(_dense, *pair, index == len(pairs)) for index, pair in enumerate(pairs, start=1))
        activation = _ACTIVATIONS[self.activation]
        if self.shortcut is None:
            return [*(lambda h, dense=dense: activation(dense(h)) for dense in hidden), last]

        def block(inner: Callable[[Tensor], Tensor], outer: Callable[[Tensor], Tensor], h: Tensor) -> Tensor:
            branch = outer(activation(inner(h)))
            branch = branch if self.branch == 1 else self.branch * branch
            return torch.add(branch, h, alpha=self.shortcut) if self.shortcut else branch

        first, *rest = hidden
        return [first, *(partial(block, *pair) for pair in zip(rest[::2], rest[1::2], strict=True)), last]

    def forward(self, parameters: Sequence[Tensor], inputs: Tensor) -> Tensor:
        """Outputs (members, samples, outputs) of inputs (members, samples, features), or (samples, features) of all."""
        h = inputs if inputs.dim() == 3 else inputs.expand(len(parameters[0]), *inputs.shape)
        for layer in self.layers(parameters):
            h = layer(h)
        return h


def log_input_gradient(network: Perceptron, parameters: Sequence[Tensor], inputs: Tensor) -> Tensor:
    """log10 of the Euclidean norm of the gradient of the summed outputs with respect to each input, at any depth.

    A bias-free ReLU network is positively homogeneous, layer by layer: scaling what enters a layer by c > 0 leaves its
    derivative as it is. So activations and gradients are brought to norm 1 at every layer and the logarithms added,
    where float64 would underflow. A gradient that vanishes exactly gives -inf.

    Args:
        network: Without biases, with activation "relu" or "identity".
        parameters: Stacked parameters.
        inputs: (members, samples, features), or (samples, features) for all.

    Returns:
        (members, samples), without unit.

    Raises:
        ValueError: The network is not homogeneous.
    """
    if network.bias or network.activation not in ("relu", "identity"):
        raise ValueError(f"expected no biases and activation relu or identity, which are homogeneous, found {network}")

    def split(vectors: Tensor) -> tuple[Tensor, Tensor]:
        norm = torch.linalg.vector_norm(vectors, dim=-1, keepdim=True)
        return vectors / torch.where(norm == 0, 1, norm), norm.squeeze(-1)

    layers = network.layers([parameter.detach() for parameter in parameters])
    h = inputs if inputs.dim() == 3 else inputs.expand(len(parameters[0]), *inputs.shape)
    entering = []
    with torch.no_grad():
        for layer in layers:
            entering.append(split(h)[0])
            h = layer(entering[-1])
    gradient, logarithm = torch.ones_like(h), torch.zeros_like(h[..., 0])
    for layer, h in zip(reversed(layers), reversed(entering), strict=True):
        with torch.enable_grad():
            h.requires_grad_()
            (gradient,) = torch.autograd.grad(layer(h), h, gradient)
        gradient, norm = split(gradient)
        logarithm = logarithm + norm.log10()
    return logarithm


def loss_function(loss: str | LossFunction) -> LossFunction:
    """One loss per member: what `torch.nn.MSELoss`, `L1Loss` or `CrossEntropyLoss` gives each, or the callable itself.

    Args:
        loss: "squared" (mean over samples and outputs), "absolute" (likewise), "cross_entropy" (mean over samples,
            in nats; targets are classes (samples,) or probabilities (samples, outputs)), or a function of outputs and
            targets.

    Returns:
        A function from outputs (members, samples, outputs) and targets (members, samples, ...) to (members,).

    Raises:
        ValueError: No such loss.
    """
    if callable(loss):
        return loss
    if loss not in _LOSSES:
        raise ValueError(f"expected a loss of {', '.join(_LOSSES)} or a callable, found {loss!r}")
    return _LOSSES[loss]


def _cross_entropy(outputs: Tensor, targets: Tensor) -> Tensor:
    # Classes not last: torch's softmax over a short last axis is five times slower.
    probabilities = targets.is_floating_point()
    return functional.cross_entropy(outputs.mT, targets.mT if probabilities else targets, reduction="none").mean(1)


_LOSSES: dict[str, LossFunction] = {
    "squared": lambda outputs, targets: (outputs - targets).square().mean((1, 2)),
    "absolute": lambda outputs, targets: (outputs - targets).abs().mean((1, 2)),
    "cross_entropy": _cross_entropy,
}
