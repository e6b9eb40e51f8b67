"""Adagrad's step decays to zero under gradients of constant size, however large or small they are."""

import numpy as np

from dlverify import Assumption, Claim, equal, rounding, vary
from dlverify.experiments.optimizer import Gradients, StepLengths
from dlverify.quantity import Array


def inverse_square_root(experiment: StepLengths, given: Gradients) -> Array:
    """Step t is lr / sqrt(t) for t = 1, 2, ...: the t-th sum of squares is t g^2, and |g| cancels."""
    t = np.arange(1, experiment.steps + 1)[:, None]
    return experiment.lr / np.sqrt(t)


def roundings(experiment: StepLengths, given: Gradients) -> Array:
    """The sum of t squares carries t + 1 roundings and its root half of them; then root, epsilon, quotient, rate, product.

    Three more are those of the prediction itself, in float64.
    """
    t = np.arange(1, experiment.steps + 1)[:, None]
    return (t + 1) / 2 + 5 + 3


CLAIM = Claim(
    entry="adagrad-lr-decays-to-zero",
    says="Under gradients of constant size, whatever it is, Adagrad's step at time t is lr / sqrt(t), so it decays to zero.",
    paper="Duchi, Hazan & Singer 2011",
    experiments=vary(
        StepLengths("torch.optim:Adagrad(eps=0)", sizes=(1e-3, 1.0, 1e3)),
        gradient=("constant", "alternating"),
        lr=(0.01, 1.0),
    ),
    predict=inverse_square_root,
    judge=equal(within=rounding(operations=roundings, scale=inverse_square_root)),
    assumptions=(
        Assumption(
            "never-forgets",
            "the denominator keeps every gradient",
            broken_by={"optimizer": "torch.optim:RMSprop(eps=0)"},
        ),
        Assumption("same-size", "every gradient has the same size", broken_by={"gradient": "growing"}),
    ),
)
