"""Descent on a quadratic function is stable up to the learning rate two over the largest curvature."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.descent import LargestSteps, Parabolas
from dlverify.quantity import Array


def boundary(experiment: LargestSteps, given: Parabolas) -> Array:
    """The largest multiple k/64 up to 2 / c, c the largest root of the Hessian's characteristic polynomial, in exact terms."""
    found = []
    for hessian in given.hessians:
        matrix = sympy.Matrix(3, 3, [sympy.Rational(Fraction(value)) for value in hessian.flatten().tolist()])
        top = max(matrix.eigenvals())
        found.append(Fraction(int(sympy.floor(128 / top)), 64))
    return np.array(found, dtype=object)


def residuals(bound: int = 2) -> dict[str, Any]:
    """Along a direction of curvature c a step multiplies by 1 - lr c; 1 - (1 - lr c)^2 = lr c (2 - lr c).

    This is positive, so that the distance shrinks, just for 0 < lr c < 2; and t steps multiply by the t-th power.
    """
    rate, curvature, t = sympy.symbols("lr c t", positive=True)
    factor = 1 - rate * curvature
    return {
        "shrinks below two over the curvature": sympy.expand(
            1 - factor**2 - rate * curvature * (bound - rate * curvature)
        ),
        "next step": sympy.powsimp(factor ** (t + 1) - factor * factor**t),
    }


CLAIM = Claim(
    entry="gd-step-size-threshold",
    says="On a quadratic function with largest curvature c, descent from anywhere stays bounded at the learning rates up to "
    "2 / c, and grows without bound beyond.",
    paper="Polyak 1987; Nesterov 2004, theorem 2.1.15",
    experiments=vary(LargestSteps("torch.optim:SGD"), optimizer=("torch.optim:SGD", "torch.optim:SGD(foreach=True)")),
    predict=boundary,
    judge=equal(),
    assumptions=(
        Assumption(
            "starts-anywhere",
            "the start has a part along the largest curvature",
            broken_by={"start": "flattest"},
        ),
        Assumption("quadratic", "the curvature is the same everywhere", broken_by={"loss": "pseudo-huber"}),
        Assumption(
            "gradient-alone",
            "a step goes by the gradient alone",
            broken_by={"optimizer": "torch.optim:SGD(momentum=0.5)"},
        ),
    ),
    proof=Proof(
        "For every curvature c the factor 1 - lr c of a step is smaller than 1 in size just where 0 < lr < 2 / c.",
        residuals,
        broken=lambda: residuals(bound=3),
    ),
)
