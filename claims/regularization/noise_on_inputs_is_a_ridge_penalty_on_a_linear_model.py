"""Noise on the inputs is a ridge penalty on a linear model."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.regularization import NoisyCopies, Regression
from dlverify.quantity import Array


def ridge_in_rationals(experiment: NoisyCopies, given: Regression) -> Array:
    """(X^T X + N s^2 I)^-1 X^T y for noise of variance s^2 on N points, exactly."""
    inputs, targets = (sympy.Matrix(part.astype(int).tolist()) for part in (given.inputs, given.targets))
    rows = []
    for size in experiment.sizes:
        penalty = experiment.points * sympy.Rational(size) ** 2 * sympy.eye(experiment.features)
        rows.append([float(number) for number in (inputs.T * inputs + penalty).LUsolve(inputs.T * targets)])
    return np.array(rows)


def roundings(experiment: NoisyCopies, given: Regression) -> float:
    """A least-squares problem of m equations and n unknowns: order m n by orthogonal reduction (Higham 2002, theorem 20.3)."""
    return 6 * experiment.points * 2**experiment.features * experiment.features


def sensitivity(experiment: NoisyCopies, given: Regression) -> Array:
    """k (2 |w| + (k + 1) |r| / |A|) <= 4 k^2 |y| / |A| for condition k of the copies A (Higham 2002, theorem 20.1)."""
    values = np.linalg.svd(given.inputs, compute_uv=False)
    largest, least = (
        np.sqrt(v**2 + experiment.points * np.array(experiment.sizes) ** 2) for v in (values[0], values[-1])
    )
    return np.asarray(4 * (largest / least) ** 2 * np.linalg.norm(given.targets) / largest)[:, None]


def residuals(power: int = 2) -> dict[str, Any]:
    """One input more: with any error r from the others, noise e of mean 0 and variance s^2 adds s^2 w^2 to the mean square.

    So N points and independent noise add N s^2 |w|^2. Here e is a or -b, with the chances that make its mean zero.
    """
    r, x, w = sympy.symbols("r x w", real=True)
    a, b = sympy.symbols("a b", positive=True)
    noise = {a: b / (a + b), -b: a / (a + b)}
    variance = sum(chance * e**2 for e, chance in noise.items())
    mean = sum(chance * (r - (x + e) * w) ** 2 for e, chance in noise.items())
    return {
        "noise has mean zero": sum(chance * e for e, chance in noise.items()),
        "one input": sympy.simplify(mean - (r - x * w) ** 2 - variance * w**power),
    }


CLAIM = Claim(
    entry="noise-robustness",
    says="Independent noise of mean 0 and variance s^2 on the inputs of a linear least-squares fit on N points acts as a ridge "
    "penalty N s^2: it shrinks coefficients. For a nonlinear model there are more terms.",
    paper="Bishop 1995; Goodfellow, Bengio & Courville 2016, section 7.5",
    experiments=vary(NoisyCopies()),
    predict=ridge_in_rationals,
    judge=equal(within=rounding(operations=roundings, scale=sensitivity)),
    assumptions=(
        Assumption(
            "on-inputs", "the noise is on inputs; on targets it moves no minimiser", broken_by={"onto": "targets"}
        ),
        Assumption("independent", "each input has its own noise", broken_by={"noise": "shared"}),
        Assumption("mean-zero", "the noise has mean zero", broken_by={"noise": "shifted"}),
    ),
    proof=Proof(
        "For all data, weights and two-point noises of mean zero each input adds its variance times its squared weight.",
        residuals,
        broken=lambda: residuals(power=1),
    ),
)
