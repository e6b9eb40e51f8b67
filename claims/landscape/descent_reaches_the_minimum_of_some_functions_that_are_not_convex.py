"""Descent reaches the minimum of some functions that are not convex, at a linear rate, if their slope is never small."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, at_most, vary
from dlverify.experiments.nonconvex import PiecewiseDescent, Starts
from dlverify.quantity import Array


def linear_rate(experiment: PiecewiseDescent, given: Starts) -> Array:
    """f_0 (1 - mu / L)^k with mu = 1/4 and L = 4: a step 1/L lowers f by f'^2 / (2 L) >= (mu / L) f, the minimum being 0."""
    start = np.array([experiment.value(Fraction(x)) for x in given.places], dtype=object)
    return np.array([start * Fraction(15, 16) ** k for k in range(experiment.steps + 1)])


def residuals(one_in: int = 4) -> dict[str, Any]:
    """f'^2 / 2 - mu f >= 0 with b = 5 on the three pieces, each as a sum of terms that are not negative.

    The pieces are x in [0, 1], x = 3 - d with d in [0, 2], x = 3 + s with s >= 0. And f(2) lies above the mean of f(1)
    and f(3), so that f is not convex.
    """
    mu = sympy.Rational(1, one_in)
    x, d, s = sympy.symbols("x d s", nonnegative=True)

    def f(x: Any, pieces: int) -> Any:
        return 2 * x**2 - sympy.Rational(5, 2) * (x - 1) ** 2 * int(pieces > 0) + (x - 3) ** 2 * int(pieces > 1)

    def excess(x: Any, variable: Any, pieces: int) -> Any:
        return sympy.diff(f(x, pieces), variable) ** 2 / 2 - mu * f(x, pieces)

    return {
        "near 0": excess(x, x, 0) - sympy.Rational(15, 2) * x**2,
        "where f is concave": excess(3 - d, d, 1) - (sympy.Rational(5, 2) * d + sympy.Rational(5, 8) * d**2),
        "far away": excess(3 + s, s, 2) - (sympy.Rational(3, 2) * s + sympy.Rational(3, 8) * s**2),
        "not convex": f(2, 1) - (f(1, 0) + f(3, 1)) / 2 - sympy.Rational(1, 2),
    }


CLAIM = Claim(
    entry="nonconvex-is-hard",
    says="Convexity is not needed: where f'^2 / 2 >= mu f (Polyak-Lojasiewicz), as for a function here whose curvature is "
    "-1 on some way, descent with rate 1 / L lowers f from any start by 1 - mu / L or more a step. Hard is the worst case.",
    paper="Karimi, Nutini & Schmidt 2016, theorem 1; Blum & Rivest 1992 and Murty & Kabadi 1987 (the worst case)",
    experiments=vary(PiecewiseDescent()) + vary(PiecewiseDescent(), starts=(64,), tier="full"),
    predict=linear_rate,
    judge=at_most(),
    assumptions=(
        Assumption("never-flat", "the slope vanishes at the minimum alone", broken_by={"bend": 7}),
        Assumption("downhill", "steps go down the slope", broken_by={"optimizer": "torch.optim:SGD(maximize=True)"}),
    ),
    proof=Proof(
        "The function of the experiment has f'^2 / 2 >= f / 4 on all its pieces, and is not convex.",
        residuals,
        broken=lambda: residuals(one_in=2),
    ),
)
