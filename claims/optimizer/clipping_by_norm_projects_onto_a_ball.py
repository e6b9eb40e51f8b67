"""Clipping by norm projects onto a ball."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.clipping import ClippedGradients, Coordinates
from dlverify.quantity import Array


def projected(experiment: ClippedGradients, given: Coordinates) -> Array:
    """g min(1, c / |g|): with |g| over all coordinates of all parameters, the point of the ball of radius c next to g."""
    gradient, thresholds = given.values / experiment.unit, np.array(experiment.thresholds)
    return gradient * np.minimum(1, thresholds / np.linalg.norm(gradient))[:, None]


def size(experiment: ClippedGradients, given: Coordinates) -> Array:
    """The coordinates themselves: nothing is subtracted."""
    return np.abs(projected(experiment, given))


def residuals(slip: int = 0) -> dict[str, Any]:
    """How much farther from g than P = g c / |g| any z with |z| <= c is: |g - z|^2 - |g - P|^2 is a sum of positive parts.

    With |z| = r, c = r + e, |g| = c + f and g z = |g| r - d, where e, f and, by Cauchy and Schwarz, d are not negative, it
    is 2 d + e (2 f + e).
    """
    r, d, e, f = sympy.symbols("r d e f", nonnegative=True)
    radius, length = r + e, r + e + f
    to_any, to_projected = length**2 - 2 * (length * r - d) + r**2, (length - radius) ** 2
    return {"how much farther": sympy.expand(to_any - to_projected - (2 * d + e * (2 * f + e + slip)))}


CASE = ClippedGradients("torch.nn.utils:clip_grad_norm_")

CLAIM = Claim(
    entry="gradient-clipping",
    says="Clipping by norm gives g min(1, c / |g|), the nearest point to g of the ball of radius c: it shortens long gradients "
    "and keeps their direction.",
    paper="Pascanu, Mikolov & Bengio 2013",
    experiments=vary(
        CASE, clip=("torch.nn.utils:clip_grad_norm_(foreach=True)", "torch.nn.utils:clip_grad_norm_(foreach=False)")
    ),
    predict=projected,
    # The norm has 12 / 2 + 3 roundings, its use 4; twice, since the prediction rounds as much in float64.
    judge=equal(within=rounding(operations=2 * (12 / 2 + 3 + 4), scale=size)),
    assumptions=(
        Assumption(
            "one-factor",
            "all coordinates are multiplied by one number, and not each cut off at c, which turns the gradient",
            broken_by={"clip": "torch.nn.utils:clip_grad_value_"},
        ),
        Assumption(
            "euclidean",
            "the norm is the Euclidean one",
            broken_by={"clip": "torch.nn.utils:clip_grad_norm_(norm_type=1.0)"},
        ),
        Assumption(
            "far-above-the-guard",
            "the norm is far above 10^-6, which torch adds to it",
            broken_by={"unit": 2.0**-20},
        ),
    ),
    proof=Proof(
        "No point of the ball of radius c is nearer to a g outside than g c / |g|, in any number of dimensions.",
        residuals,
        broken=lambda: residuals(slip=1),
    ),
)
