"""Newton's step leads to the stationary point of a quadratic function at once, from anywhere, be it minimum or saddle."""

from typing import Any

import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.descent import NewtonStep, Quadratic
from dlverify.quantity import Array


def stationary_point(experiment: NewtonStep, given: Quadratic) -> Array:
    """x - H^(-1) H (x - m) = m, whatever the start and the signs of the curvatures."""
    return given.middle


def residuals(transposed: bool = True) -> dict[str, Any]:
    """A step on (x - m) H (x - m) / 2 ends at m; under x = T z gradient and Hessian become T' g and T' H T, the step T^(-1) of it."""
    a, b, c, p, q, r, s = sympy.symbols("a b c p q r s")
    hessian, change = sympy.Matrix([[a, b], [b, c]]), sympy.Matrix([[p, q], [r, s]])
    gradient, away = sympy.Matrix(sympy.symbols("g h")), sympy.Matrix(sympy.symbols("x y"))
    left = change.T if transposed else change
    step = hessian.inv() * gradient
    changed = (left * hessian * change).inv() * (change.T * gradient)
    return {
        "one step": (away - hessian.inv() * (hessian * away)).applyfunc(sympy.simplify),
        "changed coordinates": (change * changed - step).applyfunc(sympy.simplify),
    }


CLAIM = Claim(
    entry="second-order-newton",
    says="One step of Newton's method, the inverse Hessian times the gradient, leads from anywhere to the stationary point of a "
    "quadratic function, to a saddle as well as to a minimum, and no linear change of coordinates alters it.",
    paper="Nocedal & Wright 2006, chapter 3; Dauphin et al. 2014",
    experiments=vary(NewtonStep(), function=("convex", "saddle"), dimension=(3, 4)),
    predict=stationary_point,
    judge=equal(),
    assumptions=(
        Assumption("quadratic", "the Hessian is the same everywhere", broken_by={"function": "quartic"}),
        Assumption("whole-hessian", "curvatures across coordinates count", broken_by={"entries": "diagonal"}),
        Assumption("second-order", "the Hessian counts, unlike in gradient descent", broken_by={"entries": "none"}),
    ),
    proof=Proof(
        "In two dimensions, for all Hessians, gradients and linear changes of coordinates that have inverses.",
        residuals,
        broken=lambda: residuals(transposed=False),
    ),
)
