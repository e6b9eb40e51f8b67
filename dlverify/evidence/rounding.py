"""Rounding budgets: how far floating-point arithmetic may lead from the exact value, derived and never guessed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlverify.quantity import Array

Size = float | Callable[[Any, Any], Any]
"""A number, or a function of (experiment, given) that returns a number or an array."""


@dataclass(frozen=True)
class Budget:
    """`gamma(operations, u) * condition * scale`, with u the unit roundoff of the arithmetic really used.

    Attributes:
        operations: How many roundings follow one another on the longest path.
        condition: By how much the value's own condition magnifies a relative error.
        scale: The size of what is rounded, in the unit of the measured values: the sum of absolute values, say.
    """

    operations: Size
    condition: Size = 1.0
    scale: Size = 1.0

    def __call__(self, experiment: Any, given: Any, unit_roundoff: float) -> Array:
        """The budget, a number or an array that fits the measured values."""
        operations, condition, scale = (
            np.asarray(part(experiment, given) if callable(part) else part, dtype=np.float64)
            for part in (self.operations, self.condition, self.scale)
        )
        budget: Array = gamma(operations, unit_roundoff) * condition * scale
        return budget


def rounding(*, operations: Size, condition: Size = 1.0, scale: Size = 1.0) -> Budget:
    """A rounding budget; each part is a number or a function of (experiment, given)."""
    return Budget(operations, condition, scale)


def gamma(operations: Any, unit_roundoff: float) -> Array:
    """The bound n u / (1 - n u) on the relative error of n roundings; infinite from n u = 1 on (Higham 2002, lemma 3.1)."""
    product = np.asarray(operations, dtype=np.float64) * unit_roundoff
    with np.errstate(divide="ignore"):
        bound: Array = np.where(product < 1, product / np.maximum(1 - product, 0.0), np.inf)
    return bound
