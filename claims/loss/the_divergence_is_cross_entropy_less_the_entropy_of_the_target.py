"""Kullback and Leibler's divergence is cross-entropy less the entropy of the target."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.likelihood import Distributions, Divergences
from dlverify.quantity import Array


def cross_entropy_less_entropy(experiment: Divergences, given: Distributions) -> Array:
    """-sum p log q + sum p log p, with 0 log 0 = 0."""
    from scipy.special import entr

    return np.asarray(-given.labels @ np.log(given.predictions).T - entr(given.labels).sum(axis=1, keepdims=True))


def roundings(experiment: Divergences, given: Distributions) -> float:
    """Two logarithms, their difference or that of products, an exponential, K products and their sum; as many in the theory."""
    return 2 * (experiment.classes + 8)


def logarithms(experiment: Divergences, given: Distributions) -> Array:
    """What is rounded: all terms with their sizes, and 1 for what an exponential of a rounded logarithm is off by."""
    from scipy.special import entr

    terms = given.labels @ np.abs(np.log(given.predictions)).T + entr(given.labels).sum(axis=1, keepdims=True)
    return np.asarray(1 + (1 + np.log(experiment.parts)) * terms)


def asymmetry(experiment: Divergences, given: Distributions) -> float:
    """The largest |KL(p | q) - KL(q | p)| among the predictions."""
    each = cross_entropy_less_entropy(experiment, Distributions(given.predictions, given.predictions))
    return float(np.abs(each - each.T).max())


def residuals(entropy: int = 1) -> dict[str, Any]:
    """Class by class; and at q = p, where nothing is left."""
    p, q = sympy.symbols("p q", positive=True)
    cross, own = -p * sympy.log(q), -p * sympy.log(p)
    divergence = p * sympy.expand_log(sympy.log(p / q))
    return {
        "each class": divergence - sympy.expand(cross - entropy * own),
        "of itself": (cross - entropy * own).subs(q, p),
    }


CLAIM = Claim(
    entry="cross-entropy",
    says="The divergence KL(p | q) is the cross-entropy of q under p less the entropy of p: zero at q = p, where cross-entropy is "
    "not, and another number with p and q exchanged.",
    paper="Cover & Thomas 2006, section 2.3",
    experiments=vary(Divergences(), classes=(2, 3), target=("probabilities", "logarithms")),
    predict=cross_entropy_less_entropy,
    judge=equal(within=rounding(operations=roundings, scale=logarithms)),
    assumptions=(
        Assumption(
            "target-last",
            "the target comes last",
            broken_by={"order": "target first"},
            case="3-probabilities",
            effect=asymmetry,
        ),
    ),
    proof=Proof(
        "Class by class, for all p, q > 0, the divergence is cross-entropy less entropy, and zero at q = p.",
        residuals,
        broken=lambda: residuals(entropy=2),
    ),
)
