"""One wrong response leaves the least absolute line alone."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.loss import LineFits, Observations
from dlverify.quantity import Array


def true_slope(experiment: LineFits, given: Observations) -> float:
    """2, the slope of the good points, whatever the error of the wrong one: the proof has the certificate."""
    return 2.0


def roundings(experiment: LineFits, given: Observations) -> float:
    """Elimination in a basis of the linear programme, one row a point: 3 n (Higham 2002, theorem 9.4)."""
    return 3 * given.places.shape[1]


def rows(experiment: LineFits, given: Observations) -> Array:
    """The two good rows a + b x = y that fix the line, at least 1 apart: |a|, |b x| and |y| are at most 1 + 2 half."""
    return np.array(6.0 * (1 + 2 * experiment.half))


def residuals(weight: int = 1) -> dict[str, Any]:
    """Another line, a + b x away from the true one, costs the good points sum |a + b x_i| and saves |a + b X| at most.

    Weights of 1 at x = 0 and of +-c, c = X / (m (m + 1)), at the points right and left of it make a + b X out of the
    a + b x_i; they are at most 1 while |X| <= m (m + 1), so that nothing can be saved: a dual certificate.
    """
    m, i = sympy.symbols("m i", positive=True, integer=True)
    a, b, place = sympy.symbols("a b X", real=True)
    c = place / (m * (m + weight))
    combined = a + sympy.summation(c * (a + b * i) - c * (a - b * i), (i, 1, m))
    return {"the weights make the saving": combined - (a + b * place)}


CLAIM = Claim(
    entry="l1-vs-l2-robustness",
    says="However wrong the response of one point is, the line of least absolute errors stays that of the others.",
    paper="Rousseeuw & Leroy 1987, chapter 1",
    experiments=vary(
        LineFits(
            "sklearn.linear_model:QuantileRegressor(alpha=0.0, quantile=0.5)",
            places=(-5.0, 0.0, 5.0),
            errors=(0.0, 1.0, 1e2, 1e4, 1e6),
        )
    ),
    predict=true_slope,
    judge=equal(within=rounding(operations=roundings, scale=rows)),
    assumptions=(
        Assumption("not-squared", "errors are not squared", broken_by={"fit": "sklearn.linear_model:LinearRegression"}),
        Assumption("within-reach", "the wrong point stands beside the others", broken_by={"places": (1000.0,)}),
        Assumption("mostly-good", "the good points are the majority", broken_by={"wrong": 12}),
    ),
    proof=Proof(
        "For good points at -m, ..., m and a wrong one at |X| <= m (m + 1), weights of at most 1 certify the true line.",
        residuals,
        broken=lambda: residuals(weight=2),
    ),
)
