"""A distant point breaks the least absolute line."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, rounding, vary
from dlverify.experiments.loss import LineFits, Observations
from dlverify.quantity import Array


def slope(experiment: LineFits, given: Observations) -> Array:
    """2 while the wrong point's place X is below m (m + 1); beyond, the line runs through it and the middle: 2 + error / X."""
    place, error = np.array(experiment.places)[:, None], np.array(experiment.errors)
    breaks = place > experiment.half * (experiment.half + 1)
    return 2 + np.where(breaks, error / np.where(breaks, place, 1), 0)


def unmoved(experiment: LineFits, given: Observations) -> float:
    """As printed, without saying which outliers: the slope stays."""
    return 2.0


def roundings(experiment: LineFits, given: Observations) -> float:
    """Elimination in a basis of the linear programme, one row a point: 3 n (Higham 2002, theorem 9.4)."""
    return 3 * given.places.shape[1]


def rows(experiment: LineFits, given: Observations) -> Array:
    """The two rows a + b x = y that fix the line: each has |a|, |b x| and |y|; two good ones are at least 1 apart.

    The wrong one is X from the middle, and |b X| and |y| there are at most 1 + 2 X + |error|.
    """
    place, error = np.array(experiment.places)[:, None], np.abs(experiment.errors)
    return 6.0 * (1 + 2 * experiment.half) + 6 * (1 + 2 * place + error) / np.maximum(place, 1)


def residuals(reach: int = 1) -> dict[str, Any]:
    """Optimality of the line (error / X) x away from the true one: weights, the signs of residuals, are orthogonal to lines.

    They are 1 and -1 left and right of the middle; the middle and the wrong point lie on the line and may have any weight
    from -1 to 1: -w and w, with w = m (m + 1) / X, so that X is to be m (m + 1) at least. All weights add up to zero by
    symmetry. From there on the line costs less than the true one, which costs |error|.
    """
    m, i = sympy.symbols("m i", positive=True, integer=True)
    place, error = sympy.symbols("X error", positive=True)
    w = m * (m + reach) / place
    cost = sympy.summation(2 * error / place * i, (i, 1, m))
    return {
        "weights times places balance": sympy.summation(-2 * i, (i, 1, m)) + w * place,
        "saving over the true line": error - cost - error * (place - m * (m + 1)) / place,
    }


CLAIM = Claim(
    entry="l1-vs-l2-robustness",
    says="Beside good points at -m, ..., m one wrong point breaks the line of least absolute errors from x = m (m + 1) on: "
    "it resists wrong responses, not wrong places.",
    paper="Rousseeuw & Leroy 1987, chapter 1",
    experiments=vary(
        LineFits(
            "sklearn.linear_model:QuantileRegressor(alpha=0.0, quantile=0.5)",
            places=(1.0, 5.0, 10.0, 20.0, 29.0, 31.0, 50.0, 100.0, 300.0, 1000.0),
            errors=(-100.0, 100.0),
        )
    ),
    predict=slope,
    judge=equal(within=rounding(operations=roundings, scale=rows)),
    assumptions=(
        Assumption("not-squared", "errors are not squared", broken_by={"fit": "sklearn.linear_model:LinearRegression"}),
        Assumption("one", "one point is wrong: two reach half as far", broken_by={"wrong": 2}),
    ),
    proof=Proof(
        "Beyond X = m (m + 1) the weights of an optimum balance for the line through the wrong point and the middle.",
        residuals,
        broken=lambda: residuals(reach=2),
    ),
    errata=(
        Erratum("any-outlier", "The L1 norm is robust to outliers, of whatever kind.", number=50, predict=unmoved),
    ),
)
