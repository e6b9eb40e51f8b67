"""Dividing by the root of the width keeps the scores of attention at unit variance."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.attention import ScoreSizes, Signs
from dlverify.quantity import Array


def one(experiment: ScoreSizes, given: Signs) -> Array:
    """E (q . k)^2 = sum_ij k_i k_j E q_i q_j = |k|^2 = d where the numbers of q are uncorrelated and k has signs; over d: 1."""
    return np.ones(len(experiment.widths))


def roots(experiment: ScoreSizes, given: Signs) -> Array:
    """A score s is off by e = gamma sqrt(d), the sum of the sizes of its terms, and its square by 2 |s| e, in the mean 2 e at most.

    |s| itself, a shift of the softmax and a logarithm each way, is no larger than that sum.
    """
    return 2 * np.sqrt(np.array(experiment.widths))


def residuals(correlated: int = 0) -> dict[str, Any]:
    """Independent q and k of mean 0 and variance 1, in any width: d terms q_i k_i of variance 1, d (d - 1) products of two terms.

    The mean of q_i k_i q_j k_j is the product of the correlations r of q_i with q_j and s of k_i with k_j.
    """
    d = sympy.Symbol("d", integer=True, positive=True)
    r, s = (correlated * sympy.Symbol(name, positive=True) for name in ("r", "s"))
    i, j = sympy.symbols("i j", integer=True, positive=True)
    square = sympy.summation(sympy.Integer(1), (i, 1, d)) + sympy.summation(r * s, (i, 1, d), (j, 1, d - 1))
    return {"mean square of a score": sympy.expand(square / d - 1)}


CLAIM = Claim(
    entry="scaled-dot-product-attention",
    says=(
        "For queries whose numbers are uncorrelated and of unit variance, and keys drawn apart from them, a score q . k has mean square "
        "d; divided by sqrt(d) it has mean square 1 at any width, and so the softmax does not harden as the width grows."
    ),
    paper="Vaswani et al. 2017, section 3.2.1, footnote",
    experiments=vary(ScoreSizes()),
    predict=one,
    judge=equal(within=rounding(operations=lambda experiment, given: np.array(experiment.widths) + 16, scale=roots)),
    assumptions=(
        Assumption(
            "scaled",
            "scores are divided by the root of the width",
            broken_by={"attention": "torch.nn.functional:scaled_dot_product_attention(scale=1.0)"},
        ),
        Assumption(
            "apart",
            "keys know nothing of the queries, as those of a trained network do",
            broken_by={"keys": "the query itself"},
        ),
    ),
    proof=Proof(
        "d uncorrelated terms of variance 1 add up to mean square d, for every width d.",
        residuals,
        broken=lambda: residuals(correlated=1),
    ),
)
