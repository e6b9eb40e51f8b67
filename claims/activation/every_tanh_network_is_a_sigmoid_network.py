"""Every tanh network is a sigmoid network of the same shape."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.elementwise import RewrittenNetworks, TwoNetworks
from dlverify.quantity import Array


def tanh_network(experiment: RewrittenNetworks, given: TwoNetworks) -> Array:
    """W2 tanh(W1 x + b1) + b2, for both: tanh z = 2 s(2 z) - 1 turns it into (2 W2) s(2 W1 x + 2 b1) + (b2 - sum W2)."""
    inner, bias, outer, last = given.before
    outputs = np.tanh(given.inputs @ inner.T + bias) @ outer.T + last
    return np.stack([outputs[:, 0]] * 2)


def size(experiment: RewrittenNetworks, given: TwoNetworks) -> Array:
    """Sum of 2 |W2| (1 + (|W1| |x| + |b1|)) + |b2| + sum |W2|: slopes of 1 carry what hidden inputs round, values are 1 at most."""
    inner, bias, outer, last = map(np.abs, given.before)
    entering = np.abs(given.inputs) @ inner.T + bias
    sizes: Array = ((1 + entering) @ (2 * outer.T) + last + outer.sum())[:, 0]
    return sizes


def roundings(experiment: RewrittenNetworks, given: TwoNetworks) -> float:
    """Product and bias before, four of the activation, then a product, sums and bias: width + 8, and the theory's; one more each."""
    return 2 * (experiment.width + 9)


def residuals(factor: int = 2) -> dict[str, Any]:
    """The identity, what follows for slopes, and a hidden unit v tanh(w x + a) with its share of the output bias."""
    z, w, x, a, v = sympy.symbols("z w x a v", real=True)

    def sigmoid(z: Any) -> Any:
        return 1 / (1 + sympy.exp(-z))

    def tanh(z: Any) -> Any:
        return (sympy.exp(z) - sympy.exp(-z)) / (sympy.exp(z) + sympy.exp(-z))

    return {
        "identity": tanh(z) - (2 * sigmoid(factor * z) - 1),
        "odd": tanh(-z) + tanh(z),
        "slope": sympy.diff(tanh(z), z) - (1 - tanh(z) ** 2),
        "hidden unit": v * tanh(w * x + a) - (2 * v * sigmoid(factor * (w * x) + factor * a) - v),
    }


CLAIM = Claim(
    entry="tanh",
    says="tanh x = 2 s(2 x) - 1, with s the sigmoid, is odd and has the slope 1 - tanh^2 x, at most 1; doubled weights and "
    "a shifted output bias turn a tanh network into a sigmoid network of the same shape and the same outputs.",
    paper="LeCun, Bottou, Orr & Mueller 1998",
    experiments=vary(RewrittenNetworks(), width=(4, 16)),
    predict=tanh_network,
    judge=equal(within=rounding(operations=roundings, scale=size)),
    assumptions=(
        Assumption("shifted", "the output bias makes up for the sigmoid's mean of 1/2", broken_by={"shifted": False}),
        Assumption("doubled", "weights and hidden biases are doubled", broken_by={"factor": 1}),
    ),
    proof=Proof(
        "The identity for all x, and with it for every hidden unit of any network; 1 less the slope is a square.",
        residuals,
        broken=lambda: residuals(factor=1),
    ),
)
