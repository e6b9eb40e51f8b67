"""Finite worlds that average as an infinite one does: random designs and noise whose expectations are finite sums."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import scipy.linalg

from dlverify.quantity import Array


@dataclass(frozen=True)
class Designs:
    """Weighted matrices over which expectations are sums.

    Attributes:
        matrices: Shape `(designs, rows, columns)`.
        weights: Their probabilities, shape `(designs,)`.
    """

    matrices: Array
    weights: Array


def gaussian_designs(numbers: np.random.Generator, rows: int, columns: int) -> Designs:
    """Finitely many matrices X over which tr (X^T X)^-1 and X^T X average exactly as over standard normal entries.

    With m the smaller and M the larger side, Bartlett (1933) writes a standard normal matrix as an orthonormal frame
    times a triangular m x m matrix T, whose entries are independent: normal below the diagonal, the root of a chi-squared
    number with M - j degrees of freedom, j = 0, 1, ..., on it. Each entry of T T^T and each squared entry of T^-1 is a sum
    of products in which entries below the diagonal have powers 0, 1 or 2 and squared diagonal ones x the powers -1, 0 or 1.
    So -1 and 1 with probability 1/2 stand for a normal number. For x stand the two nodes of the Gauss-Laguerre rule of
    x^(k/2 - 2) exp(-x/2), k degrees of freedom, weighted by x: exact for the powers -1, 0, 1, 2. The frame is random.

    Args:
        numbers: Draws the frames.
        rows: Rows of X.
        columns: Columns of X.

    Raises:
        ValueError: The sides differ by 1 or less, where the mean of tr (X^T X)^-1 is infinite.
    """
    from scipy.special import roots_genlaguerre

    small, large = sorted((rows, columns))
    if large - small <= 1:
        raise ValueError(
            f"a matrix of {rows} by {columns} has an inverse of infinite mean; the sides must differ by 2 or more"
        )
    squares, chances = [], []
    for degrees in range(large, large - small, -1):
        nodes, weights = roots_genlaguerre(2, degrees / 2 - 2)
        squares.append(2 * nodes)
        chances.append(weights * nodes / (weights * nodes).sum())
    below = np.tril_indices(small, -1)
    matrices, probabilities = [], []
    for choice in itertools.product((0, 1), repeat=small):
        chance = float(np.prod([chances[place][node] for place, node in enumerate(choice)])) / 2 ** len(below[0])
        for signs in itertools.product((-1.0, 1.0), repeat=len(below[0])):
            triangle = np.diag([squares[place][node] ** 0.5 for place, node in enumerate(choice)])
            triangle[below] = signs
            frame = np.linalg.qr(numbers.standard_normal((large, small)))[0]
            tall = frame @ triangle.T
            matrices.append(tall if rows == large else tall.T)
            probabilities.append(chance)
    return Designs(np.stack(matrices), np.array(probabilities))


def pairwise_coins(count: int) -> Array:
    """Columns of signs, each equally likely, in which the `count` rows are fair coins and independent in pairs.

    Rows of a Hadamard matrix after the first: orthogonal to one another and to the row of ones, so that means, and all
    expectations of degree 2, are those of independent coins. Shape `(count, a power of 2 above count)`.
    """
    signs: Array = scipy.linalg.hadamard(1 << count.bit_length(), dtype=np.float64)[1 : count + 1]
    return signs
