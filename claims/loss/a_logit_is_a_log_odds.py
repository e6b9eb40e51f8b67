"""A logit is a log-odds, not a probability."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, rounding, vary
from dlverify.experiments.likelihood import Confidences, LossesOfProbabilities
from dlverify.quantity import Array


def minus_log_probability(experiment: LossesOfProbabilities, given: Confidences) -> Array:
    """-log p for the probability p of the true class, whatever the number of classes: the softmax undoes the log-odds."""
    return np.stack([-np.log(probabilities[:, 0]) for probabilities in given.values])


def minus_log_logit(experiment: LossesOfProbabilities, given: Confidences) -> Array:
    """As printed: the prediction in -log of it is the logit, here log p / (1 - p); for p <= 1/2 that is no number at all."""
    return np.stack([-np.log(np.log(p[:, 0]) - np.log(p[:, -1])) for p in given.values])


def roundings(experiment: LossesOfProbabilities, given: Confidences) -> Array:
    """Two logarithms and a difference; K exponentials, their sum, its logarithm, two differences; and the probability's."""
    return np.array(experiment.classes)[:, None] + 16


def logits(experiment: LossesOfProbabilities, given: Confidences) -> Array:
    """The logarithms that logits are made of, and that of the number of classes."""
    return np.stack([np.abs(np.log(p)).max(axis=1) + np.log(p.shape[1]) for p in given.values])


def residuals(factor: int = 1) -> dict[str, Any]:
    """With z = log(p / r) for two classes, r = 1 - p, and K - 1 others that share 1 - p evenly, r = (1 - p) / (K - 1), too."""
    odds, others = sympy.symbols("o n", positive=True)  # p = o / (1 + o); n = K - 1
    p = odds / (1 + odds)
    rest = (1 - p) / others
    z = factor * sympy.log(sympy.simplify(p / rest))
    softmax = sympy.exp(z) / (sympy.exp(z) + others)
    return {"the softmax of the logits": sympy.simplify(softmax) - p, "their odds": sympy.exp(z) - others * odds}


CLAIM = Claim(
    entry="logit-naming",
    says="The logit z that CrossEntropyLoss takes is the log-odds, log p / (1 - p) for two classes; the prediction is the softmax "
    "of logits, and its loss -log p.",
    paper="Berkson 1944; Goodfellow, Bengio & Courville 2016, section 6.2.2",
    experiments=vary(LossesOfProbabilities()),
    predict=minus_log_probability,
    judge=equal(within=rounding(operations=roundings, scale=logits)),
    assumptions=(
        Assumption(
            "softmax-inside",
            "the loss applies the softmax itself",
            broken_by={"loss": "torch.nn:NLLLoss"},
        ),
    ),
    proof=Proof(
        "For all odds the softmax of log-odds against another class is the probability.",
        residuals,
        broken=lambda: residuals(factor=2),
    ),
    errata=(
        Erratum(
            "prediction-as-logit",
            "The prediction is called the logit, and so is what the loss is given.",
            number=22,
            broken_by={"given_as": "probabilities", "classes": (2,), "confidences": (0.875,)},
        ),
        Erratum(
            "log-of-the-logit",
            "The prediction is called the logit, and the cross-entropy is -log of it.",
            number=22,
            predict=minus_log_logit,
            broken_by={"classes": (2,), "confidences": (0.875,)},
        ),
    ),
)
