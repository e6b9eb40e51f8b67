"""Momentum widens the stable rates to twice one plus momentum, over the curvature."""

from fractions import Fraction
from typing import Any

import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.momentum import LargestRates, Starts
from dlverify.quantity import Array, as_array


def boundary(experiment: LargestRates, given: Starts) -> Array:
    """2 (1 + b) / c for the momentum b and the curvature c, rounded down to a multiple of 1/32.

    Descent keeps x_(t+1) = (1 + b - lr c) x_t - b x_(t-1); see the proof for the roots of its polynomial.
    """
    rates = [2 * (1 + Fraction(momentum)) / Fraction(experiment.curvature) for momentum in experiment.momenta]
    return as_array([Fraction(int(32 * rate), 32) for rate in rates])


def residuals(slip: int = 0) -> dict[str, Any]:
    """With z = (1 + w) / (1 - w), by which |z| < 1 becomes Re w < 0, the polynomial turns into a quadratic one in w.

    Both roots of a quadratic polynomial have negative real parts just where its three coefficients have the same sign
    (Routh and Hurwitz). Here they are lr c, 2 (1 - b) and 2 (1 + b) - lr c, and the first two are positive.
    """
    rate, momentum, w = sympy.symbols("lr*c b w")
    z = (1 + w) / (1 - w)
    polynomial = z**2 - (1 + momentum - rate) * z + momentum
    turned = (2 * (1 + momentum + slip * momentum) - rate) * w**2 + 2 * (1 - momentum) * w + rate
    return {"polynomial of the recursion": sympy.expand(sympy.cancel((1 - w) ** 2 * polynomial) - turned)}


CLAIM = Claim(
    entry="momentum",
    says="On a parabola of curvature c momentum b is stable at the learning rates below 2 (1 + b) / c, up to twice those of "
    "plain descent.",
    paper="Polyak 1964",
    experiments=vary(LargestRates("torch.optim:SGD"), curvature=(1.0, 4.0))
    + vary(LargestRates("torch.optim:SGD"), optimizer=("torch.optim:SGD(foreach=True)",))
    + vary(LargestRates("torch.optim:SGD"), curvature=(0.5, 16.0), tier="full"),
    predict=boundary,
    judge=equal(),
    assumptions=(
        Assumption(
            "current-point",
            "the gradient is taken where the parameter is",
            broken_by={"optimizer": "torch.optim:SGD(nesterov=True)"},
        ),
        Assumption(
            "added-not-averaged",
            "gradients are added with weight 1",
            broken_by={"optimizer": "torch.optim:SGD(dampening=0.5)"},
        ),
        Assumption("parabola", "the curvature is the same everywhere", broken_by={"loss": "huber"}),
    ),
    proof=Proof(
        "For 0 <= b < 1 both roots of z^2 - (1 + b - lr c) z + b are inside the unit circle just where 0 < lr c < 2 (1 + b).",
        residuals,
        broken=lambda: residuals(slip=1),
    ),
)
