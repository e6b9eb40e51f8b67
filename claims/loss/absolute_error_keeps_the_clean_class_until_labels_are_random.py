"""Absolute error keeps the clean class until labels are random."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.likelihood import Distributions, LabelNoise
from dlverify.quantity import Array


def all_but_one_class(experiment: LabelNoise, given: Distributions) -> Array:
    """(K - 1) / K for K classes: there every class is as frequent as the clean one, and labels say nothing any more."""
    return np.array([Fraction(classes - 1, classes) for classes in experiment.classes])


def residuals(classes_less: int = 0) -> dict[str, Any]:
    """Wrong labels with the share s, evenly spread over K - 1 classes, turn p into p (1 - s) + (1 - p) s / (K - 1).

    Differences of classes are multiplied by 1 - s K / (K - 1), which is positive below (K - 1) / K; and the expected
    absolute error, class by class p (1 - q) + (1 - p) q, adds up to 2 - 2 p q: smallest at the likeliest class.
    """
    classes = sympy.Symbol("K", positive=True, integer=True)
    p, other, q, s = sympy.symbols("p o q s", real=True)

    def noisy(share: Any) -> Any:
        return share * (1 - s) + (1 - share) * s / (classes - 1)

    shrinks = 1 - s * (classes - classes_less) / (classes - 1)
    return {
        "differences shrink": noisy(p) - noisy(other) - (p - other) * shrinks,
        "to zero at (K - 1) / K": shrinks.subs(s, (classes - 1) / classes),
        "absolute error": p * (1 - q) + (1 - p) * q - (p + q - 2 * p * q),
    }


CLAIM = Claim(
    entry="ce-optimality",
    says="Absolute error on probabilities prefers the likeliest class, so that wrong labels, spread evenly over K classes, do not "
    "move its best prediction while they are fewer than (K - 1) / K; that of cross-entropy moves with the first one.",
    paper="Ghosh, Kumar & Sastry 2017",
    experiments=vary(LabelNoise()),
    predict=all_but_one_class,
    judge=equal(),
    assumptions=(
        Assumption(
            "evenly",
            "wrong labels are spread over all classes: of one class alone half of them are enough",
            broken_by={"wrong": "next"},
        ),
        Assumption("absolute", "the error is absolute, not squared", broken_by={"loss": "torch.nn:MSELoss"}),
        Assumption(
            "linear",
            "the loss is linear in the probabilities; the logarithm's best prediction follows the labels",
            broken_by={"loss": "torch.nn:CrossEntropyLoss", "takes": "logarithms"},
        ),
    ),
    proof=Proof(
        "Evenly spread wrong labels shrink all differences of classes by one factor, which vanishes at (K - 1) / K.",
        residuals,
        broken=lambda: residuals(classes_less=1),
    ),
)
