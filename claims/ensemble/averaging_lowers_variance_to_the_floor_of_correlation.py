"""Averaging lowers variance to the floor of correlation."""

from fractions import Fraction
from typing import Any

import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.ensemble import AveragedVariances, Coins
from dlverify.quantity import Array, as_array


def floor_and_rest(experiment: AveragedVariances, given: Coins) -> Array:
    """r v + (1 - r) v / B with v = 3^2 + 4^2 = 25 and r = 9/25: the common part stays, the members' own parts average out."""
    variance, correlation = 25, Fraction(9, 25)
    return as_array([correlation * variance + (1 - correlation) * variance / count for count in experiment.counts])


def residuals(shared: int = 1) -> dict[str, Any]:
    """B variances and B (B - 1) covariances over B^2; and of three members' squared errors, less their spread, the average's.

    The average of any number of members errs by their mean squared error less their mean squared distance from it
    (Krogh & Vedelsby): the term of one member is (y - g)^2 - (g - m)^2 = (y - m)^2 - 2 (y - m) (g - m), the last of mean 0.
    """
    b, v, r = sympy.symbols("B v r", positive=True)
    y, m, g = sympy.symbols("y m g", real=True)
    average = (b * v + b * (b - 1) * r * v) / b**2
    return {
        "variance": average - (shared * r * v + (1 - r) * v / b),
        "ambiguity": sympy.expand((y - g) ** 2 - (g - m) ** 2 - (y - m) ** 2 + 2 * (y - m) * (g - m)),
    }


CLAIM = Claim(
    entry="ensemble-averaging",
    says="The average of B members of variance v and correlation r has the variance r v + (1 - r) v / B: less than a member's "
    "unless r = 1, and never less than r v.",
    paper="Krogh & Vedelsby 1995; Hastie, Tibshirani & Friedman 2009, equation 15.1",
    experiments=vary(AveragedVariances()),
    predict=floor_and_rest,
    judge=equal(),
    assumptions=(
        Assumption("equal-correlation", "members agree in pairs alike", broken_by={"common": "alternate"}),
        Assumption(
            "own-parts", "each member has an error of its own: copies of one gain nothing", broken_by={"own": "one"}
        ),
    ),
    proof=Proof(
        "B variances v and B (B - 1) covariances r v make r v + (1 - r) v / B, and squared errors split as Krogh and Vedelsby say.",
        residuals,
        broken=lambda: residuals(shared=0),
    ),
)
