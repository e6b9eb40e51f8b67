"""Imitating a log returns its logger's policy."""

from fractions import Fraction

import numpy as np

from dlverify import Assumption, Case, Claim, Erratum, equal
from dlverify.experiments.setup import LearnedPlay, Log
from dlverify.quantity import Array

TREE = "sklearn.tree:DecisionTreeClassifier(random_state=0)"
REGRESSION = "sklearn.tree:DecisionTreeRegressor(random_state=0)"


def of_the_policy(experiment: LearnedPlay, given: Log) -> Array:
    """9/10 where the logger mostly plays the better arm, otherwise 1/10; learnt from rewards always 9/10.

    The fewest wrong labels in a state has the arm that was played most; the least squared error in a state and for an
    arm has its mean reward, and 9/10 is more than 1/10.
    """
    good = [experiment.learns == "rewards" or share > 50 for share in experiment.shares]
    return np.array([Fraction(9 if best else 1, 10) for best in good], dtype=object)


def of_the_best_play(experiment: LearnedPlay, given: Log) -> Fraction:
    """9/10: the function that is learned would be the best play."""
    return Fraction(9, 10)


CLAIM = Claim(
    entry="supervised-learning-scope",
    says=(
        "Learned from a log as labels of states, actions are what the logger mostly did, good or bad; what is best is "
        "learned from the rewards."
    ),
    paper="Sutton & Barto 2018; Ross & Bagnell 2010",
    experiments=(
        Case("imitating-tree", LearnedPlay(TREE)),
        Case("imitating-machine", LearnedPlay("sklearn.svm:SVC")),
        Case("rewards", LearnedPlay(REGRESSION, learns="rewards")),
    ),
    predict=of_the_policy,
    judge=equal(),
    assumptions=(
        Assumption("logged", "the labels are what was done, not what is best", broken_by={"labels": "best"}),
        Assumption(
            "everything-tried",
            "the log holds the rewards of every arm",
            broken_by={"shares": (0,)},
            case="rewards",
        ),
    ),
    errata=(
        Erratum(
            "labels-are-known",
            "Finding the best strategy of a game is learning a function whose values at some points are known.",
            number=75,
            predict=of_the_best_play,
        ),
    ),
)
