"""A trained Transformer looks where the answer stands."""

import numpy as np

from dlverify import Assumption, Claim, mostly, vary
from dlverify.experiments.attention_training import Reversal, Sequences
from dlverify.quantity import Array


def mirrored(experiment: Reversal, given: Sequences) -> Array:
    """At least half of the attention of place i is on place T + 1 - i, where the reversed sequence has its i-th symbol.

    Rows add up to 1, so no other place has as much; spread evenly, attention would be 1 / T = 1/6 everywhere. Where it is not
    needed nothing is asked: a weight is never below 0.
    """
    return np.where(np.eye(experiment.tokens)[::-1] > 0, 0.5, -1.0)


CLAIM = Claim(
    entry="scaled-dot-product-attention",
    says=(
        "Trained to turn sequences round, one layer of self-attention learns to look, from every place, at the mirrored place, where "
        "its answer stands, for more than half of its attention."
    ),
    paper="Bahdanau, Cho & Bengio 2015, figure 3; Vaswani et al. 2017",
    experiments=vary(Reversal(report="attention"))
    + vary(Reversal(report="attention"), tokens=(10,), steps=(400,), tier="full"),
    predict=mirrored,
    # Pilot, 208 seeds of another root: 208 of them, the least weight of all places 0.768 at worst; copying 0.15 at most, without
    # positions 0.174.
    judge=mostly("above", p0=0.5, p1=0.95),
    assumptions=(
        Assumption("asked", "the answer stands at the mirrored place", broken_by={"task": "copy"}),
        Assumption("positions", "the network is told where a token stands", broken_by={"sees": "no places"}),
    ),
)
