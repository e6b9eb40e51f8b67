"""A look-up table minimises the risk over all functions."""

from fractions import Fraction

import numpy as np

from dlverify import Assumption, Claim, Erratum, at_least, equal, vary
from dlverify.experiments.setup import ErrorsOverTargets, World, boolean_functions
from dlverify.quantity import Array


def least_of_all(experiment: ErrorsOverTargets, given: World) -> Array:
    """The fewest wrong answers to the sample that any of the 256 functions has, by trying all; 1/2 off the sample.

    Off the sample half of the targets that agree on it say 1 at a point and half say 0, whatever the table holds there.
    """
    functions = boolean_functions(len(given.points))
    shares = np.empty((2, len(experiment.sizes)), dtype=object)
    for column, size in enumerate(experiment.sizes):
        seen, copies = given.order[:size], 1 if experiment.sample == "once" else 3
        wrong = (functions[:, None, seen] != given.targets[None, :, seen]).sum(axis=2)  # (function, target)
        errors = wrong if copies == 1 else 2 * wrong + (size - wrong)  # a wrong label counts against the right answer
        shares[:, column] = Fraction(int(errors.min(axis=0).sum()), copies * size * len(given.targets)), Fraction(1, 2)
    return shares


def out_of_reach(experiment: ErrorsOverTargets, given: World) -> Array:
    """For one target at least one training point more would be missed than by the best function; nothing off the sample."""
    least = least_of_all(experiment, given)
    copies = 1 if experiment.sample == "once" else 3
    missed = [Fraction(1, copies * size * len(given.targets)) for size in experiment.sizes]
    return np.array([least[0] + missed, [Fraction(0)] * len(missed)], dtype=object)


CLAIM = Claim(
    entry="erm-over-all-functions",
    says=(
        "Over all functions the empirical risk is minimised by looking the answers up, for every target on {0, 1}^3, "
        "contradictory labels or not; what is looked up says nothing about other points."
    ),
    paper="Shalev-Shwartz & Ben-David 2014, sections 2.2 and 5.1",
    experiments=vary(
        ErrorsOverTargets(
            "sklearn.tree:DecisionTreeClassifier(random_state=0)", sizes=(1, 2, 3, 4, 5), where=("training", "unseen")
        ),
        sample=("once", "wrong label"),
    ),
    predict=least_of_all,
    judge=equal(),
    assumptions=(
        Assumption(
            "any-function",
            "the table may hold any function, not only those with two steps at most, as a shallower tree may",
            broken_by={"learner": "sklearn.tree:DecisionTreeClassifier(random_state=0, max_depth=1)"},
        ),
        Assumption(
            "nothing-assumed",
            "any function may be the truth, not only one that never falls",
            broken_by={"targets": "monotone"},
        ),
    ),
    errata=(
        Erratum(
            "impossible",
            "The empirical risk cannot in general be minimised over all functions.",
            number=43,
            predict=out_of_reach,
            judge=at_least(),
        ),
    ),
)
