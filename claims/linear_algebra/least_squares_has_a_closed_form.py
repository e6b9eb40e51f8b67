"""Least squares has a closed form."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.linear_models import FittedLines, Points
from dlverify.quantity import Array


def closed_form(experiment: FittedLines, given: Points) -> Array:
    """Slope w = Cov(x, y) / Var(x), intercept b = mean y - w mean x, for the first N points, in rationals."""
    rows = []
    for size in experiment.sizes:
        x, y = ([Fraction(value) for value in values[:size]] for values in (given.inputs, given.targets))
        mean_x, mean_y = sum(x) / size, sum(y) / size
        covariance = sum((p - mean_x) * (t - mean_y) for p, t in zip(x, y, strict=True))
        slope = covariance / sum((p - mean_x) ** 2 for p in x)
        rows.append([float(slope), float(mean_y - slope * mean_x)])
    return np.array(rows)


def roundings(experiment: FittedLines, given: Points) -> Array:
    """Means, differences, a sum of products, a quotient: 2 N + 3; three times for a solver by reflections, and the theory's."""
    return 4.0 * (2 * np.array(experiment.sizes)[:, None] + 3)


def terms(experiment: FittedLines, given: Points) -> Array:
    """What is rounded: |x| + |mean x| and |y| + |mean y| for the differences; the intercept has the slope's error times |mean x|."""
    rows = []
    for size, (slope, _) in zip(experiment.sizes, closed_form(experiment, given), strict=True):
        x, y = given.inputs[:size], given.targets[:size]
        wide_x, wide_y = (np.abs(values) + np.abs(values.mean()) for values in (x, y))
        scale = (wide_x @ wide_y + np.abs(slope) * (wide_x @ wide_x)) / (size * x.var())
        rows.append([scale, np.abs(y).mean() + np.abs(x).mean() * (scale + np.abs(slope))])
    return np.array(rows)


def residuals(degrees: int = 0) -> dict[str, Any]:
    """Mean squared error exceeds that of the closed form by a sum of squares, zero there alone if Var(x) > 0: for any N.

    N points enter by the means of x, y, x^2, x y, y^2 alone. `degrees` would divide the variance by N less that number.
    """
    w, b, x, y, xy, yy = sympy.symbols("w b mean(x) mean(y) mean(xy) mean(yy)", real=True)
    points, variance = sympy.symbols("N variance", positive=True)

    def loss(slope: Any, intercept: Any) -> Any:
        squares = slope**2 * (variance + x**2) + 2 * slope * intercept * x + intercept**2
        return yy - 2 * slope * xy - 2 * intercept * y + squares

    slope = (xy - x * y) / (variance * points / (points - degrees))
    excess = loss(w, b) - loss(slope, y - slope * x)
    return {"excess": sympy.expand(excess - variance * (w - slope) ** 2 - (b + w * x - y) ** 2)}


CLAIM = Claim(
    entry="ols-normal-equations",
    says="If the inputs are not all equal, one line alone has the least squared error: w = Cov(x, y) / Var(x), b = mean y - w mean x.",
    paper="Hastie, Tibshirani & Friedman 2009, section 3.2",
    experiments=vary(FittedLines()),
    predict=closed_form,
    judge=equal(within=rounding(operations=roundings, scale=terms)),
    assumptions=(
        Assumption("not-penalised", "the slope is not penalised", broken_by={"fit": "sklearn.linear_model:Ridge"}),
        Assumption(
            "intercept",
            "the line need not pass through the origin",
            broken_by={"fit": "sklearn.linear_model:LinearRegression(fit_intercept=False)"},
        ),
        Assumption(
            "squared",
            "the errors are squared",
            broken_by={"fit": "sklearn.linear_model:QuantileRegressor(alpha=0.0, quantile=0.5)"},
        ),
    ),
    proof=Proof(
        "Any line's mean squared error exceeds that of the closed form by Var(x) (w - w*)^2 + (b + w mean x - mean y)^2.",
        residuals,
        broken=lambda: residuals(degrees=1),
    ),
)
