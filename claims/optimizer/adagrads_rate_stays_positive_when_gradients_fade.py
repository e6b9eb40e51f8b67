"""Adagrad's rate stays positive when gradients fade."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, rounding, vary
from dlverify.experiments.optimizer import Gradients, StepLengths
from dlverify.quantity import Array


def geometric(experiment: StepLengths, given: Gradients) -> Array:
    """The rate lr / (c sqrt((1 - 4^-t) / 3)) for gradients c 2^-t, by the geometric series; in the limit lr sqrt(3) / c."""
    t = np.arange(experiment.first, experiment.steps + 1)[:, None]
    return experiment.lr / (np.array(experiment.sizes) * np.sqrt((1 - 4.0**-t) / 3))


def roundings(experiment: StepLengths, given: Gradients) -> Array:
    """Half of t + 1 for the sum, then root, epsilon, learning rate, product, two quotients; the prediction's six; that of c."""
    t = np.arange(experiment.first, experiment.steps + 1)[:, None]
    return (t + 1) / 2 + 6 + 6 + 1


def zero(experiment: StepLengths, given: Gradients) -> float:
    """Nothing, once nothing more can come: all squares after the last step add up to 4^-steps / 3, below every rounding."""
    return 0.0


CLAIM = Claim(
    entry="adagrad-lr-decays-to-zero",
    says="Under gradients 2^-t Adagrad's rate falls to lr sqrt(3) and no further: their squares have a finite sum.",
    paper="Ward, Wu & Bottou 2019",
    experiments=vary(
        StepLengths("torch.optim:Adagrad(eps=0)", gradient="halving", steps=40, report="rate", sizes=(1.0, 16.0)),
        lr=(0.01, 1.0),
    ),
    predict=geometric,
    judge=equal(within=rounding(operations=roundings, scale=geometric)),
    assumptions=(
        Assumption("finite-sum", "the squared gradients have a finite sum", broken_by={"gradient": "constant"}),
        Assumption(
            "same-rate", "the learning rate stays", broken_by={"optimizer": "torch.optim:Adagrad(eps=0, lr_decay=0.1)"}
        ),
    ),
    errata=(
        Erratum(
            "ends-at-zero",
            "If training goes on the learning rate always ends up at zero.",
            number=14,
            predict=zero,
            broken_by={"first": 40},
        ),
    ),
)
