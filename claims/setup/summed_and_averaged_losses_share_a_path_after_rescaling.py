"""Summed and averaged losses share a path after rescaling."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.setup import SlopePath, SlopeSample
from dlverify.quantity import Array


def path_of_the_sum(experiment: SlopePath, given: SlopeSample) -> Array:
    """w_t = m + r^t (w_0 - m): descent on sum (w x - y)^2 + n/4 w^2 at rate 1 / (8 n), where x^2 = 1.

    Its derivative is 5/2 n w - 2 sum x y, so that r = 1 - 5/16, and m = 4/5 mean x y is the minimum.
    """
    products = zip(given.inputs.tolist(), given.targets.tolist(), strict=True)
    minimum = Fraction(4, 5) * sum(Fraction(x) * Fraction(y) for x, y in products) / experiment.points
    steps = range(experiment.steps + 1)
    return np.array([minimum + Fraction(11, 16) ** t * (Fraction(given.start) - minimum) for t in steps], dtype=object)


def residuals(scale: Any = None) -> dict[str, Any]:
    """One step, and the minimum of a sum of squares with a penalty, for any number n of points."""
    n = sympy.Symbol("n", positive=True, integer=True)
    w, gradient, rate, penalty, a, b = sympy.symbols("w G eta lambda a b", positive=True)
    over = n if scale is None else scale
    of_the_sum = w - rate * (gradient + penalty * w)
    of_the_mean = w - n * rate * (gradient / n + penalty / over * w)
    least_sum, least_mean = b / (a + penalty / 2), (b / n) / (a / n + penalty / over / 2)
    return {"step": of_the_sum - of_the_mean, "minimum of a w^2 - 2 b w + penalty / 2 w^2": least_sum - least_mean}


CLAIM = Claim(
    entry="erm",
    says=(
        "Descent takes the same path on the sum of n losses and on their mean, if the mean's learning rate is n times as "
        "large and its penalty n times as small."
    ),
    paper="Vapnik 1998; Goodfellow, Bengio & Courville 2016, section 8.1.1",
    experiments=vary(SlopePath(), reduction=("sum", "mean"), points=(4, 64)),
    predict=path_of_the_sum,
    judge=equal(),
    assumptions=(
        Assumption(
            "rate-times-n", "the learning rate is multiplied by n", broken_by={"rate": "unchanged"}, case="mean-4"
        ),
        Assumption("penalty-over-n", "the penalty is divided by n", broken_by={"penalty": "unchanged"}, case="mean-4"),
        Assumption(
            "steps-are-gradients",
            "a step is the gradient times the rate, neither remembered nor normalised",
            broken_by={"optimizer": "torch.optim:Adam"},
            case="mean-4",
        ),
    ),
    proof=Proof(
        "For any gradient G of the sum, G/n of the mean, the two steps are one, and so are the minima of least squares.",
        residuals,
        broken=lambda: residuals(scale=1),
    ),
)
