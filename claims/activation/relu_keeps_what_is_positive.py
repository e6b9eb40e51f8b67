"""ReLU keeps what is positive, so that it commutes with positive factors and repeating it changes nothing."""

from fractions import Fraction
from typing import Any

import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.elementwise import Grid, Responses
from dlverify.quantity import Array, as_array


def positive_part(experiment: Responses, given: Grid) -> Array:
    """x^+ = (x + |x|) / 2, and so (-x)^+, the slope 1[x > 0] (at 0, where there is none, torch's 0), (x^+)^+ = x^+, 3 x^+."""
    points = [Fraction(x) for x in given.points]
    parts = [(x + abs(x)) / 2 for x in points]
    rows = [parts, [part - x for x, part in zip(points, parts, strict=True)], [Fraction(x > 0) for x in points]]
    return as_array([*rows, parts, [3 * part for part in parts]])


def residuals(leak: Any = 0) -> dict[str, Any]:
    """With x of either sign, a factor c > 0 and, for the Lipschitz bound, y > x on both sides of 0."""
    p, q, c = sympy.symbols("p q c", positive=True)

    def relu(x: Any) -> Any:
        """Max(0, x); leaky: Max(leak x, x)."""
        return sympy.Max(leak * x, x)

    found: dict[str, Any] = {}
    for side, x in (("right", p), ("left", -p)):
        found |= {
            f"positive factors, {side}": relu(c * x) - c * relu(x),
            f"repeated, {side}": relu(relu(x)) - relu(x),
            f"parts, {side}": relu(x) - relu(-x) - x,
            f"size, {side}": relu(x) + relu(-x) - abs(x),
            f"slope, {side}": sympy.diff(relu(x), p) - (1 if x == p else 0),
        }
    # relu(y) - relu(x) is y - x less a slack that is not negative.
    found["1-Lipschitz, right"] = relu(p + q) - relu(p) - q
    found["1-Lipschitz, left"] = relu(-p) - relu(-p - q)
    found["1-Lipschitz, across"] = relu(q) - relu(-p) - ((q + p) - p)
    return found


CLAIM = Claim(
    entry="relu",
    says="relu(x), the larger of 0 and x, commutes with positive factors, changes nothing when repeated and stretches no "
    "distance; relu(x) - relu(-x) is x, and the slope is 1 above 0 and 0 below, to which torch counts 0 itself.",
    paper="Nair & Hinton 2010; Glorot, Bordes & Bengio 2011",
    experiments=vary(Responses(), step=(0.5, 64.0)),
    predict=positive_part,
    judge=equal(),
    assumptions=(
        Assumption("cut-off", "nothing leaks below 0", broken_by={"activation": "torch.nn:LeakyReLU"}),
        Assumption("unbounded", "nothing is cut off above", broken_by={"activation": "torch.nn:ReLU6"}),
        Assumption("kinked", "the kink is not smoothed", broken_by={"activation": "torch.nn:GELU"}),
    ),
    proof=Proof(
        "For all x, y and positive factors.",
        residuals,
        broken=lambda: residuals(leak=sympy.Rational(1, 100)),
    ),
)
