"""Given the visible units, hidden units of a restricted Boltzmann machine ignore one another."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.densities import HiddenUnits, Machine
from dlverify.quantity import Array


def by_enumeration(experiment: HiddenUnits, given: Machine) -> Array:
    """P(h_j = 1 | v): exp(-E) summed over all h with h_j = 1, over the sum for all h.

    E = -b^T v - c^T h - h^T W v, less the coupling for each two neighbours that are 1.
    """
    states = np.array(list(np.ndindex(*(2,) * experiment.hidden)), dtype=np.float64)
    linear = (given.inputs @ given.visible)[:, None] + (given.hidden + given.inputs @ given.weights.T) @ states.T
    coupled = given.coupling * (states[:, 1:] * states[:, :-1]).sum(1)
    masses = np.exp(linear + coupled)
    probabilities: Array = masses @ states / masses.sum(1, keepdims=True)
    return probabilities


def size(experiment: HiddenUnits, given: Machine) -> Array:
    """1 and the largest sum of absolute terms of an energy: exponentials magnify its rounding by no more."""
    terms = np.abs(given.visible).sum() + np.abs(given.hidden).sum() + np.abs(given.weights).sum()
    return np.array(1 + terms)


def roundings(experiment: HiddenUnits, given: Machine) -> float:
    """An energy takes v products and sums for each of h units, and h more; then an exponential, 2^h sums and a quotient.

    Twice, for the machine's own sums and its sigmoid.
    """
    return 2 * ((experiment.visible + 2) + (experiment.hidden + 2) + 2**experiment.hidden + 4)


def residuals(coupled: bool = False) -> dict[str, Any]:
    """Two hidden units that v moves by a and b: P(1, 1 | v) = P(h_1 = 1 | v) P(h_2 = 1 | v), and P(h_1 = 1 | v) = sigmoid(a).

    A third multiplies all four masses by a sum over its own values, so the statement goes on from two units to any number.
    """
    a, b = sympy.symbols("a b", real=True)
    both = sympy.exp(a + b + (1 if coupled else 0))
    total = 1 + sympy.exp(a) + sympy.exp(b) + both
    first, second = (sympy.exp(a) + both) / total, (sympy.exp(b) + both) / total
    return {"factors": both / total - first * second, "sigmoid": first - 1 / (1 + sympy.exp(-a))}


CLAIM = Claim(
    entry="restricted-boltzmann-machine",
    says="Given the visible units the hidden ones of a restricted Boltzmann machine are independent, each by its own sigmoid.",
    paper="Smolensky 1986; Hinton 2002",
    experiments=vary(HiddenUnits(), visible=(4, 6), hidden=(3, 8)),
    predict=by_enumeration,
    judge=equal(within=rounding(operations=roundings, scale=size)),
    assumptions=(Assumption("restricted", "no two hidden units are coupled", broken_by={"coupling": 0.5}),),
    proof=Proof(
        "Without a coupling the masses of two hidden units factor, and each is 1 with the probability that its sigmoid says.",
        residuals,
        broken=lambda: residuals(coupled=True),
    ),
)
