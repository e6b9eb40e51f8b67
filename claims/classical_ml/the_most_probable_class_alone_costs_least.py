"""The most probable class alone costs least."""

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.classical_ml import CELLS, Labelled, RuleCosts
from dlverify.quantity import Array

JOINT = {(0, 0): (0, 2), (0, 1): (1, 2), (1, 0): (1, 0), (1, 1): (3, 1)}
"""Tenths of P(x, y = 0) and P(x, y = 1) in each cell, as note 003 prints them."""


def excess_over_a_fifth(experiment: RuleCosts, given: Labelled) -> Array:
    """1/5, and P(x) |2 eta(x) - 1| = |P(x, 1) - P(x, 0)| more for every cell where a rule misses the more probable class.

    With eta(x) = P(y = 1 | x) an answer 1 costs 1 - eta(x) there, an answer 0 costs eta(x), and the smaller of the two
    adds up to P(00, 0) + P(01, 0) + P(10, 1) + P(11, 1) = 1/5. No cell is a tie, so every other rule costs more.
    """
    costs = []
    for rule in itertools.product((0, 1), repeat=len(CELLS)):
        misses = [
            JOINT[cell] for cell, answer in zip(CELLS, rule, strict=True) if answer != (JOINT[cell][1] > JOINT[cell][0])
        ]
        costs.append(Fraction(2 + sum(abs(ones - zeros) for zeros, ones in misses), 10))
    if experiment.report == "least":
        return np.array([cost == Fraction(1, 5) for cost in costs])
    return np.array(costs)


def residuals(factor: int = 2) -> dict[str, Any]:
    """Whichever answer: its cost less min(eta, 1 - eta) is |2 eta - 1| if it is the less probable class, and 0 if not."""
    eta = sympy.Symbol("eta", real=True)
    gap = sympy.Abs(factor * eta - 1)
    least, towards_one = (1 - gap) / 2, (gap + factor * eta - 1) / 2  # min(eta, 1 - eta) and max(2 eta - 1, 0)
    return {"answer 0": eta - least - towards_one, "answer 1": 1 - eta - least - (gap - towards_one)}


CLAIM = Claim(
    entry="bayes-classification-example",
    says="Of the 16 rules on four cells, the one that answers the more probable class alone reaches the least mean cost, 1/5.",
    paper="Duda, Hart & Stork 2001, chapter 2; Devroye, Gyorfi & Lugosi 1996, theorem 2.1",
    experiments=vary(RuleCosts(), report=("mean cost", "least")),
    predict=excess_over_a_fifth,
    judge=equal(),
    assumptions=(
        # In cell 11, where 1 has the probability 1/4, a cost of 3 makes a tie; from there on 1 costs less than 0.
        Assumption("equal-costs", "both errors cost the same", broken_by={"cost": 4}, case="least"),
    ),
    proof=Proof(
        "Where P(y = 1 | x) = eta, the less probable class costs |2 eta - 1| more than the more probable one.",
        residuals,
        broken=lambda: residuals(factor=3),
    ),
)
