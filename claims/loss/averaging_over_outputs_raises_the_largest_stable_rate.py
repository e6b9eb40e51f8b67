"""Averaging over outputs raises the largest stable rate by their number."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.evaluation import LargestStableRates, Pairs
from dlverify.quantity import Array


def entries(experiment: LargestStableRates, given: Pairs) -> Array:
    """N D: a step multiplies residuals by 1 - 2 lr / (N D), which is -1 there. With the notes' sum over outputs it is N."""
    return experiment.samples * np.array(experiment.outputs, dtype=object)


def residuals(averaged: int = 1) -> dict[str, Any]:
    """One residual r among N D: its gradient is 2 r / (N D), and at lr = N D the step turns it round."""
    r = sympy.Symbol("r", real=True)
    samples, outputs = sympy.symbols("N D", positive=True, integer=True)
    others = sympy.Symbol("S", nonnegative=True)
    loss = (r**2 + others) / (samples * outputs**averaged)
    step = r - samples * outputs * sympy.diff(loss, r)
    return {"at lr = N D": step + r}


CLAIM = Claim(
    entry="mse-normalisation",
    says="Descent on torch's mean squared error of N samples with D outputs is stable up to the rate N D on its predictions, D "
    "times that of the notes' sum over outputs: gradients are D times as small.",
    paper="Nesterov 2004, section 2.1.5",
    experiments=vary(LargestStableRates(), samples=(1, 4)),
    predict=entries,
    judge=equal(),
    assumptions=(
        Assumption(
            "mean", "the loss is averaged over outputs", broken_by={"loss": "torch.nn:MSELoss(reduction='sum')"}
        ),
        Assumption(
            "plain",
            "the steps are those of plain gradient descent",
            broken_by={"optimizer": "torch.optim:Adagrad"},
        ),
    ),
    proof=Proof(
        "At the rate N D a step turns every residual round, for all N and D.",
        residuals,
        broken=lambda: residuals(averaged=0),
    ),
)
