"""A penalty costs fit, and pays where there is noise."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.regularization import RidgeRisks, Worlds
from dlverify.quantity import Array


def risks(experiment: RidgeRisks, given: Worlds) -> Array:
    """With f = lambda / (1 + lambda), p features, n points, noise v and signal t: (n - p) v + p f^2 (t + v); p (f^2 t + (1 - f)^2 v).

    The first rises with lambda; the second is least at lambda = v / t, which is 0 without noise.
    """
    points, features = given.inputs.shape
    penalties = np.array(experiment.penalties)
    lost, noise, signal = penalties / (1 + penalties), experiment.noise**2, experiment.signal**2
    training = (points - features) * noise + features * lost**2 * (signal + noise)
    return np.stack([training, features * (lost**2 * signal + (1 - lost) ** 2 * noise)])


def roundings(experiment: RidgeRisks, given: Worlds) -> float:
    """Cholesky's method, n (3 n + 1) at condition 1 (Higham 2002, section 10.1), products of n terms, squares, sums and means.

    The mean of 2^11 worlds is added up one after another at worst.
    """
    points, features = given.inputs.shape
    return 2 * (features * (3 * features + 1) + 3 * points + 8) + points + given.noise.shape[1]


def squares(experiment: RidgeRisks, given: Worlds) -> float:
    """The largest sum of squares of targets that are fitted, and of coefficients."""
    targets = given.inputs @ given.coefficients + given.noise
    return float((targets**2).sum(axis=0).max() + (given.coefficients**2).sum(axis=0).max())


def residuals(power: int = 1) -> dict[str, Any]:
    """Training error's slope in lambda, a product of positive terms; excess of the risk over lambda = v / t, a square over squares."""
    strength, noise, signal = sympy.symbols("lambda v t", positive=True)

    def risk(penalty: Any) -> Any:
        return (penalty**2 * signal + noise) / (1 + penalty) ** 2

    best = (noise / signal) ** power
    slope = sympy.diff((strength / (1 + strength)) ** 2, strength)
    excess = (signal * strength - noise) ** 2 / ((1 + strength) ** 2 * (noise + signal))
    return {
        "the training error rises": slope - 2 * strength / (1 + strength) ** 3,
        "the risk is least at v / t": risk(strength) - risk(best) - excess,
    }


CLAIM = Claim(
    entry="regularisation-purpose",
    says="Under a ridge penalty lambda the error on the training data never falls as lambda grows, while the expected error on new inputs "
    "is least at lambda = noise variance / signal variance for orthonormal inputs: inside where there is noise, at 0 where there is none.",
    paper="Hoerl & Kennard 1970; Goodfellow, Bengio & Courville 2016, chapter 7",
    experiments=vary(RidgeRisks(), noise=(1.0, 0.5, 0.0)),
    predict=risks,
    judge=equal(within=rounding(operations=roundings, scale=squares)),
    assumptions=(
        Assumption("orthonormal", "the columns of the inputs are orthonormal", broken_by={"design": "correlated"}),
        Assumption(
            "squares",
            "squares of the coefficients are penalised, not absolute values",
            broken_by={"fit": "sklearn.linear_model:Lasso", "penalties": (0.125, 0.25, 0.5, 1.0)},
        ),
    ),
    proof=Proof(
        "For all variances and penalties the training error rises with lambda and the risk exceeds that at v / t by a square.",
        residuals,
        broken=lambda: residuals(power=2),
    ),
)
