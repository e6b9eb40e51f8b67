"""A norm penalty makes linear functions less steep."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.regularization import PenalisedSlopes, Regression
from dlverify.quantity import Array


def norms(experiment: PenalisedSlopes, given: Regression) -> Array:
    """|(X^T X + lambda I)^-1 X^T y| in rationals, but for the root: the weights are the gradient of w . x."""
    inputs, targets = (sympy.Matrix(part.astype(int).tolist()) for part in (given.inputs, given.targets))
    found = []
    for penalty in experiment.penalties:
        system = inputs.T * inputs + sympy.Rational(penalty) * sympy.eye(experiment.features)
        found.append(float(sum(w**2 for w in system.LUsolve(inputs.T * targets))) ** 0.5)
    return np.array(found)


def roundings(experiment: PenalisedSlopes, given: Regression) -> float:
    """Cholesky's method, n (3 n + 1) (Higham 2002, section 10.1), products of m terms before it, of n after it."""
    n = experiment.features
    return n * (3 * n + 1) + 2 * experiment.points + 4 * n + 8


def sensitivity(experiment: PenalisedSlopes, given: Regression) -> Array:
    """Condition of the system times the size of |X| |y| over its least eigenvalue."""
    values = np.linalg.svd(given.inputs, compute_uv=False)
    largest, least = (value**2 + np.array(experiment.penalties) for value in (values[0], values[-1]))
    size = np.linalg.norm(given.inputs) * np.linalg.norm(given.targets)
    return np.asarray((np.linalg.norm(given.inputs) ** 2 / values[0] ** 2 * largest / least + 1) * size / least)


def residuals(factor: int = 1) -> dict[str, Any]:
    """Minimisers at a < b, of losses L, M and squared norms m, n: L + a m <= M + a n and M + b n <= L + b m.

    The two slacks add up to (b - a) (m - n), so that m >= n, for any loss and any penalty. Ridge shrinks axis by axis.
    """
    a, b, first, second, m, n = sympy.symbols("a b L M m n", positive=True)
    d, z = sympy.symbols("d z", positive=True)
    slack = (second + a * n - first - a * m) + (first + b * m - second - factor * b * n)
    return {
        "slacks of both": slack - (b - a) * (m - n),
        "ridge along an axis": sympy.diff((d * z / (d + a)) ** 2, a) + 2 * (d * z) ** 2 / (d + a) ** 3,
    }


CLAIM = Claim(
    entry="parameter-norm-penalty",
    says="The norm of the weights that minimise loss + lambda |w|^2 / 2 never grows with lambda; for a linear function it is the steepest "
    "slope. For deep networks it is only part of a bound: rescaled ReLU layers keep the function and change the norm.",
    paper="Krogh & Hertz 1991; Goodfellow, Bengio & Courville 2016, section 7.1",
    experiments=vary(PenalisedSlopes()),
    predict=norms,
    judge=equal(within=rounding(operations=roundings, scale=sensitivity)),
    assumptions=(
        Assumption("same-units", "weights are slopes in the inputs' own units", broken_by={"stretch": 0.5}),
        Assumption(
            "squares",
            "squares are penalised, not absolute values",
            broken_by={"fit": "sklearn.linear_model:Lasso", "penalties": (0.125, 0.5, 2.0, 8.0)},
        ),
    ),
    proof=Proof(
        "For all losses, penalties and a < b the slacks of optimality leave no room for a norm that grows.",
        residuals,
        broken=lambda: residuals(factor=2),
    ),
)
