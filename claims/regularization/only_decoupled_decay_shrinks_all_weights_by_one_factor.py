"""Only decoupled decay shrinks all weights by one factor under Adam."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.regularization import DecayedPaths, Path
from dlverify.quantity import Array


def shrunk(experiment: DecayedPaths, given: Path) -> Array:
    """w_t = (1 - lr lambda)^t w_0: without gradients of the loss, decay is all that happens."""
    steps = np.arange(experiment.steps + 1.0)[:, None]
    return np.asarray((1 - experiment.lr * experiment.strength) ** steps * given.weights)


def roundings(experiment: DecayedPaths, given: Path) -> Array:
    """The factor, rounded to the dtype, a product and a difference of zero at each step; as many in the prediction's power."""
    return 5 * np.arange(experiment.steps + 1.0)[:, None]


def sizes(experiment: DecayedPaths, given: Path) -> Array:
    """Weights only shrink."""
    return np.abs(given.weights)


def residuals(decoupled: int = 1) -> dict[str, Any]:
    """Adam's first step divides a gradient by its own size: by the penalty it moves lr, whatever lambda; decoupled, lr lambda w."""
    w, rate, strength = sympy.symbols("w lr lambda", positive=True)
    penalty = strength * w
    coupled = rate * penalty / sympy.sqrt(penalty**2)
    step = rate * strength * w if decoupled else coupled
    return {
        "decoupled": w - step - (1 - rate * strength) * w,
        "coupled, first step": coupled - rate,
    }


CLAIM = Claim(
    entry="weight-decay-equals-l2",
    says="Without gradients of the loss AdamW multiplies every weight by 1 - lr lambda at each step; Adam's weight_decay, which is the "
    "penalty, moves large and small weights by the same lr.",
    paper="Loshchilov & Hutter 2019",
    experiments=vary(
        DecayedPaths("torch.optim:AdamW", decay="argument", gradients="none"),
        optimizer=("torch.optim:AdamW", "torch.optim:AdamW(foreach=True)", "torch.optim:AdamW(fused=True)"),
    ),
    predict=shrunk,
    judge=equal(within=rounding(operations=roundings, scale=sizes)),
    assumptions=(
        Assumption(
            "decoupled", "decay does not pass through the averages", broken_by={"optimizer": "torch.optim:Adam"}
        ),
        Assumption("not-in-the-loss", "decay is no penalty in the loss", broken_by={"decay": "penalty"}),
    ),
    proof=Proof(
        "For all weights, rates and penalties decoupled decay multiplies, and a penalty moves Adam by lr at first.",
        residuals,
        broken=lambda: residuals(decoupled=0),
    ),
)
