"""An intercept makes the mean squared error a variance."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.evaluation import FittedResiduals, Responses
from dlverify.quantity import Array


def nothing(experiment: FittedResiduals, given: Responses) -> float:
    """Least squares with an intercept make the residuals add up to zero, so that their squared mean is nothing."""
    return 0.0


def roundings(experiment: FittedResiduals, given: Responses) -> float:
    """For the mean of n squares n + 2, and twice that for the variance; the squared mean residual is of second order."""
    return 3 * (experiment.points + 2)


def mean_square(experiment: FittedResiduals, given: Responses) -> Array:
    """That of the responses, which residuals of least squares do not exceed."""
    return np.asarray((given.responses**2).mean(axis=1))


def residuals(intercept: int = 1) -> dict[str, Any]:
    """The derivative of sum (y - a - w x)^2 / 2 with respect to the intercept a is minus the sum of residuals.

    With sums Sy and Sx over n points and any w that sum vanishes at a = (Sy - w Sx) / n, the best intercept.
    """
    n = sympy.Symbol("n", positive=True, integer=True)
    a, w, sum_x, sum_y, squares = sympy.symbols("a w Sx Sy Q", real=True)
    cost = (squares + n * a**2 - 2 * a * (sum_y - w * sum_x)) / 2  # Q: all terms without a
    best = intercept * (sum_y - w * sum_x) / n
    return {
        "slope in the intercept": sympy.diff(cost, a) + (sum_y - n * a - w * sum_x),
        "sum of residuals": sum_y - n * best - w * sum_x,
    }


CLAIM = Claim(
    entry="mse-is-not-variance",
    says="Residuals of least squares with an intercept average zero, so that their mean squared error is their variance; "
    "without one it is more.",
    paper="Hastie, Tibshirani & Friedman 2009, section 3.2",
    experiments=vary(FittedResiduals(), features=(1, 3)),
    predict=nothing,
    judge=equal(within=rounding(operations=roundings, scale=mean_square)),
    assumptions=(
        Assumption(
            "intercept",
            "the model has an intercept",
            broken_by={"fit": "sklearn.linear_model:LinearRegression(fit_intercept=False)"},
        ),
        Assumption(
            "least-squares",
            "squares are minimised, not absolute values",
            broken_by={"fit": "sklearn.linear_model:QuantileRegressor(alpha=0.0, quantile=0.5)"},
        ),
    ),
    proof=Proof(
        "At the best intercept the residuals add up to zero, for any number of points and any slope.",
        residuals,
        broken=lambda: residuals(intercept=0),
    ),
)
