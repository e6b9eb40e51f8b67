"""The share that dropout leaves out varies as a binomial one."""

import numpy as np

from dlverify import Assumption, Claim, mostly, vary
from dlverify.experiments.regularization import DroppedShares, Inputs
from dlverify.quantity import Array


def within_a_tenth(experiment: DroppedShares, given: Inputs) -> Array:
    """Mean p and variance p (1 - p) / n, each a tenth less, and minus a tenth more: both signs lie above, if they are within."""
    mean = experiment.p
    variance = mean * (1 - mean) / experiment.units
    return np.array([0.9 * mean, -1.1 * mean, 0.9 * variance, -1.1 * variance])


CLAIM = Claim(
    entry="dropout",
    says="The share of n units that dropout leaves out has mean p and variance p (1 - p) / n, to a tenth.",
    paper="Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov 2014",
    experiments=vary(DroppedShares(), p=(0.5, 0.25)),
    predict=within_a_tenth,
    # Over 4,096 passes of 64 units a tenth is 4.5 standard deviations of the variance, sqrt(2 / 4095) of itself, and far more
    # of the mean: beyond in one seed of 10^5. Pilot, 200 seeds of another root: all within, for both p.
    judge=mostly("above", p0=0.5, p1=0.99),
    assumptions=(
        Assumption("unit-by-unit", "units are dropped one by one", broken_by={"dropout": "torch.nn:Dropout1d"}),
        Assumption("at-rate-p", "the probability is p", broken_by={"dropout": "torch.nn:Dropout(p=0.4)"}),
    ),
    why_graded="That frequencies follow probabilities is a statement on random numbers; the law itself is proved beside it.",
)
