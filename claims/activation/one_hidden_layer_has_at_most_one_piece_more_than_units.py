"""One hidden layer of ReLUs has at most one linear piece more than units."""

from collections import defaultdict
from fractions import Fraction

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.activation import Networks, ShallowPieces
from dlverify.quantity import Array


def kinks_and_one(experiment: ShallowPieces, given: Networks) -> Array:
    """1 + the number of different -b/w at which the changes of slope |w| v do not add up to 0: at most width + 1.

    A unit v relu(w x + b) changes its slope once, at -b/w, from 0 to w v or from w v to 0: by |w| v either way.
    """
    counts = []
    for weights in given.networks:
        changes: dict[Fraction, Fraction] = defaultdict(Fraction)
        for w, b, v in zip(weights.inner[:, 0], weights.bias, weights.outer, strict=True):
            changes[-Fraction(b) / Fraction(w)] += abs(Fraction(w)) * Fraction(v)
        counts.append(1 + sum(change != 0 for change in changes.values()))
    return np.array(counts, dtype=object)


CLAIM = Claim(
    entry="depth-separation-sawtooth",
    says="A ReLU network of one hidden layer has one linear piece more than different kinks, so at most one more than units.",
    paper="Telgarsky 2016, lemma 3.2; Montufar, Pascanu, Cho & Bengio 2014",
    experiments=vary(ShallowPieces()),
    predict=kinks_and_one,
    judge=equal(),
    assumptions=(
        Assumption("one-hidden-layer", "there is one hidden layer", broken_by={"times": 2}),
        Assumption("one-kink", "a unit has one kink", broken_by={"activation": "torch.nn:ReLU6"}),
        Assumption("straight", "and is straight elsewhere", broken_by={"activation": "torch.nn:Sigmoid"}),
    ),
)
