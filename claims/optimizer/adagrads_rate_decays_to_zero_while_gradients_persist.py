"""Adagrad's rate decays to zero while gradients persist."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, at_most, rounding, vary
from dlverify.experiments.optimizer import Gradients, StepLengths
from dlverify.quantity import Array


def bound(experiment: StepLengths, given: Gradients) -> Array:
    """At most lr / (c sqrt(t)) where no gradient is smaller than c: the t-th sum of squares is at least t c^2."""
    t = np.arange(1, experiment.steps + 1)[:, None]
    return experiment.lr / (np.array(experiment.sizes) * np.sqrt(t))


def roundings(experiment: StepLengths, given: Gradients) -> Array:
    """Half of t + 1 for the sum, then root, epsilon, learning rate, product, two quotients; the bound's four; the rounding of c."""
    t = np.arange(1, experiment.steps + 1)[:, None]
    return (t + 1) / 2 + 6 + 4 + 1


def residuals(least: int = 1) -> dict[str, Any]:
    """With g_s^2 = c^2 + d_s and d_s >= 0 the sum is t c^2 + D; the bound less the rate is a quotient of nowhere negative parts."""
    t, rate, size = sympy.symbols("t lr c", positive=True)
    excess = sympy.Symbol("D", nonnegative=True)
    at_bound, found = sympy.sqrt(t) * size, sympy.sqrt(t * size**2 * least + excess)
    gap = rate * excess / (at_bound * found * (at_bound + found))
    return {"bound less rate": rate / at_bound - rate / found - gap, "it is not negative": sympy.Abs(gap) - gap}


CLAIM = Claim(
    entry="adagrad-lr-decays-to-zero",
    says="While no gradient is smaller than c, Adagrad's rate is at most lr / (c sqrt(t)), so it decays to zero.",
    paper="Duchi, Hazan & Singer 2011; Zeiler 2012, section 2",
    experiments=vary(
        StepLengths("torch.optim:Adagrad(eps=0)", report="rate", sizes=(1e-3, 1.0, 1e3)),
        gradient=("persistent", "alternating"),
    ),
    predict=bound,
    judge=at_most(within=rounding(operations=roundings, scale=bound)),
    assumptions=(
        Assumption(
            "never-forgets",
            "the denominator keeps every gradient",
            broken_by={"optimizer": "torch.optim:RMSprop(eps=0)"},
        ),
    ),
    proof=Proof(
        "If each of t squared gradients is at least c^2, then lr / (c sqrt(t)) less the rate is not negative.",
        residuals,
        broken=lambda: residuals(least=0),
    ),
    errata=(
        Erratum(
            "always",
            "If training goes on the learning rate always ends up at zero: that gradients persist is not asked for.",
            number=14,
            broken_by={"gradient": "halving", "steps": 40},
        ),
    ),
)
