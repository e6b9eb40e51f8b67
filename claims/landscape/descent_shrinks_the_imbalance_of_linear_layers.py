"""Descent shrinks the imbalance of linear layers."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.deep_linear import (
    LossOfImbalance,
    Start,
    descent_of_two_weights,
    rounding_of_two_weights,
)
from dlverify.quantity import Array


def lost(experiment: LossOfImbalance, given: Start) -> Array:
    """Of d = w1^2 - w2^2 the part 1 - product of (1 - (lr r)^2): a step multiplies w1 +- w2 by 1 -+ lr r."""
    losses = []
    for lr in experiment.rates:
        products, _ = descent_of_two_weights(given.pair, experiment.target, lr, round(experiment.time / lr) - 1)
        kept = np.prod(1 - (lr * (products - experiment.target)) ** 2)
        losses.append((given.pair[0] ** 2 - given.pair[1] ** 2) * (1 - kept))
    return np.array(losses)


def carried(experiment: LossOfImbalance, given: Start) -> Array:
    """Error of w1^2 - w2^2 where the weights have the error E in units of gamma: 2 |w| E, and twice |w|^2 for itself."""
    scales = []
    for lr in experiment.rates:
        products, squares = descent_of_two_weights(given.pair, experiment.target, lr, round(experiment.time / lr))
        error = rounding_of_two_weights(products, squares, experiment.target, lr)[-1]
        scales.append(2 * np.sqrt(squares[-1]) * error + 2 * squares.max())
    return np.array(scales)


def residuals(second_order: int = 1) -> dict[str, Any]:
    """W1 W1^T - W2^T W2 of layers of any shapes, with G the gradient of any loss with respect to W2 W1."""
    n, h, m = sympy.symbols("n h m", positive=True, integer=True)
    first, last, slope = sympy.MatrixSymbol("W1", h, n), sympy.MatrixSymbol("W2", m, h), sympy.MatrixSymbol("G", m, n)
    lr = sympy.Symbol("lr", real=True)
    move1, move2 = -last.T * slope, -slope * first.T
    next1, next2 = first + lr * move1, last + lr * move2
    drift = lr**2 * second_order * (move1 * move1.T - move2.T * move2)
    w1, w2, t = sympy.symbols("w1 w2 t", real=True)
    loss = (w1 * w2 - t) ** 2 / 2
    after = (w1 - lr * loss.diff(w1)) ** 2 - (w2 - lr * loss.diff(w2)) ** 2
    return {
        "flow conserves it": move1 * first.T + first * move1.T - move2.T * last - last.T * move2,
        "a step of descent": next1 * next1.T - next2.T * next2 - (first * first.T - last.T * last) - drift,
        "one unit": after - (w1**2 - w2**2) * (1 - second_order * lr**2 * (w1 * w2 - t) ** 2),
    }


CLAIM = Claim(
    entry="deep-linear-dynamics",
    says="Gradient flow conserves w1^2 - w2^2 of two linear layers; a step of descent multiplies it by 1 - (lr r)^2, so "
    "that in a fixed time the loss of it goes to zero with the learning rate.",
    paper="Arora, Cohen & Hazan 2018; Du, Hu & Lee 2018",
    experiments=vary(LossOfImbalance(), imbalance=(1.0,), target=(2.0, -2.0)),
    predict=lost,
    # Six roundings a step, one more for the second order; twice, since the prediction rounds as much in float64.
    judge=equal(within=rounding(operations=14, scale=carried)),
    assumptions=(
        Assumption(
            "plain", "steps follow the gradient alone", broken_by={"optimizer": "torch.optim:SGD(momentum=0.5)"}
        ),
        Assumption("same-rate", "both layers have one and the same rate", broken_by={"optimizer": "torch.optim:Adam"}),
    ),
    proof=Proof(
        "W1 W1^T - W2^T W2 is constant under gradient flow, and a step of descent adds lr^2 times the difference of the "
        "squared gradients to it, for all shapes and losses.",
        residuals,
        broken=lambda: residuals(second_order=0),
    ),
)
