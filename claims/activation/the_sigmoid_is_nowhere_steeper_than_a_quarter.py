"""The sigmoid is nowhere steeper than a quarter."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.elementwise import Grid, Responses
from dlverify.quantity import Array


def logistic(experiment: Responses, given: Grid) -> Array:
    """s = 1 / (1 + e^-x); 1 - s = e^-x / (1 + e^-x) at -x; and s' = s (1 - s). With e^-|x|, where nothing cancels."""
    small = np.exp(-np.abs(given.points))
    above, below = 1 / (1 + small), small / (1 + small)
    left = given.points < 0
    return np.stack([np.where(left, below, above), np.where(left, above, below), above * below])


def size(experiment: Responses, given: Grid) -> Array:
    """s and 1 - s, to their last digits however small; and s for the slope, where 1 - s is taken from a rounded s."""
    values = logistic(experiment, given)
    return np.stack([values[0], values[1], values[0]])


def residuals(steepness: int = 1) -> dict[str, Any]:
    """s' = s (1 - s) by differentiation, 1/4 - s' a square that vanishes for s = 1/2 alone, s'' of the sign of 1/2 - s."""
    x = sympy.Symbol("x", real=True)
    s = 1 / (1 + sympy.exp(-steepness * x))
    slope = sympy.diff(s, x)
    return {
        "symmetry": s.subs(x, -x) - (1 - s),
        "inverse of the logit": sympy.exp(x) - s / (1 - s),
        "slope": slope - s * (1 - s),
        "a quarter": sympy.Rational(1, 4) - slope - (s - sympy.Rational(1, 2)) ** 2,
        "curvature": sympy.diff(s, x, 2) - 2 * s * (1 - s) * (sympy.Rational(1, 2) - s),
    }


CASE = Responses("torch.nn:Sigmoid", probes=3)

CLAIM = Claim(
    entry="sigmoid",
    says="The sigmoid s(x) = 1 / (1 + e^-x) inverts the logit, has s(-x) = 1 - s(x) and the slope s (1 - s), at most a quarter "
    "and that at 0 alone; it is convex below 0 and concave above.",
    paper="Goodfellow, Bengio & Courville 2016, section 3.10",
    experiments=vary(CASE, step=(0.25, 4.0)),
    predict=logistic,
    # The exponential rounds twice (an error of one unit in the last place), sum and quotient once, as much in the theory; a
    # slope has the error of s once by s and once by 1 - s, and a difference and two products. The rest: second order.
    judge=equal(within=rounding(operations=16, scale=size)),
    assumptions=(
        Assumption(
            "exponential", "its tails are exponential, not cut off", broken_by={"activation": "torch.nn:Hardsigmoid"}
        ),
        Assumption(
            "no-cancellation",
            "small values are not differences of large ones",
            broken_by={"activation": "dlverify.experiments.elementwise:SigmoidFromOne"},
            case="4",
        ),
    ),
    proof=Proof(
        "For all x: symmetry, the slope s (1 - s), a quarter less a square, and the sign of the curvature.",
        residuals,
        broken=lambda: residuals(steepness=2),
    ),
)
