"""Squared error is noise plus squared bias plus variance."""

from fractions import Fraction
from typing import Any

import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.generalization import NeighbourErrors, Targets
from dlverify.quantity import Array, as_array


def three_parts(experiment: NeighbourErrors, given: Targets) -> Array:
    """1 + (f(x) - mean of f over the k neighbours)^2 + 1/k: noise, squared bias, variance of a mean of k coins."""
    middle = experiment.samples // 2
    parts = []
    for count in experiment.neighbours:
        near = [int(value) for value in given.clean[middle - count // 2 : middle + count // 2 + 1]]
        parts.append(1 + (int(given.clean[middle]) - Fraction(sum(near), count)) ** 2 + Fraction(1, count))
    return as_array(parts)


def residuals(independent: bool = True) -> dict[str, Any]:
    """For any three answers with any probabilities, any target f, and noise of any three values with mean 0.

    E (f + e - g)^2 less E e^2, (E g - f)^2 and E (g - E g)^2, e and g independent, or e tied to g.
    """
    g, p = sympy.symbols("g_1:4", real=True), sympy.symbols("p_1:3", positive=True)
    e, q = sympy.symbols("e_1:3", real=True), sympy.symbols("q_1:3", positive=True)
    f = sympy.Symbol("f", real=True)
    chances, noise_chances = (*p, 1 - sum(p)), (*q, 1 - sum(q))
    noise = (*e, -(q[0] * e[0] + q[1] * e[1]) / (1 - sum(q)))
    mean = sum(a * b for a, b in zip(chances, g, strict=True))
    variance = sum(a * (b - mean) ** 2 for a, b in zip(chances, g, strict=True))
    spread = sum(a * b**2 for a, b in zip(noise_chances, noise, strict=True))
    if independent:
        pairs = [
            (a * b, c, d) for a, c in zip(chances, g, strict=True) for b, d in zip(noise_chances, noise, strict=True)
        ]
    else:
        pairs = [(b, c, d) for b, c, d in zip(noise_chances, g, noise, strict=True)]
    error = sum(chance * (f + d - c) ** 2 for chance, c, d in pairs)
    return {"error less its parts": sympy.factor(error - spread - (mean - f) ** 2 - variance)}


CLAIM = Claim(
    entry="bias-variance-decomposition",
    says="Averaged over training sets and new noise the squared error is the variance of the noise plus squared bias plus the "
    "variance of the prediction; a large bias means far from the target.",
    paper="Geman, Bienenstock & Doursat 1992; Hastie, Tibshirani & Friedman 2009, section 7.3",
    experiments=vary(NeighbourErrors(), samples=(7, 9)),
    predict=three_parts,
    judge=equal(),
    assumptions=(
        Assumption("new-noise", "the tested targets have noise of their own", broken_by={"noise": "of training"}),
        Assumption("squared", "the loss is the square", broken_by={"loss": "absolute"}),
    ),
    proof=Proof(
        "With the noise independent of the prediction all cross terms have mean 0.",
        residuals,
        broken=lambda: residuals(independent=False),
    ),
)
