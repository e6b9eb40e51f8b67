"""Targets that agree on the sample give one risk."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.setup import EmpiricalRisks, Truths
from dlverify.quantity import Array


def of_the_first(experiment: EmpiricalRisks, given: Truths) -> Array:
    """sum_i (2 x_i + 1 - w x_i)^2, the risk if 2 x + 1 is the truth, for all of them."""
    return np.square(2 * given.inputs + 1 - given.slopes[:, None] * given.inputs).sum(axis=1)


def residuals(extra: int = 0) -> dict[str, Any]:
    """Risks of f and of f + h (x - x_1) ... (x - x_n), for samples of one to four points.

    f, h, the model g and the loss are any functions; for the squared error they are given by their values alone.
    """
    theta = sympy.Symbol("theta", real=True)
    f, h, g, loss = (sympy.Function(name) for name in ("f", "h", "g", "l"))
    steps = {}
    for size in range(1, 5):
        points = sympy.symbols(f"x1:{size + 1}", real=True)
        bump = [sympy.prod([x - other for other in points]) + extra for x in points]
        steps[f"{size} points"] = sum(
            loss(f(x), g(x, theta)) - loss(f(x) + h(x) * b, g(x, theta)) for x, b in zip(points, bump, strict=True)
        )
        first, model = sympy.symbols(f"f1:{size + 1}", real=True), sympy.symbols(f"g1:{size + 1}", real=True)
        steps[f"{size} points, squared error"] = sum(
            (y - z) ** 2 - (y + b - z) ** 2 for y, z, b in zip(first, model, bump, strict=True)
        )
    return steps


CLAIM = Claim(
    entry="erm-reduces-to-theta",
    says=(
        "The empirical risk is a function of the parameter and of the target's values at the sample alone: targets that "
        "agree there, and nowhere else, give the same one."
    ),
    paper="Goodfellow, Bengio & Courville 2016, section 8.1",
    experiments=vary(EmpiricalRisks()),
    predict=of_the_first,
    judge=equal(),
    assumptions=(
        Assumption("agree-on-the-sample", "the targets agree at every point of the sample", broken_by={"agree": 4}),
        Assumption(
            "deterministic",
            "the model's outputs do not depend on chance",
            broken_by={"after": "torch.nn:Dropout(p=0.5)"},
        ),
    ),
    proof=Proof(
        "For any loss, model and target, adding h(x) (x - x_1) ... (x - x_n) to the target leaves the risk as it is.",
        residuals,
        broken=lambda: residuals(extra=1),
    ),
)
