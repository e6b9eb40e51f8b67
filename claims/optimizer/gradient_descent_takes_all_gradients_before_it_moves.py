"""Gradient descent takes all gradients of a step before any parameter moves by minus the rate times its own."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.descent import LinePath, Samples
from dlverify.quantity import Array


def closed_form(experiment: LinePath, given: Samples) -> Array:
    """p_t = p* + (I - lr H)^t (p_0 - p*) in rational numbers, H = 2 mean (x, 1)(x, 1)' and p* the least-squares line."""
    rows = [(Fraction(x), Fraction(1)) for x in given.inputs.tolist()]
    design = sympy.Matrix(rows)
    targets = sympy.Matrix([Fraction(y) for y in given.targets.tolist()])
    hessian = 2 * design.T * design / len(rows)
    best = (design.T * design).LUsolve(design.T * targets)
    start = sympy.Matrix([Fraction(p) for p in given.start.tolist()])
    step = sympy.eye(2) - sympy.Rational(Fraction(experiment.lr)) * hessian
    path = [best + step**t * (start - best) for t in range(experiment.steps + 1)]
    return np.array([[Fraction(int(p.p), int(p.q)) for p in place] for place in path], dtype=object)


def residuals(share: int = 2) -> dict[str, Any]:
    """On a slope g and a curvature h a step of -lr g changes x g + h x^2 / 2 by -lr g^2 + lr^2 h g^2 / 2.

    With +lr the first term changes its sign: for small rates the loss rises.
    """
    rate, slope, curvature = sympy.symbols("lr g h")
    change = {sign: slope * (sign * rate * slope) + curvature * (rate * slope) ** 2 / 2 for sign in (-1, 1)}
    rest = rate**2 * curvature * slope**2 / share
    return {
        "downhill": sympy.expand(change[-1] + rate * slope**2 - rest),
        "uphill": sympy.expand(change[1] - rate * slope**2 - rest),
    }


CLAIM = Claim(
    entry="gd-update-rule",
    says="Gradient descent replaces each parameter by itself minus the learning rate times its partial derivative, all of them "
    "taken at the old parameters.",
    paper="Cauchy 1847",
    experiments=vary(
        LinePath("torch.optim:SGD"),
        optimizer=("torch.optim:SGD", "torch.optim:SGD(foreach=True)", "torch.optim:SGD(fused=True)"),
        lr=(0.125, 0.25),
    ),
    predict=closed_form,
    judge=equal(),
    assumptions=(
        Assumption(
            "at-once",
            "no parameter moves before all gradients are taken",
            broken_by={"order": "one after another"},
        ),
        Assumption(
            "downhill", "steps go against the gradient", broken_by={"optimizer": "torch.optim:SGD(maximize=True)"}
        ),
        Assumption(
            "gradient-alone",
            "a step goes by the gradient alone",
            broken_by={"optimizer": "torch.optim:SGD(momentum=0.5)"},
        ),
    ),
    proof=Proof(
        "To second order a step downhill changes the loss by -lr g^2 + lr^2 h g^2 / 2, one uphill by lr g^2 + lr^2 h g^2 / 2.",
        residuals,
        broken=lambda: residuals(share=1),
    ),
)
