"""Second derivatives of the loss, for every member of an ensemble: products, the top eigenvalue, the whole Hessian.

Parameters, data and loss are given as to `ensembles.train`; P counts the parameters of one member, in the order given.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from dlverify.lab.ensembles import Data, chunks, paired, per_member
from dlverify.lab.networks import LossFunction, Network, loss_function

Array = npt.NDArray[Any]
Product = Callable[[Tensor], Tensor]

CHUNK = 8
"""Members at once: more make no product cheaper, and keep more graph in memory (measured on 257-4,810 parameters)."""

MISS = 1e-9
"""The chance, over the drawing of the start vector, that an eigenvalue lies above `TopEigenvalue.upper`."""


def hessian_product(
    network: Network, parameters: Sequence[Tensor], data: Data, loss: str | LossFunction
) -> Callable[[Tensor], Tensor]:
    """The map v -> H v on vectors (members, P), with H the Hessian of each member's loss: to (members, P).

    Reverse over reverse: the graph of the gradient is built once and differentiated along v at each call.
    """
    inputs, targets = per_member(data, len(parameters[0]))
    leaves = [parameter.detach().requires_grad_() for parameter in parameters]
    with torch.enable_grad():
        losses = loss_function(loss)(network.forward(leaves, inputs), targets)
        gradients = torch.autograd.grad(losses.sum(), leaves, create_graph=True, materialize_grads=True)
    curved = [index for index, gradient in enumerate(gradients) if gradient.requires_grad]  # the others are constant
    ends = np.cumsum([leaf[0].numel() for leaf in leaves])

    def product(vectors: Tensor) -> Tensor:
        along = [vectors[:, ends[i] - leaves[i][0].numel() : ends[i]].view_as(leaves[i]) for i in curved]
        parts = torch.autograd.grad(
            [gradients[i] for i in curved], leaves, along, retain_graph=True, materialize_grads=True
        )
        return torch.cat([part.flatten(1) for part in parts], 1)

    return product


def _products(
    network: Network, parameters: Sequence[Tensor], data: Data, loss: str | LossFunction, chunk: int
) -> Iterator[tuple[slice, Product]]:
    inputs, targets = map(paired, per_member(data, len(parameters[0])))
    stacks = [paired(parameter) for parameter in parameters]
    for rows in chunks(len(stacks[0]), chunk):
        yield rows, hessian_product(network, [stack[rows] for stack in stacks], (inputs[rows], targets[rows]), loss)


def exact_hessian(
    network: Network, parameters: Sequence[Tensor], data: Data, loss: str | LossFunction, *, chunk: int = CHUNK
) -> Tensor:
    """Every member's whole Hessian (members, P, P), a column a product: for small networks."""
    units = torch.eye(sum(stack[0].numel() for stack in parameters)).to(parameters[0].device, parameters[0].dtype)
    hessians = [
        torch.stack([product(unit.expand(rows.stop - rows.start, -1)) for unit in units], 2)
        for rows, product in _products(network, parameters, data, loss, chunk)
    ]
    return torch.cat(hessians)[: len(parameters[0])]


@dataclass(frozen=True)
class TopEigenvalue:
    """Largest eigenvalue of every member's Hessian; each (members,), on the CPU.

    Attributes:
        value: The eigenvalue: the largest, not the largest in size.
        residual: |H y - value y| of its unit Ritz vector y: some eigenvalue lies no farther than this from the value.
        upper: No eigenvalue lies above, but for the chance `MISS` over the direction of the start vector.
        steps: Lanczos steps, one product each.
        converged: Whether the residual was accepted.
    """

    value: Tensor
    residual: Tensor
    upper: Tensor
    steps: Tensor
    converged: Tensor


def top_eigenvalue(
    network: Network,
    parameters: Sequence[Tensor],
    data: Data,
    loss: str | LossFunction,
    *,
    start: Tensor,
    steps: int = 20,
    tolerance: float = 1e-4,
    most: int = 200,
    chunk: int = CHUNK,
) -> TopEigenvalue:
    """Lanczos with full reorthogonalisation for all members at once; float64 is meant.

    A member is done after `steps` steps, or the first multiple of 5 later, at which the residual |beta_k s_k| is at
    most tolerance * |value| or what rounding leaves, or the vectors span all space. The value's error is then about
    residual^2 / (distance to the next eigenvalue). After `most` steps a member is returned with `converged` false.

    No Krylov method can promise the top: from a start orthogonal to its eigenvectors it converges to the next value,
    small residual and all. The start is therefore tilted along a fixed irregular vector, which no structured start is
    likely to undo, and what holds for a start of uniformly random direction (normal entries), drawn without looking at
    the network, is `upper`. The k-th Lanczos vector is p_k(H) q_0, of length 1, so p_k(top) |<q_0, eigenvector>| <= 1,
    and that overlap is below d with a chance of at most d sqrt(2 P / pi) (van Dorsselaer, Hochstenbach & van der Vorst
    2001). `upper` is infinite where rounding exceeds d, as in float32.

    Args:
        network: How parameters act on inputs.
        parameters: Stacked parameters, each (members, ...).
        data: Inputs and targets, shared by all members or one for each.
        loss: As for `ensembles.loss_function`, twice differentiable.
        start: Start vectors (members, P), of any length but 0.
        steps: Fewest steps, where P allows them.
        tolerance: Largest residual, relative to the eigenvalue.
        most: Most steps.
        chunk: Members that run at once, 2 or more.

    Raises:
        ValueError: The start vectors do not fit the parameters, or one of them is zero.
    """
    members, size = len(parameters[0]), sum(stack[0].numel() for stack in parameters)
    if tuple(start.shape) != (members, size) or not bool(start.any(1).all()):
        raise ValueError(f"expected start vectors ({members}, {size}), none zero, found {tuple(start.shape)}")
    fewest, most = min(steps, size), min(max(steps, most), size)
    found = [
        _lanczos(product, paired(start)[rows], fewest, most, tolerance)
        for rows, product in _products(network, parameters, data, loss, chunk)
    ]
    value, residual, upper, taken, converged = torch.from_numpy(np.concatenate(found, 1)[:, :members])
    return TopEigenvalue(value, residual, upper, taken.long(), converged.bool())


