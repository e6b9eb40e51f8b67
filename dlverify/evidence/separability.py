"""Linear separability with a certificate that is checked in fractions, whatever was rounded in finding it.

Labelled points are strictly separable where some (w, b) has y_i (w . x_i + b) > 0 for all i, y_i = +-1. Otherwise, and
only then, weights l_i >= 0 of sum 1 have sum_i l_i y_i (x_i, 1) = 0: the hulls of the two classes meet (Gordan 1873;
Farkas). Either is a proof that anyone can check.

Both come out of one non-negative least squares problem, min ||A l - e|| over l >= 0, where column i of A is y_i (x_i, 1)
with a 1 below and e is 1 in that last place. Its residual r = e - A l is 0 where the hulls meet. Where it is not, the
conditions of optimality say A^T r <= 0 and r . e = ||r||^2 > 0, so y_i (x_i, 1) . r_head <= -r_last < 0 for all i: minus
r_head separates. Lawson and Hanson's method keeps the columns in use independent, so that few points carry weight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from dlverify.quantity import Array


class Undecided(ArithmeticError):
    """Neither certificate passes its check: the classes touch more closely than floating point can tell."""


@dataclass(frozen=True)
class Certificate:
    """Why points are separable, or why not.

    Attributes:
        hyperplane: (w_1, ..., w_d, b) with y_i (w . x_i + b) > 0 for all points; empty where there is none.
        weights: Otherwise, by the number of the point: positive, of sum 1, sum_i weights_i y_i (x_i, 1) = 0.
    """

    hyperplane: tuple[Fraction, ...] = ()
    weights: Mapping[int, Fraction] | None = None

    @property
    def separable(self) -> bool:
        """Whether a hyperplane separates."""
        return bool(self.hyperplane)


def certificate(points: Array, labels: Array) -> Certificate:
    """The certificate of two classes of points; every double is taken as the exact number that it is.

    Args:
        points: Shape `(points, features)`.
        labels: Shape `(points,)`, true or false; both may be missing.

    Returns:
        A hyperplane or weights, checked exactly.

    Raises:
        Undecided: Neither passes the check.
        ValueError: Shapes that do not fit.
    """
    from scipy.optimize import nnls

    points, labels = np.asarray(points, dtype=np.float64), np.asarray(labels, dtype=bool)
    if points.ndim != 2 or labels.shape != (len(points),):
        raise ValueError(
            f"expected points (points, features) and labels (points,), found {points.shape}, {labels.shape}"
        )
    signed = np.where(labels, 1.0, -1.0)[:, None] * np.column_stack([points, np.ones(len(points))])
    system = np.column_stack([signed, np.ones(len(points))]).T
    aim = np.zeros(len(system))
    aim[-1] = 1
    weights, _ = nnls(system, aim)
    normal = (system @ weights - aim)[:-1]
    columns = [[Fraction(value) for value in column] for column in signed.tolist()]
    plane = tuple(Fraction(float(value)) for value in normal)
    if all(sum(w * x for w, x in zip(plane, column, strict=True)) > 0 for column in columns):
        return Certificate(hyperplane=plane)
    used = np.flatnonzero(weights).tolist()
    exact = _solution([[*columns[index], Fraction(1)] for index in used])
    if exact is not None and min(exact) >= 0:
        return Certificate(weights={index: weight for index, weight in zip(used, exact, strict=True) if weight})
    raise Undecided(
        f"cannot decide whether {len(points)} points are separable: a hyperplane was found only up to rounding, and so were "
        "weights on which the hulls meet; move the classes apart or into each other"
    )


def _solution(columns: Sequence[Sequence[Fraction]]) -> list[Fraction] | None:
    """The only l with sum_i l_i columns_i = (0, ..., 0, 1), by elimination in fractions; None where there is no such."""
    height, width = len(columns[0]), len(columns)
    rows = [[column[row] for column in columns] + [Fraction(row == height - 1)] for row in range(height)]
    for pivot in range(width):
        found = next((row for row in range(pivot, height) if rows[row][pivot]), None)
        if found is None:
            return None
        rows[pivot], rows[found] = rows[found], rows[pivot]
        rows[pivot] = [value / rows[pivot][pivot] for value in rows[pivot]]
        for row in range(height):
            factor = rows[row][pivot]
            if row != pivot and factor:
                rows[row] = [a - factor * b for a, b in zip(rows[row], rows[pivot], strict=True)]
    return None if any(row[-1] for row in rows[width:]) else [row[-1] for row in rows[:width]]
