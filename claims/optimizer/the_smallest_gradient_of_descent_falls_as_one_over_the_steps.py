"""The smallest gradient of descent falls as one over the number of steps, on convex functions and others."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, at_most, rounding, vary
from dlverify.experiments.descent import DescentBounds, Parabolas
from dlverify.quantity import Array


def bound(experiment: DescentBounds, given: Parabolas) -> Array:
    """2 L f(x_0) / k for the smallest of k squared norms, with L = 1 and the minimum 0: k steps lower f by half of each."""
    x = given.starts
    values = {
        "pseudo-huber": np.sqrt(1 + x * x) - 1,
        "cosine": 1 - np.cos(x),
        "ill-conditioned": np.diag(given.hessians[0]) * x * x / 2,
    }[experiment.function]
    return np.asarray(2 * values.sum(axis=1) / np.arange(1, experiment.steps + 1)[:, None])


def roundings(experiment: DescentBounds, given: Parabolas) -> Array:
    """Each step computes f or its slope with at most 8 roundings, on numbers whose sum of squares the bound limits."""
    return np.asarray(8.0 * np.arange(1, experiment.steps + 1)[:, None] + 16)


def residuals(longer: int = 1) -> dict[str, Any]:
    """f(x + d) <= f + g d + L d^2 / 2; the step d = -g / L makes the right side f - g^2 / (2 L)."""
    slope, L = sympy.symbols("g L", positive=True)
    step = -longer * slope / L
    return {"fall of the upper bound": slope * step + L * step**2 / 2 + slope**2 / (2 * L)}


CASE = DescentBounds("torch.optim:SGD", report="smallest gradient")

CLAIM = Claim(
    entry="gd-stationary-points",
    says="With lr = 1 / L, L the largest curvature anywhere, the smallest squared norm among the first k gradients is at most "
    "2 L (f(x_0) - f*) / k, whether the function is convex or not: descent reaches stationary points.",
    paper="Nesterov 2004, section 1.2.3",
    experiments=vary(CASE, function=("ill-conditioned", "pseudo-huber", "cosine")),
    predict=bound,
    judge=at_most(within=rounding(operations=roundings, scale=bound)),
    assumptions=(
        Assumption("rate-below-two-over-l", "the learning rate is below 2 / L", broken_by={"lr": 2.0625}),
        Assumption(
            "downhill", "steps go against the gradient", broken_by={"optimizer": "torch.optim:SGD(maximize=True)"}
        ),
    ),
    proof=Proof(
        "A step of 1 / L lowers the function by at least g^2 / (2 L), by the upper bound that the largest curvature gives.",
        residuals,
        broken=lambda: residuals(longer=2),
    ),
)