def _lanczos(product: Product, start: Tensor, steps: int, most: int, tolerance: float) -> Array:
    """Value, residual, upper bound, steps and convergence of each member of a chunk, (5, members)."""
    (members, size), rounding = start.shape, torch.finfo(start.dtype).eps
    basis = start.new_empty(members, most, size)
    alphas, betas, found = np.zeros((members, most)), np.zeros((members, most)), np.zeros((5, members))
    vectors = _unit(start) + _TILT * _unit(_irregular(start, 0))
    for step in range(most):
        basis[:, step] = _unit(vectors)
        image = product(basis[:, step])
        alphas[:, step] = (image * basis[:, step]).sum(1).cpu().numpy()
        vectors = _orthogonalised(image, basis[:, : step + 1])
        beta = torch.linalg.vector_norm(vectors, dim=1).cpu().numpy()
        spent = beta <= 8 * math.sqrt(size) * rounding * (np.abs(alphas) + betas).max(1)
        betas[:, step] = np.where(spent, 0, beta)
        if spent.any():  # the vectors so far span an invariant subspace: go on outside
            outside = _orthogonalised(_irregular(start, step + 1), basis[:, : step + 1])
            vectors = torch.where(torch.from_numpy(spent).to(start.device).unsqueeze(1), outside, vectors)
        count = step + 1
        if count == most or (count >= steps and (count - steps) % 5 == 0):
            value, residual, upper, least = _look(alphas[:, :count], betas[:, :count], size, rounding)
            good = (residual <= np.maximum(tolerance * np.abs(value), least)) | (count == size)
            found = np.where(found[4], found, np.stack([value, residual, upper, np.full(members, count), good]))
            if found[4].all():
                break
    return found


_TILT = 0.1


def _irregular(like: Tensor, frequency: int) -> Tensor:
    """A vector for each member, independent of those of other frequencies: cos(j (frequency + 1)), j = 0, 1, ..."""
    return torch.cos(torch.arange(like.shape[1]).to(like.device, like.dtype) * (frequency + 1)).expand_as(like)


def _unit(vectors: Tensor) -> Tensor:
    lengths: Tensor = torch.linalg.vector_norm(vectors, dim=1, keepdim=True)
    return vectors / lengths


def _orthogonalised(vectors: Tensor, basis: Tensor) -> Tensor:
    """Vectors (members, P) less their projections on the orthonormal rows (members, k, P): twice is enough."""
    rows = vectors.unsqueeze(1)  # as rows: products with a single column are seven times slower
    for _ in range(2):
        rows = torch.baddbmm(rows, torch.bmm(rows, basis.mT), basis, alpha=-1)
    return rows.squeeze(1)


def _look(alphas: Array, betas: Array, size: int, rounding: float) -> tuple[Array, ...]:
    """Largest Ritz value after k steps, its residual, its upper bound and the residual that rounding leaves."""
    members, count = alphas.shape
    tridiagonal, k = np.zeros((members, count, count)), np.arange(count)
    tridiagonal[:, k, k], tridiagonal[:, k[1:], k[:-1]] = alphas, betas[:, :-1]
    ritz, coefficients = np.linalg.eigh(tridiagonal)
    value, least = ritz[:, -1], 8 * rounding * np.abs(ritz).max(1)
    residual = betas[:, -1] * np.abs(coefficients[:, -1, -1])
    # log p_k(t) on a grid of t = value + away, from beta_j p_(j+1) = (t - alpha_j) p_j - beta_(j-1) p_(j-1), p_0 = 1
    away = (ritz[:, -1] - ritz[:, 0] + least / rounding)[:, None] * np.geomspace(1e-16, 10, 200)
    logarithm, highest, ratio = np.zeros_like(away), np.zeros_like(away), np.full_like(away, np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):  # an exhausted subspace (beta 0) excludes all above it
        for j in range(count):
            ratio = ((value - alphas[:, j])[:, None] + away - betas[:, [j - 1]] / ratio) / betas[:, [j]]
            logarithm = logarithm + np.log(ratio)
            highest = np.fmax(highest, logarithm)
    overlap = MISS * math.sqrt(math.pi / (2 * size)) / (1 + _TILT)
    beyond = highest > -math.log(overlap) if rounding < 1e-3 * overlap else np.zeros_like(away, dtype=bool)
    excluded = np.logical_and.accumulate(beyond[:, ::-1], 1)[:, ::-1]
    upper = value + least + np.where(excluded, away, np.inf).min(1)
    return value, residual, upper, least
