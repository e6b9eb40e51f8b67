"""A bottleneck leaves the trailing singular values."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, vary
from dlverify.experiments.linear_algebra import BottleneckErrors, Factors
from dlverify.quantity import Array


def trailing(experiment: BottleneckErrors, given: Factors) -> Array:
    """The sum of the squared singular values beyond the r-th for r = 1, 2, ... (Eckart & Young 1936): 3 - r for I_3."""
    return np.array([np.square(given.values[units:]).sum() for units in range(1, experiment.most + 1)])


def one_layer(experiment: BottleneckErrors, given: Factors) -> int:
    """0: a single layer is any matrix."""
    return 0


def residuals(first: int = 1) -> dict[str, Any]:
    """For T = diag(s1, s2, s3) with s1 >= s2 >= s3, as every T is between orthogonal changes of basis.

    One unit, T - b a^T: completing the square gives |a|^2 ||T - b a^T||^2 = |T a - |a|^2 b|^2 + |a|^2 ||T||^2 - |T a|^2,
    and the last two terms are (s2^2 + s3^2) |a|^2 + (s1^2 - s2^2) a2^2 + (s1^2 - s3^2) a3^2.
    Two units, M = T - B A: with n normal to the rows of A, M n = T n; Lagrange's identity for each row m of M gives
    |n|^2 ||M||^2 = |T n|^2 + sum |m x n|^2, and |T n|^2 = s3^2 |n|^2 + (s1^2 - s3^2) n1^2 + (s2^2 - s3^2) n2^2.
    All squares and differences are >= 0, so what remains is the bound (n = 0 means rank 1: the first case).
    """
    s, a, b, m = (sympy.Matrix(sympy.symbols(f"{name}1:4", real=True)) for name in "sabm")
    target, inward = sympy.diag(*s), sympy.Matrix(2, 3, sympy.symbols("A1:7", real=True))
    normal = inward.row(0).cross(inward.row(1)).T

    def square(array: Any) -> Any:
        return sum(value**2 for value in array)

    left = square(a) * square(target - b * a.T) - square(target * a - square(a) * b)
    over = (s[0] ** 2 - s[1] ** 2) * a[1] ** 2 + (s[0] ** 2 - s[2] ** 2) * a[2] ** 2
    over_two = (s[0] ** 2 - s[2] ** 2) * a[0] ** 2 + (s[1] ** 2 - s[2] ** 2) * a[1] ** 2
    return {
        "one unit": sympy.expand(left - over - square(a) * square(s[first:])),
        "two units: the normal passes nothing on": (inward * normal).expand(),
        "two units: Lagrange's identity": sympy.expand(square(m) * square(a) - m.dot(a) ** 2 - square(m.cross(a))),
        "two units: what it leaves": sympy.expand(square(target * a) - s[2] ** 2 * square(a) - over_two),
    }


CLAIM = Claim(
    entry="linear-collapse-rank-bottleneck",
    says="Through r units a linear network can leave no less of a matrix than its trailing singular values: 3 - r of I_3.",
    paper="Eckart & Young 1936; Baldi & Hornik 1989",
    experiments=vary(BottleneckErrors(), target=("identity", "rectangle")),
    predict=trailing,
    judge=equal(),
    assumptions=(
        Assumption("bottleneck", "all that passes, passes through the r units", broken_by={"shortcut": True}),
        Assumption(
            "leading",
            "the units hold the largest singular values",
            broken_by={"kept": "smallest"},
            case="rectangle",
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
        "No B A with one or two rows in A comes closer to a 3 x 3 matrix than its trailing singular values.",
        residuals,
        broken=lambda: residuals(first=0),
    ),
)
