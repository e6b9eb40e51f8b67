"""Adam can settle at the worst point."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, at_least, vary
from dlverify.experiments.adaptive import Numbers, PeriodicLosses
from dlverify.quantity import Array


def ascent(experiment: PeriodicLosses, given: Numbers) -> Array:
    """At least -1 before period 2, then lr (sqrt(2 / (3 k + 3)) - sqrt(1 / (3 k + 1))) more for each k >= 1, up to +1.

    By so much the two steps up of period k + 1 exceed its step down, at least: see the proof. Left out are what only helps,
    that the interval ends at -1, and a factor sqrt(1 + 1 / C^2), above what Adam's correction by 1 - b2^t takes away from
    the steps up. At lr = 0.5 the worst point is reached before period 106. Nothing is allowed for rounding: the path stays
    well above the bound until both are 1 exactly.
    """
    k = np.arange(1, experiment.periods)
    leads = experiment.lr * (np.sqrt(2 / (3 * k + 3)) - np.sqrt(1 / (3 * k + 1)))
    bounds = np.minimum(1, -1 + np.concatenate([[0, 0], np.cumsum(leads)[:-1]]))
    return bounds[experiment.first - 1 :, None]


def residuals(flat: int = 2) -> dict[str, Any]:
    """Steps of period k + 1, at t = 3 k + 1, 3 k + 2, 3 k + 3, with b2 = 1 / (1 + C^2), squared and in units of lr^2.

    The step down is at most C / sqrt(v t) with v >= (1 - b2) C^2, a step up at least 1 / sqrt(v t) with v <= b2 C^2 + 1 - b2.
    The squared ratio of both steps up, at the last t, to the step down exceeds 1 by (3 k - 1) / (3 k + 3), whatever C.
    """
    steep, k = sympy.symbols("C k", positive=True)
    beta2 = 1 / (1 + steep**2)
    down, up = steep**2 / ((1 - beta2) * steep**2) / (3 * k + 1), 1 / (beta2 * steep**2 + 1 - beta2) / (3 * k + 3)
    return {"lead of the steps up": sympy.cancel(flat**2 * up / down - 1 - (3 * k - 1) / (3 * k + 3))}


def adam(steep: float, more: str = "") -> str:
    """Adam without momentum and with beta2 = 1 / (1 + C^2)."""
    return f"torch.optim:Adam(betas=(0.0, {1 / (1 + steep**2)}){more})"


CLAIM = Claim(
    entry="adam-nonconvergence",
    says="On losses C x, -x, -x in turn on [-1, 1] with C > 2, Adam with beta1 = 0, beta2 = 1 / (1 + C^2) and rates falling as "
    "1 / sqrt(t) goes from anywhere, even from the best point -1, to the worst, +1.",
    paper="Reddi, Kale & Kumar 2018, theorem 1",
    experiments=vary(PeriodicLosses(adam(3.0)), steep=(3.0,))
    + vary(PeriodicLosses(adam(2.5)), steep=(2.5,))
    + vary(PeriodicLosses(adam(10.0)), steep=(10.0,))
    + vary(PeriodicLosses(adam(3.0, ", foreach=True")), tier="full", periods=(4096,)),
    predict=ascent,
    judge=at_least(),
    assumptions=(
        Assumption("forgets", "the steep gradient is forgotten", broken_by={"optimizer": adam(3.0, ", amsgrad=True")}),
        Assumption("divides", "steps are divided by the size of gradients", broken_by={"optimizer": "torch.optim:SGD"}),
        Assumption(
            "short-memory",
            "beta2 is small for the slope; torch's 0.999 is not",
            broken_by={"optimizer": "torch.optim:Adam(betas=(0.0, 0.999))"},
        ),
        Assumption("steep", "C > 2: otherwise the best point is +1", why_kept="C decides which point is the worst"),
    ),
    proof=Proof(
        "For every C >= 1 the two steps up of a period, from the second on, are longer than its step down.",
        residuals,
        broken=lambda: residuals(flat=1),
    ),
)
