"""Averaging a window divides the variance of independent nodes by its size and keeps their mean."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.locality import PooledMoments, Values
from dlverify.quantity import Array


def shrinking(experiment: PooledMoments, given: Values) -> Array:
    """Mean mu and variance sigma^2 / k of a mean over k nodes that take the same values independently."""
    values = [Fraction(int(value)) for value in given.values]
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / len(values)
    return np.array([[mean for _ in experiment.windows], [variance / window for window in experiment.windows]])


def residuals(correlation: Any = 0) -> dict[str, Any]:
    """Var of the mean: k terms sigma^2 and k (k - 1) terms r sigma^2 over k^2, with r = 0, is sigma^2 / k."""
    k = sympy.Symbol("k", positive=True, integer=True)
    mean, variance = sympy.symbols("mu V", positive=True)
    i, j = sympy.symbols("i j", integer=True)
    pairs = sympy.summation(sympy.summation(correlation * variance, (j, 1, k)), (i, 1, k)) - k * correlation * variance
    return {
        "mean": sympy.summation(mean, (i, 1, k)) / k - mean,
        "variance": (sympy.summation(variance, (i, 1, k)) + pairs) / k**2 - variance / k,
    }


CLAIM = Claim(
    entry="pooling-summary-statistic",
    says="The mean over a window of k nodes of independent equal noise has their mean and a k-th of their variance.",
    paper="Boureau, Ponce & LeCun 2010",
    experiments=vary(PooledMoments(), size=(2, 4)),
    predict=shrinking,
    judge=equal(),
    assumptions=(
        Assumption("independent", "nodes of a window vary on their own", broken_by={"nodes": "equal"}),
        Assumption("mean", "the window is averaged", broken_by={"pooling": "torch.nn:MaxPool1d"}),
    ),
    proof=Proof(
        "For all k the mean is kept and the variance divided by k where correlations vanish.",
        residuals,
        broken=lambda: residuals(sympy.Rational(1, 2)),
    ),
)
