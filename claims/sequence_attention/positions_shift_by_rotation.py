"""Positions shift by rotation."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.evidence.rounding import gamma
from dlverify.experiments.attention import PositionProducts
from dlverify.quantity import Array


def angles(experiment: PositionProducts) -> Array:
    """p / 10000^(2 i / width) for each position p and pair i."""
    return np.arange(experiment.length)[:, None] * 10000.0 ** (-np.arange(0, experiment.width, 2) / experiment.width)


def cosines_of_differences(experiment: PositionProducts, given: None) -> Array:
    """sum over pairs of sin a sin b + cos a cos b = cos(a - b): a function of p - q alone, and width / 2 for p = q.

    Vectors with the products of others are those others rotated, so that the shift by k is one rotation for all positions. (Some
    linear map takes any `width` independent vectors to any others: without products a control would need more positions.)
    """
    turns = angles(experiment)
    return np.cos(turns[:, None] - turns[None]).sum(-1)


def carried(experiment: PositionProducts, given: None, unit_roundoff: float) -> Array:
    """A sine and a cosine have slope 1, so that angles a and b off by gamma(4) (a + b) in both move a pair's product by twice that.

    The sum of `width` products, each number of which was rounded, adds gamma(width + 4) times width, the sum of their sizes at most.
    Here too the formula is taken in float64, and rounds likewise.
    """
    turns = angles(experiment).sum(1)
    moved = 2 * gamma(4, unit_roundoff) * (turns[:, None] + turns[None])
    return 2 * (moved + gamma(experiment.width + 4, unit_roundoff) * experiment.width)


def residuals(cosines: int = 1) -> dict[str, Any]:
    """For every position p, shift k and frequency w: the pair of p + k is that of p, turned by the angle k w."""
    p, k, w = sympy.symbols("p k w", positive=True)

    def pair(place: Any) -> Any:
        return sympy.Matrix([sympy.sin(place * w), sympy.cos(place * w) if cosines else sympy.sin(2 * place * w)])

    c, s = sympy.cos(k * w), sympy.sin(k * w)
    turned = sympy.Matrix([[c, s], [-s, c]]) * pair(p)
    return {
        "shift": (pair(p + k) - turned).applyfunc(sympy.expand_trig).expand(),
        "length": sympy.trigsimp((pair(p).T * pair(p))[0] - 1),
    }


CLAIM = Claim(
    entry="positional-encoding",
    says=(
        "In the encoding by pairs of sine and cosine, moving on by k places is one rotation, the same at every position: all positions "
        "have the squared length d / 2, and inner products depend on the distance alone."
    ),
    paper="Vaswani et al. 2017, section 3.5",
    experiments=vary(PositionProducts()) + vary(PositionProducts(length=512), width=(128,), tier="full"),
    predict=cosines_of_differences,
    judge=equal(within=carried),
    assumptions=(
        Assumption(
            "pairs",
            "every sine has a cosine of its own frequency",
            broken_by={"positions": "dlverify.lab.architectures.transformers:sinusoidal_positions(cosines=False)"},
            effect=1.0,
        ),
        Assumption(
            "fixed",
            "the vectors are these, and not drawn at random, as learned ones are to begin with",
            broken_by={"positions": "torch:randn"},
            effect=1.0,
        ),
    ),
    proof=Proof(
        "The pair of position p + k is that of p, turned by k w, for every p, k and frequency w; its length is 1.",
        residuals,
        broken=lambda: residuals(cosines=0),
    ),
)
