"""Squared error is no distance."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.setup import PROPERTIES, LossProperties, Values
from dlverify.quantity import Array


def all_but_the_triangle(experiment: LossProperties, given: Values) -> Array:
    """Everything but the triangle inequality, which any b strictly between a and c breaks: the proof has the excess.

    Huber's loss is half the square where errors are at most 1, so that points at 0, 1 and 2 break it: 3/2 > 1/2 + 1/2.
    """
    return np.array([name != "triangle inequality" for name in PROPERTIES])


def residuals(root: int = 1) -> dict[str, Any]:
    """Squares exceed the sum over b by 2 (a - b) (b - c); roots of sums of squares do not, by Cauchy's inequality.

    For vectors u = a - b and v = b - c the triangle inequality is u.v <= |u| |v|, and |u|^2 |v|^2 - (u.v)^2 is a sum of
    squares (Lagrange).
    """
    a, b, c = sympy.symbols("a b c", real=True)
    u, v = sympy.symbols("u1:4", real=True), sympy.symbols("v1:4", real=True)
    inner = sum(x * y for x, y in zip(u, v, strict=True))
    squares = sum((u[i] * v[j] - u[j] * v[i]) ** 2 for i in range(3) for j in range(i))
    return {
        "excess of squared error": (a - c) ** 2 - (a - b) ** 2 - (b - c) ** 2 - 2 * (a - b) * (b - c),
        "its root keeps to the inequality": sum(x**2 for x in u) * sum(y**2 for y in v) - root * inner**2 - squares,
    }


CLAIM = Claim(
    entry="loss-as-distance",
    says=(
        "Squared error is smallest where prediction and target agree, which is all that learning needs of a loss, but it "
        "breaks the triangle inequality: it is no distance, although its root is one."
    ),
    paper="Gneiting & Raftery 2007",
    experiments=vary(LossProperties("torch.nn:MSELoss"), loss=("torch.nn:MSELoss", "torch.nn:HuberLoss")),
    predict=all_but_the_triangle,
    judge=equal(),
    assumptions=(
        Assumption("squared", "errors are squared, not absolute", broken_by={"loss": "torch.nn:L1Loss"}),
        Assumption(
            "of-the-target-itself",
            "prediction and target are on one scale, neither being the other's logarithm",
            broken_by={"loss": "torch.nn:PoissonNLLLoss"},
        ),
    ),
    proof=Proof(
        "(a-c)^2 exceeds (a-b)^2 + (b-c)^2 by 2 (a-b) (b-c), positive for b between a and c; roots obey Cauchy's inequality.",
        residuals,
        broken=lambda: residuals(root=2),
    ),
)
