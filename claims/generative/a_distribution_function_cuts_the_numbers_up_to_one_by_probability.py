"""A distribution function cuts the numbers from 0 to 1 into intervals as long as the probabilities of its values."""

from fractions import Fraction

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.densities import Numbers, ValuesOfNumbers
from dlverify.quantity import Array

TENTHS = (2, 3, 1, 4)
"""P(x = 00), P(x = 01), P(x = 10), P(x = 11) in tenths, as note 003 prints them."""


def shares(experiment: ValuesOfNumbers, given: Numbers) -> Array:
    """n P(x): of n numbers in the middles of n equal parts, an interval from one multiple of 1/10 to another holds its share.

    The inverse sends u to the first value whose distribution function reaches u, so x has the interval from F(x-) to F(x),
    of length P(x). Its ends are edges of parts where 10 divides n, and middles stay half a part away: nothing rounds.
    """
    return np.array([Fraction(experiment.draws * tenths, 10) for tenths in TENTHS])


CLAIM = Claim(
    entry="inverse-cdf-sampling",
    says="The inverse of the distribution function maps numbers spread evenly over [0, 1] to each x in the share P(x), exactly.",
    paper="Devroye 1986, section II.2",
    experiments=vary(ValuesOfNumbers(), draws=(10, 1000, 100_000)),
    predict=shares,
    judge=equal(),
    assumptions=(
        Assumption("even", "the numbers are spread evenly", broken_by={"spacing": "bunched"}, case="1000"),
        Assumption("knows-the-law", "the model knows the law of the data, P(x)", broken_by={"law": "P(x | y = 1)"}),
    ),
)
