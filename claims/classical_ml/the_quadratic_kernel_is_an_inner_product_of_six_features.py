"""The quadratic kernel is an inner product of six features."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.classical_ml import KernelValues, Plane
from dlverify.quantity import Array


def inner_products(experiment: KernelValues, given: Plane) -> Array:
    """Of 1, sqrt(2) x, sqrt(2) z, x^2, z^2, sqrt(2) x z: whole numbers, as each root meets itself."""
    x, z = given.inputs.T.astype(int)
    features = np.stack([np.ones_like(x), x, z, x**2, z**2, x * z], axis=1)
    products = (features * [1, 2, 2, 1, 1, 2]) @ features.T
    return np.array(products.tolist(), dtype=object)


def residuals(factor: int = 2) -> dict[str, Any]:
    """For all points; and sums over points, c^T K c = |sum c phi(x)|^2, here two points: no matrix of it has a negative value."""
    x, z, u, v, c, d = sympy.symbols("x z u v c d", real=True)
    root = sympy.sqrt(factor)

    def phi(first: Any, second: Any) -> Any:
        return sympy.Matrix([1, root * first, root * second, first**2, second**2, root * first * second])

    def kernel(*points: Any) -> Any:
        return (1 + points[0] * points[2] + points[1] * points[3]) ** 2

    combined = c * phi(x, z) + d * phi(u, v)
    form = c**2 * kernel(x, z, x, z) + 2 * c * d * kernel(x, z, u, v) + d**2 * kernel(u, v, u, v)
    return {
        "inner product": sympy.expand(kernel(x, z, u, v) - phi(x, z).dot(phi(u, v))),
        "quadratic form": sympy.expand(form - combined.dot(combined)),
    }


def polynomial(degree: int, constant: int) -> str:
    """scikit-learn's polynomial kernel, (constant + x . z) to the power of the degree."""
    return f"sklearn.metrics.pairwise:polynomial_kernel(degree={degree}, gamma=1, coef0={constant})"


CLAIM = Claim(
    entry="kernel-methods",
    says="The kernel (1 + x . z)^2 of two points of the plane is the inner product of six features of each.",
    paper="Aronszajn 1950; Scholkopf & Smola 2002",
    experiments=vary(KernelValues(polynomial(2, 1))),
    predict=inner_products,
    judge=equal(),
    assumptions=(
        Assumption("degree-two", "the power is 2", broken_by={"kernel": polynomial(3, 1)}),
        Assumption("constant", "the constant is 1", broken_by={"kernel": polynomial(2, 0)}),
    ),
    proof=Proof(
        "(1 + x . z)^2 is the inner product of six features for all points, and c^T K c the square of a sum of features.",
        residuals,
        broken=lambda: residuals(factor=1),
    ),
)
