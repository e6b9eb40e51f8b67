"""Alternating steps lead two players around their equilibrium."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.adversarial import Game
from dlverify.quantity import Array


def conserved(experiment: Game, given: Array) -> Array:
    """x0^2 + y0^2 - lr x0 y0, at every step: for lr < 2 an ellipse around the equilibrium, which is never left."""
    x, y = given
    return np.tile(x**2 + y**2 - experiment.lr * x * y, (experiment.steps + 1, 1))


def roundings(experiment: Game, given: Array) -> Array:
    """Product and sum of each of two updates, relative to at most (1 + lr)^2 sqrt(2) of the radius; twice, for the square.

    In the norm of the ellipse the step is a rotation, which hands errors on as they are. The last few are the theory's.
    """
    t = np.arange(experiment.steps + 1)[:, None]
    return 8 * np.sqrt(2) * (1 + experiment.lr) ** 2 * t + 8


def flatness(experiment: Game, given: Array) -> float:
    """The eigenvalues of the form are 1 + lr/2 and 1 - lr/2: their ratio bounds radius^2 by the form, and terms by their sum."""
    return (1 + experiment.lr / 2) / (1 - experiment.lr / 2)


def residuals(sign: int = 1) -> dict[str, Any]:
    """One update of x, then one of y, which sees it."""
    x, y, h = sympy.symbols("x y h", real=True)
    new_x = x - h * y
    new_y = y + h * new_x

    def form(x: Any, y: Any) -> Any:
        return x**2 + y**2 - sign * h * x * y

    return {"one step": sympy.expand(form(new_x, new_y) - form(x, y))}


CLAIM = Claim(
    entry="gan-training-until-indistinguishable",
    says="On the game x y, descended and ascended in alternating steps, x^2 + y^2 - lr x y never changes, so the players circle their "
    "equilibrium for ever; a penalty on one of them breaks the circle.",
    paper="Gidel et al. 2019; Mescheder, Geiger & Nowozin 2018",
    experiments=vary(Game(order="alternating", report="x^2 + y^2 - lr x y"), lr=(0.1, 0.5)),
    predict=conserved,
    judge=equal(within=rounding(operations=roundings, condition=flatness, scale=conserved)),
    assumptions=(
        Assumption("alternating", "the second player sees the first one's step", broken_by={"order": "simultaneous"}),
        Assumption("no-penalty", "neither pays for how far it goes", broken_by={"penalty": 0.5}),
    ),
    proof=Proof(
        "For all x, y and lr the form is the same after a step.",
        residuals,
        broken=lambda: residuals(sign=-1),
    ),
)
