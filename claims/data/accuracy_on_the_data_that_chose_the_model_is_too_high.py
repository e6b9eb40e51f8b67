"""Accuracy on the data that chose the model is too high."""

from dlverify import Assumption, Claim, mostly, vary
from dlverify.experiments.data import ReportedAccuracy, Selection


def above_a_half(experiment: ReportedAccuracy, given: Selection) -> float:
    """0.55, where 1/2 is true of every classifier.

    Of 100 coin flips 56 and more are right with probability 0.136, so that one of 50 independent
    classifiers is with 1 - 0.864^50 = 0.9993, and the one that was chosen, on other examples, with 0.136.
    """
    return 0.55


CLAIM = Claim(
    entry="train-val-test-protocol",
    says=(
        "With labels that are coin flips, the best of 50 classifiers and more is right about over 55 % of the 100 examples "
        "that chose it, and about half of those that did not: a test set that chooses is no test set."
    ),
    paper="Hastie, Tibshirani & Friedman 2009, section 7.10; Cawley & Talbot 2010",
    experiments=vary(ReportedAccuracy()),
    predict=above_a_half,
    # Pilot, 512 seeds of two other roots: 0.994, standard error 0.003; on those left out 0.02, without a choice 0.10.
    judge=mostly("above", p0=0.3, p1=0.95),
    assumptions=(
        Assumption("same-data", "the examples that choose are those reported on", broken_by={"report": "left out"}),
        Assumption("a-choice", "there is more than one classifier to choose from", broken_by={"candidates": (1,)}),
    ),
)
