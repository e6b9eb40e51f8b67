"""Most paths of SGD come nearer to a minimum as long as the mean of log |1 - lr a_i| is negative, though E x^2 grows."""

from fractions import Fraction

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.landscape import EnumeratedSteps, Minibatches
from dlverify.quantity import Array


def beyond_the_lyapunov_boundary(experiment: EnumeratedSteps, given: Minibatches) -> Array:
    """Whether |(1 - lr a_1) (1 - lr a_2)| > 1, the sign of the mean of log |1 - lr a_i|.

    With two samples and an even number of steps, sequences come in pairs that exchange the samples, and those with as
    many of the one as of the other are the median: they lead away if and only if that product exceeds 1.
    """
    first, second = (Fraction(curvature) for curvature in experiment.curvatures)
    return np.array([[abs((1 - Fraction(r) * first) * (1 - Fraction(r) * second)) > 1 for r in experiment.rates]])


def beyond_the_mean_square_boundary(experiment: EnumeratedSteps, given: Minibatches) -> Array:
    """Whether (1 - lr a)^2 + lr^2 s^2, the mean of (1 - lr a_i)^2, exceeds 1."""
    return np.array(
        [[sum((1 - Fraction(r) * Fraction(c)) ** 2 for c in experiment.curvatures) > 2 for r in experiment.rates]]
    )


CLAIM = Claim(
    entry="sgd-linear-stability",
    says=(
        "With curvatures 1/2 and 7/2 half of all paths of SGD lead away from the minimum just where the mean of "
        "log |1 - lr a_i| is positive, from lr = 0.739 on; E x^2, which few paths carry, grows from lr = 0.64 on."
    ),
    paper="Furstenberg & Kesten 1960; Gurbuzbalaban, Simsekli & Zhu 2021",
    experiments=vary(
        EnumeratedSteps(
            curvatures=(0.5, 3.5), batches=(1,), rates=tuple(k / 64 for k in range(32, 65)), report="most paths"
        ),
        steps=(2, 6),
    ),
    predict=beyond_the_lyapunov_boundary,
    judge=equal(),
    assumptions=(
        Assumption(
            "gradient-alone",
            "a step goes by the gradient alone",
            broken_by={"optimizer": "torch.optim:SGD(momentum=0.5)"},
        ),
        Assumption("one-sample", "a step takes one of the two samples", broken_by={"batches": (2,)}),
    ),
    errata=(
        Erratum(
            "mean-square-decides",
            "a path leaves the minimum as soon as E x^2 grows",
            predict=beyond_the_mean_square_boundary,
        ),
    ),
)
