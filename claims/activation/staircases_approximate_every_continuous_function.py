"""Staircases of squashing units approximate every continuous function over a whole interval."""

import numpy as np

from dlverify import Assumption, Claim, certainly_at_most, vary
from dlverify.experiments.activation import Networks, StaircaseError
from dlverify.quantity import Array


def half_a_step(experiment: StaircaseError, given: Networks) -> Array:
    """w(1/(2n)) (1 + 4 q / (1 - q^2)), q = e^(-k/2): w a concave modulus of continuity, n steps, weights k n.

    At x, at a distance u from the middle of its own step, let s >= 1/2 be what that unit gives to the nearer end. The other
    end lies at 1/(2n) + u and the nearer at 1/(2n) - u, so as w is concave the two together err by at most
    (1 - s) w(1/(2n) + u) + s w(1/(2n) - u) <= w(1/(2n)). The others are at least 1/(2n), 1/(2n), 3/(2n), ... away: each
    adds what it lacks to its limit, at most e^(-k |x - t| n), times its rise of at most w(1/n) <= 2 w(1/(2n)).
    """
    half = 1 / (2 * np.array(experiment.widths))
    modulus = {"sine": 2 * np.pi * half, "bend": half, "root": np.sqrt(half)}[experiment.target]
    q = np.exp(-experiment.steepness / 2)
    bound: Array = modulus * (1 + 4 * q / (1 - q**2))
    return bound


CLAIM = Claim(
    entry="universal-approximation",
    says="Whatever squashing function makes the steps, n of them come within w(1/(2n)) of a function with modulus of "
    "continuity w, at every point of the interval, but for exponentially small tails.",
    paper="Cybenko 1989; Hornik, Stinchcombe & White 1989, theorem 2.4",
    experiments=vary(
        StaircaseError(), target=("sine", "bend", "root"), activation=("torch.nn:Sigmoid", "torch.nn:Hardsigmoid")
    )
    + vary(StaircaseError(), widths=((1024,),), tier="full"),
    predict=half_a_step,
    judge=certainly_at_most(),
    assumptions=(
        Assumption("squashing", "the unit's limits are 0 and 1", broken_by={"activation": "torch.nn:Softsign"}),
        Assumption("a-unit-a-step", "there is a unit for every step", broken_by={"missing": 1}),
        Assumption(
            "an-interval",
            "the target is known where the steps are, on a compact interval",
            why_kept="a finite staircase is constant far away, so on an unbounded interval a sine stays off by at least 1",
        ),
    ),
)
