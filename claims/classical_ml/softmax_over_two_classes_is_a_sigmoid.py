"""Softmax over two classes is a sigmoid."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.classical_ml import Logits, TwoClassLosses
from dlverify.quantity import Array


def softplus(experiment: TwoClassLosses, given: Logits) -> Array:
    """-log sigmoid(z1 - z2) = log(1 + exp(z2 - z1)) for the first class, log(1 + exp(z1 - z2)) for the second; either model."""
    gaps = given.logits[:, 0] - given.logits[:, 1]
    return np.stack([np.logaddexp(0, -gaps), np.logaddexp(0, gaps)])


def terms(experiment: TwoClassLosses, given: Logits) -> Array:
    """|z1 - z2| + 2: the larger logit is subtracted first, which rounds nothing; a sum of two exponentials is at most 2."""
    return np.abs(given.logits[:, 0] - given.logits[:, 1]) + 2


def residuals(second: int = 1) -> dict[str, Any]:
    """For all logits, and for those of all weights and inputs: w1 . x + b1 - w2 . x - b2 = (w1 - w2) . x + (b1 - b2)."""
    z, y = sympy.symbols("z1 z2", real=True)
    n = sympy.Symbol("n", positive=True, integer=True)
    w, v, x = (sympy.MatrixSymbol(name, *shape) for name, shape in (("w1", (1, n)), ("w2", (1, n)), ("x", (n, 1))))
    return {
        "probability": sympy.exp(z) / (sympy.exp(z) + second * sympy.exp(y)) - 1 / (1 + sympy.exp(y - z)),
        "logits": w * x - v * x - (w - v) * x,
    }


CLAIM = Claim(
    entry="softmax-regression",
    says="The softmax of two logits is the sigmoid of their difference: two-class softmax regression is logistic regression with "
    "weights w1 - w2.",
    paper="Hastie, Tibshirani & Friedman 2009, section 4.4",
    experiments=vary(TwoClassLosses()),
    predict=softplus,
    # Two differences, two exponentials, their sum and a logarithm, two roundings for each function; as much in float64.
    judge=equal(within=rounding(operations=20, scale=terms)),
    assumptions=(
        Assumption("two-classes", "there are two classes", broken_by={"classes": 3}),
        Assumption(
            "hard-labels",
            "a label is one class",
            broken_by={"softmax_loss": "torch.nn:CrossEntropyLoss(label_smoothing=0.25)"},
        ),
    ),
    proof=Proof(
        "exp(z1) / (exp(z1) + exp(z2)) = 1 / (1 + exp(z2 - z1)) for all z1, z2, and the difference of linear logits is linear.",
        residuals,
        broken=lambda: residuals(second=2),
    ),
)
