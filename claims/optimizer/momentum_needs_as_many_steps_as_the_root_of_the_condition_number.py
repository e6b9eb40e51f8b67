"""Momentum needs as many steps as the root of the condition number, where descent needs as many as the number itself."""

import math

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.momentum import Starts, StepsNeeded


def closed_forms(experiment: StepsNeeded, given: Starts) -> list[list[int]]:
    """The first t at which the closed form of the distance is at most 2^-20.

    Without momentum both coordinates are multiplied by +-(k - 1) / (k + 1) a step. With it the polynomial
    z^2 - (1 + b - lr c) z + b of a coordinate has the double root r = +-sqrt(b), + for c = 1/k and - for c = 1, with
    sqrt(b) = (sqrt(k) - 1) / (sqrt(k) + 1); so x_t = (1 + m t) r^t, and x_1 = 1 - lr c gives m.
    """
    plain, with_momentum = [], []
    for condition in experiment.conditions:
        plain.append(math.ceil(20 * math.log(2) / math.log((condition + 1) / (condition - 1))))
        root = math.sqrt(condition)
        base, lr, t = (root - 1) / (root + 1), 4 / (1 + 1 / root) ** 2, 1
        slopes = [(1 - lr / condition) / base - 1, (1 - lr) / -base - 1]
        while max(abs(1 + m * t) for m in slopes) * base**t > 2.0**-20:
            t += 1
        with_momentum.append(t)
    return [plain, with_momentum]


CLAIM = Claim(
    entry="momentum",
    says="Tuned to the condition number k, momentum multiplies the distance from a quadratic minimum by "
    "(sqrt(k) - 1) / (sqrt(k) + 1) a step in the long run and descent by (k - 1) / (k + 1): at k = 1024, 325 steps "
    "do what takes descent 7,098.",
    paper="Polyak 1964; Lessard, Recht & Packard 2016",
    experiments=vary(StepsNeeded("torch.optim:SGD")),
    predict=closed_forms,
    judge=equal(),
    assumptions=(
        Assumption(
            "added-not-averaged",
            "gradients are added with weight 1",
            broken_by={"optimizer": "torch.optim:SGD(dampening=0.5)"},
        ),
        Assumption(
            "quadratic",
            "the curvature is the same everywhere",
            broken_by={"loss": "pseudo-huber", "conditions": (4, 16, 64)},
        ),
    ),
)
