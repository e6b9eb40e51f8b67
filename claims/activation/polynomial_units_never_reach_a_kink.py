"""Polynomial units never reach a kink, at any width."""

from fractions import Fraction
from typing import Any

import sympy

from dlverify import Assumption, Claim, Erratum, Proof, at_least, at_most, vary
from dlverify.experiments.activation import KinkError, Networks


def equioscillation(experiment: KinkError, given: Networks) -> Fraction:
    """1/8: the difference 1, -4, 6, -4, 1 at -1, -1/2, 0, 1/2, 1 kills polynomials of degree 3, and is -2 on |x|.

    A network of such units is such a polynomial f at any width, so 2 = |difference of f - |x|| <= 16 max|f - |x||. The
    network x^2 + 1/8 reaches 1/8, at all five points with alternating signs (Chebyshev).
    """
    return Fraction(1, 8)


def printed(experiment: KinkError, given: Networks) -> Fraction:
    """Epsilon = 1/10, which would be reached 'regardless of Psi'."""
    return Fraction(1, 10)


def residuals(degree: int = 3) -> dict[str, Any]:
    """The fourth difference of one unit v (w x + b)^degree; of a sum of units it is the sum."""
    v, w, b = sympy.symbols("v w b", real=True)
    places = [sympy.Rational(place, 2) for place in (-2, -1, 0, 1, 2)]
    weights = (1, -4, 6, -4, 1)
    unit = {k: sum(c * v * (w * x + b) ** k for c, x in zip(weights, places, strict=True)) for k in (2, degree)}
    kink = sum(c * abs(x) for c, x in zip(weights, places, strict=True))
    return {"squares": unit[2], "cubes": unit[degree], "the kink": kink + 2, "all weights": sum(map(abs, weights)) - 16}


CLAIM = Claim(
    entry="uat-formula-misprint",
    says="With an activation that is a polynomial of degree 2 or 3 no network of one hidden layer, however wide, comes "
    "nearer to |x| on [-1, 1] than 1/8: the theorem does not hold regardless of the activation.",
    paper="Leshno, Lin, Pinkus & Schocken 1993, theorem 1; Chebyshev 1854",
    experiments=vary(
        KinkError(),
        activation=tuple(f"dlverify.experiments.activation:Power(degree={degree})" for degree in (2, 3)),
    ),
    predict=equioscillation,
    judge=at_least(),
    assumptions=(
        Assumption("not-a-kink", "the activation is a polynomial", broken_by={"activation": "torch.nn:ReLU"}),
        Assumption(
            "low-degree",
            "its degree is at most 3; every other degree has a lower floor of its own",
            broken_by={"activation": "dlverify.experiments.activation:Power(degree=4)"},
        ),
    ),
    errata=(
        Erratum(
            "regardless-of-psi",
            "The theorem is printed for every activation: then enough units would bring the error below 1/10.",
            number=3,
            broken_by={"widths": (64,)},
            predict=printed,
            judge=at_most(),
        ),
    ),
    proof=Proof(
        "The fourth difference of a quadratic or cubic unit vanishes, that of |x| is -2 with weights of sum 16.",
        residuals,
        broken=lambda: residuals(degree=4),
    ),
)
