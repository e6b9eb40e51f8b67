"""Many small networks trained as one: parameters stacked along a member axis, a real optimizer stepping the stack.

Nothing here draws random numbers or changes global state: initial weights and minibatch orders are handed in, and the
number of threads, the treatment of denormals and `keep_large_blocks` are left to the caller. Dtype and device are those
of the tensors handed in. On the CPU, in float32 and float64, a `Perceptron`'s trajectory is bitwise the same whatever
members run beside it, in any chunks: see `dlverify.lab.networks`, and `paired` for a batch of one.
"""

from __future__ import annotations

import ctypes
import itertools
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from dlverify.lab.networks import LossFunction, Network, Perceptron, aligned, log_input_gradient, loss_function

__all__ = [
    "Perceptron",
    "Training",
    "keep_large_blocks",
    "log_input_gradient",
    "loss_function",
    "separable",
    "stepping",
    "train",
]

Data = tuple[Tensor, Tensor]
"""Inputs (samples, features) and targets, floating (samples, outputs) or integer (samples,): shared by all members.
Either has a leading member axis where each member has its own: (members, samples, ...)."""

MakeOptimizer = Callable[[list[Tensor]], Optimizer]

CHUNK = 32
"""Members that train at once: on a CPU the rate is best, and flat, from 16 to 64 (measured on networks of 64 units)."""


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


def stepping(optimizer: MakeOptimizer, parameters: Sequence[Tensor]) -> Callable[[Tensor], None]:
    """For loops that are none of `train`: what takes a step of every member on its own loss, as it would alone.

    The optimizer steps the stack where `separable` finds that bitwise the same, otherwise member by member.

    Args:
        optimizer: Makes the optimizer of a list of tensors.
        parameters: Stacked parameters, (members, ...), that require gradients; steps change them in place.

    Returns:
        A function of the members' losses, (members,), or of whatever sums to their sum.
    """
    rows: Sequence[slice | int] = [slice(None)] if separable(optimizer, parameters) else list(range(len(parameters[0])))
    apart = [[parameter.detach()[row].requires_grad_() for parameter in parameters] for row in rows]  # the same storage
    steppers = [optimizer(tensors) for tensors in apart]

    def step(losses: Tensor) -> None:
        gradients = torch.autograd.grad(losses.sum(), parameters)
        for row, tensors, stepper in zip(rows, apart, steppers, strict=True):
            for tensor, gradient in zip(tensors, gradients, strict=True):
                tensor.grad = gradient[row].contiguous()
            stepper.step()

    return step


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
    chunk: int | None = None,
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
        record_every: Losses are recorded after 0, k, 2k, ... and all steps; None: after 0 and all; 0: never, where the
            data are too many to go through the network at once.
        stop: The loss at which a member freezes, for all or (members,), looked at where losses are recorded.
        chunk: Members that run at once, 2 or more. None: `CHUNK` on a CPU, and elsewhere all, since there every operation
            costs a launch, whatever it holds.

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
    if stop is not None and not record_every:
        raise ValueError("stop is looked at where losses are recorded: give record_every too")
    inputs, targets = map(paired, per_member(data, members))
    inputs = aligned(inputs) if orders is None and inputs.dim() == 3 else inputs  # once, not at every step
    stacks = [paired(parameter.detach()) for parameter in parameters]
    orders = None if orders is None else paired(orders)
    makers = makers if members > 1 else makers * 2
    limits = None if stop is None else torch.as_tensor(stop, dtype=torch.float64).cpu().expand(len(makers))
    recorded = [] if record_every == 0 else sorted({*range(0, steps + 1, record_every or max(steps, 1)), steps})
    each = loss_function(loss)
    at_once = CHUNK if stacks[0].device.type == "cpu" else len(makers)
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
            steps,
            None if limits is None else limits[rows],
        )
        for rows in chunks(len(makers), chunk if chunk is not None else at_once)
    ]
    trained, losses, stopped = zip(*outcomes, strict=True)
    return Training(
        parameters=[torch.cat(pieces)[:members] for pieces in zip(*trained, strict=True)],
        steps=torch.tensor(recorded, dtype=torch.long),
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
    steps: int,
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
    for step in range(steps + 1):
        last, due = step == steps, recorded[len(losses) : len(losses) + 1] == [step]
        batch = data
        if due or (orders is None and not last):
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
    return stack, torch.stack(losses) if losses else leaves[0].new_zeros(0, len(stack[0])), stopped


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
