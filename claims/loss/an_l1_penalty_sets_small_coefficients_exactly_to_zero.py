"""An L1 penalty sets small coefficients exactly to zero."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.loss import COEFFICIENTS, Regression, ShrunkCoefficients
from dlverify.quantity import Array


def soft_threshold(experiment: ShrunkCoefficients, given: Regression) -> Array:
    """sign(z) max(|z| - lambda, 0) for the least-squares coefficient z; to the last bit, as all numbers are short."""
    strengths = np.array(experiment.strengths)[:, None]
    return np.sign(COEFFICIENTS) * np.maximum(np.abs(COEFFICIENTS) - strengths, 0)


def residuals(factor: int = 1) -> dict[str, Any]:
    """With orthonormal columns each coefficient w minimises (w - z)^2 / 2 + lambda |w| for itself.

    What it costs more than the threshold is a square and a product that is not negative: lambda |w| - z w for
    |z| <= lambda, and lambda (|w| - w) for z > lambda; z < -lambda is the mirror image.
    """
    w, z = sympy.symbols("w z", real=True)
    strength = sympy.Symbol("lambda", positive=True)

    def cost(coefficient: Any) -> Any:
        return (coefficient - z) ** 2 / 2 + strength * sympy.Abs(coefficient)

    above = z - factor * strength
    kept = (above - z) ** 2 / 2 + strength * above  # its cost: it is positive
    return {
        "small": cost(w) - cost(0) - w**2 / 2 - (strength * sympy.Abs(w) - z * w),
        "large": sympy.expand(cost(w) - kept - (w - above) ** 2 / 2 - strength * (sympy.Abs(w) - w)),
    }


CLAIM = Claim(
    entry="l1-is-laplace-mle",
    says="With orthonormal inputs an L1 penalty lambda moves every coefficient by lambda towards zero, and those that are not "
    "larger than lambda exactly to zero.",
    paper="Tibshirani 1996",
    experiments=vary(ShrunkCoefficients("sklearn.linear_model:Lasso(random_state=0)", squares="mean")),
    predict=soft_threshold,
    judge=equal(),
    assumptions=(
        Assumption(
            "absolute-values",
            "absolute values are penalised, not squares",
            broken_by={"fit": "sklearn.linear_model:ElasticNet(l1_ratio=0.0, random_state=0)"},
        ),
        Assumption("orthonormal", "the inputs are orthonormal", broken_by={"design": "correlated"}),
        Assumption("mean-of-squares", "lambda / n belongs to the mean of squares", broken_by={"squares": "sum"}),
    ),
    proof=Proof(
        "For all z, w and lambda > 0 no coefficient w costs less than the soft threshold of z.",
        residuals,
        broken=lambda: residuals(factor=2),
    ),
)
