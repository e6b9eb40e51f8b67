"""The better activation depends on the task."""

import math

from dlverify import Assumption, Claim, mostly, vary
from dlverify.experiments.elementwise import RankedActivations, Starts


def factor_of_two(experiment: RankedActivations, given: Starts) -> float:
    """log10 2: the winner's least error is below half of the loser's, on both tasks.

    Two ReLU units are |x|, which smooth units only approximate; one tanh unit is tanh 5x, which two kinks only approximate.
    """
    return math.log10(2)


CLAIM = Claim(
    entry="activation-choice",
    says="Of networks of two hidden units the best of 16 starts with ReLU fits |x| better than the best with tanh, and tanh 5x worse: "
    "no activation is best for every task.",
    paper="Wolpert 1996; Ramachandran, Zoph & Le 2017",
    experiments=vary(RankedActivations()),
    predict=factor_of_two,
    # Pilots, 328 seeds of two other roots: 0.966 with both leads above a factor of 2, standard error 0.010; controls 0 of 64 each.
    judge=mostly("above", p0=0.5, p1=0.9),
    assumptions=(
        Assumption("two-tasks", "the second task suits the other activation", broken_by={"second_task": "|x|"}),
        Assumption("nonlinear", "both activations are nonlinear", broken_by={"first": "identity"}),
    ),
)
