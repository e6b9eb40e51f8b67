"""The mean minimises squared error."""

from typing import Any

import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.loss import Minimisers, Samples
from dlverify.quantity import Array


def mean(experiment: Minimisers, given: Samples) -> Array:
    """The mean of each sample, a whole number here, and no other point."""
    means: Array = given.values.sum(axis=1, keepdims=True).astype(int) // given.values.shape[1]
    return means


def residuals(missing: int = 0) -> dict[str, Any]:
    """The sum of squares is n c^2 - 2 c s + q with s the sum of the points and q that of their squares, for every n."""
    n = sympy.Symbol("n", positive=True, integer=True)
    c, s, q = sympy.symbols("c s q", real=True)
    squares = n * c**2 - 2 * c * s + q
    at_mean = squares.subs(c, s / n)
    return {"excess over the loss of the mean": squares - at_mean - (n - missing) * (c - s / n) ** 2}


CLAIM = Claim(
    entry="l1-vs-l2-robustness",
    says="The sum of squared errors is smallest at the mean, and nowhere else.",
    paper="Huber 1981",
    experiments=vary(Minimisers("torch.nn:MSELoss(reduction='sum')"), points=(5, 4)),
    predict=mean,
    judge=equal(),
    assumptions=(
        Assumption("squared", "the errors are squared", broken_by={"loss": "torch.nn:L1Loss(reduction='sum')"}),
        Assumption(
            "large-errors-too",
            "large errors are squared, too",
            broken_by={"loss": "torch.nn:HuberLoss(reduction='sum', delta=8.0)"},
        ),
    ),
    proof=Proof(
        "The loss of c exceeds that of the mean by n (c - mean)^2, for any number n of points.",
        residuals,
        broken=lambda: residuals(missing=1),
    ),
)
