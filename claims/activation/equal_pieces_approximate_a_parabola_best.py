"""Equal pieces approximate a parabola best, and every piece fewer costs accuracy."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.activation import Networks, ParabolaError
from dlverify.quantity import Array


def eighth(experiment: ParabolaError, given: Networks) -> Array:
    """1 / (8 m^2): x^2 leaves its best line on a piece of length h by h^2 / 8, and one of m pieces is at least 1/m long."""
    return np.array([Fraction(1, 8 * pieces**2) for pieces in experiment.pieces], dtype=object)


def residuals(middle: int = -2) -> dict[str, Any]:
    """For e(x) = x^2 - p x - q, any p and q: e(a) - 2 e(a + h/2) + e(a + h) = h^2 / 2, so 4 max|e| >= h^2 / 2.

    The line with p = 2 a + h and q = -a (a + h) - h^2 / 8 reaches it: its errors there are h^2/8, -h^2/8, h^2/8.
    """
    a, h, p, q = sympy.symbols("a h p q", real=True)
    left, centre, right = (x**2 - p * x - q for x in (a, a + h / 2, a + h))
    best = {p: 2 * a + h, q: -a * (a + h) - h**2 / 8}
    return {
        "no line is nearer": left + middle * centre + right - h**2 / 2,
        "one is as near at the ends": (left - h**2 / 8).subs(best),
        "one is as near in the middle": (centre + h**2 / 8).subs(best),
    }


CLAIM = Claim(
    entry="universal-approximation",
    says="The best that m linear pieces can do for x^2 on [0, 1] is a largest error of 1 / (8 m^2), and m ReLU units do it: "
    "the number of units that an accuracy needs is known exactly.",
    paper="de Boor 1978, chapter III; Yarotsky 2017 for networks",
    experiments=vary(ParabolaError()),
    predict=eighth,
    judge=equal(),
    assumptions=(
        Assumption("all-the-pieces", "there are m pieces, not m - 1", broken_by={"short": 1}),
        Assumption(
            "straight-pieces", "the units bend once and nowhere else", broken_by={"activation": "torch.nn:GELU"}
        ),
    ),
    proof=Proof(
        "On an interval of length h no line is nearer to x^2 than h^2 / 8, and one is; m pieces have one of length 1/m.",
        residuals,
        broken=lambda: residuals(middle=-1),
    ),
)
