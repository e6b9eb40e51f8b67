"""The fitted variance is the mean squared residual; a fixed one says nothing of the noise."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, rounding, vary
from dlverify.experiments.likelihood import Errors, ReportedVariances
from dlverify.quantity import Array


def mean_square(experiment: ReportedVariances, given: Errors) -> Array:
    """The mean of squared residuals of each noise level."""
    return np.asarray((given.values**2).mean(axis=1))


def roundings(experiment: ReportedVariances, given: Errors) -> float:
    """The derivative is a sum over n of a few products and quotients each, and the square doubles it; the theory's n + 2."""
    return 2 * (experiment.samples + 12) + experiment.samples + 2


def residuals(power: int = 1) -> dict[str, Any]:
    """With m the mean of squares the loss is log(v) / 2 + m / (2 v); with t = m / v it exceeds that of v = m by (t - 1 - log t) / 2.

    And t - 1 - log t, zero and flat at t = 1, is convex.
    """
    m, v, t = sympy.symbols("m v t", positive=True)
    loss = sympy.log(v) / 2 + m / (2 * v**power)
    excess = (t - 1 - sympy.log(t)) / 2
    difference = loss - loss.subs(v, m)
    return {
        "excess": difference - sympy.expand_log(excess.subs(t, m / v)),
        "zero at v = m": excess.subs(t, 1),
        "flat there": sympy.diff(excess, t).subs(t, 1),
        "convex": sympy.diff(excess, t, 2) - 1 / (2 * t**2),
    }


CLAIM = Claim(
    entry="unit-variance-gives-no-uncertainty",
    says="The variance with the largest Gaussian likelihood is the mean squared residual, so that it measures the noise; with the "
    "variance fixed at 1, the likelihood reports 1 whatever the noise is.",
    paper="Nix & Weigend 1994",
    experiments=vary(ReportedVariances(), samples=(1, 32)),
    predict=mean_square,
    judge=equal(within=rounding(operations=roundings, scale=mean_square)),
    assumptions=(
        Assumption(
            "gaussian", "the likelihood is Gaussian", broken_by={"noise": "torch.distributions:Laplace"}, case="32"
        ),
    ),
    proof=Proof(
        "For every variance v the loss exceeds that of the mean square m by what is convex and zero at v = m alone.",
        residuals,
        broken=lambda: residuals(power=2),
    ),
    errata=(
        Erratum(
            "variance-one",
            "The likelihood with variance 1 is there to find confidence and uncertainty.",
            number=24,
            broken_by={"variance": "fixed"},
            case="32",
        ),
    ),
)
