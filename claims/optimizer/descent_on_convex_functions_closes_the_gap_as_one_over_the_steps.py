"""Descent on convex functions closes the gap to the minimum as one over the number of steps."""

import numpy as np

from dlverify import Assumption, Claim, at_most, rounding, vary
from dlverify.experiments.descent import DescentBounds, Parabolas
from dlverify.quantity import Array


def bound(experiment: DescentBounds, given: Parabolas) -> Array:
    """L |x_0 - x*|^2 / (4 k + 2) after k steps, with L = 1 and the minimum at 0.

    Half of the textbook's L |x_0 - x*|^2 / (2 k), nearly, and sharp: on the hardest function of N steps the distance falls by
    d = |x_0| / (2 N + 1) a step, to (N + 1) d, where its value is d ((N + 1) d - d / 2) = |x_0|^2 / (4 N + 2).
    """
    return np.asarray((given.starts**2).sum(axis=1) / (4 * np.arange(1, experiment.steps + 1)[:, None] + 2))


def roundings(experiment: DescentBounds, given: Parabolas) -> Array:
    """Each step computes a slope and moves with at most 8 roundings, on numbers that the bound limits; so does the value."""
    return np.asarray(8.0 * np.arange(1, experiment.steps + 1)[:, None] + 16)


CLAIM = Claim(
    entry="gd-stationary-points",
    says="With lr = 1 / L, L the largest curvature, descent on a convex function is at most L |x_0 - x*|^2 / (4 k + 2) above the minimum "
    "after k steps; from near the top of a function that is not convex it is higher than that.",
    paper="Drori & Teboulle 2014, section 3; Nesterov 2004, theorem 2.1.14",
    experiments=vary(DescentBounds("torch.optim:SGD"), function=("ill-conditioned", "pseudo-huber", "hardest")),
    predict=bound,
    judge=at_most(within=rounding(operations=roundings, scale=bound)),
    assumptions=(
        Assumption("convex", "the function is convex", broken_by={"function": "cosine"}),
        Assumption("rate-below-two-over-l", "the learning rate is below 2 / L", broken_by={"lr": 2.0625}),
    ),
    why_graded="the bound is put to the test on examples; the claims on the saddle and the smallest gradient have proofs",
)
