"""Adding a branch to its input is concatenating the two, followed by a fixed map."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.connectivity import Branch, SkipJacobian
from dlverify.quantity import Array


def identity_and_jacobian(experiment: SkipJacobian, given: Branch) -> Array:
    """I above J where the two are concatenated, I + J otherwise; J = V diag(W x > 0) W for the branch V relu(W x)."""
    jacobian = given.outer @ ((given.inner @ given.start > 0)[:, None] * given.inner)
    if experiment.join == "concatenation":
        return np.vstack([np.eye(len(jacobian)), jacobian])
    return np.eye(len(jacobian)) + jacobian


def residuals(sign: int = 1) -> dict[str, Any]:
    """[1 1] (x, F) = x + F, and its derivative [1 1] (I, J) = I + J, for all sizes."""
    n = sympy.symbols("n", positive=True, integer=True)
    identity, jacobian = sympy.Identity(n), sympy.MatrixSymbol("J", n, n)
    x, branch = sympy.MatrixSymbol("x", n, 1), sympy.MatrixSymbol("F", n, 1)
    return {
        "outputs": identity * x + sign * identity * branch - (x + branch),
        "derivatives": identity * identity + sign * identity * jacobian - (identity + jacobian),
    }


CLAIM = Claim(
    entry="skip-add-vs-concat",
    says="A concatenated skip passes gradients on its slice unchanged, with derivative I above J; behind the fixed map [1 1] "
    "it is an added skip, with derivative I + J.",
    paper="He et al. 2016; Huang et al. 2017; Ronneberger, Fischer & Brox 2015",
    experiments=vary(SkipJacobian(), join=("addition", "concatenation", "concatenation and map")),
    predict=identity_and_jacobian,
    judge=equal(),
    assumptions=(
        Assumption(
            "unchanged-input",
            "the input is joined as it is: a projection on its way takes the place of I",
            broken_by={"shortcut": "torch.nn:Linear(in_features=4, out_features=4, bias=False)"},
        ),
        Assumption(
            "fixed-map",
            "the map behind the concatenation adds the two halves",
            broken_by={"second": -1.0},
            case="concatenation-and-map",
        ),
    ),
    proof=Proof(
        "[1 1] applied to the stacked x and F(x) is x + F(x), and to the stacked I and J it is I + J.",
        residuals,
        broken=lambda: residuals(-1),
    ),
)
