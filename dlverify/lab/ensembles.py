"""Many small networks trained as one: parameters stacked along a member axis, a real optimizer stepping the stack.

Nothing here draws random numbers or changes global state: initial weights and minibatch orders are handed in, and the
number of threads, the treatment of denormals and `keep_large_blocks` are left to the caller. Dtype and device are those
of the tensors handed in. On the CPU, in float32 and float64, a `Perceptron`'s trajectory is bitwise the same whatever
members run beside it, in any chunks. Elementwise arithmetic sees to that by itself; three things do not, and are dealt
with here: a batch of one (`paired`), products by MKL (`_product`) and torch's sigmoid (`_Bounded`).
"""

from __future__ import annotations

import ctypes
import itertools
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, Protocol, cast

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

Data = tuple[Tensor, Tensor]
"""Inputs (samples, features) and targets, floating (samples, outputs) or integer (samples,): shared by all members.
Either has a leading member axis where each member has its own: (members, samples, ...)."""

LossFunction = Callable[[Tensor, Tensor], Tensor]
"""Outputs (members, samples, outputs) and targets (members, samples, ...) to one loss per member (members,)."""

MakeOptimizer = Callable[[list[Tensor]], Optimizer]

CHUNK = 32
"""Members that train at once: on a CPU the rate is best, and flat, from 16 to 64 (measured on networks of 64 units)."""

_LINE = 16  # numbers of float32 in a cache line of 64 bytes; of float64, two lines
_NARROW = 16  # features: one AVX-512 vector of float32; products narrower than that depend on their order


def keep_large_blocks() -> bool:
    """Let glibc keep freed blocks of up to 32 MiB, so that fresh temporaries cost no page faults; call it once.

    Elementwise arithmetic on temporaries of 1-16 MB is 8-14 times slower without it. It changes the allocator of the
    whole process, for the rest of its life, and no result.

    Returns:
        Whether it was done: false where there is no glibc.
    """
    if sys.platform != "linux":
        return False
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return False
    # M_MMAP_THRESHOLD at its maximum, M_TRIM_THRESHOLD, M_TOP_PAD: malloc.h
    return all(mallopt(option, value) == 1 for option, value in ((-3, 32 << 20), (-1, 2**31 - 1), (-2, 256 << 20)))


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
        if last and weight.shape[1] < _NARROW:  # the last layer alone, since autograd lets nobody write into this view
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
    left, right = _aligned(left), _aligned(right)
    result = torch.bmm(left, right) if added is None else torch.baddbmm(added, left, right)
    return result[:, :, :columns].contiguous() if ragged else result


def _aligned(stack: Tensor) -> Tensor:
    """The same matrices, with the same order of axes in memory, each of which begins at a whole cache line."""
    if stack.stride(0) % _LINE == 0 and stack.data_ptr() % 64 == 0:
        return stack
    if stack.stride(1) < stack.stride(2):
        return _aligned(stack.mT).mT
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


