"""A second softmax keeps perfect predictions costly."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, rounding, vary
from dlverify.experiments.likelihood import Confidences, LossesOfProbabilities
from dlverify.quantity import Array


def floor(experiment: LossesOfProbabilities, given: Confidences) -> Array:
    """log(1 + (K - 1) exp((1 - p) / (K - 1) - p)), which falls with p to log(1 + (K - 1) / e) at a perfect prediction, p = 1."""
    p, others = np.array(experiment.confidences), np.array(experiment.classes)[:, None] - 1
    return np.log1p(others * np.exp((1 - p) / others - p))


def minus_log_prediction(experiment: LossesOfProbabilities, given: Confidences) -> Array:
    """As printed: the prediction is the logit, and the loss -log of it, so that a perfect one costs nothing."""
    return -np.log(np.array(experiment.confidences))[None]


def roundings(experiment: LossesOfProbabilities, given: Confidences) -> Array:
    """The probabilities, a difference, K exponentials, their sum, its logarithm and a difference; the theory's few."""
    return np.array(experiment.classes)[:, None] + 16


def logarithm(experiment: LossesOfProbabilities, given: Confidences) -> Array:
    """The logarithm of K and the difference of two probabilities, 1 at most."""
    return np.log(np.array(experiment.classes))[:, None] + 1


def residuals(softmaxes: int = 1) -> dict[str, Any]:
    """The loss is log(1 + S), S = sum over others of exp(q_k - p) >= (K - 1) exp(mean of q_k - p), by convexity of exp.

    For two others a +- h the excess over the tangent's is 2 e^a (cosh h - 1) >= 0. The mean is (1 - p) / (K - 1), so the
    exponent is (1 - K p) / (K - 1): it falls with p, to -1 at p = 1.
    """
    p, a, h = sympy.symbols("p a h", real=True)
    classes = sympy.Symbol("K", integer=True, positive=True)
    exponent = (1 - p) / (classes - 1) - softmaxes * p
    pair = sympy.exp(a + h) + sympy.exp(a - h) - 2 * sympy.exp(a)
    return {
        "even shares are best": pair - sympy.exp(a) * (sympy.exp(h / 2) - sympy.exp(-h / 2)) ** 2,
        "falls with p": sympy.diff(exponent, p) + classes / (classes - 1),
        "at p = 1": exponent.subs(p, 1) + 1,
    }


CLAIM = Claim(
    entry="logit-naming",
    says="Given probabilities in the place of logits, CrossEntropyLoss applies a second softmax, and of K classes even a perfect "
    "prediction costs log(1 + (K - 1) / e): 0.905 for five.",
    paper="PyTorch documentation of torch.nn.CrossEntropyLoss",
    experiments=vary(
        LossesOfProbabilities(
            given_as="probabilities", confidences=(0.0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0)
        )
    ),
    predict=floor,
    judge=equal(within=rounding(operations=roundings, scale=logarithm)),
    assumptions=(
        Assumption(
            "probabilities",
            "it is given probabilities; their logarithms are logits",
            broken_by={"given_as": "logarithms", "confidences": (0.25, 0.5, 0.75, 1.0)},
        ),
    ),
    proof=Proof(
        "Of all predictions the perfect one costs least, and that is log(1 + (K - 1) / e), for every K.",
        residuals,
        broken=lambda: residuals(softmaxes=2),
    ),
    errata=(
        Erratum(
            "prediction-as-logit",
            "The prediction is called the logit, and the cross-entropy is -log of it.",
            number=22,
            predict=minus_log_prediction,
            broken_by={"classes": (5,), "confidences": (1.0,)},
        ),
    ),
)
