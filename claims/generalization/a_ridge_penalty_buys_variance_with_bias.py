"""A ridge penalty buys variance with bias."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, rounding, vary
from dlverify.experiments.generalization import Regression, RidgePath
from dlverify.quantity import Array


def along_the_path(experiment: RidgePath, given: Regression) -> Array:
    """Sum of (l b / (d + l))^2 and s^2 d / (d + l)^2 over eigenvalues d of X^T X, with b the coefficients in their axes."""
    values, axes = np.linalg.eigh(given.inputs.T @ given.inputs)
    turned, strengths = axes.T @ given.coefficients, np.array(experiment.strengths)[:, None]
    bias = ((strengths * turned / (values + strengths)) ** 2).sum(1)
    return np.stack([bias, experiment.sigma**2 * (values / (values + strengths) ** 2).sum(1)])


def conserved(experiment: RidgePath, given: Regression) -> Array:
    """Bias is the price of variance and the reverse: what one gains the other loses, so that their sum stays as it begins."""
    bias, variance = along_the_path(experiment, given)
    return np.stack([bias, (bias + variance)[0] - bias])


def magnified(experiment: RidgePath, given: Regression) -> float:
    """kappa(X^T X)^2 times the largest squared coefficient that noise and target can make, once more each for the theory."""
    values = np.linalg.eigvalsh(given.inputs.T @ given.inputs)
    target = np.linalg.norm(given.inputs @ given.coefficients) + np.linalg.norm(given.noise[:, 0])
    return 2 * float((values[-1] / values[0]) ** 2 * (target**2 / values[0] + given.coefficients @ given.coefficients))


def residuals(power: int = 1) -> dict[str, Any]:
    """The derivatives by l of a term of the squared bias, 2 l d b^2 / (d + l)^3 > 0, and of the variance, -2 s^2 d / (d + l)^3 < 0."""
    strength, d, b, s = sympy.symbols("l d b s", positive=True)
    bias, variance = (strength * b / (d + strength)) ** 2, s**2 * d / (d + strength) ** 2
    return {
        "bias rises": bias.diff(strength) - 2 * strength**power * d * b**2 / (d + strength) ** 3,
        "variance falls": variance.diff(strength) + 2 * s**2 * d / (d + strength) ** 3,
    }


CLAIM = Claim(
    entry="bias-variance-tradeoff",
    says="Along the path of ridge regression squared bias strictly rises and variance strictly falls with the penalty; their "
    "sum is not constant, and least in between.",
    paper="Hoerl & Kennard 1970; Hastie, Tibshirani & Friedman 2009, sections 2.9 and 3.4",
    experiments=vary(RidgePath(), features=(2, 5)),
    predict=along_the_path,
    # X^T X and its Cholesky factor: sums of n and of p terms, p of them for each coefficient (Higham 2002, section 10.1).
    judge=equal(within=rounding(operations=lambda e, _: 4 * e.samples + 12 * e.features**2, scale=magnified)),
    assumptions=(
        Assumption("independent-noise", "every sample has noise of its own", broken_by={"noise": "one"}),
        Assumption(
            "ridge",
            "the penalty is the squared length: an l1 penalty sets coefficients to 0",
            broken_by={"fit": "sklearn.linear_model:Lasso(fit_intercept=False)", "strengths": (0.25, 0.5, 1.0, 2.0)},
        ),
    ),
    errata=(Erratum("conserved", "what the bias gains the variance loses: their sum stays", predict=conserved),),
    proof=Proof(
        "The derivatives of squared bias and variance have opposite signs at every strength.",
        residuals,
        broken=lambda: residuals(power=2),
    ),
)
