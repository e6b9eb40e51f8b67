"""The median minimises absolute error."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.loss import Minimisers, Samples
from dlverify.quantity import Array


def between_the_medians(experiment: Minimisers, given: Samples) -> Array:
    """All points from the lower to the upper median, which are one for an odd number of points; read off the sorted sample."""
    ordered = np.sort(given.values, axis=1).astype(int)
    count = ordered.shape[1]
    return np.stack([ordered[:, (count - 1) // 2], ordered[:, count // 2]], axis=1)


def residuals(power: int = 1) -> dict[str, Any]:
    """The loss of two points a <= b, together, is b - a plus twice how far the prediction c lies outside of them.

    Pair the smallest point with the largest, the next with the next: the sum is smallest where c lies inside of all pairs.
    """
    a, b, c = sympy.symbols("a b c", real=True)
    below, above = (a - c + sympy.Abs(a - c)) / 2, (c - b + sympy.Abs(c - b)) / 2
    return {"a pair of points": sympy.Abs(a - c) ** power + sympy.Abs(c - b) ** power - (b - a) - 2 * below - 2 * above}


CLAIM = Claim(
    entry="l1-vs-l2-robustness",
    says="The sum of absolute errors is smallest at the median, or anywhere between the two middle points of an even number.",
    paper="Huber 1981",
    experiments=vary(Minimisers("torch.nn:L1Loss(reduction='sum')"), points=(5, 4))
    + vary(Minimisers("torch.nn:L1Loss(reduction='sum')", levels=6), points=(7,), tier="full"),
    predict=between_the_medians,
    judge=equal(),
    assumptions=(
        Assumption(
            "not-squared", "the errors are not squared", broken_by={"loss": "torch.nn:MSELoss(reduction='sum')"}
        ),
        Assumption(
            "sharp-everywhere",
            "small errors count in full, too",
            broken_by={"loss": "torch.nn:HuberLoss(reduction='sum', delta=8.0)"},
        ),
    ),
    proof=Proof(
        "For any pair of points the sum of absolute errors is the pair's distance plus twice the distance to the pair.",
        residuals,
        broken=lambda: residuals(power=2),
    ),
)
