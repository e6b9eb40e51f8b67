"""Nesterov's method is stable at smaller rates than momentum."""

from fractions import Fraction
from typing import Any

import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.momentum import LargestRates, Starts
from dlverify.quantity import Array, as_array


def boundary(experiment: LargestRates, given: Starts) -> Array:
    """(2 + 2 b) / ((1 + 2 b) c) for the momentum b and the curvature c, rounded down to a multiple of 1/32.

    The points keep x_(t+1) = (1 + b) q x_t - b q x_(t-1) with q = 1 - lr c; see the proof for the roots of its polynomial.
    """
    momenta = [Fraction(momentum) for momentum in experiment.momenta]
    rates = [(2 + 2 * b) / ((1 + 2 * b) * Fraction(experiment.curvature)) for b in momenta]
    return as_array([Fraction(int(32 * rate), 32) for rate in rates])


def residuals(slip: int = 0) -> dict[str, Any]:
    """With z = (1 + w) / (1 - w), by which |z| < 1 becomes Re w < 0, the polynomial turns into a quadratic one in w.

    Its coefficients, which must have one sign (Routh and Hurwitz), are lr c, 2 (1 - b + b lr c) and 2 + 2 b - (1 + 2 b) lr c,
    and the first two are positive.
    """
    rate, momentum, w = sympy.symbols("lr*c b w")
    z, kept = (1 + w) / (1 - w), 1 - rate
    polynomial = z**2 - (1 + momentum) * kept * z + momentum * kept
    turned = (2 + 2 * momentum - (1 + (2 + slip) * momentum) * rate) * w**2 + 2 * (1 - momentum * kept) * w + rate
    return {"polynomial of the recursion": sympy.expand(sympy.cancel((1 - w) ** 2 * polynomial) - turned)}


CLAIM = Claim(
    entry="nesterov",
    says="On a parabola of curvature c Nesterov's method is stable at learning rates below (2 + 2 b) / ((1 + 2 b) c), at b = 0.9 "
    "1.36 / c where momentum has 3.8 / c.",
    paper="Lessard, Recht & Packard 2016",
    experiments=vary(LargestRates("torch.optim:SGD(nesterov=True)"), curvature=(1.0, 4.0))
    + vary(LargestRates("torch.optim:SGD(nesterov=True)"), curvature=(0.5, 16.0), tier="full"),
    predict=boundary,
    judge=equal(),
    assumptions=(
        Assumption("looks-ahead", "the gradient is taken ahead", broken_by={"optimizer": "torch.optim:SGD"}),
        Assumption("parabola", "the curvature is the same everywhere", broken_by={"loss": "huber"}),
    ),
    proof=Proof(
        "For 0 <= b < 1 both roots of z^2 - (1 + b) q z + b q, q = 1 - lr c, are inside the unit circle just where "
        "0 < lr c < (2 + 2 b) / (1 + 2 b).",
        residuals,
        broken=lambda: residuals(slip=1),
    ),
)
