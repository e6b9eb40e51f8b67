"""Simultaneous steps lead two players away from their equilibrium."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.adversarial import Game
from dlverify.quantity import Array


def spiral(experiment: Game, given: Array) -> Array:
    """(x0^2 + y0^2) (1 + lr^2)^t: a step is x + i y -> (1 + i lr) (x + i y), a rotation that lengthens by sqrt(1 + lr^2)."""
    t = np.arange(experiment.steps + 1)[:, None]
    return (given**2).sum(axis=0) * (1 + experiment.lr**2) ** t


def roundings(experiment: Game, given: Array) -> Array:
    """Product and sum of each step, relative to |x| + lr |y|, at most (1 + lr) sqrt(2) of the radius; twice, for its square.

    A rotation hands relative errors on as they are, so they add up. The last few are those of squares and of the theory.
    """
    t = np.arange(experiment.steps + 1)[:, None]
    return 4 * np.sqrt(2) * (1 + experiment.lr) * t + 6


def residuals(sign: int = 1) -> dict[str, Any]:
    """The radius after one step; at the second player's best answer there would be nothing to gain, only at (0, 0)."""
    x, y, h = sympy.symbols("x y h", real=True)
    after = (x - h * y) ** 2 + (y + sign * h * x) ** 2
    return {"one step": sympy.expand(after - (1 + h**2) * (x**2 + y**2))}


CLAIM = Claim(
    entry="gan-training-until-indistinguishable",
    says="On the game x y, descended by the one player and ascended by the other in simultaneous steps, every step multiplies the squared "
    "distance from the equilibrium by 1 + lr^2, so training never ends there.",
    paper="Mescheder, Geiger & Nowozin 2018; Gidel et al. 2019",
    experiments=vary(Game(), lr=(0.1, 0.5)),
    predict=spiral,
    judge=equal(within=rounding(operations=roundings, scale=spiral)),
    assumptions=(
        Assumption("simultaneous", "neither sees the other's new step", broken_by={"order": "alternating"}),
        Assumption("no-penalty", "neither pays for how far it goes", broken_by={"penalty": 0.5}),
        Assumption("plain-descent", "steps have no memory", broken_by={"optimizer": "torch.optim:SGD(momentum=0.5)"}),
    ),
    proof=Proof(
        "For all x, y and lr the squared radius grows by the factor 1 + lr^2.",
        residuals,
        broken=lambda: residuals(sign=-1),
    ),
)
