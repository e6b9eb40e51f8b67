"""Clipped descent steps no farther than rate times threshold."""

import numpy as np

from dlverify import Assumption, Claim, at_most, rounding, vary
from dlverify.experiments.clipping import ClippedDescent, Coordinates


def bound(experiment: ClippedDescent, given: Coordinates) -> float:
    """lr c: the step is lr times a vector of length c at most."""
    return experiment.lr * experiment.threshold


def farthest(experiment: ClippedDescent, given: Coordinates) -> float:
    """What is rounded when a step is taken and read off: the step, and the parameter, which stays within this of zero."""
    return bound(experiment, given) * (1 + experiment.steps) + float(np.linalg.norm(given.values))


CLAIM = Claim(
    entry="gradient-clipping",
    says="With gradients clipped at the norm c no step of plain descent is longer than lr c, however steep the loss: on "
    "x^4 / 4, where it would overflow within six steps, it walks down.",
    paper="Pascanu, Mikolov & Bengio 2013; Zhang, He, Sra & Jadbabaie 2020",
    experiments=vary(ClippedDescent("torch.optim:SGD", "torch.nn.utils:clip_grad_norm_"), threshold=(0.5, 4.0)),
    predict=bound,
    # Norm, quotient, product and rate, 9 roundings of the step, and one of the parameter each when it is moved and read off.
    judge=at_most(within=rounding(operations=9 + 2, scale=farthest)),
    assumptions=(
        Assumption(
            "plain",
            "nothing but the clipped gradient moves the parameter",
            broken_by={"optimizer": "torch.optim:SGD(momentum=0.9)"},
        ),
        Assumption(
            "by-norm",
            "the norm is clipped; each of d coordinates clipped at c gives steps up to lr c sqrt(d)",
            broken_by={"clip": "torch.nn.utils:clip_grad_value_"},
        ),
    ),
)
