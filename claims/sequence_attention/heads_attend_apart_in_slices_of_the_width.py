"""Heads attend apart, each in its own slice of the width."""

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.evidence.rounding import gamma
from dlverify.experiments.attention import Heads, SelfAttention
from dlverify.quantity import Array


def sliced(experiment: SelfAttention, given: Heads) -> Array:
    """Concat(head_1, ..., head_h) W + b: head i is attention in numbers i w, ..., (i + 1) w - 1 of queries, keys and values.

    w = d / h is the width of a head, by whose root its scores are divided.
    """
    q, k, v = (given.inputs @ weight.T + bias for weight, bias in zip(given.into, given.into_bias, strict=True))
    width, heads = experiment.width // experiment.heads, []
    for first in range(0, experiment.width, width):
        own = slice(first, first + width)
        weights = np.exp(q[:, own] @ k[:, own].T / np.sqrt(width))
        heads.append(weights @ v[:, own] / weights.sum(1, keepdims=True))
    return np.concatenate(heads, axis=1) @ given.out.T + given.out_bias


def carried(experiment: SelfAttention, given: Heads, unit_roundoff: float) -> Array:
    """With d the width and n tokens; q', k', v' are sums of sizes, of which queries, keys and values are off by gamma(d + 1).

    A score is off by gamma(3 d + 7) S with S = max q' k' / sqrt(w); weights by the factor exp(2 gamma S) and n + 6 roundings, the
    average of values, v' at most, by n + d + 2 more, and the output by d + 1.
    """
    d, n, size = experiment.width, experiment.tokens, np.abs(given.inputs)
    q, k, v = (size @ np.abs(weight).T + np.abs(bias) for weight, bias in zip(given.into, given.into_bias, strict=True))
    score = (q @ k.T).max() / np.sqrt(d / experiment.heads)
    moved, steps = np.expm1(2 * gamma(3 * d + 7, unit_roundoff) * score), gamma(2 * n + 2 * d + 9, unit_roundoff)
    return (moved + steps + moved * steps) * (v.max(0) @ np.abs(given.out).T + np.abs(given.out_bias))


CLAIM = Claim(
    entry="multi-head-attention",
    says=(
        "Multi-head attention with h heads cuts queries, keys and values of width d into h slices of width d / h, attends in each "
        "apart, and mixes the concatenated outputs by one linear layer."
    ),
    paper="Vaswani et al. 2017, section 3.2.2",
    experiments=vary(SelfAttention(), heads=(2, 1, 4, 8)),
    predict=sliced,
    judge=equal(within=carried),
    assumptions=(
        Assumption(
            "apart",
            "the heads do not share one softmax",
            broken_by={"attention": "torch.nn:MultiheadAttention(num_heads=1)"},
        ),
    ),
    why_graded="The count of its parameters is exact; what it computes has exponentials in it, and rounds.",
)
