"""Dropout leaves out a random share of units, not a fixed one."""

from math import comb
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, vary
from dlverify.experiments.regularization import DroppedUnits, Inputs
from dlverify.quantity import Array


def every_subset(experiment: DroppedUnits, given: Inputs) -> Array:
    """n choose k ways to drop k of n units: each has the probability p^k (1 - p)^(n - k), none is impossible."""
    return np.array([comb(experiment.units, dropped) for dropped in range(experiment.units + 1)], dtype=object)


def fixed_share(experiment: DroppedUnits, given: Inputs) -> Array:
    """As printed: p n units are dropped, always."""
    counts = every_subset(experiment, given)
    return np.where(np.arange(experiment.units + 1) == experiment.p * experiment.units, counts, 0)


def residuals(sharing: int = 0) -> dict[str, Any]:
    """The generating function of the number dropped is (1 - p + p t)^n, whose slopes at t = 1 give mean and variance.

    A survivor x is divided by 1 - p: its mean is x and its variance x^2 p / (1 - p).
    """
    t, p, x = sympy.symbols("t p x", positive=True)
    n = sympy.Symbol("n", positive=True, integer=True)
    generating = (1 - p + p * t) ** n
    first, second = (sympy.diff(generating, t, order).subs(t, 1) for order in (1, 2))
    variance = (second + first - first**2) / n**2
    survivor = x / (1 - p)
    return {
        "mean of the share": first / n - p,
        "variance of the share": variance - p * (1 - p) / (n - sharing),
        "mean of a unit": (1 - p) * survivor - x,
        "variance of a unit": (1 - p) * survivor**2 - x**2 - x**2 * p / (1 - p),
    }


CLAIM = Claim(
    entry="dropout",
    says="In training dropout leaves out every subset of units, each unit for itself with probability p, so that the share left out "
    "is random, with mean p and variance p (1 - p) / n; in evaluation it leaves out none.",
    paper="Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov 2014",
    experiments=vary(DroppedUnits(units=4), p=(0.5, 0.25, 0.75)),
    predict=every_subset,
    judge=equal(),
    assumptions=(
        Assumption("in-training", "the layer trains", broken_by={"mode": "evaluation"}),
        Assumption("unit-by-unit", "units are dropped one by one", broken_by={"dropout": "torch.nn:Dropout1d"}),
        Assumption("set-to-zero", "what is dropped becomes zero", broken_by={"dropout": "torch.nn:AlphaDropout"}),
    ),
    proof=Proof(
        "For all n and p independent units give the share this mean and variance, and survivors over 1 - p keep the mean.",
        residuals,
        broken=lambda: residuals(sharing=1),
    ),
    errata=(Erratum("fixed-share", "A fixed share of the units is dropped.", number=72, predict=fixed_share),),
)
