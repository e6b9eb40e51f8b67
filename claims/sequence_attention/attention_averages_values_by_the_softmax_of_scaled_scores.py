"""Attention averages values by the softmax of scaled scores."""

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.evidence.rounding import gamma
from dlverify.experiments.attention import AttentionOutputs, Tokens
from dlverify.quantity import Array


def scores(experiment: AttentionOutputs, given: Tokens) -> Array:
    """q . k / sqrt(width), and minus infinity where a query may not look."""
    products = given.queries @ given.keys.T / np.sqrt(experiment.width)
    hidden = np.triu(np.ones(products.shape, dtype=bool), 1) & experiment.causal
    return np.where(hidden, -np.inf, products)


def weights(experiment: AttentionOutputs, given: Tokens) -> Array:
    """exp(score) over its sum for each query: not negative, and each row adds up to 1."""
    unnormalised = np.exp(scores(experiment, given))
    return unnormalised / unnormalised.sum(1, keepdims=True)


def averages(experiment: AttentionOutputs, given: Tokens) -> Array:
    """Weights times values, hence between the smallest and the largest value in each feature."""
    return weights(experiment, given) @ given.values


def carried(experiment: AttentionOutputs, given: Tokens, unit_roundoff: float) -> Array:
    """A score is a sum of d products, with the root and the softmax's shift: off by gamma(d + 4) S, S the largest sum of sizes.

    Numerator and denominator of a weight are then off by a factor of exp of that, together exp(2 gamma(d + 4) S), and by n + 6
    roundings of exponentials, their sum and the quotient; n + 1 more follow in the sum of n weighted values.
    """
    sizes = np.abs(given.queries) @ np.abs(given.keys).T / np.sqrt(experiment.width)
    moved = np.expm1(2 * gamma(experiment.width + 4, unit_roundoff) * sizes.max())
    steps = gamma(2 * experiment.tokens + 7, unit_roundoff)
    return (moved + steps + moved * steps) * (weights(experiment, given) @ np.abs(given.values))


CLAIM = Claim(
    entry="scaled-dot-product-attention",
    says=(
        "Each output of attention is an average of the values, weighted by the softmax over the keys of q . k / sqrt(d): the weights "
        "are not negative and add up to 1, and a causal mask gives later keys none."
    ),
    paper="Vaswani et al. 2017, equation 1",
    experiments=vary(AttentionOutputs(), values=("identity", "normal"), causal=(False, True)),
    predict=averages,
    judge=equal(within=carried),
    assumptions=(
        Assumption(
            "scaled",
            "scores are divided by the root of the width",
            broken_by={"attention": "torch.nn.functional:scaled_dot_product_attention(scale=1.0)"},
            effect=0.1,
        ),
        Assumption(
            "every-key",
            "without a mask a query looks at every key",
            broken_by={"attention": "torch.nn.functional:scaled_dot_product_attention(is_causal=True)"},
            effect=0.5,
        ),
    ),
)
