"""A coupling layer scales volumes by the sum of its log-scales."""

import math
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, gamma, vary
from dlverify.experiments.densities import CouplingDeterminants, CouplingWeights
from dlverify.quantity import Array


def sum_of_log_scales(experiment: CouplingDeterminants, given: CouplingWeights) -> Array:
    """Sum of s = tanh(network(x that passes)) over the features that do not pass (Dinh et al. 2017, equation 6)."""
    signal = given.inputs * experiment.passes
    for layer, (weight, bias) in enumerate(zip(given.weights, given.biases, strict=True)):
        signal = (np.tanh(signal) if layer else signal) @ weight.T + bias
    scales: Array = np.tanh(signal[:, : experiment.features]) * ~np.array(experiment.passes)
    return scales.sum(1)


def rounded(experiment: CouplingDeterminants, given: CouplingWeights, unit_roundoff: float) -> Array:
    """By how much rounding moves the sum: that of the diagonal e^s of J = [[1, 0], [B, diag(e^s)]], and of elimination.

    Zeros and ones of J are exact, so det J is the product of the diagonal. A score passes m products and sums a layer, and
    two tanh that are nowhere steeper than 1, so it errs by gamma times |W2| (|W1| |x| + |b1|) + |b2|. Exponential, its
    derivative and the sum add 4 for each feature; the prediction rounds as much. Elimination, in float64, errs by
    gamma_3d 2^(d-1) d |J| |J^-1| (Higham 2002, theorem 9.3), where |B| <= (e |x| + 1) |W2| |W1|, and e (|J|) bounds |J^-1|.
    """
    features, m = experiment.features, experiment.width + experiment.features
    (first, second), (bias, last) = given.weights, given.biases
    inputs = np.abs(given.inputs) * experiment.passes
    scores = (inputs @ np.abs(first).T + np.abs(bias)) @ np.abs(second).T + np.abs(last)
    diagonal = gamma(2 * (2 * (m + 2) + 4), unit_roundoff) * (1 + scores[:, :features]).sum(1)
    mixed = (math.e * np.linalg.norm(given.inputs, axis=1) + 1) * np.linalg.norm(second) * np.linalg.norm(first)
    derivative = features**0.5 * (1 + math.e) + mixed
    budget: Array = diagonal + gamma(3 * features, 2**-53) * 2 ** (features - 1) * features * math.e * derivative**2
    return budget


def residuals(sees_all: bool = False) -> dict[str, Any]:
    """Two features pass and two do not, with any differentiable s(x) and t(x): det J = exp(s_1 + s_2)."""
    x = sympy.symbols("x1:5", real=True)
    seen = x if sees_all else x[:2]
    scales, shifts = ([sympy.Function(f"{name}{index}")(*seen) for index in (1, 2)] for name in "st")
    latent = sympy.Matrix([*x[:2], *(x[2 + i] * sympy.exp(scales[i]) + shifts[i] for i in (0, 1))])
    if sees_all:
        latent = latent.subs({shift: 0 for shift in shifts}).subs({scales[0]: x[2], scales[1]: 0})
        scales = [x[2], sympy.Integer(0)]
    return {"determinant": latent.jacobian(x).det() - sympy.exp(sum(scales))}


CLAIM = Claim(
    entry="flow-models",
    says="The derivative of an affine coupling layer is triangular, so its log-determinant is the sum of its log-scales.",
    paper="Dinh, Sohl-Dickstein & Bengio 2017, equations 3 to 6; Rezende & Mohamed 2015",
    experiments=vary(CouplingDeterminants(), features=(2, 4, 8)),
    predict=sum_of_log_scales,
    judge=equal(within=rounded),
    assumptions=(
        Assumption(
            "scales-know-what-passes",
            "scales and shifts depend on the features that pass alone",
            broken_by={"coupling": "dlverify.lab.architectures.generative:Coupling(sees_all=True)"},
        ),
    ),
    proof=Proof(
        "With two features that pass and two that do not, and any scales and shifts, det J is exp of the sum of the log-scales.",
        residuals,
        broken=lambda: residuals(sees_all=True),
    ),
)
