"""Three sigmoid units trace a sine to three digits."""

from dlverify import Assumption, Claim, certainly_at_most, vary
from dlverify.experiments.activation import Networks, WitnessError


def asked(experiment: WitnessError, given: Networks) -> float:
    """One thousandth, the accuracy asked for: existence at one epsilon needs no more than one network.

    The ten numbers were found by a search over short decimals; how does not matter, since what they do is certified. The
    staircase that the proof of the theorem builds would need pi / 0.001 = 3,142 units.
    """
    return 1e-3


CLAIM = Claim(
    entry="universal-approximation",
    says="A network of three sigmoid units, ten short numbers, lies within 0.001 of sin(2 pi x) at every x from 0 to 1.",
    paper="Cybenko 1989; Hornik, Stinchcombe & White 1989",
    experiments=vary(
        WitnessError(inner=(6, -5.2, 6), bias=(-0.33, 2.6, -5.67), outer=(6.17, 8.28, 6.17), constant=-10.31)
    ),
    predict=asked,
    judge=certainly_at_most(),
    assumptions=(
        Assumption("these-weights", "the numbers are these, to the last digit", broken_by={"constant": -10.312}),
        Assumption(
            "every-x",
            "the error is small at every x, not at 1,001 points of a grid, which do not see a spike of width 1e-5",
            broken_by={"spike": 0.01},
        ),
        Assumption("a-sigmoid", "the units are sigmoid", broken_by={"activation": "torch.nn:Hardsigmoid"}),
    ),
)
