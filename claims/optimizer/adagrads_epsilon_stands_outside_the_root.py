"""Adagrad's epsilon stands outside the root."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, rounding, vary
from dlverify.experiments.optimizer import Gradients, StepLengths
from dlverify.quantity import Array

EPSILON = 0.5
"""As large as the gradients, so that it shows; 1e-10 by default, and exact in every dtype."""


def outside(experiment: StepLengths, given: Gradients) -> Array:
    """-lr g_t / (sqrt(G_t) + epsilon), with G_t = g_1^2 + ... + g_t^2."""
    updates: Array = -experiment.lr * given.values / (np.sqrt(np.cumsum(given.values**2, axis=0)) + EPSILON)
    return updates


def inside(experiment: StepLengths, given: Gradients) -> Array:
    """-lr g_t / sqrt(G_t + epsilon), as other texts and implementations have it."""
    updates: Array = -experiment.lr * given.values / np.sqrt(np.cumsum(given.values**2, axis=0) + EPSILON)
    return updates


def size(experiment: StepLengths, given: Gradients) -> Array:
    """The length of the update: a sum of positive numbers has condition 1."""
    return np.abs(outside(experiment, given))


def roundings(experiment: StepLengths, given: Gradients) -> Array:
    """As for epsilon = 0: half of t + 1 for the sum, then root, epsilon, learning rate, product, quotient; and again in float64."""
    t = np.arange(1, experiment.steps + 1)[:, None]
    return 2 * ((t + 1) / 2 + 5)


CLAIM = Claim(
    entry="adagrad",
    says="torch's Adagrad adds epsilon to the root of the summed squares, not to the sum: a convention, worth knowing.",
    paper="Duchi, Hazan & Singer 2011; Goodfellow, Bengio & Courville 2016, section 8.5.1",
    experiments=vary(StepLengths(f"torch.optim:Adagrad(eps={EPSILON})", gradient="random", report="update", steps=64)),
    predict=outside,
    judge=equal(within=rounding(operations=roundings, scale=size)),
    assumptions=(
        Assumption(
            "starts-empty",
            "the sum starts at zero",
            broken_by={"optimizer": f"torch.optim:Adagrad(eps={EPSILON}, initial_accumulator_value=4.0)"},
        ),
    ),
    errata=(Erratum("inside-the-root", "epsilon is added to the sum of squares, under the root", predict=inside),),
)
