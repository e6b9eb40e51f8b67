"""Absolute error resists almost half of the points."""

from dlverify import Assumption, Claim, at_most, vary
from dlverify.experiments.loss import Contamination, Samples

L1 = "torch.nn:L1Loss(reduction='sum')"


def largest_good_point(experiment: Contamination, given: Samples) -> int:
    """The largest of n points: the bad ones lie above it, and where they are fewer than half the median does not.

    So it is for the unsquared norm, which of numbers is the absolute value, and for Huber's loss with one bad point less.
    """
    return int(given.values.max())


CLAIM = Claim(
    entry="l1-vs-l2-robustness",
    says="With fewer than half of the points moved any distance the summed absolute error, or unsquared norm, is smallest "
    "within the range of the others.",
    paper="Donoho & Huber 1983; Huber 1981",
    experiments=vary(Contamination(L1), loss=(L1, "torch.nn:PairwiseDistance(p=2, eps=0)"))
    + vary(Contamination(L1, bad=4), loss=("torch.nn:HuberLoss(reduction='sum')",))
    + vary(Contamination(L1, bad=50), tier="full", points=(101,)),
    predict=largest_good_point,
    judge=at_most(),
    assumptions=(
        Assumption("less-than-half", "the good points are the majority", broken_by={"bad": 6}),
        Assumption(
            "not-squared", "the errors are not squared", broken_by={"loss": "torch.nn:MSELoss(reduction='sum')"}
        ),
    ),
)
