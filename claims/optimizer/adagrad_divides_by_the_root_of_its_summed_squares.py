"""Adagrad divides each coordinate's gradient by the root of that coordinate's summed squares."""

from typing import Any

import numpy as np

from dlverify import Assumption, Claim, equal, rounding, vary
from dlverify.experiments.optimizer import Gradients, StepLengths
from dlverify.quantity import Array


def gradient_over_root(experiment: StepLengths, given: Gradients) -> Array:
    """-lr g_t / sqrt(g_1^2 + ... + g_t^2), coordinate by coordinate."""
    updates: Array = -experiment.lr * given.values / np.sqrt(np.cumsum(given.values**2, axis=0))
    return updates


def size(experiment: StepLengths, given: Gradients) -> Array:
    """The length of the update, which all roundings are relative to: nothing is subtracted on the way."""
    return np.abs(gradient_over_root(experiment, given))


def roundings(experiment: StepLengths, given: Gradients) -> Array:
    """A sum of t squares carries t + 1 roundings, its root half of them; then root, epsilon, learning rate, product, quotient.

    Twice, since the prediction rounds as much in float64.
    """
    t = np.arange(1, experiment.steps + 1)[:, None]
    return 2 * ((t + 1) / 2 + 5)


def with_argument(text: str) -> dict[str, Any]:
    """The same optimizer with one more argument."""
    return {"optimizer": f"torch.optim:Adagrad(eps=0, {text})"}


CASE = StepLengths("torch.optim:Adagrad(eps=0)", gradient="random", sizes=(1e-3, 1.0, 1e3), report="update")

CLAIM = Claim(
    entry="adagrad",
    says="Adagrad's t-th update of a coordinate is -lr g_t / sqrt(g_1^2 + ... + g_t^2), from its own gradients alone.",
    paper="Duchi, Hazan & Singer 2011",
    experiments=vary(CASE, optimizer=("torch.optim:Adagrad(eps=0)", "torch.optim:Adagrad(eps=0, foreach=True)"))
    + vary(CASE, tier="full", optimizer=("torch.optim:Adagrad(eps=0, fused=True)",)),
    predict=gradient_over_root,
    judge=equal(within=rounding(operations=roundings, scale=size)),
    assumptions=(
        Assumption(
            "sums-squares", "squares are summed, not averaged", broken_by={"optimizer": "torch.optim:RMSprop(eps=0)"}
        ),
        Assumption("starts-empty", "the sum starts at zero", broken_by=with_argument("initial_accumulator_value=1.0")),
        Assumption("nothing-added", "epsilon is zero", broken_by={"optimizer": "torch.optim:Adagrad(eps=1e-2)"}),
        Assumption("same-rate", "the learning rate stays as it is", broken_by=with_argument("lr_decay=1.0")),
    ),
)
