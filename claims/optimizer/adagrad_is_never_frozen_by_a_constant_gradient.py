"""Adagrad is never frozen by a constant gradient."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.optimizer import Gradients, StepLengths
from dlverify.quantity import Array


def summed_steps(experiment: StepLengths, given: Gradients) -> Array:
    """The sum lr (1 + 1 / sqrt(2) + ... + 1 / sqrt(t)), between 2 lr (sqrt(t + 1) - 1) and lr (2 sqrt(t) - 1): see the proof."""
    t = np.arange(1, experiment.steps + 1)[:, None]
    distances: Array = experiment.lr * np.cumsum(1 / np.sqrt(t), axis=0)
    return distances


def roundings(experiment: StepLengths, given: Gradients) -> Array:
    """A step carries (t + 1) / 2 + 5, adding up t more; twice, since the prediction rounds as much in float64."""
    t = np.arange(1, experiment.steps + 1)[:, None]
    return 2 * ((t + 1) / 2 + 5 + t)


def residuals(times: int = 1) -> dict[str, Any]:
    """What a step exceeds 2 (sqrt(t + 1) - sqrt(t)) by, and falls short of 2 (sqrt(t) - sqrt(t - 1)) by, is a square over sqrt(t).

    Summed from 1, and from 2 where the first step is 1, both bounds telescope.
    """
    t = sympy.Symbol("t", positive=True)
    step, above, below = times / sympy.sqrt(t), sympy.sqrt(t + 1) - sympy.sqrt(t), sympy.sqrt(t) - sympy.sqrt(t - 1)
    return {
        "lower bound of a step": sympy.expand(step - 2 * above - above**2 / sympy.sqrt(t)),
        "upper bound of a step": sympy.expand(2 * below - step - below**2 / sympy.sqrt(t)),
    }


CLAIM = Claim(
    entry="adagrad-lr-decays-to-zero",
    says="Under a constant gradient Adagrad gets between 2 lr (sqrt(t + 1) - 1) and lr (2 sqrt(t) - 1) far, so beyond any "
    "distance: a rate that decays to zero does not freeze it.",
    paper="Duchi, Hazan & Singer 2011",
    experiments=vary(StepLengths("torch.optim:Adagrad(eps=0)", report="displacement", sizes=(1e-3, 1.0, 1e3))),
    predict=summed_steps,
    judge=equal(within=rounding(operations=roundings, scale=summed_steps)),
    assumptions=(
        Assumption(
            "no-other-decay",
            "nothing else lets the rate decay",
            broken_by={"optimizer": "torch.optim:Adagrad(eps=0, lr_decay=1.0)"},
        ),
        Assumption("same-direction", "gradients do not cancel each other", broken_by={"gradient": "alternating"}),
        Assumption("gradients-persist", "gradients do not fade", broken_by={"gradient": "halving"}),
    ),
    proof=Proof(
        "Every step 1 / sqrt(t) lies between 2 (sqrt(t + 1) - sqrt(t)) and 2 (sqrt(t) - sqrt(t - 1)).",
        residuals,
        broken=lambda: residuals(2),
    ),
)
