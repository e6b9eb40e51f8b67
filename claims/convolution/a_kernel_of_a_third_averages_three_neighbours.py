"""The kernel (0.33, 0.34, 0.33) averages three neighbours: it keeps what is constant and damps what is not."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, vary
from dlverify.experiments.convolution import Filtering, WaveResponses
from dlverify.quantity import Array

COSINES = (Fraction(1), Fraction(1, 2), Fraction(0), Fraction(-1, 2), Fraction(-1))
"""Of the frequencies 0, pi/3, pi/2, 2 pi/3 and pi."""


def damped_waves(experiment: WaveResponses, given: Filtering) -> Array:
    """A wave cos(f i) times 0.34 + 0.66 cos f: 1, 0.67, 0.34, 0.01 and -0.32, whatever kernel is laid on it.

    Waves faster than f = 2.11, where the factor vanishes, come out reversed: this is no ideal low-pass filter.
    """
    factors = [Fraction(34, 100) + Fraction(66, 100) * cosine for cosine in COSINES]
    waves = given.signals[:, 1:-1].tolist()
    return np.array([[factor * Fraction(z) for z in wave] for factor, wave in zip(factors, waves, strict=True)])


def residuals(middle: int = 34) -> dict[str, Any]:
    """The response to cos(f i) is the factor times cos(f i); 1 - factor^2 is a product of terms that are 0 or more."""
    f, i = sympy.symbols("f i", real=True)
    third, factor = sympy.Rational(33, 100), sympy.Rational(34, 100) + sympy.Rational(66, 100) * sympy.cos(f)
    response = third * (sympy.cos(f * i - f) + sympy.cos(f * i + f)) + sympy.Rational(middle, 100) * sympy.cos(f * i)
    terms = 2 * third * (1 - sympy.cos(f)) * (sympy.Rational(68, 100) + 2 * third * (1 + sympy.cos(f)))
    return {
        "a wave is multiplied": sympy.expand_trig(response - factor * sympy.cos(f * i)),
        "by less than 1 in size": 1 - factor**2 - terms,
    }


CLAIM = Claim(
    entry="smoothing-kernel-example",
    says=(
        "The kernel (0.33, 0.34, 0.33) multiplies the wave of frequency f by 0.34 + 0.66 cos f: it keeps constants, and makes "
        "every other wave smaller."
    ),
    paper="Oppenheim & Schafer 2010",
    experiments=vary(WaveResponses("torch.nn:Conv1d"), periods=(1, 3)),
    predict=damped_waves,
    judge=equal(),
    assumptions=(
        Assumption("sums-to-one", "the weights sum to 1", broken_by={"kernel": (33, 33, 33)}),
        Assumption("symmetric", "the kernel is symmetric, so that no wave is moved", broken_by={"kernel": (66, 34, 0)}),
    ),
    errata=(
        Erratum(
            "minus", "The smoothing kernel is -(0.33, 0.34, 0.33).", number=9, broken_by={"kernel": (-33, -34, -33)}
        ),
    ),
    proof=Proof(
        "Every wave is multiplied by 0.34 + 0.66 cos f, which is 1 at f = 0 and smaller in size between there and 2 pi.",
        residuals,
        broken=lambda: residuals(middle=33),
    ),
)
