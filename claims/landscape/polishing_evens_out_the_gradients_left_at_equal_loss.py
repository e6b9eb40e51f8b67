"""A little gradient descent from where trainings stop evens out the gradients that they leave, at equal loss."""

from dlverify import Assumption, Claim, mostly, vary
from dlverify.experiments.landscape import Trainings, TwoTrainings


def a_factor(experiment: TwoTrainings, given: Trainings) -> float:
    """The two gradient norms differ by less than the factor exp(0.3); where training stops it is exp(1.4) on average."""
    return 0.3


CLAIM = Claim(
    entry="small-batch-flat-large-batch-sharp",
    says=(
        "Once gradient descent has taken two trainings from the loss where they stopped down to one lower loss, their "
        "gradient norms differ by less than the factor 1.35: what is compared there is compared at equal gradient."
    ),
    experiments=vary(TwoTrainings(compare="gradient norm")),
    predict=a_factor,
    # Pilot, 256 seeds of a root that nothing was tuned on: below in all, at most 0.18; where training stops in one.
    judge=mostly("below", p0=0.5, p1=0.95),
    assumptions=(Assumption("polished", "both are polished by gradient descent", broken_by={"polish": False}),),
)
