"""Trained linear stacks end at the floor of their bottleneck."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, mostly, vary
from dlverify.experiments.linear_algebra import Layers, TrainedErrors
from dlverify.quantity import Array

MARGIN = 0.01
"""A hundredth of what one more unit would gain: far above the pilot's ends, far below the next floor."""


def floors(experiment: TrainedErrors, given: Layers) -> Array:
    """The best there is through r = 1, 2, ..., n units, n - r for I_n (Eckart & Young 1936), and the margin."""
    return experiment.width - np.arange(1, experiment.width + 1) + MARGIN


def one_layer(experiment: TrainedErrors, given: Layers) -> float:
    """What one layer comes to, which can be any matrix: 0, and the margin."""
    return MARGIN


CLAIM = Claim(
    entry="linear-collapse-rank-bottleneck",
    says="Descent from random weights brings linear networks through 1, 2, 3 units to squared errors of 2, 1, 0 on I_3.",
    paper="Baldi & Hornik 1989: every local minimum is global",
    experiments=vary(TrainedErrors(), optimizer=("torch.optim:SGD", "torch.optim:SGD(momentum=0.5)")),
    predict=floors,
    # Pilot, 256 seeds of another root, either optimizer: all three networks of every seed within 1e-14 of their floors
    # after 100 steps (3e-7 in float32), so the share is above 0.98 (99 % confidence).
    judge=mostly("below", p0=0.5, p1=0.95),
    assumptions=(
        Assumption("starts-off-the-saddle", "not all weights start at zero", broken_by={"start": "zero"}),
        Assumption(
            "bottleneck",
            "all that passes, passes through the units",
            why_kept="a network with a way around them ends lower, and below is what is claimed; that none does is proved "
            "in a_bottleneck_leaves_the_trailing_singular_values",
        ),
    ),
    errata=(
        Erratum(
            "same-as-one-layer",
            "A stack of linear layers amounts to one layer, so that there is no reason to stack.",
            number=48,
            predict=one_layer,
        ),
    ),
    why_graded="where descent from random weights ends is a matter of most seeds; the floor itself is proved",
)
