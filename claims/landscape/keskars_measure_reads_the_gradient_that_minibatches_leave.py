"""Where training stops, Keskar's measure reads the gradient that minibatches leave and calls their minima the sharper."""

from dlverify import Assumption, Claim, Erratum, mostly, vary
from dlverify.experiments.landscape import Trainings, TwoTrainings


def a_fifth(experiment: TwoTrainings, given: Trainings) -> float:
    """The full batch's value is below the minibatches' by the factor exp(-0.2): no theory gives the size."""
    return -0.2


def nothing(experiment: TwoTrainings, given: Trainings) -> float:
    """No difference at all: the logarithm of the ratio is 0."""
    return 0.0


CLAIM = Claim(
    entry="small-batch-flat-large-batch-sharp",
    says=(
        "Compared where each training first reaches the loss, full batches look flatter by Keskar's measure than "
        "minibatches of 4: the measure grows with the gradient that is left, and minibatches leave a larger one."
    ),
    paper="Keskar et al. 2017 (the measure)",
    experiments=vary(TwoTrainings(polish=False, compare="Keskar's measure")),
    predict=a_fifth,
    # Pilot, 256 seeds of a root that nothing was tuned on: below in 251, log ratio -0.78 +- 0.25, so p1 lies three standard
    # errors below. Controls: after polishing in none, with equal batches in 56; the full batch's value was larger in one.
    judge=mostly("below", p0=0.5, p1=0.95),
    assumptions=(
        Assumption("gradient-left", "nothing has evened out the gradients", broken_by={"polish": True}),
        Assumption("smaller-batch", "the one batch is smaller than the other", broken_by={"batches": (4, 4)}),
    ),
    errata=(
        Erratum(
            "full-batches-look-sharp",
            "full batches are found in sharp minima, as they stop",
            number=40,
            judge=mostly("above", p0=0.5, p1=0.95),
            predict=nothing,
        ),
    ),
)
