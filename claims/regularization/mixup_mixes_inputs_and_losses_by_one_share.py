"""Mixup mixes inputs and losses by one share."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, rounding, vary
from dlverify.experiments.augmentation import MixedLosses, Mixtures
from dlverify.quantity import Array


def losses(given: Mixtures) -> Array:
    """-log softmax of every class at every mixed input, shape `(shares, points, classes)`."""
    shares = given.shares[:, None, None]
    logits = (shares * given.inputs + (1 - shares) * given.inputs[given.partners]) @ given.weights.T
    return np.asarray(np.log(np.exp(logits).sum(axis=2, keepdims=True)) - logits)


def mixed(experiment: MixedLosses, given: Mixtures) -> Array:
    """l times the loss of the own label and 1 - l times that of the partner's, both at the mixed input."""
    each, points, shares = losses(given), np.arange(experiment.points), given.shares[:, None]
    return np.asarray(
        shares * each[:, points, given.labels] + (1 - shares) * each[:, points, given.labels[given.partners]]
    )


def smoothed(experiment: MixedLosses, given: Mixtures) -> Array:
    """As printed, where mixup is a kind of label smoothing: 1 - l goes to all classes evenly, whatever the partner is."""
    each, points, shares = losses(given), np.arange(experiment.points), given.shares[:, None]
    return np.asarray(shares * each[:, points, given.labels] + (1 - shares) * each.mean(axis=2))


def roundings(experiment: MixedLosses, given: Mixtures) -> float:
    """A share's complement, two products and a sum for input and label; four products, their sum; log-softmax; products: 32."""
    return 32.0


def terms(experiment: MixedLosses, given: Mixtures) -> Array:
    """A loss lies between two logits, of at most |w| . (l |x| + (1 - l) |x'|) each, and their number's logarithm."""
    shares, sizes = given.shares[:, None, None], np.abs(given.inputs)
    logits = (shares * sizes + (1 - shares) * sizes[given.partners]) @ np.abs(given.weights).T
    return np.asarray(2 * logits.max(axis=2) + 1 + np.log(3))


def residuals(power: int = 1) -> dict[str, Any]:
    """Cross-entropy -sum y_k log s_k is linear in the label y, for all probabilities s."""
    own, other, share = sympy.symbols("y z l", positive=True)
    logarithm = sympy.Symbol("log_s", real=True)
    one, two, three = (-label * logarithm for label in (share * own + (1 - share) * other, own, other))
    return {"each class": one - share**power * two - (1 - share) * three}


CLAIM = Claim(
    entry="mixup",
    says="Mixup takes one share l, drawn from a Beta distribution, for two inputs and their labels; since cross-entropy is linear in "
    "the label, its loss is l times that of the one label plus 1 - l times that of the other, at the mixed input.",
    paper="Zhang, Cisse, Dauphin & Lopez-Paz 2018",
    experiments=vary(MixedLosses(), concentration=(1.0, 0.25)),
    predict=mixed,
    judge=equal(within=rounding(operations=roundings, scale=terms)),
    assumptions=(
        Assumption("labels-too", "labels are mixed as inputs are", broken_by={"labels": "kept"}),
        Assumption("one-share", "both are mixed by the same share", broken_by={"labels": "another share"}),
    ),
    proof=Proof(
        "Class by class, for all labels, probabilities and shares, cross-entropy of the mixture is the mixture.",
        residuals,
        broken=lambda: residuals(power=2),
    ),
    errata=(Erratum("a-label-smoothing", "Mixup is a kind of label smoothing.", number=36, predict=smoothed),),
)
