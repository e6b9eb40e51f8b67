"""A head scores tokens with no higher rank than its width."""

import numpy as np

from dlverify import Assumption, Claim, at_most, vary
from dlverify.evidence.rounding import gamma
from dlverify.experiments.attention import HeadRanks, Heads
from dlverify.quantity import Array


def nothing_left(experiment: HeadRanks, given: Heads) -> Array:
    """0: Q K^T with d / h columns in Q and in K has no more singular values; taking means away from rows lowers no width."""
    return np.zeros(len(experiment.heads))


def carried(experiment: HeadRanks, given: Heads, unit_roundoff: float) -> Array:
    """n sqrt(2) E at most, since a singular value moves by no more than the Frobenius norm of the n x n errors.

    The logarithm of a weight, less its mean over keys, is off by E = 2 (gamma(3 d + 7) S + gamma(n + 6)), with q', k' sums of sizes
    and S = max q' k' / sqrt(w): a score by the first half, a softmax by both; float64 logarithms add u of log(1 / weight) <= 2 S + n.
    """
    d, n, size = experiment.width, experiment.tokens, np.abs(given.inputs)
    q, k = (size @ np.abs(given.into[i]).T + np.abs(given.into_bias[i]) for i in (0, 1))
    widths = d / np.array(experiment.heads)
    score = (q @ k.T).max() / np.sqrt(widths)
    error = 2 * (
        np.expm1(2 * gamma(3 * d + 7, unit_roundoff) * score) + gamma(n + 6, unit_roundoff) * (1 + 2 * score + n)
    )
    return np.sqrt(2) * n * error


CLAIM = Claim(
    entry="multi-head-attention",
    says=(
        "The scores of a head of width d / h form a matrix of rank at most d / h, however many tokens there are: more heads look at more "
        "places at once, each with less to tell them apart by."
    ),
    paper="Bhojanapalli et al. 2020",
    experiments=vary(HeadRanks()),
    predict=nothing_left,
    judge=at_most(within=carried),
    assumptions=(
        Assumption(
            "shares",
            "the heads share the width among them",
            broken_by={"attention": "torch.nn:MultiheadAttention(num_heads=1)"},
            effect=0.1,
        ),
    ),
    why_graded="The count of its parameters is exact; scores are read through a softmax, which rounds.",
)
