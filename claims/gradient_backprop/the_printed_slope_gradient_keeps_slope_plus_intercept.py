"""Descent with the printed slope gradient keeps slope plus intercept."""

from fractions import Fraction
from typing import Any

import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, vary
from dlverify.experiments.differentiation import Lines, SlopeRules
from dlverify.quantity import Array, as_array


def conserved(experiment: SlopeRules, given: Lines) -> Array:
    """w_t = w_0 - s S, b_t = b_0 + S and mean residual R q^t, with q = 1 - 2 lr (1 - s m) and S = 2 lr R (1 + ... + q^(t-1)).

    m is the mean input, R the first mean residual, and s = 1 by the printed rule: w + b stays. With the sign mended, but
    the inputs still missing, s = -1: w - b stays.
    """
    sign = -1 if experiment.slope == "sign mended" else 1
    points = [(Fraction(x), Fraction(y)) for x, y in zip(given.inputs[0], given.targets[0], strict=True)]
    w, b = map(Fraction, given.lines[0])
    mean = sum(x for x, _ in points) / len(points)
    first = sum(y - w * x - b for x, y in points) / len(points)
    rate = 2 * Fraction(experiment.lr)
    factor = 1 - rate * (1 - sign * mean)
    moved = [rate * first * sum(factor**s for s in range(t)) for t in range(experiment.steps + 1)]
    return as_array([[w + b + (1 - sign) * s, w - b - (1 + sign) * s, first * factor**t] for t, s in enumerate(moved)])


def true_descent(experiment: SlopeRules, given: Lines) -> Array:
    """The path of w - (2 lr / N) sum -x r and b - (2 lr / N) sum -r, by fractions."""
    points = [(Fraction(x), Fraction(y)) for x, y in zip(given.inputs[0], given.targets[0], strict=True)]
    w, b = map(Fraction, given.lines[0])
    rate, rows = 2 * Fraction(experiment.lr) / len(points), []
    for _ in range(experiment.steps + 1):
        errors = [(x, y - w * x - b) for x, y in points]
        rows.append([w + b, w - b, sum(r for _, r in errors) / len(points)])
        w, b = w + rate * sum(x * r for x, r in errors), b + rate * sum(r for _, r in errors)
    return as_array(rows)


def residuals(weight: Any = 1) -> dict[str, Any]:
    """One step from anywhere, for any points: they enter by their means m of x and y alone."""
    w, b, lr, m, y = sympy.symbols("w b lr mean(x) mean(y)", real=True)
    r = y - w * m - b
    found = {}
    for name, sign in (("printed", 1), ("sign mended", -1)):
        next_w, next_b = w - lr * sign * 2 * r * weight, b - lr * (-2 * r)
        found[f"{name}: conserved"] = (next_w + sign * next_b) - (w + sign * b)
        found[f"{name}: mean residual"] = (y - next_w * m - next_b) - r * (1 - 2 * lr * (1 - sign * m))
    return found


CLAIM = Claim(
    entry="printed-gradient-conservation-law",
    says="With the printed slope gradient descent keeps w + b and multiplies the mean residual by 1 - 2 lr (1 - mean x) in each "
    "step, which grows where the mean of x exceeds 1; with the sign mended alone it keeps w - b.",
    paper="derived for these notes",
    experiments=vary(SlopeRules(), slope=("printed", "sign mended"), mean=(0, 2)),
    predict=conserved,
    judge=equal(),
    assumptions=(
        Assumption("input-forgotten", "the slope gradient lacks the inputs", broken_by={"slope": "derivative"}),
        Assumption(
            "plain", "descent has no weight decay", broken_by={"optimizer": "torch.optim:SGD(weight_decay=0.25)"}
        ),
    ),
    errata=(
        Erratum(
            "updates-descend",
            "Repeated updates with the printed slope gradient are gradient descent on the mean squared error.",
            number=1,
            predict=true_descent,
        ),
    ),
    proof=Proof(
        "For any points, line and learning rate one step keeps w + b (w - b with the sign mended) and scales the mean residual.",
        residuals,
        broken=lambda: residuals(weight=2),
    ),
)
