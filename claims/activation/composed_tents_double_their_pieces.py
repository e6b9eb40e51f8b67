"""Composed tents double their pieces with each layer, for three units more."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.activation import Networks, TentPieces
from dlverify.quantity import Array


def powers_of_two(experiment: TentPieces, given: Networks) -> Array:
    """2^L pieces with 3 L units: each half of [0, 1] is stretched over the whole, where the L - 1 others have all theirs."""
    return np.array([[2**tents, 3 * tents] for tents in experiment.tents], dtype=object)


def residuals(last: int = 2) -> dict[str, Any]:
    """2 relu(x) - 4 relu(x - 1/2) + last relu(x - 1) is 2 x left of 1/2, 2 - 2 x right of it, and 0 beyond 1.

    A point of the left half is p / (2 (p + q)), one of the right half (p + 2 q) / (2 (p + q)), and 1 + p one beyond, with
    p, q > 0. So T(x) = T(1 - x), and T^(L+1) is T^L(2 x) on the left and, mirrored, T^L(2 - 2 x) on the right; where the
    halves meet the slope changes its sign, so the pieces of T^L are doubled.
    """
    p, q = sympy.symbols("p q", positive=True)

    def tent(x: Any) -> Any:
        weights = ((2, 0), (-4, sympy.Rational(1, 2)), (last, 1))
        return sum(weight * sympy.Max(0, sympy.factor(sympy.together(x - kink))) for weight, kink in weights)

    left, right, beyond = p / (2 * (p + q)), (p + 2 * q) / (2 * (p + q)), 1 + p
    return {
        "left half": tent(left) - 2 * left,
        "right half": tent(right) - (2 - 2 * right),
        "beyond": tent(beyond),
    }


CLAIM = Claim(
    entry="depth-separation-sawtooth",
    says="L tents of three ReLU units, one put into the other, have 2^L linear pieces, for which one hidden layer would need "
    "at least 2^L - 1 units.",
    paper="Telgarsky 2015; Telgarsky 2016",
    experiments=vary(TentPieces()) + vary(TentPieces(), tents=((12, 16),), tier="full"),
    predict=powers_of_two,
    judge=equal(),
    assumptions=(
        Assumption("kinked", "the units have a kink", broken_by={"activation": "torch.nn:Identity"}),
        Assumption("straight", "the units are straight elsewhere", broken_by={"activation": "torch.nn:GELU"}),
    ),
    proof=Proof(
        "A tent maps each half of [0, 1] onto the whole, up and down, so one more tent doubles the pieces, for every L.",
        residuals,
        broken=lambda: residuals(last=1),
    ),
)
