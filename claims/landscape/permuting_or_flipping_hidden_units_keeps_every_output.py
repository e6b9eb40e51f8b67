"""Hidden units can trade places, and tanh units change signs, without changing any output of the network."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.symmetries import Hidden, ReparametrisedOutputs
from dlverify.quantity import Array


def unchanged(experiment: ReparametrisedOutputs, given: Hidden) -> Array:
    """V tanh(W x) with the weights as they were; m units have m! 2^m such choices, one function."""
    return np.asarray(np.tanh(given.inputs @ given.inner.T) @ given.outer.T)


def carried(experiment: ReparametrisedOutputs, given: Hidden) -> Array:
    """|V| (|W| |x| + |tanh(W x)|): what enters a unit is passed on with a slope of 1 at most, then weighed and added up."""
    entering = np.abs(given.inputs) @ np.abs(given.inner).T
    return np.asarray((entering + np.abs(np.tanh(given.inputs @ given.inner.T))) @ np.abs(given.outer).T)


def roundings(experiment: ReparametrisedOutputs, given: Hidden) -> float:
    """Products and sums over the features and over the units, and four for tanh, which is good to a few last bits."""
    return given.inputs.shape[1] + experiment.units + 4.0


def residuals(flips: int = -1) -> dict[str, Any]:
    """Two units among any others; tanh(-z) = -tanh(z)."""
    w, v, x, w2, v2 = sympy.symbols("w v x w2 v2", real=True)
    unit, other = v * sympy.tanh(w * x), v2 * sympy.tanh(w2 * x)
    return {
        "trading places": (unit + other) - (other + unit),
        "changing signs": flips * v * sympy.tanh(-w * x) - unit,
    }


CLAIM = Claim(
    entry="weight-space-symmetry",
    says="Permuting the hidden units of a network, or flipping all weights of some of its tanh units, changes no output.",
    paper="Chen, Lu & Hecht-Nielsen 1993",
    experiments=vary(ReparametrisedOutputs(), change=("permuted", "flipped"), units=(6, 48)),
    predict=unchanged,
    judge=equal(within=rounding(operations=roundings, scale=carried)),
    assumptions=(
        Assumption("both-layers", "outgoing weights go with the incoming ones", broken_by={"layers": "inner"}),
        Assumption(
            "odd",
            "the activation that changes its sign with its argument is tanh",
            broken_by={"activation": "torch.nn:Sigmoid"},
            case="flipped-6",
        ),
    ),
    proof=Proof(
        "Units trade places as terms of a sum do, and an odd activation takes two changes of sign back.",
        residuals,
        broken=lambda: residuals(flips=1),
    ),
)
