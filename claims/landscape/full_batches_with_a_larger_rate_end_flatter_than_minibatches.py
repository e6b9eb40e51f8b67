"""Full batches with four times the learning rate end where the loss is flatter than minibatches do."""

from dlverify import Assumption, Claim, Erratum, mostly, vary
from dlverify.experiments.landscape import Trainings, TwoTrainings


def nothing(experiment: TwoTrainings, given: Trainings) -> float:
    """No difference at all: the logarithm of the ratio of sharpnesses is 0."""
    return 0.0


CLAIM = Claim(
    entry="small-batch-flat-large-batch-sharp",
    says=(
        "Sharpness follows the learning rate as well as the batch size: full batches whose steps are four times as long "
        "end at a smaller top eigenvalue of the Hessian, at equal loss, than minibatches of 4 do."
    ),
    paper="Jastrzebski et al. 2017 (rate over batch size); Cohen et al. 2021 (full batches: below 2 / rate)",
    experiments=vary(TwoTrainings(rates=(0.15, 0.6), compare="top eigenvalue")),
    predict=nothing,
    # Pilot, 256 seeds of a root that nothing was tuned on: below in all, log ratio -0.53 +- 0.15; at equal rates in none. Of 96
    # seeds of another root one full batch did not come down to the loss of comparison, which counts as no difference.
    judge=mostly("below", p0=0.5, p1=0.95),
    assumptions=(
        Assumption("longer-steps", "the full batch's learning rate is scaled up", broken_by={"rates": (0.15, 0.15)}),
    ),
    errata=(
        Erratum(
            "batch-alone-decides",
            "minibatches converge to flat minima and full batches to sharp ones, whatever their learning rates",
            number=40,
            judge=mostly("above", p0=0.5, p1=0.95),
            predict=nothing,
        ),
    ),
)
