"""An L2 penalty only shrinks coefficients."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.loss import COEFFICIENTS, Regression, ShrunkCoefficients
from dlverify.quantity import Array


def shrunk(experiment: ShrunkCoefficients, given: Regression) -> Array:
    """Each is z / (1 + lambda) for the least-squares coefficient z: zero only where z is."""
    return COEFFICIENTS / (1 + np.array(experiment.strengths)[:, None])


def roundings(experiment: ShrunkCoefficients, given: Regression) -> float:
    """A linear system of n unknowns and condition 1 solved by Cholesky's method: n (3 n + 1) (Higham 2002, section 10.1)."""
    n = given.inputs.shape[1]
    return n * (3 * n + 1)


def largest(experiment: ShrunkCoefficients, given: Regression) -> Array:
    """The largest coefficient, since errors are bounded in norm."""
    return np.abs(shrunk(experiment, given)).max(axis=1, keepdims=True)


def residuals(forgotten: int = 0) -> dict[str, Any]:
    """With orthonormal columns each coefficient w minimises (w - z)^2 / 2 + lambda w^2 / 2 for itself."""
    w, z = sympy.symbols("w z", real=True)
    strength = sympy.Symbol("lambda", positive=True)
    best = z / (1 + strength - forgotten)
    cost, least = ((v - z) ** 2 / 2 + strength * v**2 / 2 for v in (w, best))
    return {"excess over the least cost": cost - least - (1 + strength) / 2 * (w - best) ** 2}


CLAIM = Claim(
    entry="l1-is-laplace-mle",
    says="With orthonormal inputs an L2 penalty lambda divides every coefficient by 1 + lambda, so that none becomes zero.",
    paper="Tibshirani 1996; Goodfellow, Bengio & Courville 2016, section 7.1.1",
    experiments=vary(ShrunkCoefficients("sklearn.linear_model:Ridge", squares="sum")),
    predict=shrunk,
    judge=equal(within=rounding(operations=roundings, scale=largest)),
    assumptions=(
        Assumption(
            "squares",
            "squares are penalised, not absolute values",
            broken_by={"fit": "sklearn.linear_model:Lasso(random_state=0)", "squares": "mean"},
        ),
        Assumption("orthonormal", "the inputs are orthonormal", broken_by={"design": "correlated"}),
    ),
    proof=Proof(
        "For all z, w and lambda > 0 a coefficient w costs (1 + lambda) / 2 (w - z / (1 + lambda))^2 more than the best.",
        residuals,
        broken=lambda: residuals(forgotten=1),
    ),
)
