"""Log loss and Brier score are both smallest at the true probabilities."""

from typing import Any

import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.likelihood import BestPredictions, Distributions
from dlverify.quantity import Array


def the_labels_own(experiment: BestPredictions, given: Distributions) -> Array:
    """The distribution of labels itself, in whole parts, and no other."""
    return given.labels.astype(int).astype(object)


def residuals(factor: int = 1) -> dict[str, Any]:
    """Squared error, class by class: p (q - 1)^2 + (1 - p) q^2 exceeds that of q = p by (q - p)^2.

    Log loss: the excess of -p log q over -p log p is p f(q / p) - (q - p) with f(t) = t - 1 - log t, and the q - p add up to
    zero; f(1) = f'(1) = 0 and f'' = 1 / t^2 > 0.
    """
    p, q, t = sympy.symbols("p q t", positive=True)
    squared = p * (q - 1) ** 2 + (1 - p) * q**2
    excess = t - 1 - sympy.log(t)
    log_loss = -p * sympy.log(q) + p * sympy.log(p)
    return {
        "squared error": squared - squared.subs(q, p) - factor * (q - p) ** 2,
        "log loss": log_loss + (q - p) - p * sympy.expand_log(excess.subs(t, q / p)),
        "zero at q = p": excess.subs(t, 1),
        "flat there": sympy.diff(excess, t).subs(t, 1),
        "convex": sympy.diff(excess, t, 2) - t**-2,
    }


CLAIM = Claim(
    entry="ce-optimality",
    says="Cross-entropy is not the only sound loss for classes: the expected log loss and the expected Brier score, squared error "
    "on probabilities, are both smallest at the true probabilities, and nowhere else.",
    paper="Gneiting & Raftery 2007",
    experiments=vary(
        BestPredictions("torch.nn:CrossEntropyLoss", takes="logarithms"),
        loss=("torch.nn:CrossEntropyLoss",),
        classes=(2, 3),
    )
    + vary(BestPredictions("torch.nn:MSELoss", takes="probabilities"), loss=("torch.nn:MSELoss",), classes=(2, 3))
    + vary(
        BestPredictions("torch.nn:MSELoss", takes="probabilities", parts=8),
        loss=("torch.nn:MSELoss",),
        classes=(5,),
        tier="full",
    ),
    predict=the_labels_own,
    judge=equal(),
    assumptions=(
        Assumption(
            "proper",
            "the loss is proper: absolute error is smallest at the likeliest class",
            broken_by={"loss": "torch.nn:L1Loss"},
            case="mseloss-2",
        ),
        Assumption(
            "unsmoothed",
            "labels are taken as they come, not smoothed",
            broken_by={"loss": "torch.nn:CrossEntropyLoss(label_smoothing=0.5)"},
        ),
    ),
    proof=Proof(
        "For all p and q both expected losses exceed that of q = p by what is convex and zero there alone.",
        residuals,
        broken=lambda: residuals(factor=2),
    ),
)
