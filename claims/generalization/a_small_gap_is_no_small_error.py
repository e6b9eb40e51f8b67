"""A small gap is no small error."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, rounding, vary
from dlverify.experiments.generalization import LinearErrors, Worlds, magnified, roundings
from dlverify.quantity import Array


def both(experiment: LinearErrors, given: Worlds) -> Array:
    """s^2 (1 - p/n) in training and s^2 (1 + p / (n - p - 1)) on new data; of the constant 0, |w|^2 + s^2 on either."""
    n, p = np.array(experiment.samples, dtype=float), experiment.features[0]
    if ("alpha", 1e300) in experiment.fit.arguments:  # a penalty that leaves the constant 0
        return np.full((2, len(n)), experiment.signal**2 * p + experiment.sigma**2)
    return experiment.sigma**2 * np.stack([1 - p / n, 1 + p / (n - p - 1)])


def gap_alone(experiment: LinearErrors, given: Worlds) -> Array:
    """New data cost the difference between new and training error, as printed."""
    training, new = both(experiment, given)
    return np.stack([training, new - training])


def residuals(lost: int = 1) -> dict[str, Any]:
    """One over a diagonal entry of (X^T X)^-1 is a column's squared distance from p - 1 others: chi-squared, k = n - p + 1.

    E 1/x of it is the integral of x^(k/2 - 2) exp(-x/2) over 2^(k/2) Gamma(k/2), by Euler's integral with x = 2 t.
    """
    n, p, k = sympy.symbols("n p k", positive=True)
    inverse = 2 ** (k / 2 - 1) * sympy.gamma(k / 2 - 1) / (2 ** (k / 2) * sympy.gamma(k / 2))
    return {
        "mean of 1 / chi-squared": sympy.gammasimp(inverse - 1 / (k - 2)),
        "trace": p * (1 / (k - 2)).subs(k, n - p + lost) - p / (n - p - 1),
    }


CLAIM = Claim(
    entry="generalisation-definition",
    says="The error on new data is the training error plus the gap: least squares has s^2 (1 - p/n) in training and "
    "s^2 (1 + p / (n - p - 1)) after it, and a constant fixed in advance has a large error without any gap.",
    paper="Breiman & Freedman 1983; Goodfellow, Bengio & Courville 2016, section 5.2",
    experiments=vary(
        LinearErrors(),
        fit=(
            "sklearn.linear_model:LinearRegression(fit_intercept=False)",
            "sklearn.linear_model:Ridge(alpha=1e300, fit_intercept=False)",
        ),
    ),
    predict=both,
    judge=equal(within=rounding(operations=roundings, scale=magnified)),
    assumptions=(
        Assumption("new-inputs", "new data have inputs of their own", broken_by={"test": "same"}),
        Assumption(
            "no-penalty",
            "least squares is not penalised",
            broken_by={"fit": "sklearn.linear_model:Ridge(alpha=1.0, fit_intercept=False)"},
        ),
    ),
    errata=(
        Erratum(
            "gap",
            "generalisation is the difference between training and test error",
            number=31,
            predict=gap_alone,
            case="ridge-alpha-1e300-fit-intercept-false",
        ),
    ),
    proof=Proof(
        "The trace of (X^T X)^-1 has the mean p / (n - p - 1) for standard normal X, for all n > p + 1.",
        residuals,
        broken=lambda: residuals(lost=0),
    ),
)
