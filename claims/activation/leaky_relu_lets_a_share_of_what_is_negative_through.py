"""Leaky ReLU lets a fixed share of what is negative through."""

from fractions import Fraction
from typing import Any

import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.elementwise import Grid, Responses
from dlverify.quantity import Array, as_array


def leaked(experiment: Responses, given: Grid) -> Array:
    """f(x) = (1 - a) x^+ + a x; then f(-x), the slope 1[x > 0] (1 - a) + a (at 0 torch's a), f(f(x)) and f(3 x)."""
    share = Fraction(dict(experiment.activation.arguments).get("negative_slope", 0))
    points = [Fraction(x) for x in given.points]

    def leaky(x: Fraction) -> Fraction:
        return (1 - share) * max(x, Fraction(0)) + share * x

    rows = [[leaky(x) for x in points], [leaky(-x) for x in points], [(1 - share) * (x > 0) + share for x in points]]
    return as_array([*rows, [leaky(leaky(x)) for x in points], [leaky(3 * x) for x in points]])


def residuals(power: int = 1) -> dict[str, Any]:
    """On either side of 0 the mean of relu and identity is the larger of x and a x, for shares 0 < a < 1."""
    x, other = sympy.symbols("x y", positive=True)
    share = other / (1 + other)  # any number between 0 and 1
    found = {}
    for side, value in (("right", x), ("left", -x)):
        mixed = (1 - share) * sympy.Max(value, 0) + share**power * value
        found[side] = sympy.simplify(mixed - (value if side == "right" else share * value))
    return found


CLAIM = Claim(
    entry="relu",
    says="Leaky ReLU multiplies what is negative by its slope a and keeps the rest: it is (1 - a) relu(x) + a x, with slope a below 0; "
    "at a = 0 it is ReLU.",
    paper="Maas, Hannun & Ng 2013",
    experiments=vary(
        Responses("torch.nn:LeakyReLU(negative_slope=0.25)"),
        activation=(
            "torch.nn:LeakyReLU(negative_slope=0.25)",
            "torch.nn:LeakyReLU(negative_slope=0.5)",
            "torch.nn:ReLU",
        ),
    ),
    predict=leaked,
    judge=equal(),
    assumptions=(
        Assumption("one-slope", "what is negative is scaled, not bent", broken_by={"activation": "torch.nn:ELU"}),
        Assumption("keeps-the-rest", "what is positive stays", broken_by={"activation": "torch.nn:ReLU6"}),
    ),
    proof=Proof(
        "Between 0 and 1 the mean of relu and identity with weights 1 - a and a is x on the right and a x on the left.",
        residuals,
        broken=lambda: residuals(power=2),
    ),
)
