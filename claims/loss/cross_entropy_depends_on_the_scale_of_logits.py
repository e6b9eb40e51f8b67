"""Cross-entropy depends on the scale of logits, not on their order alone."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, rounding, vary
from dlverify.experiments.likelihood import Logits, ScaledLogits
from dlverify.quantity import Array


def of_differences(experiment: ScaledLogits, given: Logits) -> Array:
    """This is log sum_k exp(c (z_k - z_y)) for the factor c and the true class y: a shift of all logits is gone before it counts."""
    logits = np.array(experiment.logits)
    leads = np.array(experiment.factors)[:, None] * (logits - logits[:, :1])[:, None]
    return np.logaddexp.reduce(leads, axis=-1)[:, None, :] + 0 * np.array(experiment.shifts)[:, None]


def of_order(experiment: ScaledLogits, given: Logits) -> Array:
    """As printed: the order alone counts, and no factor changes it, so that all losses are those of the first factor."""
    return np.repeat(of_differences(experiment, given)[..., :1], len(experiment.factors), axis=-1)


def logits_and_shifts(experiment: ScaledLogits, given: Logits) -> Array:
    """The largest logit, rounded with its shift, and log K."""
    return np.abs(given.values).max(axis=-1) + np.log(given.values.shape[-1])


def residuals(shift: int = 1) -> dict[str, Any]:
    """With a, b the leads of the true class over others the loss at factor c is log(1 + e^-ca + e^-cb), for any number of them.

    Its slope in c is minus the mean of leads, each weighted by its positive exponential: below zero where all leads are.
    """
    z, s = sympy.symbols("z s", real=True)
    a, b, c = sympy.symbols("a b c", positive=True)
    others = sympy.Symbol("S", positive=True)
    plain = sympy.log(sympy.exp(z) + others) - z
    shifted = sympy.log(sympy.exp(z + s) + others * sympy.exp(shift * s)) - (z + s)
    loss = sympy.log(1 + sympy.exp(-c * a) + sympy.exp(-c * b))
    weighted = (a * sympy.exp(-c * a) + b * sympy.exp(-c * b)) / (1 + sympy.exp(-c * a) + sympy.exp(-c * b))
    return {
        "a shift of all": sympy.expand(sympy.exp(shifted) - sympy.exp(plain)),
        "slope in the factor": sympy.diff(loss, c) + weighted,
        "it is negative": sympy.Abs(weighted) - weighted,
    }


CLAIM = Claim(
    entry="ce-only-relative-order",
    says="A common shift of all logits leaves cross-entropy as it is, but their scale does not: times two, with the same order, "
    "the loss of (2, 1, 0) falls from 0.408 to 0.143, while a wrong prediction's grows.",
    paper="Guo et al. 2017",
    experiments=vary(ScaledLogits()),
    predict=of_differences,
    # A product and a sum for the logit; K exponentials and their sum, its logarithm, two differences; as much in float64.
    judge=equal(within=rounding(operations=24, scale=logits_and_shifts)),
    assumptions=(
        Assumption("softmax-inside", "the loss normalises its scores itself", broken_by={"loss": "torch.nn:NLLLoss"}),
        Assumption(
            "every-class-counts",
            "all logits enter by their exponentials; a margin loss stops counting those behind",
            broken_by={"loss": "torch.nn:MultiMarginLoss"},
        ),
    ),
    proof=Proof(
        "The loss keeps its value under every shift, and falls with the factor where the true class leads all others.",
        residuals,
        broken=lambda: residuals(shift=2),
    ),
    errata=(
        Erratum(
            "order-alone",
            "The true class has only to come out on top; the values themselves do not matter.",
            number=23,
            predict=of_order,
            broken_by={"logits": ((2.0, 1.0, 0.0),), "factors": (1.0, 2.0), "shifts": (0.0,)},
        ),
    ),
)
