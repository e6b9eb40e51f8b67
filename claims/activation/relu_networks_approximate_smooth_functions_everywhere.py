"""ReLU networks of one hidden layer approximate smooth functions over whole intervals and squares, at second order."""

import numpy as np

from dlverify import Assumption, Claim, certainly_at_most, vary
from dlverify.experiments.activation import InterpolationError, Networks
from dlverify.quantity import Array


def chord(experiment: InterpolationError, given: Networks) -> Array:
    """h^2 max|g''| / 8: the chord of a twice differentiable g over a piece of length h is no farther from it.

    On [0, 1] h = 1/n and |g''| <= pi^2 for g = sin(pi x). On the square g is A(x + y) + B(x - y) with
    A(s) = sin(pi s) / 2 + s^2 / 4 on [0, 2] and B(d) = sin(pi d) / 2 - d^2 / 4 on [-1, 1]: h = 2/n, each second derivative
    is at most (pi^2 + 1) / 2, and the two errors add up.
    """
    pieces = np.array(experiment.pieces)
    if experiment.target == "arch":
        bound: Array = np.pi**2 / (8 * pieces**2)
        return bound
    bound = (2 / pieces) ** 2 * (np.pi**2 + 1) / 8
    return bound


CLAIM = Claim(
    entry="universal-approximation",
    says="With one ReLU a piece the largest error over a whole interval, or square, is at most h^2 max|g''| / 8.",
    paper="de Boor 1978, chapter III; Leshno, Lin, Pinkus & Schocken 1993",
    experiments=vary(InterpolationError(), target=("arch",))
    + vary(InterpolationError(pieces=(4, 8, 16)), target=("saddle",))
    + vary(InterpolationError(), pieces=((128, 256),), tier="full")
    + vary(InterpolationError(target="saddle"), pieces=((32, 64),), tier="full"),
    predict=chord,
    judge=certainly_at_most(),
    assumptions=(
        Assumption(
            "straight-pieces", "between two kinks the network is a chord", broken_by={"activation": "torch.nn:GELU"}
        ),
        Assumption("even-knots", "no piece is longer than h", broken_by={"spacing": "squared"}),
    ),
)
