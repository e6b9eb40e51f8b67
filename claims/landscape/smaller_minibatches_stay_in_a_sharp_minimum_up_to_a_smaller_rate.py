"""E x^2 does not grow up to the learning rate 2a / (a^2 + s^2 / B): the smaller the minibatch, the smaller it is."""

from fractions import Fraction

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.landscape import EnumeratedSteps, Minibatches
from dlverify.quantity import Array


def boundary(experiment: EnumeratedSteps, given: Minibatches) -> Array:
    """2a / (a^2 + s^2 / B), where (1 - lr a)^2 + lr^2 s^2 / B = 1, rounded down to a multiple of 2^-16.

    Without replacement s^2 counts (N - B) / (N - 1) times, so that the full batch has gradient descent's 2 / a.
    """
    number, found = len(experiment.curvatures), []
    for batch in experiment.batches:
        share = Fraction(1) if experiment.sampling == "with replacement" else Fraction(number - batch, number - 1)
        found.append(Fraction(int(2**17 * given.mean / (given.mean**2 + given.variance * share / batch)), 2**16))
    return np.array(found, dtype=object)


def left_at_every_rate(experiment: EnumeratedSteps, given: Minibatches) -> Array:
    """0 for every minibatch, which leaves a sharp minimum, and 2 / a for the full batch, which stays."""
    full = boundary(experiment, given)[-1]
    return np.array([Fraction(0)] * (len(experiment.batches) - 1) + [full], dtype=object)


CLAIM = Claim(
    entry="sgd-linear-stability",
    says=(
        "E x^2 does not grow up to the learning rate 2a / (a^2 + s^2 / B), a and s^2 mean and variance of the samples' "
        "curvatures: smaller for smaller minibatches, the same for all where the samples curve alike."
    ),
    paper="Wu, Ma & E 2018",
    experiments=vary(
        EnumeratedSteps(report="largest rate", sampling="without replacement"),
        curvatures=((0.0, 0.0, 8.0, 8.0), (2.0, 2.0, 6.0, 6.0), (4.0, 4.0, 4.0, 4.0), (0.5, 0.5, 1.5, 1.5)),
    )
    + vary(EnumeratedSteps(report="largest rate", curvatures=(0.0, 8.0)), batches=((1, 2, 4, 8, 16),)),
    predict=boundary,
    judge=equal(),
    assumptions=(
        Assumption(
            "gradient-alone",
            "a step goes by the gradient alone",
            broken_by={"optimizer": "torch.optim:SGD(momentum=0.5)"},
        ),
        Assumption("afresh", "each step draws its minibatch afresh", broken_by={"sampling": "epochs"}),
    ),
    errata=(
        Erratum(
            "minibatches-never-stay",
            "minibatches converge to flat minima and full batches to sharp ones, with no condition on the step",
            number=40,
            predict=left_at_every_rate,
        ),
    ),
)
