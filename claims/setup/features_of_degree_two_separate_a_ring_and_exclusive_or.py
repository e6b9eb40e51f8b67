"""Features of degree two separate a ring and the exclusive or."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.setup import Classes, SeparableFeatures
from dlverify.quantity import Array


def from_degree_two_on(experiment: SeparableFeatures, given: Classes) -> Array:
    """Not separable by x and y alone, as the proof says of whole classes and so many points show; separable by degree two.

    x^2 + y^2 is at most 1 on the disc, 9/4 and more on the ring; x y has one sign in two opposite quadrants, and is 1/16 in
    size or more.
    """
    return np.array([degree >= 2 for degree in experiment.degrees])


def residuals(square: int = 0) -> dict[str, Any]:
    """An affine function cannot be negative on the one class and positive on the other, whichever is which.

    Its mean over a circle is its value at the centre, where that of x^2 + y^2 is the square of the radius. Over opposite
    corners of a rectangle around 0 it has the same sum, whereas that of x y is 2 a b and -2 a b.
    """
    u, v, c, angle = sympy.symbols("u v c t", real=True)
    radius, a, b = sympy.symbols("r a b", positive=True)

    def function(x: Any, y: Any) -> Any:
        return u * x + v * y + c + square * (x**2 + y**2 + x * y)

    circle = function(radius * sympy.cos(angle), radius * sympy.sin(angle))
    return {
        "mean over the circle": sympy.simplify(sympy.integrate(circle, (angle, 0, 2 * sympy.pi)) / (2 * sympy.pi) - c),
        "opposite corners": sympy.expand(function(a, b) + function(-a, -b) - function(a, -b) - function(-a, b)),
    }


CLAIM = Claim(
    entry="handcrafted-vs-learned-features",
    says="A disc and a ring around it, and quadrants by the exclusive or of their signs, are not linearly separable in raw coordinates, "
    "and are once squares and the product are added.",
    paper="LeCun, Bengio & Hinton 2015; Minsky & Papert 1969",
    experiments=vary(SeparableFeatures(), data=("ring", "quadrants")),
    predict=from_degree_two_on,
    judge=equal(),
    assumptions=(
        Assumption("around-it", "the one class surrounds the other", broken_by={"data": "side by side"}),
        Assumption(
            "squares",
            "the features of degree two have squares, not the product x y alone",
            broken_by={"features": "sklearn.preprocessing:PolynomialFeatures(interaction_only=True)"},
        ),
        Assumption(
            "product",
            "they have the product of x and y, not functions of x and of y alone",
            case="quadrants",
            broken_by={"features": "sklearn.preprocessing:SplineTransformer(n_knots=2)"},
        ),
    ),
    proof=Proof(
        "An affine function has the same mean over every circle around a point as at the point, and the same sum over opposite "
        "corners of a rectangle.",
        residuals,
        broken=lambda: residuals(square=1),
    ),
)
