"""The Jacobian of residual blocks is one plus the derivative of the sum of their branches."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.architecture import Blocks, ResidualChain
from dlverify.quantity import Array


def one_plus_summed_branches(experiment: ResidualChain, given: Blocks) -> Array:
    """I + d/dx_0 (F(x_0) + ... + F(x_{l-1})), the branches' total derivatives by formula, tanh'(z) = 1 - tanh(z)^2."""
    state, summed, jacobians = given.start, np.zeros((experiment.width, experiment.width)), []
    for inner, outer in zip(given.inner, given.outer, strict=True):
        hidden = np.tanh(inner @ state)
        branch = (outer * (1 - hidden**2)) @ inner
        summed = summed + branch @ (np.eye(experiment.width) + summed)
        state = state + outer @ hidden
        jacobians.append(np.eye(experiment.width) + summed)
    return np.stack(jacobians)


def magnified(experiment: ResidualChain, given: Blocks) -> Array:
    """What one rounding of every dot product grows to, up to each block; a and b are the Frobenius norms of W and V.

    States: z = W x errs by a (e + |x|), tanh by as much, V tanh(z) by b times that and a b |x|, the sum by (1 + a b) |x|.
    Jacobians: tanh' errs by what z does (|tanh''| < 1) and by 1; each of the products and the sum by its own size.
    """
    size, norm, error, off, bounds = float(np.linalg.norm(given.start)), 1.0, 0.0, 0.0, []
    for inner, outer in zip(given.inner, given.outer, strict=True):
        a = float(np.linalg.norm(inner))
        both = a * float(np.linalg.norm(outer))
        off = (1 + both) * off + (1 + 4 * both + both * (a * (error + size) + 1)) * norm
        error = (1 + both) * error + (1 + 4 * both) * size
        size, norm = (1 + both) * size, (1 + both) * norm
        bounds.append(off)
    return np.array(bounds)[:, None, None]


def roundings(experiment: ResidualChain, given: Blocks) -> int:
    """A dot product of width terms, and 4 for tanh and its slope; twice, for the prediction and for second order."""
    return 2 * (experiment.width + 4)


def residuals(after: Any = None) -> dict[str, Any]:
    """With P = I + S up to a block of Jacobian J, the next P is (I + J) P and the next S is S + J P."""
    n = sympy.symbols("n", positive=True, integer=True)
    identity = sympy.Identity(n)
    jacobian, summed = sympy.MatrixSymbol("J", n, n), sympy.MatrixSymbol("S", n, n)
    mask = identity if after is None else sympy.MatrixSymbol("D", n, n)
    total = identity + summed
    return {"induction step": mask * (identity + jacobian) * total - (identity + summed + jacobian * total)}


CLAIM = Claim(
    entry="resnet-gradient-identity",
    says="For blocks x -> x + F(x) the derivative of x_L in x_l is I + d/dx_l of the sum of F(x_i), i = l ... L - 1.",
    paper="He, Zhang, Ren & Sun 2016 (ECCV), equations 4 and 5",
    experiments=vary(ResidualChain(), size=(0.5, 1.0)),
    predict=one_plus_summed_branches,
    judge=equal(within=rounding(operations=roundings, scale=magnified)),
    assumptions=(
        # From -1 everywhere, so that the ReLU after the addition is off somewhere whatever the weights are.
        Assumption(
            "nothing-after",
            "nothing follows the addition",
            broken_by={"after": "torch.nn:ReLU", "start": "minus one"},
            effect=1.0,
        ),
        Assumption("unscaled", "the way around has the factor 1", broken_by={"factor": 0.9}, effect=0.1),
        Assumption(
            "untouched",
            "nothing is dropped on the way around",
            broken_by={"shortcut": "torch.nn:Dropout(p=0.5)"},
            effect=1.0,
        ),
    ),
    proof=Proof(
        "(I + J_{L-1}) ... (I + J_l) = I + the sum of J_i (I + J_{i-1}) ... (I + J_l), for any matrices: by induction.",
        residuals,
        broken=lambda: residuals("a mask after the addition"),
    ),
)
