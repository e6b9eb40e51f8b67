"""The second drop divides the learning rate by ten too, so that the last quarter runs at a hundredth of the first rate."""

from typing import Any

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, rounding, vary
from dlverify.experiments.schedules import NoisyParabola
from dlverify.quantity import Array


def staircase(experiment: NoisyParabola, given: Any) -> Array:
    """The first rate for half of the steps, a tenth for a quarter, a hundredth for the last."""
    half, quarter = experiment.steps // 2, experiment.steps // 4
    return experiment.lr * np.array([1.0] * half + [0.1] * quarter + [0.01] * quarter)


def lowered_by_a_tenth(experiment: NoisyParabola, given: Any) -> Array:
    """The second drop read literally, lower by a tenth: 0.1 times 0.9 of the first rate in the last quarter."""
    half, quarter = experiment.steps // 2, experiment.steps // 4
    return experiment.lr * np.array([1.0] * half + [0.1] * quarter + [0.09] * quarter)


CASE = NoisyParabola("torch.optim:SGD", factors=(0.1,), report="rate")

CLAIM = Claim(
    entry="step-decay-literal-10-percent",
    says="At a half and at three quarters of training the learning rate falls to a tenth, both times, so that it ends at a hundredth "
    "of the first one, 0.001 from 0.1: a ninth of what a second drop by a tenth leaves, 0.009, and so nearly is its noise floor.",
    paper="He et al. 2016, section 4.2",
    experiments=vary(CASE, lr=(0.1, 1.0)) + vary(CASE, steps=(2000,), tier="full"),
    predict=staircase,
    # Two factors and the first rate round in the schedule, its rate in the lab's dtype and the step; two in the prediction.
    judge=equal(within=rounding(operations=8, scale=staircase)),
    assumptions=(
        Assumption(
            "both-drops",
            "the rate falls at a half and at three quarters",
            broken_by={"scheduler": "torch.optim.lr_scheduler:MultiStepLR(milestones=[200])"},
        ),
        Assumption(
            "tenth",
            "each drop is to a tenth",
            broken_by={"scheduler": "torch.optim.lr_scheduler:MultiStepLR(gamma=0.9)"},
        ),
    ),
    errata=(
        Erratum(
            "lowered-by-a-tenth",
            "the second drop lowers the rate by about a tenth",
            number=61,
            predict=lowered_by_a_tenth,
        ),
    ),
    why_graded="a tenth is no binary fraction, so that torch's own rates are rounded",
)
