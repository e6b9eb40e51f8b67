"""Heads divide the width without adding parameters."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.attention import HeadCounts


def four_squares(experiment: HeadCounts, given: None) -> list[int]:
    """h (d / h) d for the queries of h heads, as much for keys and for values, d^2 behind them, and 4 d biases: 4 d^2 + 4 d."""
    d = experiment.width
    return [3 * h * (d // h) * d + d * d + 4 * d for h in experiment.heads]


CLAIM = Claim(
    entry="multi-head-attention",
    says="Multi-head attention of width d has 4 d^2 + 4 d parameters for every number of heads that divides d.",
    paper="Vaswani et al. 2017, section 3.2.2",
    experiments=vary(HeadCounts(), width=(16, 512, 1024)),
    predict=four_squares,
    judge=equal(),
    assumptions=(
        Assumption(
            "biases",
            "the four projections have biases",
            broken_by={"attention": "torch.nn:MultiheadAttention(bias=False)"},
        ),
        Assumption(
            "one-width",
            "queries, keys and values are made of tokens of one width",
            broken_by={"attention": "torch.nn:MultiheadAttention(kdim=8)"},
        ),
        Assumption(
            "shares",
            "a head has its share of the width; as wide as the tokens, heads cost d^2 each time",
            broken_by={"attention": "dlverify.lab.architectures.transformers:FullWidthAttention"},
        ),
    ),
)
