"""A density can make the loss negative."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, at_least, equal, rounding, vary
from dlverify.experiments.likelihood import ErrorsAndVariances, GaussianLosses
from dlverify.quantity import Array


def negative_log_density(experiment: GaussianLosses, given: ErrorsAndVariances) -> Array:
    """log(2 pi v) / 2 + r^2 / (2 v) for error r and variance v: below zero at r = 0 for v < 1 / (2 pi)."""
    errors, variances = given.errors, given.variances
    return np.log(2 * np.pi * variances) / 2 + errors**2 / (2 * variances)


def terms(experiment: GaussianLosses, given: ErrorsAndVariances) -> Array:
    """The same sum with all terms positive, the two logarithms apart."""
    errors, variances = given.errors, given.variances
    return (np.abs(np.log(variances)) + np.log(2 * np.pi)) / 2 + errors**2 / (2 * variances)


def zero(experiment: GaussianLosses, given: ErrorsAndVariances) -> float:
    """As printed: a loss is above zero."""
    return 0.0


def residuals(power: int = 1) -> dict[str, Any]:
    """With t = 2 pi v the loss at r = 0 is log(t) / 2, whose sign is that of t - 1; at r^2 = v it is half more."""
    r = sympy.Symbol("r", real=True)
    t = sympy.Symbol("t", positive=True)
    v = t / (2 * sympy.pi)
    integral = sympy.integrate(sympy.exp(-(r**2) / (2 * v)), (r, -sympy.oo, sympy.oo))
    loss = r**2 / (2 * v) + sympy.expand_log(sympy.log(integral), force=True)
    return {
        "no error": sympy.expand_log(loss.subs(r, 0), force=True) - power * sympy.log(t) / 2,
        "an error of one deviation": sympy.expand_log(loss.subs(r, sympy.sqrt(v)) - loss.subs(r, 0))
        - sympy.Rational(1, 2),
    }


CLAIM = Claim(
    entry="loss-strictly-positive",
    says="The Gaussian negative log-likelihood of a perfect prediction is log(2 pi v) / 2, below zero for every variance v "
    "below 1 / (2 pi): densities, unlike probabilities, exceed 1.",
    paper="Goodfellow, Bengio & Courville 2016, section 5.5",
    experiments=vary(GaussianLosses()),
    predict=negative_log_density,
    # Two logarithms, a square, a quotient, two sums and a half, an error of one unit for each logarithm; as much in float64.
    judge=equal(within=rounding(operations=20, scale=terms)),
    assumptions=(
        Assumption(
            "normalised",
            "the density integrates to 1, which takes its constant",
            broken_by={"loss": "torch.nn:GaussianNLLLoss(full=False)"},
            effect=float(np.log(2 * np.pi) / 2),
        ),
    ),
    proof=Proof(
        "The loss at error 0 is log(2 pi v) / 2, negative just where 2 pi v < 1, and that of one deviation 1/2 more.",
        residuals,
        broken=lambda: residuals(power=2),
    ),
    errata=(
        Erratum(
            "strictly-positive",
            "L(M(x), y) > 0.",
            number=12,
            predict=zero,
            broken_by={"errors": (0.0,), "variances": (0.001,)},
            judge=at_least(within=rounding(operations=20, scale=terms)),
        ),
    ),
)
