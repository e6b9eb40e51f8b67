"""Ten labelled points have the 28 probabilities that are printed, to two decimals."""

from fractions import Fraction

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.densities import Frequencies, Labelled
from dlverify.quantity import Array

PRINTED = """
    .2  .3  .1  .4
    .0  .2  .2  .6
    .4  .4  .0  .2
    .0  .1  .1  .3
    .2  .2  .0  .1
    .0  .33 1.0 .75
    1.0 .67 .0  .25
"""
"""P(x), P(x | y), P(x, y) and P(y | x) for y = 0 and 1, row by row, of x = (0, 0), (0, 1), (1, 0), (1, 1): note 003."""


def printed(experiment: Frequencies, given: Labelled) -> Array:
    """The printed decimals, or the fractions that the rules of probability make of the first five printed rows.

    P(y) is not printed. It is the sum of P(x, y) over x, 1/2 for either class; then P(x) = sum over y of P(x, y),
    P(x | y) = P(x, y) / P(y), and Bayes' rule P(y | x) = P(x | y) P(y) / P(x): 1/3 and 2/3 where .33 and .67 are printed.
    """
    table = np.array([[Fraction(number) for number in row.split()] for row in PRINTED.strip().splitlines()])
    if experiment.report == "rounded":
        return table
    likelihood, prior = table[1:3], table[3:5].sum(1, keepdims=True)
    joint = likelihood * prior
    total = joint.sum(0, keepdims=True)
    return np.concatenate([total, likelihood, joint, joint / total])


CLAIM = Claim(
    entry="generative-vs-discriminative-example",
    says="The ten points have the 28 probabilities printed, and those obey Bayes' rule with P(y) = 1/2, which is not printed.",
    paper="Ng & Jordan 2002 (generative and discriminative classifiers)",
    experiments=vary(Frequencies(), report=("rounded", "exact")),
    predict=printed,
    judge=equal(),
    assumptions=(
        Assumption("as-labelled", "the points have these labels", broken_by={"flipped": 4}),
        Assumption(
            "nothing-assumed",
            "x is counted as a whole: nothing is assumed about its law within a class",
            broken_by={"counted": "features"},
            case="exact",
        ),
    ),
)
