"""A small learning rate slows descent and does not stop it: halved, it needs about twice as many steps."""

from fractions import Fraction

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.descent import Parabolas, StepsToMinimum
from dlverify.quantity import Array


def steps_needed(experiment: StepsToMinimum, given: Parabolas) -> Array:
    """The smallest t with |1 - lr c|^t <= 1/100 for both curvatures c, from logarithms; never from |1 - lr c| = 1 on.

    No learning rate brings a power as near to 1/100 as float64's logarithms are inexact: the quotient of logarithms is
    a whole number only where 1/100 is a power of |1 - lr c|, whose denominators are powers of two.
    """
    found = []
    for rate in experiment.rates:
        factors = [abs(1 - Fraction(rate) * Fraction(c)) for c in np.diag(given.hessians[0]).tolist()]
        if max(factors) >= 1:
            found.append(experiment.most)
            continue
        times = [int(np.ceil(np.log(0.01) / np.log(float(factor)))) if factor else 1 for factor in factors]
        found.append(max(times))
    return np.array(found, dtype=object)


def too_small_to_learn(experiment: StepsToMinimum, given: Parabolas) -> Array:
    """The same, but for the smallest rate, of which is printed that nothing is learned."""
    found = steps_needed(experiment, given)
    found[int(np.argmin(experiment.rates))] = experiment.most
    return found


CASE = StepsToMinimum("torch.optim:SGD")

CLAIM = Claim(
    entry="gd-step-size-threshold",
    says="Below the stable bound every learning rate leads descent to the minimum of a parabola: a small one only takes more "
    "steps, log(1/100) / log(1 - lr c) for the smallest curvature c.",
    paper="Polyak 1987",
    experiments=vary(CASE) + vary(CASE, rates=((0.25, 0.75, 1.25, 1.5, 1.625, 1.75, 1.875, 2.0),)),
    predict=steps_needed,
    judge=equal(),
    assumptions=(
        Assumption(
            "gradient-alone",
            "a step goes by the gradient alone",
            broken_by={"optimizer": "torch.optim:SGD(momentum=0.5)"},
        ),
        Assumption(
            "no-decay", "the loss alone is descended", broken_by={"optimizer": "torch.optim:SGD(weight_decay=0.5)"}
        ),
    ),
    errata=(
        Erratum(
            "too-small-to-learn",
            "where the learning rate is too small, nothing is learned",
            number=20,
            predict=too_small_to_learn,
        ),
    ),
)
