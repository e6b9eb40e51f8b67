"""Stacked linear layers collapse into one."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.linear_algebra import Layers, StackOutputs
from dlverify.quantity import Array


def one_layer(experiment: StackOutputs, given: Layers) -> Array:
    """W x + b with W = W_L ... W_1 and b = W_L ... W_2 b_1 + ... + b_L: the layers are multiplied first, then applied."""
    weight, bias = np.eye(experiment.width), np.zeros(experiment.width)
    for layer_weight, layer_bias in zip(given.weights, given.biases, strict=True):
        weight, bias = layer_weight @ weight, layer_weight @ bias + layer_bias
    outputs: Array = given.inputs @ weight.T + bias
    return outputs


def carried(experiment: StackOutputs, given: Layers) -> Array:
    """Norm of |W_l| (|A| |x| + |c|) + |b_l|, summed over layers and carried to the output by the norms of later weights.

    A, c are the layers before l collapsed into one, so |A| |x| + |c| bounds what enters the layer and what enters the
    product of the prediction: gamma times this bounds what either rounds (Higham 2002, section 3.5). The last term is
    the prediction's W x + b. Exact arithmetic rounds nothing.
    """
    if experiment.arithmetic == "exact":
        return np.zeros((experiment.samples, 1))
    weight, bias, inputs = np.eye(experiment.width), np.zeros(experiment.width), np.abs(given.inputs)
    error = np.zeros(experiment.samples)
    for layer, layer_bias in zip(given.weights, given.biases, strict=True):
        entering = inputs @ np.abs(weight).T + np.abs(bias)
        error = np.linalg.norm(layer, 2) * error + np.linalg.norm(
            entering @ np.abs(layer).T + np.abs(layer_bias), axis=1
        )
        weight, bias = layer @ weight, layer @ bias + layer_bias
    total: Array = error + np.linalg.norm(inputs @ np.abs(weight).T + np.abs(bias), axis=1)
    return total[:, None]


def roundings(experiment: StackOutputs, given: Layers) -> float:
    """A term passes its product, n - 1 sums and the bias, n + 1 in all, and one for the second order; twice.

    Twice, since the prediction rounds as much in float64; in a coarser dtype, where it does not, the second half
    allows for a second order as large as the first.
    """
    return 2 * (experiment.width + 2)


def residuals(last: Any = None) -> dict[str, Any]:
    """An affine map A x + c followed by W h + b is the affine map (W A) x + (W c + b), for all shapes."""
    n, m, p = sympy.symbols("n m p", positive=True, integer=True)
    first, second = sympy.MatrixSymbol("A", m, n), sympy.MatrixSymbol("W", p, m)
    x, c, b = sympy.MatrixSymbol("x", n, 1), sympy.MatrixSymbol("c", m, 1), sympy.MatrixSymbol("b", p, 1)
    composed = second * (first * x + c) + b
    return {"induction step": composed - ((second * first) * x + (second * c + b if last is None else b))}


CLAIM = Claim(
    entry="linear-collapse",
    says="A stack of linear layers of any depth, with nothing between them, computes one linear layer.",
    paper="Goodfellow, Bengio & Courville 2016, section 6.1; Minsky & Papert 1969",
    experiments=vary(StackOutputs(), arithmetic=("exact", "rounded"), depth=(2, 16, 256)),
    predict=one_layer,
    judge=equal(within=rounding(operations=roundings, scale=carried)),
    assumptions=(
        Assumption("linear", "nothing nonlinear stands between the layers", broken_by={"activation": "torch.nn:ReLU"}),
    ),
    proof=Proof(
        "The composition of two affine maps is affine, with the product of the matrices; by induction any number.",
        residuals,
        broken=lambda: residuals("forgets the first bias"),
    ),
)
