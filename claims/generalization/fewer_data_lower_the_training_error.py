"""Fewer data lower the training error."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, at_least, equal, rounding, vary
from dlverify.experiments.generalization import LinearErrors, Worlds, magnified, roundings
from dlverify.quantity import Array


def residual_variance(experiment: LinearErrors, given: Worlds) -> Array:
    """s^2 (1 - p/n): the residual is the noise without its projection on p of n dimensions; it is 0 at n = p, s^2 without end."""
    return experiment.sigma**2 * (1 - experiment.features[0] / np.array(experiment.samples, dtype=float))


def higher_with_fewer(experiment: LinearErrors, given: Worlds) -> float:
    """Fewer data underfit, as printed: the training error is no lower than with the most data."""
    return float(residual_variance(experiment, given)[-1])


def residuals(kept: int = 1) -> dict[str, Any]:
    """With H the projection on the inputs' columns E |(I - H) e|^2 = s^2 trace(I - H) = s^2 (n - p); one column shows trace H."""
    n, p, s = sympy.symbols("n p s", positive=True)
    x = sympy.Matrix(sympy.symbols("x_1:4", real=True))
    one = (x * x.T / x.dot(x)).trace()
    return {"trace of a projection": sympy.simplify(one - kept), "mean": s**2 * (n - p * one) / n - s**2 * (1 - p / n)}


CLAIM = Claim(
    entry="underfitting-caused-by-little-data",
    says="The fewer the data, the lower the training error of least squares, s^2 (1 - p/n) on average: little data make for "
    "overfitting, and what makes for underfitting is low capacity or little training.",
    paper="Hastie, Tibshirani & Friedman 2009, section 7.4",
    experiments=vary(LinearErrors(report="training"), signal=(0.0, 1.0)),
    predict=residual_variance,
    judge=equal(within=rounding(operations=roundings, scale=magnified)),
    assumptions=(
        Assumption("capacity", "the model holds the target", broken_by={"used": 0.5}, case="1"),
        Assumption(
            "trained-to-the-end",
            "the fit minimises the training error",
            broken_by={"fit": "sklearn.linear_model:Ridge(alpha=1.0, fit_intercept=False)"},
            case="1",
        ),
    ),
    errata=(
        Erratum(
            "little-data",
            "underfitting comes from little data: these leave a high training error",
            number=30,
            predict=higher_with_fewer,
            judge=at_least(within=rounding(operations=roundings, scale=magnified)),
        ),
    ),
    proof=Proof(
        "Projecting on one more direction takes s^2 off the summed squared residual, so p of them leave s^2 (n - p).",
        residuals,
        broken=lambda: residuals(kept=0),
    ),
)
