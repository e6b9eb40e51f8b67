"""Adadelta's window is fixed."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, rounding, vary
from dlverify.experiments.optimizer import Gradients, StepLengths
from dlverify.quantity import Array

RHO, EPSILON = 0.9, 1e-6
"""torch's defaults."""


def updates(gradients: Array, rhos: Array) -> Array:
    """-sqrt(E_(t-1)[step^2] + epsilon) / sqrt(E_t[g^2] + epsilon) g_t, where E_t keeps rho_t of itself and takes 1 - rho_t."""
    squares, steps, found = np.zeros(gradients.shape[1]), np.zeros(gradients.shape[1]), []
    for gradient, rho in zip(gradients, rhos, strict=True):
        squares = rho * squares + (1 - rho) * gradient**2
        found.append(-np.sqrt(steps + EPSILON) / np.sqrt(squares + EPSILON) * gradient)
        steps = rho * steps + (1 - rho) * found[-1] ** 2
    return np.array(found)


def fixed_window(experiment: StepLengths, given: Gradients) -> Array:
    """rho at every step: a square of age k weighs (1 - rho) rho^k whenever it is looked back at, so 1 / (1 - rho) steps count."""
    return updates(given.values, np.full(experiment.steps, RHO))


def growing_window(experiment: StepLengths, given: Gradients) -> Array:
    """rho_t = 1 - 1/t: all squares so far weigh the same, as in Adagrad, and the window changes at every step."""
    return updates(given.values, 1 - 1 / np.arange(1, experiment.steps + 1))


def size(experiment: StepLengths, given: Gradients) -> Array:
    """The length of the update: nothing is subtracted on the way."""
    return np.abs(fixed_window(experiment, given))


def roundings(experiment: StepLengths, given: Gradients) -> Array:
    """3 t + 1 in the squared gradients and 3/2 t^2 + 33/2 t in the squared steps, under roots, and 6 more; and in float64.

    A squared step brings in what the step carries, so that the average of squared steps collects 3 t + 15 more each time.
    """
    t = np.arange(1, experiment.steps + 1)[:, None]
    return 2 * (0.75 * t**2 + 10 * t + 8)


CASE = StepLengths("torch.optim:Adadelta", lr=1.0, gradient="random", sizes=(1e-2, 1.0, 1e2), report="update", steps=64)

CLAIM = Claim(
    entry="adadelta-no-learning-rate",
    says="Adadelta averages the squares of gradients and of its own steps over a window of fixed length, 1 / (1 - rho) steps.",
    paper="Zeiler 2012, algorithm 1",
    experiments=vary(CASE, optimizer=("torch.optim:Adadelta", "torch.optim:Adadelta(foreach=True)")),
    predict=fixed_window,
    judge=equal(within=rounding(operations=roundings, scale=size)),
    assumptions=(
        Assumption("forgets", "old squares lose weight", broken_by={"optimizer": "torch.optim:Adagrad(eps=1e-6)"}),
        Assumption(
            "same-window", "the window is as long as stated", broken_by={"optimizer": "torch.optim:Adadelta(rho=0.99)"}
        ),
    ),
    errata=(Erratum("changing-window", "The size of Adadelta's window changes.", number=17, predict=growing_window),),
)
