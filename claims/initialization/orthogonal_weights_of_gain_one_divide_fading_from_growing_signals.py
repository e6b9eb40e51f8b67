"""Orthogonal weights of gain one divide fading from growing signals."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.initialization import PhaseMap, Signals
from dlverify.quantity import Array


def doublings(experiment: PhaseMap, given: Signals) -> Array:
    """|g Q h|^2 = g^2 |h|^2 in each layer: 2 L log2 g after L of them, 0 on the line g = 1, whatever the depth."""
    gains, depths = np.array(experiment.gains)[:, None], np.array(experiment.depths)
    return np.asarray(2 * depths * np.log2(gains))


def roundings(experiment: PhaseMap, given: Signals) -> Array:
    """For n features n^2 a layer for Q, whose columns come from n reflections, and n + 2 for product and gain; n for a mean.

    Householder's Q is orthogonal to n^2 u times a small constant (Higham 2002, theorem 19.4), here 8; squares take it twice.
    """
    features = experiment.width
    return 2 * np.array(experiment.depths) * (8 * features**2 + features + 2) + 2 * features + 4.0


def residuals(power: int = 2) -> dict[str, Any]:
    """For any Q with Q^T Q = 1: here a reflection along any vector v, of which every orthogonal matrix is a product."""
    v, h = sympy.symbols("v1:4", positive=True), sympy.symbols("h1:4", real=True)
    g = sympy.Symbol("g", positive=True)
    vector, signal = sympy.Matrix(v), sympy.Matrix(h)
    reflected = g * (signal - 2 * vector * vector.dot(signal) / vector.dot(vector))
    return {"squared length": sympy.simplify(reflected.dot(reflected) - g**power * signal.dot(signal))}


CLAIM = Claim(
    entry="weight-initialisation-variance",
    says="Orthogonal weights times g multiply the mean square of a linear signal by g^2 in every layer, exactly and not on average: "
    "over scale and depth the line g = 1 divides signals that fade from signals that grow, and along it nothing changes.",
    paper="Saxe, McClelland & Ganguli 2014, section 3",
    experiments=vary(PhaseMap(), width=(16, 4)),
    predict=doublings,
    # A relative error of x moves log2 by x / log 2.
    judge=equal(within=rounding(operations=roundings, scale=1 / np.log(2))),
    assumptions=(
        Assumption(
            "orthogonal",
            "weights are orthogonal; normal ones of the same variance fade on the line, too",
            broken_by={"start": "torch.nn.init:xavier_normal_"},
        ),
        Assumption("linear", "nothing is cut off", broken_by={"activation": "torch.nn:ReLU"}),
    ),
    proof=Proof(
        "A reflection along any vector, times g, multiplies every squared length by g^2.",
        residuals,
        broken=lambda: residuals(power=1),
    ),
)
