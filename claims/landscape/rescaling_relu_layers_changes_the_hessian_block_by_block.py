"""Where a ReLU layer is multiplied by alpha and the next one divided by it, the Hessian H becomes D^-1 H D^-1."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, vary
from dlverify.experiments.landscape import Reparametrised, SmallNetwork
from dlverify.quantity import Array


def rescaled(experiment: Reparametrised, given: SmallNetwork) -> Array:
    """D^-1 H D^-1, D = alpha for W and b, 1 / alpha for v, 1 for c, and H in closed form: nothing is rounded in float64."""
    first, bias, last, shift = given.parameters
    powers = np.concatenate([np.full(array.size, k) for array, k in ((first, 1), (bias, 1), (last, -1), (shift, 0))])
    scales = np.array([2.0 ** -(k * powers) for k in experiment.amounts])
    hessians: Array = scales[:, :, None] * given.hessian() * scales[:, None, :]
    return hessians


def unchanged(experiment: Reparametrised, given: SmallNetwork) -> Array:
    """H itself, as if curvature belonged to the function."""
    return given.hessian()[None]


def residuals(sign: int = 1) -> dict[str, Any]:
    """The Hessian of (f - y)^2 at D theta for two active units, v_j (w_j x + b_j) each, and all others as one constant.

    An entry involves two units at most, so this is every entry of a network of any width; inactive units have none.
    """
    alpha = sympy.Symbol("alpha", positive=True)
    x, y, c = sympy.symbols("x y c")
    theta = sympy.symbols("w1 b1 v1 w2 b2 v2")
    powers = (1, 1, -sign, 1, 1, -sign)
    w1, b1, v1, w2, b2, v2 = theta
    loss = (v1 * (w1 * x + b1) + v2 * (w2 * x + b2) + c - y) ** 2
    hessian = sympy.hessian(loss, theta)
    moved = hessian.subs({t: alpha**p * t for t, p in zip(theta, powers, strict=True)}, simultaneous=True)
    inverse = sympy.diag(*(alpha**-p for p in powers))
    return {"Hessian at D theta": sympy.ImmutableMatrix((moved - inverse * hessian * inverse).expand())}


CLAIM = Claim(
    entry="sharpness-not-reparametrisation-invariant",
    says=(
        "After a ReLU layer is multiplied by alpha and the next one divided by it, the blocks of the Hessian are those of "
        "before times alpha^-2, 1 and alpha^2: the same function, with another curvature."
    ),
    paper="Dinh, Pascanu, Bengio & Bengio 2017, theorem 4",
    experiments=vary(Reparametrised(report="Hessian"), minimum=(True, False)),
    predict=rescaled,
    judge=equal(),
    assumptions=(
        Assumption("next-layer", "the next layer is divided by alpha", broken_by={"change": "unbalanced"}),
        Assumption(
            "homogeneous", "the activation is positively homogeneous", broken_by={"activation": "torch.nn:Tanh"}
        ),
    ),
    errata=(Erratum("property-of-the-solution", "sharpness belongs to the solution", number=40, predict=unchanged),),
    proof=Proof(
        "A sample's squared error, for all weights, biases, targets, and all alpha > 0, between the kinks of the ReLUs.",
        residuals,
        broken=lambda: residuals(sign=-1),
    ),
)
