"""Dividing the learning rate by ten, twice, ends nearer to the minimum than the constant rate where noise limits it."""

from typing import Any

import numpy as np

from dlverify import Assumption, Claim, Erratum, at_most, rounding, vary
from dlverify.experiments.schedules import NoisyParabola


def constant(experiment: NoisyParabola, lr: float) -> float:
    """f + (1 - lr)^(2 t) (25 - f) after t steps at one rate, the floor being f = lr s^2 / (2 - lr)."""
    floor = lr * experiment.noise**2 / (2 - lr)
    return float(floor + (1 - lr) ** (2 * experiment.steps) * (25 - floor))


def first_rate_kept(experiment: NoisyParabola, given: Any) -> float:
    """E x^2 at the end where the first rate is kept."""
    return constant(experiment, experiment.lr)


def best_constant_rate(experiment: NoisyParabola, given: Any) -> float:
    """The smallest E x^2 that a constant rate reaches, among a thousand."""
    return min(constant(experiment, lr) for lr in np.geomspace(1e-4, 1, 1000).tolist())


def roundings(experiment: NoisyParabola, given: Any) -> int:
    """14 a step in the measured sum of squares, 2 a step in the predicted power, and as many sums as there are steps."""
    return 14 * experiment.steps + 2 * experiment.steps + experiment.steps + 10


CASE = NoisyParabola("torch.optim:SGD", factors=(0.1,), report="end")

CLAIM = Claim(
    entry="step-decay-schedule",
    says="On a noisy parabola that has come down to its noise floor, dividing the rate by ten at a half and at three quarters "
    "leaves a smaller E x^2 than the first rate kept; it need not beat another constant rate, and does not without noise.",
    paper="He et al. 2016, section 4.2; Bottou, Curtis & Nocedal 2018, theorem 4.6",
    experiments=vary(CASE, steps=(400, 2000)),
    predict=first_rate_kept,
    judge=at_most(within=rounding(operations=roundings, scale=first_rate_kept)),
    assumptions=(
        Assumption("noise", "noise limits the result", broken_by={"noise": 2.0**-60}),
        Assumption("come-down", "the first rate has come down to its floor", broken_by={"lr": 0.001}),
    ),
    errata=(
        Erratum(
            "no-result-without",
            "a result is not reproduced without cutting the rate in steps, though a well-chosen constant one does better here",
            predict=best_constant_rate,
        ),
    ),
    why_graded="a tenth is no binary fraction; the law of the second moment, of which this is a consequence, has a proof of its own",
)
