"""Mean squared error is variance plus squared mean of the residuals."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, vary
from dlverify.experiments.evaluation import Pairs, SquaresAndVariances
from dlverify.quantity import Array


def squared_mean(experiment: SquaresAndVariances, given: Pairs) -> Array:
    """What the variance leaves of the mean squared error: the square of the mean residual, in rationals."""
    sums = (given.targets - given.predictions).sum(axis=1)
    return np.array([Fraction(int(total), experiment.points) ** 2 for total in sums])


def nothing(experiment: SquaresAndVariances, given: Pairs) -> int:
    """As printed: the mean squared error is the residuals' variance, so that nothing is left."""
    return 0


def residuals(missing: int = 0) -> dict[str, Any]:
    """With s the sum of n residuals and q that of their squares, sum (r - s/n)^2 is q - 2 (s/n) s + n (s/n)^2, for every n."""
    n = sympy.Symbol("n", positive=True, integer=True)
    s, q = sympy.symbols("s q", real=True)
    variance = (q - 2 * s / n * s + n * (s / n) ** 2) / (n - missing)
    return {"what the variance leaves": q / n - variance - (s / n) ** 2}


CLAIM = Claim(
    entry="mse-is-not-variance",
    says="The mean squared error is the variance of the residuals, target minus prediction, plus the square of their mean: "
    "it is the variance alone only where they average zero.",
    paper="Hastie, Tibshirani & Friedman 2009, section 2.9",
    experiments=vary(SquaresAndVariances(), points=(2, 4)),
    predict=squared_mean,
    judge=equal(),
    assumptions=(
        Assumption("squared", "the errors are squared", broken_by={"loss": "torch.nn:L1Loss"}),
        Assumption(
            "over-n",
            "the variance is a mean over n, as the error is, and not over n - 1",
            broken_by={"variance": "torch:var(correction=1)"},
        ),
    ),
    proof=Proof(
        "For any number n of residuals the variance leaves the squared mean of the mean squared error.",
        residuals,
        broken=lambda: residuals(missing=1),
    ),
    errata=(
        Erratum(
            "variance-alone", "The mean squared error is the variance of the difference.", number=21, predict=nothing
        ),
    ),
)
