"""The best of many coin flips looks better than a coin."""

import math
from fractions import Fraction

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.data import BestOfMany, Coins
from dlverify.quantity import Array


def largest_of_binomials(experiment: BestOfMany, given: Coins) -> Array:
    """E max / n = sum_{k=1}^{n} (1 - F(k-1)^M) / n, where F is the distribution function of n coin flips.

    At most 1/2 + sqrt(log M / 2n), and near it for large M and n (Massart 2000, lemma 5.2).
    """
    n = experiment.examples
    below = [Fraction(sum(math.comb(n, j) for j in range(k)), 2**n) for k in range(1, n + 1)]
    return np.array([sum(1 - share**number for share in below) / n for number in experiment.candidates], dtype=object)


CLAIM = Claim(
    entry="train-val-test-protocol",
    says=(
        "Of M classifiers that flip coins the best is right, about the n examples that chose it, as often as the largest of "
        "M binomial numbers says, the more often the larger M; about others every second time."
    ),
    paper="Massart 2000; Dwork et al. 2015",
    experiments=vary(BestOfMany()) + vary(BestOfMany(candidates=(1, 2, 3)), examples=(3,)),
    predict=largest_of_binomials,
    judge=equal(),
    assumptions=(
        Assumption("same-data", "the examples that choose are those reported on", broken_by={"report": "left out"}),
    ),
)
