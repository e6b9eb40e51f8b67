"""Errors cost at least log 2 of cross-entropy each."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, at_least, rounding, vary
from dlverify.experiments.evaluation import ErrorsAndLoss, Scores
from dlverify.quantity import Array


def log_two_an_error(experiment: ErrorsAndLoss, given: Scores) -> Array:
    """The share of errors, counted on the scores, times log 2: the true class has then at most as much probability as another."""
    return np.log(2) * (given.values.argmax(axis=-1) != 0).mean(axis=-1)


def roundings(experiment: ErrorsAndLoss, given: Scores) -> float:
    """K exponentials and their sum, a logarithm and differences: K + 6 a sample; N more for the mean; log 2 and its factor."""
    return experiment.classes + 6 + experiment.samples + 4


def spread(experiment: ErrorsAndLoss, given: Scores) -> Array:
    """The mean of what is rounded: differences of scores, and the logarithm of at most K."""
    ranges = np.ptp(given.values, axis=-1) + np.log(experiment.classes)
    return np.asarray(ranges.mean(axis=-1))


def residuals(true_classes: int = 1) -> dict[str, Any]:
    """With d >= 0, the lead of a wrong class, and s >= 0, the exponentials of the others' leads, the loss is log(1 + e^d + s).

    It exceeds log 2 by log(1 + (e^d - 1 + s) / 2), and what is added to 1 there is its own absolute value.
    """
    d, s = sympy.symbols("d s", nonnegative=True)
    loss, more = sympy.log(true_classes + sympy.exp(d) + s), (sympy.exp(d) - 1 + s) / 2
    return {
        "excess over log 2": sympy.expand(sympy.exp(loss) - 2 * (1 + more)),
        "it is not negative": sympy.diff(more, d) - sympy.Abs(sympy.exp(d)) / 2,
        "from 0 on": more.subs({d: 0, s: 0}),
    }


CLAIM = Claim(
    entry="loss-is-a-proxy",
    says="The share of errors never exceeds the mean cross-entropy over log 2, for any number of classes, so that a loss below "
    "log 2 over N leaves no error among N.",
    paper="Bartlett, Jordan & McAuliffe 2006",
    experiments=vary(ErrorsAndLoss(), classes=(2, 10)),
    predict=log_two_an_error,
    judge=at_least(within=rounding(operations=roundings, scale=spread)),
    assumptions=(
        Assumption(
            "normalised",
            "the scores pass a softmax on their way into the loss",
            broken_by={"loss": "torch.nn:NLLLoss"},
            effect=float(np.log(2)),
        ),
        Assumption(
            "logarithmic",
            "the loss is the logarithm of a probability; a hinge loss of two classes charges 1/2 only",
            broken_by={"loss": "torch.nn:MultiMarginLoss"},
            effect=float(np.log(2)) - 0.5,
        ),
    ),
    proof=Proof(
        "The loss of a sample on which another class leads by d >= 0 exceeds log 2 by the logarithm of 1 or more.",
        residuals,
        broken=lambda: residuals(true_classes=2),
    ),
)
