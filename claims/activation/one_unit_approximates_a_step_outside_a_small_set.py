"""One unit approximates a step outside a set as small as desired."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, certainly_at_most, vary
from dlverify.experiments.activation import Networks, StepError
from dlverify.quantity import Array


def epsilon(experiment: StepError, given: Networks) -> Array:
    """Epsilon: with the weight s = (2 / epsilon) ln(2 / epsilon) the sigmoid is epsilon / (2 + epsilon) at -s epsilon / 2.

    K = [0, 1/2 - epsilon/2] and [1/2 + epsilon/2, 1] together have measure 1 - epsilon, and on K the nondecreasing unit
    is off by most where K comes nearest to the jump: by that half of epsilon. At the jump itself a continuous function is off
    by at least 1/2, on one side or the other.
    """
    return np.array(experiment.epsilons)


CLAIM = Claim(
    entry="universal-approximation",
    says="For every epsilon a single sigmoid unit is within epsilon of a discontinuous step on a compact set of measure at "
    "least 1 - epsilon: the measurable case of the theorem, which bounds the measure of that set from below.",
    paper="Hornik, Stinchcombe & White 1989, corollary 2.1; Lusin 1912",
    experiments=vary(StepError()),
    predict=epsilon,
    judge=certainly_at_most(),
    assumptions=(
        Assumption("around-the-jump", "the jump is left out of K", broken_by={"kept": "whole"}),
        Assumption("squashing", "the unit's limits are 0 and 1", broken_by={"activation": "torch.nn:Softsign"}),
    ),
    errata=(
        Erratum(
            "some-compact-set",
            "'On some compact set K', whatever its measure: a single point would do, and on a point a network that ignores "
            "its input is as good as any. On a set of measure 1 - epsilon that network is off by 1/2.",
            number=51,
            broken_by={"steepness": 0.0},
        ),
    ),
)
