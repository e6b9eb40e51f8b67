"""Unequal costs move the threshold of the answer."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.classical_ml import FittedAnswers, Labelled
from dlverify.quantity import Array, as_array

TENTHS = ((0, 2), (1, 2), (1, 0), (3, 1))
"""Of P(x, y = 0) and P(x, y = 1) in the cells (0, 0), (0, 1), (1, 0), (1, 1), as note 003 prints them."""


def cheaper(experiment: FittedAnswers, given: Labelled) -> Array:
    """1 where cost P(x, 1) > P(x, 0), that is P(y = 1 | x) > 1 / (1 + cost), and 0 elsewhere; none is a tie.

    So (0, 1), with 2/3, is 0 at costs below 1/2, and (1, 1), with 1/4, is 1 at costs above 3.
    """
    return as_array([[int(cost * ones > zeros) for zeros, ones in TENTHS] for cost in experiment.costs])


CLAIM = Claim(
    entry="bayes-classification-example",
    says="Where missing a 1 costs c times as much as missing a 0, the answer is 1 where P(y = 1 | x) > 1 / (1 + c): the decision "
    "follows from posterior and costs.",
    paper="Duda, Hart & Stork 2001, chapter 2",
    experiments=vary(FittedAnswers()),
    predict=cheaper,
    judge=equal(),
    assumptions=(
        Assumption(
            "any-rule",
            "the classifier can give each cell an answer of its own",
            broken_by={"classifier": "sklearn.tree:DecisionTreeClassifier(max_depth=1, random_state=0)"},
        ),
        Assumption(
            "posterior",
            "it knows P(y | x), and does not take the features for independent given the class",
            broken_by={"classifier": "sklearn.naive_bayes:BernoulliNB(alpha=1e-10)"},
        ),
    ),
)
