"""Batch norm in training returns no value beyond the root of m - 1, before scale and shift, for m values of a channel."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, at_most, rounding, vary
from dlverify.experiments.normalization import Columns, LargestOutput
from dlverify.quantity import Array


def root(experiment: LargestOutput, given: Columns) -> Array:
    """sqrt(m - 1), attained by an outlier among equal values as epsilon vanishes (Samuelson 1968)."""
    return np.sqrt(np.array(experiment.sizes) - 1.0)


def whatever_the_batch_size(experiment: LargestOutput, given: Columns) -> Array:
    """Any one range for all batch sizes must hold 5 standard deviations, say; an outlier among more than 26 leaves it."""
    return np.full(len(experiment.sizes), 5.0)


def carried(experiment: LargestOutput, given: Columns) -> Array:
    """(mean |x| + 2 max |x|) / s + sqrt(m - 1) (2 + mean x^2 / s^2), s^2 the variance: sums, differences and the root."""
    sizes = []
    for m, batch in zip(experiment.sizes, given.batches, strict=True):
        spread = batch.std()
        terms = (np.abs(batch).mean() + 2 * np.abs(batch).max()) / spread
        sizes.append(terms + np.sqrt(m - 1) * (2 + (batch**2).mean() / spread**2))
    return np.array(sizes)


def roundings(experiment: LargestOutput, given: Columns) -> Array:
    """m for a sum of m values, and eight for eps, root, quotient, two products, two sums and the output."""
    return np.array(experiment.sizes) + 8.0


def residuals(others: Any = 0) -> dict[str, Any]:
    """One value lies d from the mean, the other m - 1 lie -d / (m - 1) + e_i from it, with sum e_i = 0 as deviations add up.

    With E = sum e_i^2 the variance is s^2 = (d^2 + sum (d / (m - 1) - e_i)^2) / m, hence (m - 1) s^2 - d^2 = (m - 1) E / m,
    which is not negative. It is 0 where the others are equal. And eps only shortens: d^2 / s^2 - d^2 / (s^2 + eps) >= 0.
    """
    m = sympy.Symbol("m", integer=True, positive=True) + 1
    d, summed = sympy.Symbol("d", real=True), others * sympy.Symbol("S", positive=True)
    squares, variance, eps = sympy.symbols("E v eps", positive=True)
    variances = (d**2 + (m - 1) * (d / (m - 1)) ** 2 - 2 * d / (m - 1) * summed + squares) / m
    shortened = d**2 / variance - d**2 / (variance + eps)
    return {
        "distance from the bound": (m - 1) * variances - d**2 - (m - 1) * squares / m,
        "epsilon shortens": shortened - d**2 * eps / (variance * (variance + eps)),
    }


CLAIM = Claim(
    entry="batch-norm-range-bound",
    says="In training, before scale and shift, batch norm returns at most sqrt(m - 1) in size for m values of a channel.",
    paper="Samuelson 1968; Ioffe & Szegedy 2015",
    experiments=vary(LargestOutput(), inputs=("outlier", "heavy-tailed", "normal")),
    predict=root,
    judge=at_most(within=rounding(operations=roundings, scale=carried)),
    assumptions=(
        Assumption("before-the-scale", "no learned scale stretches the values", broken_by={"scale": 4.0}),
        Assumption("training", "the deviation is that of the values themselves", broken_by={"mode": "evaluation"}),
    ),
    errata=(
        Erratum("one-range-for-all", "the values stay in a limited range", 37, predict=whatever_the_batch_size),
        Erratum(
            "at-evaluation-too", "the layer limits the range, in evaluation too", 37, broken_by={"mode": "evaluation"}
        ),
    ),
    proof=Proof(
        "Deviations that add up to zero bound each by sqrt(m - 1) standard deviations, for any m and any epsilon >= 0.",
        residuals,
        broken=lambda: residuals(others=1),
    ),
)
