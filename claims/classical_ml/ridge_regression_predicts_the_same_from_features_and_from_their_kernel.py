"""Ridge regression predicts the same from features and from their kernel."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.classical_ml import Plane, RidgePredictions
from dlverify.quantity import Array

WEIGHTS = (1, 2, 2, 1, 1, 2)
"""Squares of the numbers in front of the features 1, x, z, x^2, z^2, x z."""


def monomials(points: Array) -> Array:
    """1, x, z, x^2, z^2, x z of each point, whole numbers."""
    x, z = points.T.astype(int)
    return np.stack([np.ones_like(x), x, z, x**2, z**2, x * z], axis=1)


def in_rationals(experiment: RidgePredictions, given: Plane) -> Array:
    """Monomials m with penalties alpha / weight on their coefficients: m(query) (M^T M + alpha / weights)^-1 M^T y, exactly."""
    inputs, queries = (sympy.Matrix(monomials(points).tolist()) for points in (given.inputs, given.queries))
    targets = sympy.Matrix(given.targets.astype(int).tolist())
    rows = []
    for alpha in experiment.penalties:
        penalty = sympy.diag(*(sympy.Rational(alpha) / weight for weight in WEIGHTS))
        predictions = queries * (inputs.T * inputs + penalty).LUsolve(inputs.T * targets)
        rows.append([float(prediction) for prediction in predictions])
    return np.array(rows)


def roundings(experiment: RidgePredictions, given: Plane) -> float:
    """Cholesky's method for n unknowns, n (3 n + 1) (Higham 2002, section 10.1), products of n terms before and after it."""
    n = experiment.points
    return n * (3 * n + 1) + 2 * n + 12


def terms(experiment: RidgePredictions, given: Plane) -> Array:
    """With n points, |phi(query)| |Phi| |y| / alpha bounds what is multiplied, and (|Phi|^2 + alpha) / alpha magnifies it."""
    features, queries = (np.sqrt(WEIGHTS) * monomials(points) for points in (given.inputs, given.queries))
    size, alpha = np.linalg.norm(features), np.array(experiment.penalties)[:, None]
    return np.linalg.norm(queries, axis=1) * size * np.linalg.norm(given.targets) / alpha * (2 + size**2 / alpha)


def residuals(factor: int = 1) -> dict[str, Any]:
    """(P^T P + alpha) P^T = P^T (P P^T + alpha), so P^T (P P^T + alpha)^-1 = (P^T P + alpha)^-1 P^T, for all shapes of P."""
    n, m = sympy.symbols("n m", positive=True, integer=True)
    alpha, features = sympy.Symbol("alpha", positive=True), sympy.MatrixSymbol("P", n, m)
    left = features.T * features * features.T + alpha * features.T
    right = features.T * features * features.T + factor * alpha * features.T
    return {"push-through": left - right}


CLAIM = Claim(
    entry="kernel-methods",
    says="Ridge regression predicts the same from six features and from the kernel (1 + x . z)^2 alone, which never sees them.",
    paper="Scholkopf & Smola 2002; Hastie, Tibshirani & Friedman 2009, section 5.8",
    experiments=vary(RidgePredictions()),
    predict=in_rationals,
    judge=equal(within=rounding(operations=roundings, scale=terms)),
    assumptions=(
        Assumption(
            "same-features",
            "the kernel is that of the features",
            broken_by={"dual": "sklearn.kernel_ridge:KernelRidge(kernel='poly', degree=3, gamma=1, coef0=1)"},
        ),
        Assumption(
            "same-penalty",
            "features that enter the kernel with a factor carry it in the penalty",
            broken_by={"cross_terms": "one"},
        ),
        Assumption(
            "squares",
            "squares of the coefficients are penalised, not absolute values",
            broken_by={"primal": "sklearn.linear_model:Lasso"},
        ),
    ),
    proof=Proof(
        "Solving for coefficients and solving for points gives the same predictions, whatever the features.",
        residuals,
        broken=lambda: residuals(factor=2),
    ),
)
