"""Cross-entropy is entropy plus divergence."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.likelihood import Distributions, ExpectedLosses
from dlverify.quantity import Array


def entropy_plus_divergence(experiment: ExpectedLosses, given: Distributions) -> Array:
    """H(p) + KL(p | q), with 0 log 0 = 0 and q made to add up to 1; for labels of one class it is -log of what q gives it."""
    from scipy.special import entr, rel_entr

    labels, predictions = given.labels[:, None], given.predictions / given.predictions.sum(axis=1, keepdims=True)
    return entr(labels).sum(-1) + rel_entr(labels, predictions).sum(-1)


def roundings(experiment: ExpectedLosses, given: Distributions) -> float:
    """Logarithms, differences and K exponentials with their sum: K + 8 a loss; K more for the mean over labels; the theory's."""
    return 3 * experiment.classes + 16


def logarithms(experiment: ExpectedLosses, given: Distributions) -> Array:
    """What is rounded: the largest logarithm of a prediction, and that of the number of classes."""
    return np.abs(np.log(given.predictions)).max(axis=-1) + np.log(experiment.classes)


def residuals(weight: int = 1) -> dict[str, Any]:
    """Term by term -p log q = -p log p + p log(p / q). Each p log(p / q) is q f(t) + p - q, t = p / q, f = t log t - t + 1.

    The p - q add up to zero, and f(1) = 0, f'(1) = 0, f'' = 1/t > 0: no f is below zero, and none is zero but for p = q.
    """
    p, q, t = sympy.symbols("p q t", positive=True)
    excess = t * sympy.log(t) - weight * (t - 1)
    divergence = p * sympy.expand_log(sympy.log(p / q))
    return {
        "the sum": -p * sympy.log(q) + p * sympy.log(p) - divergence,
        "the divergence": divergence - sympy.expand_log(q * excess.subs(t, p / q) + p - q),
        "zero at p = q": excess.subs(t, 1),
        "flat there": sympy.diff(excess, t).subs(t, 1),
        "convex": sympy.diff(excess, t, 2) - 1 / t,
    }


CLAIM = Claim(
    entry="cross-entropy",
    says="The expected cross-entropy of a prediction q under labels from p is H(p) + KL(p | q), so it is at least H(p), and "
    "equals it at q = p alone; for one certain class it is -log of its predicted probability.",
    paper="Cover & Thomas 2006, theorem 2.6.3",
    experiments=vary(
        ExpectedLosses("torch.nn:NLLLoss"), loss=("torch.nn:CrossEntropyLoss", "torch.nn:NLLLoss"), classes=(2, 3)
    ),
    predict=entropy_plus_divergence,
    judge=equal(within=rounding(operations=roundings, scale=logarithms)),
    assumptions=(
        Assumption(
            "sums-to-one",
            "the prediction adds up to 1: one that adds up to 2 takes log 2 off a loss that does not see to it itself",
            broken_by={"total": 2.0},
            case="nllloss-2",
            effect=float(np.log(2)),
        ),
        Assumption(
            "labels-as-they-are",
            "labels are taken as they come, not smoothed",
            broken_by={"loss": "torch.nn:CrossEntropyLoss(label_smoothing=0.5)"},
        ),
    ),
    proof=Proof(
        "For all p, q > 0 the terms are those of entropy and divergence, and the latter's excess is convex and zero at p = q.",
        residuals,
        broken=lambda: residuals(weight=2),
    ),
)
