"""Certified extreme singular values: rigorous enclosures in ball arithmetic (Arb, through python-flint).

A matrix of doubles is taken as exact. numpy's singular values are guesses; what makes a bound of a guess is

- ||M v|| / ||v||, for any v: at most the largest singular value, at least the smallest;
- b^2 I - M^T M, or M^T M - b^2 I, positive definite: b is above the largest, or below the smallest.

Both are evaluated in balls that hold the true values whatever was rounded on the way (positive definite where every
pivot of Gauss's elimination is certainly positive), and ends are rounded outward to doubles.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlverify.evidence.arb import load_flint
from dlverify.quantity import Array

BITS = 256
"""Working precision, near five times that of a double: M^T M keeps 40 digits even where its condition is 1e36."""

_SLACKS = tuple(10.0**-digits for digits in range(14, 1, -1))
"""How far from numpy's guess a bound is tried: its relative error is a few unit roundoffs for a well-conditioned value."""


def spectral_norm(matrix: Array) -> tuple[float, float]:
    """Lower and upper end of the largest singular value.

    Raises:
        ValueError: The matrix is not two-dimensional, or not finite.
    """

    def found(exact: Any, values: Array, vectors: Array) -> tuple[float, float]:
        guesses = [float(values[0] * (1 + slack)) for slack in _SLACKS]
        upper = next((b for b in guesses if _positive_definite(exact, b, -1)), None)
        if upper is None:  # the zero matrix, or one of subnormal numbers: Frobenius' norm is a bound always
            upper = _up(sum((x * x for x in exact.entries()), load_flint().arb(0)).sqrt())
        return _down(_stretch(exact, vectors[0])), upper

    return _enclosed(matrix, found)


def smallest_singular_value(matrix: Array) -> tuple[float, float]:
    """Lower and upper end of the smallest of the min(rows, columns) singular values.

    Raises:
        ValueError: As for `spectral_norm`.
    """

    def found(exact: Any, values: Array, vectors: Array) -> tuple[float, float]:
        guesses = [float(values[-1] * (1 - slack)) for slack in _SLACKS]
        lower = next((b for b in guesses if _positive_definite(exact, b, 1)), 0.0)
        return lower, _up(_stretch(exact, vectors[len(values) - 1]))

    return _enclosed(matrix, found)


def _enclosed(matrix: Array, found: Callable[[Any, Array, Array], tuple[float, float]]) -> tuple[float, float]:
    flint = load_flint()
    matrix = np.asarray(matrix, dtype=np.float64)
    if matrix.ndim != 2 or not np.isfinite(matrix).all():
        raise ValueError(f"expected a finite matrix, found an array of shape {matrix.shape}")
    tall = matrix if matrix.shape[0] >= matrix.shape[1] else matrix.T
    _, values, vectors = np.linalg.svd(tall)
    with flint.ctx.workprec(BITS):
        return found(flint.arb_mat(tall.tolist()), values, vectors)


def _positive_definite(matrix: Any, bound: float, sign: int) -> bool:
    """Whether sign * (M^T M - bound^2 I) is positive definite for certain: all pivots of its elimination are."""
    arb = load_flint().arb
    square = arb(bound) * arb(bound)
    rows = [[sign * entry for entry in row] for row in (matrix.transpose() * matrix).tolist()]
    for index, row in enumerate(rows):
        row[index] -= sign * square
    for index, pivot_row in enumerate(rows):
        if not pivot_row[index] > 0:
            return False
        for row in rows[index + 1 :]:
            factor = row[index] / pivot_row[index]
            for column in range(index, len(row)):
                row[column] -= factor * pivot_row[column]
    return True


def _stretch(matrix: Any, vector: Array) -> Any:
    """||M v|| / ||v|| as a ball."""
    flint = load_flint()
    column = flint.arb_mat([[float(entry)] for entry in vector])
    lengths = [sum((x * x for x in vectors.entries()), flint.arb(0)).sqrt() for vectors in (matrix * column, column)]
    return lengths[0] / lengths[1]


def _up(ball: Any) -> float:
    return float(np.nextafter(float(ball.upper()), np.inf)) if ball != 0 else 0.0


def _down(ball: Any) -> float:
    return max(float(np.nextafter(float(ball.lower()), 0)), 0.0)
