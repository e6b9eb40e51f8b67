"""Stopping descent early is best just where there is noise."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.regularization import StoppedDescent, Valleys
from dlverify.quantity import Array


def bias_and_variance(experiment: StoppedDescent, given: Valleys) -> Array:
    """After t steps f = 1 - (1 - lr d)^t of the minimum is reached: (1 - f)^2 + f^2 v / d for noise of variance v.

    It is least at f = 1 / (1 + v / d), before the end unless v = 0; ridge regression with penalty c has f = d / (d + c).
    """
    curvatures = np.array(experiment.curvatures)[:, None]
    left = (1 - experiment.lr * curvatures) ** np.arange(experiment.steps + 1)
    return np.asarray(left**2 + (1 - left) ** 2 * experiment.noise**2 / curvatures)


def roundings(experiment: StoppedDescent, given: Valleys) -> Array:
    """A step rounds five times; 1 - lr d of an error lives on: min(t, 1 / (lr d)) steps of it add up. Twice, for the square."""
    steps = np.arange(experiment.steps + 1)
    alive = np.minimum(steps, 1 / (experiment.lr * np.array(experiment.curvatures)[:, None]))
    return np.asarray(2 * 5 * alive + 8)


def sizes(experiment: StoppedDescent, given: Valleys) -> Array:
    """The square of the largest number around: the truth, 1, and the minimum's distance from it."""
    return (1 + experiment.noise / np.sqrt(np.array(experiment.curvatures)[:, None])) ** 2


def residuals(start: int = 0) -> dict[str, Any]:
    """Descent from zero on d (w - m)^2 / 2 obeys w_t = (1 - (1 - lr d)^t) m; the risk's excess over its least is a square."""
    m, rate, d = sympy.symbols("m lr d", positive=True)
    t = sympy.Symbol("t", positive=True, integer=True)
    f, noise = sympy.symbols("f v", positive=True)
    q = 1 - rate * d
    path = (1 - q**t) * m
    best = d / (d + noise)
    risk, least = ((1 - s) ** 2 + s**2 * noise / d for s in (f, best))
    return {
        "start": path.subs(t, 0) - start,
        "step": sympy.expand(path.subs(t, t + 1) - (path - rate * d * (path - m))),
        "excess over the least risk": risk - least - (1 + noise / d) * (f - best) ** 2,
    }


CLAIM = Claim(
    entry="early-stopping",
    says="Descent from zero on a quadratic reaches the part 1 - (1 - lr d)^t of the minimum along curvature d, as ridge regression "
    "reaches a part: with noise of variance v the expected error is least at the part d / (d + v), before the end; without noise "
    "every step helps.",
    paper="Goodfellow, Bengio & Courville 2016, section 7.8; Ali, Kolter & Tibshirani 2019",
    experiments=vary(StoppedDescent(), noise=(0.5, 1.0, 0.0)),
    predict=bias_and_variance,
    judge=equal(within=rounding(operations=roundings, scale=sizes)),
    assumptions=(
        Assumption("from-zero", "weights start at zero, far from the noisy minimum", broken_by={"start": "minimum"}),
        Assumption("plain", "steps have no memory", broken_by={"optimizer": "torch.optim:SGD(momentum=0.9)"}),
    ),
    proof=Proof(
        "For all minima, rates, curvatures and noises: where descent is after t steps, and how far above the least risk.",
        residuals,
        broken=lambda: residuals(start=1),
    ),
)