def chunks(members: int, size: int) -> list[slice]:
    """Slices of nearly equal length that cut a stack into pieces to run at once.

    None has fewer than two members if there are two: a batch of one takes other kernels, with other rounding. So a
    piece may be one longer than `size` where a member would be left alone.

    Raises:
        ValueError: The size is below 2.
    """
    if size < 2:
        raise ValueError(f"expected chunks of 2 or more members, found {size}")
    number = max(1, min(-(-members // size), members // 2))
    return [slice(members * i // number, members * (i + 1) // number) for i in range(number)]


def paired(stack: Tensor) -> Tensor:
    """A stack of one member twice over, other stacks as they are; see `chunks`."""
    return stack.expand(2, *stack.shape[1:]) if len(stack) == 1 else stack


def per_member(data: Data, members: int) -> Data:
    """Inputs and targets with a leading member axis; what is shared is expanded without a copy.

    Raises:
        ValueError: The data are neither shared nor one for each of the members, or differ in the number of samples.
    """
    inputs, targets = (
        part if part.dim() > (2 if part.is_floating_point() else 1) else part.expand(members, *part.shape)
        for part in (part.clone() if part.data_ptr() % 64 else part for part in data)  # aligned here, once for all
    )
    if not inputs.shape[0] == targets.shape[0] == members or inputs.shape[1] != targets.shape[1]:
        raise ValueError(
            f"expected inputs (samples, features) or ({members}, samples, features) and as many targets, "
            f"found {tuple(data[0].shape)} and {tuple(data[1].shape)}"
        )
    return inputs, targets


def _gather(part: Tensor, order: Tensor) -> Tensor:
    """part[m, order[m, i]] for every member m and place i."""
    if part.stride(0) == 0:
        chosen = part[0].index_select(0, order.flatten())
    else:
        offsets = torch.arange(len(part), device=part.device).unsqueeze(1) * part.shape[1]
        chosen = part.flatten(0, 1).index_select(0, (order + offsets).flatten())
    return chosen.view(*order.shape, *part.shape[2:])


def separable(optimizer: MakeOptimizer, parameters: Sequence[Tensor]) -> bool:
    """Whether one step of the optimizer on a stack is, bitwise, the step of every member alone: tried, not looked up.

    Members with gradients c (p - t) of sizes c from 1e-4 to 1e4, some without gradient, take four steps stacked and
    apart: on the shapes of the run, and on vectors so short that a kernel which treats the ends of a tensor differently
    shows it. So found inseparable: a clipped global norm, a trust ratio, a line search, what refuses stacked tensors,
    most fused kernels of the CPU (`fused=True`), some optimizers in bfloat16. Not found: what sets in after more steps.

    Args:
        optimizer: Makes the optimizer of a list of tensors.
        parameters: Stacked parameters of the run, (members, ...); only their shapes, dtype and device count.

    Returns:
        Whether all parameters came out bitwise equal.
    """
    shapes = [tuple(parameter.shape[1:]) for parameter in parameters]
    short = [(31,) for _ in parameters]  # a full vector of float32 and a rest of 15
    return _agree(optimizer, shapes, 4, parameters[0]) and _agree(optimizer, short, 16, parameters[0])


def _agree(optimizer: MakeOptimizer, shapes: Sequence[tuple[int, ...]], members: int, like: Tensor) -> bool:
    targets = [
        torch.linspace(-1, 1, members * math.prod(shape)).to(like.device, like.dtype).view(members, *shape)
        for shape in shapes
    ]
    sizes = torch.tensor([1e4, 0.0, 1e-4, 1.0]).repeat(members // 4).to(like.device, like.dtype)
    scales = [sizes.view(-1, *(1 for _ in shape)) for shape in shapes]

    def stepped(rows: slice | int) -> list[Tensor]:
        # Small to start with, so that no step's last bits are absorbed.
        tensors = [(target[rows] * 1e-3).requires_grad_() for target in targets]
        stepper = optimizer(tensors)

        def evaluate() -> Any:
            with torch.no_grad():
                away = [(tensor - target[rows]).clamp(-1, 1) for tensor, target in zip(tensors, targets, strict=True)]
                for tensor, scale, difference in zip(tensors, scales, away, strict=True):
                    tensor.grad = scale[rows] * difference
                return torch.stack([(difference * difference).sum() for difference in away]).sum()

        for _ in range(4):
            stepper.step(_closure(evaluate(), evaluate))
        return [tensor.detach() for tensor in tensors]

    apart = [stepped(member) for member in range(members)]
    try:
        stacked = stepped(slice(None))
    except Exception:  # whatever an optimizer raises for shapes that it does not take
        return False
    return all(
        torch.allclose(whole[member], alone, rtol=0, atol=0, equal_nan=True)
        for member, tensors in enumerate(apart)
        for whole, alone in zip(stacked, tensors, strict=True)
    )


@dataclass(frozen=True)
class Training:
    """What came of `train`.

    Attributes:
        parameters: Trained parameters, stacked as those given.
        steps: (records,) numbers of steps after which losses were recorded, 0 first.
        losses: (records, members) losses over all the data after that many steps.
        stopped: (members,) the step at which a member froze, -1 where it never did.
        together: Whether the optimizers stepped stacks; false where one was not separable and took member by member.
    """

    parameters: list[Tensor]
    steps: Tensor
    losses: Tensor
    stopped: Tensor
    together: bool


def train(
    network: Network,
    parameters: Sequence[Tensor],
    data: Data,
    *,
    optimizer: MakeOptimizer | Sequence[MakeOptimizer],
    steps: int,
    orders: Tensor | None = None,
    loss: str | LossFunction = "squared",
    scheduler: Callable[[Optimizer], LRScheduler] | None = None,
    record_every: int | None = None,
    stop: float | Tensor | None = None,
    chunk: int = CHUNK,
) -> Training:
    """Train every member on its own, all at once; the tensors given are left as they are.

    The optimizer steps whole stacks where `separable` finds that bitwise the same, otherwise member by member, on
    tensors of the member's own shapes. Its `step` is given a closure, which an optimizer may call as often as it likes.

    A frozen member keeps, bit for bit, the parameters it had when its recorded loss first was at or below `stop`. This
    is right for optimizers with state too: members that step apart are no longer stepped, and in a stack the member's
    values are put back after each step, while what its state goes on to become touches no other member, since the
    optimizer is separable, and no step counter of a running member, since all have taken the same number of steps.

    Args:
        network: How parameters act on inputs.
        parameters: Initial parameters, each (members, ...).
        data: Inputs and targets, shared by all members or one for each.
        optimizer: Makes a `torch.optim` optimizer of a list of tensors; or one such callable for each member, where
            neighbours that share a callable step together.
        steps: Number of steps.
        orders: (members, steps, batch) integers: the samples of each member's minibatches. None: all, in every step.
        loss: As for `loss_function`.
        scheduler: Makes a learning rate scheduler of an optimizer; it steps after every step.
        record_every: Losses are recorded after 0, k, 2k, ... and all steps; None: after 0 and all.
        stop: The loss at which a member freezes, for all or (members,), looked at where losses are recorded.
        chunk: Members that run at once, 2 or more.

    Returns:
        Trained parameters and recorded losses.

    Raises:
        ValueError: The arguments do not fit together.
    """
    members = len(parameters[0])
    makers = [optimizer] * members if callable(optimizer) else list(optimizer)
    if len(makers) != members:
        raise ValueError(f"expected one optimizer, or one for each of {members} members, found {len(makers)}")
    if orders is not None and tuple(orders.shape[:2]) != (members, steps):
        raise ValueError(f"expected orders ({members} members, {steps} steps, batch), found {tuple(orders.shape)}")
    if stop is not None and record_every is None:
        raise ValueError("stop is looked at where losses are recorded: give record_every too")
    inputs, targets = map(paired, per_member(data, members))
    inputs = _aligned(inputs) if orders is None and inputs.dim() == 3 else inputs  # once, not at every step
    stacks = [paired(parameter.detach()) for parameter in parameters]
    orders = None if orders is None else paired(orders)
    makers = makers if members > 1 else makers * 2
    limits = None if stop is None else torch.as_tensor(stop, dtype=torch.float64).cpu().expand(len(makers))
    recorded = sorted({*range(0, steps + 1, record_every or max(steps, 1)), steps})
    each = loss_function(loss)
    together: dict[int, bool] = {}
    outcomes = [
        _train_chunk(
            lambda parameters, data: each(network.forward(parameters, data[0]), data[1]),
            [stack[rows].clone(memory_format=torch.contiguous_format) for stack in stacks],
            (inputs[rows], targets[rows]),
            None if orders is None else orders[rows],
            _groups(makers[rows], stacks, together),
            scheduler,
            recorded,
            None if limits is None else limits[rows],
        )
        for rows in chunks(len(makers), chunk)
    ]
    trained, losses, stopped = zip(*outcomes, strict=True)
    return Training(
        parameters=[torch.cat(pieces)[:members] for pieces in zip(*trained, strict=True)],
        steps=torch.tensor(recorded),
        losses=torch.cat(losses, 1)[:, :members],
        stopped=torch.cat(stopped)[:members],
        together=all(together.values()),
    )


def _groups(
    makers: Sequence[MakeOptimizer], stacks: Sequence[Tensor], together: dict[int, bool]
) -> list[tuple[slice | int, MakeOptimizer]]:
    """Members of a chunk that step together, runs of one separable optimizer, and single ones; notes what it tried."""
    groups: list[tuple[slice | int, MakeOptimizer]] = []
    for key, run in itertools.groupby(range(len(makers)), key=lambda member: id(makers[member])):
        members = list(run)
        maker = makers[members[0]]
        if len(members) > 1 and key not in together:
            together[key] = separable(maker, stacks)
        if len(members) > 1 and together[key]:
            groups.append((slice(members[0], members[-1] + 1), maker))
        else:
            groups += [(member, maker) for member in members]
    return groups


def _train_chunk(
    losses_of: Callable[[Sequence[Tensor], Data], Tensor],
    stack: list[Tensor],
    data: Data,
    orders: Tensor | None,
    groups: list[tuple[slice | int, MakeOptimizer]],
    scheduler: Callable[[Optimizer], LRScheduler] | None,
    recorded: list[int],
    limits: Tensor | None,
) -> tuple[list[Tensor], Tensor, Tensor]:
    """Train the members of one chunk in place; their parameters, losses (records, members) and stopping steps."""
    leaves = [parameter.detach().requires_grad_() for parameter in stack]  # the same storage
    running = []
    for rows, maker in groups:
        tensors = [parameter[rows].detach().requires_grad_() for parameter in stack]
        stepper = maker(tensors)
        running.append((rows, tensors, stepper, scheduler(stepper) if scheduler else None))
    stopped = torch.full((len(stack[0]),), -1)
    frozen, kept = stopped[:0], [parameter.clone() for parameter in stack]
    losses: list[Tensor] = []
    for step in range(recorded[-1] + 1):
        last, due = step == recorded[-1], step == recorded[len(losses)]
        batch = data
        if orders is None or due:
            with torch.set_grad_enabled(orders is None and not last):
                now = losses_of(leaves, data)
        if due:
            losses.append(now.detach())
            if limits is not None:
                crossed = (stopped < 0) & (losses[-1].cpu() <= limits)
                stopped[crossed] = step
                running = [group for group in running if bool((stopped[group[0]] < 0).any())]
                frozen = (stopped >= 0).nonzero().squeeze(1).to(now.device)
                for keep, parameter in zip(kept, stack, strict=True):
                    keep[crossed] = parameter[crossed]
            if last or not running:
                losses += losses[-1:] * (len(recorded) - len(losses))
                break
        if orders is not None:
            order = orders[:, step]
            batch = _gather(data[0], order), _gather(data[1], order)
            now = losses_of(leaves, batch)
        gradients = torch.autograd.grad(now.sum(), leaves)
        for rows, tensors, stepper, schedule in running:
            for tensor, gradient in zip(tensors, gradients, strict=True):
                tensor.grad = gradient[rows].contiguous()
            again = partial(_evaluate, losses_of, stack, batch, rows, tensors)
            stepper.step(_closure(now.detach()[rows].sum(), again))
            if schedule:
                schedule.step()
        if len(frozen):
            for keep, parameter in zip(kept, stack, strict=True):
                parameter[frozen] = keep[frozen]
    return stack, torch.stack(losses), stopped


def _evaluate(
    losses_of: Callable[[Sequence[Tensor], Data], Tensor],
    stack: list[Tensor],
    batch: Data,
    rows: slice | int,
    tensors: list[Tensor],
) -> Tensor:
    """Loss of some members of a stack, as its parameters now are; leaves the gradients with their tensors."""
    some, own = ([rows, rows], 0) if isinstance(rows, int) else (rows, slice(None))
    with torch.enable_grad():
        leaves = [parameter[some].detach().requires_grad_() for parameter in stack]
        losses = losses_of(leaves, (batch[0][some], batch[1][some]))
        gradients = torch.autograd.grad(losses.sum(), leaves)
    for tensor, gradient in zip(tensors, gradients, strict=True):
        tensor.grad = gradient[own].contiguous()
    return losses.detach()[own].sum()


def _closure(loss: Any, evaluate: Callable[[], Any]) -> Callable[[], Any]:
    """What `Optimizer.step` takes: the first call answers the loss whose gradients are in place, later ones evaluate.

    So an optimizer may also change the gradients before it calls, as clipping ones do.
    """
    known = [loss]
    return lambda: known.pop() if known else evaluate()
