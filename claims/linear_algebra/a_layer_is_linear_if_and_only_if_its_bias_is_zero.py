"""A layer is linear if and only if its bias is zero."""

from typing import Any

import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.linear_models import LinearityDefects, Vectors
from dlverify.quantity import Array, as_array


def multiples_of_the_bias(experiment: LinearityDefects, given: Vectors) -> Array:
    """f(x) = W x + b gives f(x + y) - f(x) - f(y) = -b, f(c x) - c f(x) = (1 - c) b and f(0) = b: all 0 if b = 0."""
    bias = given.biases[0].astype(int)
    return as_array([-bias, (1 - experiment.factor) * bias, bias])


def residuals(forgotten: int = 0) -> dict[str, Any]:
    """For all shapes of W; and f(x) - f(0) is linear."""
    m, n = sympy.symbols("m n", positive=True, integer=True)
    weight, b = sympy.MatrixSymbol("W", m, n), sympy.MatrixSymbol("b", m, 1)
    x, y, c = sympy.MatrixSymbol("x", n, 1), sympy.MatrixSymbol("y", n, 1), sympy.Symbol("c", real=True)

    def f(vector: Any) -> Any:
        return weight * vector + b

    return {
        "sum": f(x + y) - f(x) - f(y) + (1 - forgotten) * b,
        "multiple": f(c * x) - c * f(x) - (1 - c) * b,
        "origin": f(sympy.ZeroMatrix(n, 1)) - b,
    }


CLAIM = Claim(
    entry="affine-map-changes-dimension",
    says="A layer W x + b is linear if and only if b = 0; otherwise it is affine, and misses linearity by multiples of b.",
    paper="Goodfellow, Bengio & Courville 2016, chapter 2",
    experiments=vary(LinearityDefects(), bias=("zero", "random")),
    predict=multiples_of_the_bias,
    judge=equal(),
    assumptions=(Assumption("no-kink", "nothing nonlinear follows", broken_by={"activation": "torch.nn:ReLU"}),),
    proof=Proof(
        "W (x + y) + b misses (W x + b) + (W y + b) by -b, and W (c x) + b misses c (W x + b) by (1 - c) b, for all shapes.",
        residuals,
        broken=lambda: residuals(forgotten=1),
    ),
)
