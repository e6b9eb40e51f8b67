"""Momentum adds up earlier gradients with fading weights."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.optimizer import Gradients, StepLengths
from dlverify.quantity import Array

MOMENTUM = 0.9


def weights(experiment: StepLengths) -> Array:
    """momentum^(t - s) for s <= t, in row t and column s."""
    t = np.arange(experiment.steps)
    return np.where(t[:, None] >= t, MOMENTUM ** np.maximum(t[:, None] - t, 0), 0.0)


def weighted_sum(experiment: StepLengths, given: Gradients) -> Array:
    """-lr (g_t + b g_(t-1) + b^2 g_(t-2) + ... ) with the momentum b; for a constant g it is -lr g (1 - b^t) / (1 - b)."""
    return -experiment.lr * weights(experiment) @ given.values


def size(experiment: StepLengths, given: Gradients) -> Array:
    """The sum of the absolute values of its terms."""
    return experiment.lr * weights(experiment) @ np.abs(given.values)


def roundings(experiment: StepLengths, given: Gradients) -> Array:
    """A step rounds the momentum, a product and a sum; then the rate and a product. The prediction: t sums, 3 more a term."""
    t = np.arange(1, experiment.steps + 1)[:, None]
    return (3 * t + 2) + (t + 3)


def residuals(kept: int = 1) -> dict[str, Any]:
    """S_t = (1 - b^t) / (1 - b) begins with 1 and keeps S_(t+1) = b S_t + 1; what it falls short of 1 / (1 - b) by fades."""
    b, t = sympy.symbols("b t", positive=True)
    total = (1 - b**t) / (1 - b)
    return {
        "first step": total.subs(t, 1) - 1,
        "next step": sympy.expand_power_base(total.subs(t, t + 1) - (b * total + kept)),
        "distance from the limit": 1 / (1 - b) - total - b**t / (1 - b),
    }


CASE = StepLengths(
    f"torch.optim:SGD(momentum={MOMENTUM})", gradient="random", sizes=(1e-3, 1.0, 1e3), report="update", steps=64
)

CLAIM = Claim(
    entry="momentum",
    says="Momentum steps along the sum of all gradients so far, those of age k weighing momentum^k, so that a constant gradient "
    "ends up moved by lr / (1 - momentum), ten times the rate at 0.9.",
    paper="Polyak 1964; Sutskever, Martens, Dahl & Hinton 2013",
    experiments=vary(CASE, gradient=("random", "constant", "alternating"))
    + vary(CASE, optimizer=(f"torch.optim:SGD(momentum={MOMENTUM}, foreach=True)",)),
    predict=weighted_sum,
    judge=equal(within=rounding(operations=roundings, scale=size)),
    assumptions=(
        Assumption(
            "added-not-averaged",
            "a new gradient enters with weight 1, not 1 - momentum",
            broken_by={"optimizer": f"torch.optim:SGD(momentum={MOMENTUM}, dampening={MOMENTUM})"},
        ),
        Assumption("remembers", "earlier gradients count", broken_by={"optimizer": "torch.optim:SGD"}),
        Assumption(
            "current-point",
            "no part of the step looks ahead",
            broken_by={"optimizer": f"torch.optim:SGD(momentum={MOMENTUM}, nesterov=True)"},
        ),
    ),
    proof=Proof(
        "For every momentum b and every t the weights 1 + b + ... + b^(t-1) add up to (1 - b^t) / (1 - b).",
        residuals,
        broken=lambda: residuals(kept=2),
    ),
)
