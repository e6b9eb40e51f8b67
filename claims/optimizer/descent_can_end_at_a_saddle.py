"""Gradient descent can end at a saddle: a start on the ridge never leaves it."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, vary
from dlverify.experiments.descent import SaddlePath, Start
from dlverify.quantity import Array


def to_the_saddle(experiment: SaddlePath, given: Start) -> Array:
    """x_t = (1 - lr)^t x_0 and y_t = 0, since the slope along y is 0 where y = 0."""
    shrinks, (x, y) = 1 - Fraction(experiment.lr), map(Fraction, given.place.tolist())
    later = [[shrinks**t * x, Fraction(0)] for t in range(1, experiment.steps + 1)]
    return np.array([[x, y], *later], dtype=object)


def to_a_minimum(experiment: SaddlePath, given: Start) -> Array:
    """The same way, but for the last place: at the height of the minimum (0, 1)."""
    path = to_the_saddle(experiment, given)
    path[-1, 1] = Fraction(1)
    return path


def residuals(tilt: int = 0) -> dict[str, Any]:
    """The slope along y is 0 on y = 0; the curvatures at (0, 0) are 1 and -1; the minimum (0, 1) is lower by 1/4."""
    x, y = sympy.symbols("x y", real=True)
    f = x**2 / 2 - y**2 / 2 + y**4 / 4 + tilt * y
    origin, minimum = {x: 0, y: 0}, {x: 0, y: 1}
    return {
        "nothing leads off the ridge": sympy.diff(f, y).subs(y, 0),
        "stationary": sympy.diff(f, x).subs(origin),
        "curvature along x": sympy.diff(f, x, 2).subs(origin) - 1,
        "curvature along y": sympy.diff(f, y, 2).subs(origin) + 1,
        "height over the minimum": f.subs(origin) - f.subs(minimum) - sympy.Rational(1, 4),
    }


CLAIM = Claim(
    entry="gd-stationary-points",
    says="Descent leads to stationary points, which need be no optimum: on x^2/2 - y^2/2 + y^4/4 every start with y = 0 ends in "
    "the saddle (0, 0), though the minima (0, 1) and (0, -1) are lower.",
    paper="Nesterov 2004, section 1.2.3; Lee et al. 2016",
    experiments=vary(SaddlePath("torch.optim:SGD"), optimizer=("torch.optim:SGD", "torch.optim:SGD(foreach=True)"))
    + vary(SaddlePath("torch.optim:SGD", steps=24), lr=(0.25, 1.5)),
    predict=to_the_saddle,
    judge=equal(),
    assumptions=(
        Assumption("on-the-ridge", "it starts where y is exactly 0", broken_by={"y": 2.0**-26}),
        Assumption(
            "gradient-alone",
            "a step goes by the gradient alone",
            broken_by={"optimizer": "torch.optim:SGD(momentum=0.5)"},
        ),
    ),
    errata=(
        Erratum("optimum", "subtracting the partial derivatives leads to the optimum", number=41, predict=to_a_minimum),
    ),
    proof=Proof(
        "On y = 0 the slope along y vanishes, and (0, 0) is a stationary point with curvatures 1 and -1 above the minimum.",
        residuals,
        broken=lambda: residuals(tilt=1),
    ),
)
