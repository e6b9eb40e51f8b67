"""The slope derivative of the mean squared error weighs residuals by their inputs."""

from fractions import Fraction
from typing import Any

import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, vary
from dlverify.experiments.differentiation import LineGradients, Lines
from dlverify.quantity import Array, as_array


def derivatives(given: Lines, slope: Any) -> Array:
    """For each set of points the slope derivative by a rule, a function of (x, r), and -(2/N) sum r."""
    rows = []
    for inputs, targets, (w, b) in zip(given.inputs, given.targets, given.lines, strict=True):
        points = [
            (Fraction(x), Fraction(y) - Fraction(w) * Fraction(x) - Fraction(b))
            for x, y in zip(inputs, targets, strict=True)
        ]
        rows.append([sum(slope(x, r) for x, r in points) / len(points), sum(-2 * r for _, r in points) / len(points)])
    return as_array(rows)


def weighted_residuals(experiment: LineGradients, given: Lines) -> Array:
    """-(2/N) sum x_i r_i by the slope, -(2/N) sum r_i by the intercept: d r_i / dw = -x_i, d r_i / db = -1."""
    return derivatives(given, lambda x, r: -2 * x * r)


def printed(experiment: LineGradients, given: Lines) -> Array:
    """-(1/N) sum -2 r_i by the slope: without the factor x_i, and with one minus too many."""
    return derivatives(given, lambda x, r: 2 * r)


def residuals(inner: int = 1) -> dict[str, Any]:
    """Line by line: one point's chain rule; then any N points, which enter by the means of x, y, x^2, x y and y^2 alone."""
    w, b, x, y, xx, xy, yy = sympy.symbols("w b x y mean(xx) mean(xy) mean(yy)", real=True)
    r = y - w * x - b
    loss = yy - 2 * w * xy - 2 * b * y + w**2 * xx + 2 * w * b * x + b**2  # here x and y stand for their means
    weighted = xy - w * xx - b * x  # the mean of x r
    if inner == 0:
        weighted = y - w * x - b  # the factor d r / dw = -x forgotten
    return {
        "one point, by w": sympy.diff(r**2, w) + 2 * r * (x if inner else 1),
        "one point, by b": sympy.diff(r**2, b) + 2 * r,
        "all points, by w": sympy.diff(loss, w) + 2 * weighted,
        "what is printed is minus the derivative by b": 2 * r + sympy.diff(loss, b),
    }


CLAIM = Claim(
    entry="mse-slope-gradient",
    says="The derivative of the mean squared error of a line is -(2/N) sum x r by its slope and -(2/N) sum r by its intercept, "
    "where r is target minus prediction.",
    paper="Goodfellow, Bengio & Courville 2016, section 5.1.4",
    experiments=vary(LineGradients()),
    predict=weighted_residuals,
    judge=equal(),
    assumptions=(
        Assumption("averaged", "squares are averaged", broken_by={"loss": "torch.nn:MSELoss(reduction='sum')"}),
        Assumption("squared", "errors are squared", broken_by={"loss": "torch.nn:L1Loss"}),
    ),
    errata=(
        Erratum(
            "slope-without-input",
            "By the slope it is -(1/N) sum -2 r, the inputs forgotten and a minus too many: minus the derivative by the "
            "intercept. At the point (2, 1) and the line 0 it is +2 where the derivative is -4.",
            number=1,
            predict=printed,
        ),
    ),
    proof=Proof(
        "For any points, by the chain rule; and what is printed for the slope is minus the derivative by the intercept.",
        residuals,
        broken=lambda: residuals(inner=0),
    ),
)
