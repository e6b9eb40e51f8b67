"""The gradient of squared error on the softmax fades where it is wrong."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.likelihood import Logits, MarginGradients
from dlverify.quantity import Array


def slopes(experiment: MarginGradients, given: Logits) -> Array:
    """1 - p for cross-entropy and 4 p (1 - p)^2 for squared error, p = 1 / (1 + exp(-lead)): 1 and 4 exp(lead) far below 0."""
    lead = np.array(experiment.margins)
    right, wrong = 1 / (1 + np.exp(-lead)), 1 / (1 + np.exp(lead))
    return np.stack([wrong, 4 * right * wrong**2])


def shrinking(experiment: MarginGradients, given: Logits) -> Array:
    """1 for cross-entropy, a difference from 1; the probability p for squared error, a product with it: both with lead + 1."""
    lead = np.array(experiment.margins)
    return np.stack([1 + 0 * lead, 4 / (1 + np.exp(-lead))]) * (1 + np.abs(lead))


def residuals(factor: int = 4) -> dict[str, Any]:
    """The squared errors of both classes are (1 - p)^2; dp/dz = p (1 - p)."""
    z = sympy.Symbol("z", real=True)
    p = 1 / (1 + sympy.exp(-z))
    squared, cross = 2 * (1 - p) ** 2, -sympy.log(p)
    return {
        "cross-entropy": sympy.diff(cross, z) + (1 - p),
        "squared error": sympy.diff(squared, z) + factor * p * (1 - p) ** 2,
        "full for the wrong": sympy.limit(sympy.exp(z) / (1 + sympy.exp(z)), z, -sympy.oo),
    }


CLAIM = Claim(
    entry="softmax-ce-gradient",
    says="Where the true class lags far behind cross-entropy passes its logit a gradient near 1, whereas squared error on the "
    "softmax passes 4 exp(lead), next to nothing.",
    paper="Goodfellow, Bengio & Courville 2016, section 6.2.2.3",
    experiments=vary(MarginGradients()),
    predict=slopes,
    # Exponentials, their sum, its logarithm, a quotient and a few products and differences on either side.
    judge=equal(within=rounding(operations=24, scale=shrinking)),
    assumptions=(
        Assumption(
            "softmax",
            "the squared error is that of the softmax; that of the logits grows with the lag",
            broken_by={"between": "torch.nn:Identity"},
        ),
        Assumption("squared", "the rival is the squared error", broken_by={"rival": "torch.nn:L1Loss"}),
    ),
    proof=Proof(
        "For every lead the slopes are 1 - p and 4 p (1 - p)^2.",
        residuals,
        broken=lambda: residuals(factor=2),
    ),
)
