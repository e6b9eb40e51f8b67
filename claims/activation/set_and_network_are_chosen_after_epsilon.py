"""Set and network are chosen after epsilon, and the set is large."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, at_least, equal, vary
from dlverify.experiments.activation import FiniteWorld, ServingSets
from dlverify.quantity import Array


def large_sets(experiment: ServingSets, given: FiniteWorld) -> Array:
    """How many subsets have a measure of at least 1 - epsilon: coefficients of the product of (1 + z^mass), added up.

    Whatever the squashing function, a weight of 32 brings it within 1/10 of its limits at a distance of 1/4 from the
    step, so that every set of that measure has a network; there is no set without one to be left out.
    """
    masses = [int(mass) for mass in given.masses]
    subsets = np.array([1], dtype=object)  # subsets[m]: how many subsets have mass m
    for mass in masses:
        subsets = np.concatenate([subsets, [0] * mass]) + np.concatenate([[0] * mass, subsets])
    total = sum(masses)
    least = [
        max(0, -((tenths - 10) * total // 10)) for tenths in experiment.epsilons
    ]  # the ceiling of (1 - epsilon) total
    return np.array([sum(subsets[mass:]) for mass in least], dtype=object)


def one(experiment: ServingSets, given: FiniteWorld) -> int:
    """One set that serves, as the printed line promises for every epsilon."""
    return 1


CLAIM = Claim(
    entry="uat-formula-misprint",
    says="For every epsilon there are a compact K with mu(K) >= 1 - epsilon and a network within epsilon on K: in a space of "
    "six points every set that is large enough serves. The printed line is met by none.",
    paper="Hornik, Stinchcombe & White 1989, corollary 2.1",
    experiments=vary(ServingSets(), activation=("torch.nn:Sigmoid", "torch.nn:Hardsigmoid")),
    predict=large_sets,
    judge=equal(),
    assumptions=(
        Assumption("squashing", "the unit's limits are 0 and 1", broken_by={"activation": "torch.nn:Softsign"}),
        Assumption("large", "K has a measure of at least 1 - epsilon", broken_by={"inequality": "below"}),
        Assumption(
            "a-probability",
            "mu is a probability measure",
            why_kept="on the line with Lebesgue measure the complement of every compact set has infinite measure, so that no "
            "K is 'all but epsilon'; a finite world has no such measure",
        ),
    ),
    errata=(
        Erratum(
            "measure-below",
            "The measure of K is printed as mu(K) < 1 - epsilon: at epsilon = 1 it would have to be negative. For smaller "
            "epsilon the empty set serves, whatever the network.",
            number=3,
            broken_by={"inequality": "below"},
            predict=one,
            judge=at_least(),
        ),
        Erratum(
            "pair-before-epsilon",
            "One K and one network are printed for every epsilon: their error would have to be 0.",
            number=3,
            broken_by={"order": "pair first"},
            predict=one,
            judge=at_least(),
        ),
        Erratum(
            "as-printed",
            "Both: one K and one network with mu(K) < 1 - epsilon and an error below epsilon, for every epsilon.",
            number=3,
            broken_by={"inequality": "below", "order": "pair first"},
            predict=one,
            judge=at_least(),
        ),
    ),
)
