"""One wrong response tilts the least squares line."""

import numpy as np

from dlverify import Assumption, Claim, equal, rounding, vary
from dlverify.experiments.loss import LineFits, Observations
from dlverify.quantity import Array


def influence(experiment: LineFits, given: Observations) -> Array:
    """2 + error (X - mean x) / sum (x - mean x)^2, the wrong point at X among them: proportional to the error."""
    slopes = []
    for place in experiment.places:
        x = np.append(np.arange(-experiment.half, experiment.half + 1), place)
        from_mean = x - x.mean()
        slopes.append(2 + np.array(experiment.errors) * from_mean[-1] / (from_mean @ from_mean))
    return np.stack(slopes)


def roundings(experiment: LineFits, given: Observations) -> float:
    """Means, differences, a sum of products and a quotient: 2 n + 3, three times for a solver by reflections; and the theory's."""
    return 4 * (2 * given.places.shape[1] + 3)


def terms(experiment: LineFits, given: Observations) -> Array:
    """What is rounded: the sums of products with |x| + |mean x| and |y| + |mean y| for the differences, over sum (x - mean x)^2."""
    x, y = given.places, given.responses
    from_mean = ((x - x.mean(1, keepdims=True)) ** 2).sum(1)
    x, y = (np.abs(part) + np.abs(part.mean(1, keepdims=True)) for part in (x, y))
    shape = len(experiment.places), len(experiment.errors)
    return ((x * y).sum(1) / from_mean).reshape(shape) + np.abs(influence(experiment, given)) * (
        (x * x).sum(1) / from_mean
    ).reshape(shape)


CLAIM = Claim(
    entry="l1-vs-l2-robustness",
    says="The line of least squares turns in proportion to the error of a single response, by any amount.",
    paper="Rousseeuw & Leroy 1987, chapter 1; Huber 1981",
    experiments=vary(
        LineFits("sklearn.linear_model:LinearRegression", places=(-5.0, 0.0, 5.0), errors=(0.0, 1.0, 1e2, 1e4, 1e6))
    ),
    predict=influence,
    judge=equal(within=rounding(operations=roundings, scale=terms)),
    assumptions=(
        Assumption(
            "squared",
            "errors are squared",
            broken_by={"fit": "sklearn.linear_model:QuantileRegressor(alpha=0.0, quantile=0.5)"},
        ),
        Assumption("one", "one response is wrong", broken_by={"wrong": 2}),
    ),
    why_graded="The solver works in floating point; the entry's exact grade is that of its other claims.",
)
