"""Squared length separates a disc from its ring."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.setup import Classes, SeparableFeatures
from dlverify.quantity import Array


def from_degree_two_on(experiment: SeparableFeatures, given: Classes) -> Array:
    """Not separable by x and y alone, separable once x^2 and y^2 are there: x^2 + y^2 is at most 1, or 9/4 and more."""
    return np.array([degree >= 2 for degree in experiment.degrees])


def residuals(square: int = 0) -> dict[str, Any]:
    """The mean of an affine function over a circle is its value at the centre, so it cannot be negative there and positive here.

    Of x^2 + y^2 it is the square of the radius.
    """
    u, v, b, angle = sympy.symbols("u v b t", real=True)
    radius = sympy.Symbol("r", positive=True)
    x, y = radius * sympy.cos(angle), radius * sympy.sin(angle)
    mean = sympy.integrate(u * x + v * y + b + square * (x**2 + y**2), (angle, 0, 2 * sympy.pi)) / (2 * sympy.pi)
    return {"mean over the circle": sympy.simplify(mean - b)}


CLAIM = Claim(
    entry="handcrafted-vs-learned-features",
    says="A disc and a ring around it are not linearly separable in raw coordinates, and are once squares are added.",
    paper="LeCun, Bengio & Hinton 2015; Minsky & Papert 1969",
    experiments=vary(SeparableFeatures()),
    predict=from_degree_two_on,
    judge=equal(),
    assumptions=(
        Assumption("around-it", "the one class surrounds the other", broken_by={"data": "side by side"}),
        Assumption(
            "squares",
            "the features of degree two have squares, not the product x y alone",
            broken_by={"features": "sklearn.preprocessing:PolynomialFeatures(interaction_only=True)"},
        ),
    ),
    proof=Proof(
        "An affine function has the same mean over every circle around a point as at the point.",
        residuals,
        broken=lambda: residuals(square=1),
    ),
)
