"""RMSprop divides by the root of averaged squares, uncorrected, so that it starts with long steps."""

import numpy as np

from dlverify import Assumption, Claim, equal, rounding, vary
from dlverify.experiments.optimizer import Gradients, StepLengths
from dlverify.quantity import Array

ALPHA = 0.99
"""torch's default."""


def gradient_over_root(experiment: StepLengths, given: Gradients) -> Array:
    """-lr g_t / sqrt((1 - alpha) (g_t^2 + alpha g_(t-1)^2 + ...)): for squares that stay g^2, -lr g_t / (|g| sqrt(1 - alpha^t)).

    This is Adadelta's denominator under the learning rate, in the place of the average of steps.
    """
    t = np.arange(experiment.steps)
    weights = np.where(t[:, None] >= t, (1 - ALPHA) * ALPHA ** np.maximum(t[:, None] - t, 0), 0.0)
    return -experiment.lr * given.values / np.sqrt(weights @ given.values**2)


def size(experiment: StepLengths, given: Gradients) -> Array:
    """The length of the update: nothing is subtracted on the way."""
    return np.abs(gradient_over_root(experiment, given))


def roundings(experiment: StepLengths, given: Gradients) -> Array:
    """A step's average rounds alpha, a product and a sum, and what it takes in 4: half of it under the root; then 5; twice."""
    t = np.arange(1, experiment.steps + 1)[:, None]
    return 2 * ((3 * t + 1) / 2 + 5)


CASE = StepLengths("torch.optim:RMSprop(eps=0)", gradient="random", sizes=(1e-3, 1.0, 1e3), report="update", steps=256)

CLAIM = Claim(
    entry="rmsprop",
    says="RMSprop divides lr g by the root of a moving average of g^2 that starts at zero and is not corrected for it: under a "
    "constant gradient its first step is lr / sqrt(1 - alpha), ten times the rate, and its steps fall to lr.",
    paper="Tieleman & Hinton 2012, lecture 6.5",
    experiments=vary(CASE, gradient=("random", "constant", "alternating"))
    + vary(CASE, optimizer=("torch.optim:RMSprop(eps=0, foreach=True)",)),
    predict=gradient_over_root,
    judge=equal(within=rounding(operations=roundings, scale=size)),
    assumptions=(
        Assumption(
            "uncorrected",
            "the average is not divided by 1 - alpha^t",
            broken_by={"optimizer": "torch.optim:Adam(betas=(0.0, 0.99), eps=0)"},
        ),
        Assumption("forgets", "old squares lose weight", broken_by={"optimizer": "torch.optim:Adagrad(eps=0)"}),
    ),
)
