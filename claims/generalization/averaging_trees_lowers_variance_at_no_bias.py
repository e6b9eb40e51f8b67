"""Averaging trees lowers variance at no bias."""

import itertools
from fractions import Fraction
from typing import Any

import numpy as np

from dlverify import Assumption, Claim, Erratum, at_least, equal, vary
from dlverify.experiments.generalization import BaggedParts
from dlverify.quantity import Array


def nearest_drawn(experiment: BaggedParts, given: Any) -> Array:
    """No bias; variance n for one tree, and the sum over x and j of q_xj^2 for the average.

    A full tree splits midway between neighbours, and answers with the target of the nearest drawn place, the lower one
    of two. q_xj is the share of draws in which that is j; the answer at x is the sum of q_xj y_j, and the y_j are coins.
    """
    parts = np.full((2, 2, len(experiment.samples)), Fraction(0), dtype=object)
    for size, count in enumerate(experiment.samples):
        shares = np.full((count, count), Fraction(0), dtype=object)
        for drawn in itertools.product(range(count), repeat=count):
            for place in range(count):
                nearest = min(set(drawn), key=lambda other: (abs(other - place), other))
                shares[place, nearest] += Fraction(1, count**count)
        parts[1, 0, size], parts[1, 1, size] = count, (shares**2).sum()
    return parts


def no_gift(experiment: BaggedParts, given: Any) -> Array:
    """Lower variance costs bias, as printed: where none has any bias, the average's variance is no lower than one tree's."""
    parts = nearest_drawn(experiment, given)
    return np.stack([parts[:, 0], parts[:, 0]], axis=1)


CLAIM = Claim(
    entry="bias-variance-tradeoff",
    says="Bias and variance need not trade off: the average of trees over all resamples with replacement has less variance "
    "than one tree, and where the target is constant neither has any bias.",
    paper="Breiman 1996; Buhlmann & Yu 2002",
    experiments=vary(BaggedParts()),
    predict=nearest_drawn,
    judge=equal(),
    assumptions=(
        Assumption("resamples", "draws are made with replacement, so that trees differ", broken_by={"replace": False}),
        Assumption(
            "full-trees",
            "trees are grown until each place has its leaf; a stump answers otherwise",
            broken_by={"fit": "sklearn.tree:DecisionTreeRegressor(max_depth=1, random_state=0)"},
        ),
    ),
    errata=(Erratum("always", "bias and variance trade off", number=39, predict=no_gift, judge=at_least()),),
)
