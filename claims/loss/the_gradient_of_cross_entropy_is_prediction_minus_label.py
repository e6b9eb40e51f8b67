"""The gradient of cross-entropy is prediction minus label."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.likelihood import Labelled, LogitGradients
from dlverify.quantity import Array


def prediction_minus_label(experiment: LogitGradients, given: Labelled) -> Array:
    """softmax(z) - y: it adds up to 0, and its absolute values to 2 at most, since those of both add up to 1."""
    exponentials = np.exp(given.logits - given.logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True) - given.labels


def roundings(experiment: LogitGradients, given: Labelled) -> float:
    """K exponentials, their sum and its logarithm, K labels' sum and a few more; the theory's K as well."""
    return 3 * experiment.classes + 16


def size(experiment: LogitGradients, given: Labelled) -> Array:
    """The label, and the probability times what its logarithm magnifies: the range of logits and log K."""
    ranges = np.ptp(given.logits, axis=1, keepdims=True) + np.log(experiment.classes)
    return given.labels + (prediction_minus_label(experiment, given) + given.labels) * (1 + ranges)


def residuals(total: int = 1) -> dict[str, Any]:
    """For any number of classes, s the sum of the other exponentials and c that of the other labels times their logits.

    The loss is log(e^z + s) - y z - c where labels add up to 1.
    """
    z, y, c = sympy.symbols("z y c", real=True)
    s = sympy.Symbol("s", positive=True)
    loss = total * sympy.log(sympy.exp(z) + s) - y * z - c
    return {"for every class": sympy.diff(loss, z) - (sympy.exp(z) / (sympy.exp(z) + s) - y)}


CLAIM = Claim(
    entry="softmax-ce-gradient",
    says="With respect to the logits the gradient of cross-entropy is the softmax less the label, so that it adds up to zero and "
    "its absolute values to 2 at most.",
    paper="Bridle 1990; Goodfellow, Bengio & Courville 2016, section 6.2.2.3",
    experiments=vary(LogitGradients(), labels=("one class", "all classes"), classes=(2, 5, 50)),
    predict=prediction_minus_label,
    judge=equal(within=rounding(operations=roundings, scale=size)),
    assumptions=(
        Assumption("logits", "the loss is given logits, not their softmax", broken_by={"before": "softmax"}),
        Assumption(
            "cross-entropy",
            "the loss is the cross-entropy, not the squared error of the softmax",
            broken_by={"loss": "torch.nn:MSELoss", "before": "softmax"},
        ),
        Assumption(
            "labels-as-they-are",
            "labels are taken as they come, not smoothed",
            broken_by={"loss": "torch.nn:CrossEntropyLoss(label_smoothing=0.1)"},
        ),
    ),
    proof=Proof(
        "For every class, any number of others, and labels that add up to 1 the derivative is softmax minus label.",
        residuals,
        broken=lambda: residuals(total=2),
    ),
)
