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


def magnified(experiment: StackOutputs, given: Layers) -> Array:
    """Sum over layers of a bound on the norm of what they round: ||W||_2 sqrt(n) ||h|| + ||b||, carried to the output.

    A row of a product of n terms errs by gamma_n |W||h| (Higham 2002, section 3.5), and || |W| ||_2 <= sqrt(n) ||W||_2.
    """
    norms = np.linalg.norm(given.weights, ord=2, axis=(1, 2))
    signal, error = np.linalg.norm(given.inputs, axis=1), np.zeros(experiment.samples)
    for norm, bias in zip(norms, np.linalg.norm(given.biases, axis=1), strict=True):
        error = norm * error + np.sqrt(experiment.width) * norm * signal + bias
        signal = norm * signal + bias
    return error[:, None]


def roundings(experiment: StackOutputs, given: Layers) -> float:
    """A layer's n products, n - 1 sums and the bias; twice, since the prediction rounds as much in float64."""
    return 2 * (experiment.width + 1)


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
    experiments=vary(StackOutputs(), depth=(2, 16, 256)),
    predict=one_layer,
    judge=equal(within=rounding(operations=roundings, scale=magnified)),
    assumptions=(
        Assumption("linear", "nothing nonlinear stands between the layers", broken_by={"activation": "torch.nn:ReLU"}),
    ),
    proof=Proof(
        "The composition of two affine maps is affine, with the product of the matrices; by induction any number.",
        residuals,
        broken=lambda: residuals("forgets the first bias"),
    ),
)
