"""Test error is U-shaped in the degree."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.generalization import CapacityErrors, Curve
from dlverify.quantity import Array


def bias_and_noise(experiment: CapacityErrors, given: Curve) -> Array:
    """Sum of c_k^2 / 2 over k > d, and s^2 (1 - (d + 1)/n) in training, s^2 (1 + (d + 1)/n) on new data.

    At n Chebyshev nodes T_0, ..., T_(n - 1) are orthogonal with mean square 1/2 (T_0: 1), so degree d leaves the target's
    terms beyond d, and takes d + 1 of n dimensions of the noise. A term pays for itself when c_k^2 / 2 > s^2 / n.
    """
    count = np.arange(1, experiment.samples + 1)
    powers = np.zeros(experiment.samples + 1)
    powers[: len(experiment.coefficients)] = np.square(experiment.coefficients) / 2
    missing = np.cumsum(powers[::-1])[::-1][1:]
    taken = experiment.sigma**2 * count / experiment.samples
    return np.stack([missing + experiment.sigma**2 - taken, missing + experiment.sigma**2 + taken])


def total(experiment: CapacityErrors, given: Curve) -> float:
    """(|c| sqrt(n) + s sqrt(n))^2, the squared size of all that enters; the features' condition is sqrt(2) for every degree."""
    return 2 * experiment.samples * (float(np.abs(experiment.coefficients).sum()) + experiment.sigma) ** 2


def residuals(turn: int = 1) -> dict[str, Any]:
    """From degree d - 1 to d training error falls by c^2/2 + s^2/n, always, and the error on new data by c^2/2 - s^2/n."""
    n, d, s, c, rest = sympy.symbols("n d s c rest", positive=True)
    training = [rest + c**2 / 2 + s**2 * (1 - d / n), rest + s**2 * (1 - (d + 1) / n)]
    new = [rest + c**2 / 2 + s**2 * (1 + d / n), rest + s**2 * (1 + (d + 1) / n)]
    return {
        "training": sympy.expand(training[0] - training[1] - c**2 / 2 - s**2 / n),
        "new data": sympy.expand(new[0] - new[1] - c**2 / 2 + turn * s**2 / n),
    }


CLAIM = Claim(
    entry="overfitting-underfitting-capacity",
    says="Below the target's degree polynomials underfit, with high errors on both sets; every degree beyond it lowers the "
    "training error and raises the error on new data by s^2 / n.",
    paper="Geman, Bienenstock & Doursat 1992; Mallows 1973",
    experiments=vary(CapacityErrors(), samples=(8, 16, 32)),
    predict=bias_and_noise,
    # Features by recurrence round 2 n times, least squares 12 n^2 (Higham 2002, section 20.3), condition sqrt(2).
    judge=equal(within=rounding(operations=lambda e, _: 12 * e.samples**2 + 2 * e.samples, condition=4, scale=total)),
    assumptions=(
        Assumption("noisy", "the training targets are noisy", broken_by={"labels": "clean"}),
        Assumption(
            "no-penalty",
            "the fit is not regularised",
            broken_by={"fit": "sklearn.linear_model:Ridge(alpha=1.0, fit_intercept=False)"},
        ),
    ),
    proof=Proof(
        "One more degree changes the training error by -c^2/2 - s^2/n and the error on new data by -c^2/2 + s^2/n.",
        residuals,
        broken=lambda: residuals(turn=-1),
    ),
)
