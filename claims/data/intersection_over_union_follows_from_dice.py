"""Intersection over union follows from Dice."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.data import Masks, OverlapScores
from dlverify.quantity import Array


def from_dice(experiment: OverlapScores, given: Masks) -> Array:
    """D / (2 - D) with Dice's coefficient D = 2 |A and B| / (|A| + |B|)."""
    both, sizes = (given.first & given.second).sum(axis=1), given.first.sum(axis=1) + given.second.sum(axis=1)
    dice = [Fraction(2 * int(common), int(size)) for common, size in zip(both, sizes, strict=True)]
    side = 2**experiment.pixels - 1
    return np.array([float(d / (2 - d)) for d in dice]).reshape(side, side)


def residuals(counted: int = 1) -> dict[str, Any]:
    """|A and B| = i, |A| = a, |B| = b; a union counts what is common once. Further: a mask with itself, and symmetry."""
    i, a, b = sympy.symbols("i a b", positive=True)
    overlap, dice = i / (a + b - counted * i), 2 * i / (a + b)
    return {
        "D / (2 - D)": sympy.simplify(overlap - dice / (2 - dice)),
        "a mask with itself": overlap.subs({i: a, b: a}, simultaneous=True) - 1,
        "symmetry": overlap - overlap.subs({a: b, b: a}, simultaneous=True),
    }


CLAIM = Claim(
    entry="task-output-shapes",
    says="The intersection over union of two masks is D / (2 - D), D being Dice's coefficient: they rank answers alike.",
    paper="Everingham et al. 2010",
    experiments=vary(OverlapScores(), pixels=(2, 4)),
    predict=from_dice,
    # The prediction's rounding and those of the score, which may take the way over D: a product, a sum and two quotients.
    judge=equal(within=rounding(operations=5)),
    assumptions=(
        Assumption(
            "of-the-union",
            "the intersection is taken over the union, not over the mean size",
            broken_by={"score": "sklearn.metrics:f1_score"},
        ),
        Assumption(
            "both-ways",
            "it is taken over all of the union, not over the truth",
            broken_by={"score": "sklearn.metrics:recall_score"},
        ),
    ),
    proof=Proof(
        "i / (a + b - i) = D / (2 - D) for D = 2 i / (a + b); of a mask with itself it is 1, and it is symmetric.",
        residuals,
        broken=lambda: residuals(counted=0),
    ),
)
