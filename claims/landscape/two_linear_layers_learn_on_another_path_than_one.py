"""Two linear layers learn on another path than one."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, rounding, vary
from dlverify.experiments.deep_linear import (
    DescentOfStack,
    Start,
    descent_of_two_weights,
    rounding_of_two_weights,
)
from dlverify.quantity import Array


def path(experiment: DescentOfStack, given: Start) -> Array:
    """A quarter of (w1 + w2)^2 - (w1 - w2)^2; a step multiplies w1 +- w2 by 1 -+ lr r, where r = w1 w2 - t."""
    return descent_of_two_weights(given.pair, experiment.target, experiment.lr, experiment.steps)[0]


def carried(experiment: DescentOfStack, given: Start) -> Array:
    """Error of the product where the weights have the error E in units of gamma: |w| E, and |p| for the product itself."""
    products, squares = descent_of_two_weights(given.pair, experiment.target, experiment.lr, experiment.steps)
    errors = rounding_of_two_weights(products, squares, experiment.target, experiment.lr)
    return np.asarray(np.sqrt(squares) * errors + abs(products))


def one_layer(experiment: DescentOfStack, given: Start) -> Array:
    """The path of a single weight p, t + (p - t) (1 - lr)^k: from 1/4 towards 2 it is at 1.390 after ten steps, not at 1.819."""
    p, t = given.pair.prod(), experiment.target
    left: Array = (p - t) * (1 - experiment.lr) ** np.arange(experiment.steps + 1)
    return t + left


def residuals(difference: int = 1) -> dict[str, Any]:
    """The recursions of a step, with gradients by differentiation."""
    w1, w2, w, t, lr = sympy.symbols("w1 w2 w t lr", real=True)
    loss, residual = (w1 * w2 - t) ** 2 / 2, w1 * w2 - t
    next1, next2 = w1 - lr * loss.diff(w1), w2 - lr * loss.diff(w2)
    return {
        "sum": next1 + next2 - (w1 + w2) * (1 - lr * residual),
        "difference": next1 - next2 - (w1 - w2) * (1 + difference * lr * residual),
        "one layer": w - lr * ((w - t) ** 2 / 2).diff(w) - t - (1 - lr) * (w - t),
    }


CLAIM = Claim(
    entry="deep-linear-dynamics",
    says="Under gradient descent the product of two weights follows its own recursion, not the path of a single weight.",
    paper="Saxe, McClelland & Ganguli 2014; Arora, Cohen & Hazan 2018",
    # From 1/4 as two halves, as unequal weights, and from near the saddle, where the path is sigmoidal.
    experiments=vary(DescentOfStack(), product=(0.25,), imbalance=(0.0, 1.0))
    + vary(DescentOfStack(), product=(0.001,)),
    predict=path,
    # Six roundings a step, one more for the second order; twice, since the prediction rounds as much in float64.
    judge=equal(within=rounding(operations=14, scale=carried)),
    assumptions=(
        Assumption("two-layers", "there are two layers", broken_by={"depth": 1}),
        Assumption(
            "plain", "steps follow the gradient alone", broken_by={"optimizer": "torch.optim:SGD(momentum=0.5)"}
        ),
    ),
    errata=(
        Erratum(
            "same-as-one-layer",
            "A stack of linear layers amounts to one layer, so that there is no reason to stack.",
            number=48,
            predict=one_layer,
        ),
    ),
    proof=Proof(
        "A step multiplies w1 + w2 by 1 - lr r, w1 - w2 by 1 + lr r, and a single weight's residual by 1 - lr.",
        residuals,
        broken=lambda: residuals(difference=-1),
    ),
)
