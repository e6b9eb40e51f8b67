"""Training can lower the loss, at every step, and the accuracy with it."""

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.evaluation import LabelledPoints, LossAgainstAccuracy
from dlverify.quantity import Array


def three_then_one(experiment: LossAgainstAccuracy, given: LabelledPoints) -> Array:
    """Three are right at first, one at last, and no step raises the loss.

    The weight begins at 1/10, so that the three points at 1 are right. At weight 0 every sigmoid is 1/2, and the slope
    of the convex mean loss there is (X - 3) / 8 > 0 for X > 3: its minimum lies below zero, where only the far point is
    right. Curvature is at most (3 + X^2) / 16; with a rate below twice its inverse, 0.31 for X = 10, gradient descent
    lowers the loss at every step until it stands there.
    """
    return np.array([3, 1, 0], dtype=object)


CLAIM = Claim(
    entry="loss-is-a-proxy",
    says="Gradient descent can lower the cross-entropy at every step while the accuracy falls from 3/4 to 1/4: the loss is a "
    "stand-in for the goal.",
    paper="Bartlett, Jordan & McAuliffe 2006",
    experiments=vary(LossAgainstAccuracy(), lr=(0.02, 0.1)),
    predict=three_then_one,
    judge=equal(),
    assumptions=(
        Assumption("far-out", "the point on the wrong side is far out: X > 3", broken_by={"far": 2.0}),
        Assumption("small-steps", "the rate is below two over the curvature", broken_by={"lr": 10.0}),
    ),
)
