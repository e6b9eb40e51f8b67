"""A perfect prediction costs nothing, by losses that measure a distance."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, at_least, equal, vary
from dlverify.experiments.evaluation import LossSigns, Pairs
from dlverify.quantity import Array


def zero_at_the_target_alone(experiment: LossSigns, given: Pairs) -> Array:
    """0 where the prediction is the target, as for every distance, and 1 everywhere else."""
    return np.array(given.predictions != given.targets, dtype=int).astype(object)


def strictly_positive(experiment: LossSigns, given: Pairs) -> int:
    """As printed: the loss is above zero, whatever is predicted."""
    return 1


CLAIM = Claim(
    entry="loss-strictly-positive",
    says="Squared, absolute, Huber's and smooth absolute error are zero at a perfect prediction and positive elsewhere.",
    paper="Goodfellow, Bengio & Courville 2016, section 5.5",
    experiments=vary(
        LossSigns("torch.nn:MSELoss"),
        loss=("torch.nn:MSELoss", "torch.nn:L1Loss", "torch.nn:HuberLoss", "torch.nn:SmoothL1Loss"),
    ),
    predict=zero_at_the_target_alone,
    judge=equal(),
    assumptions=(
        Assumption(
            "reaches-zero",
            "the loss measures a distance; the logistic one goes on falling",
            broken_by={"loss": "torch.nn:SoftMarginLoss"},
        ),
        Assumption(
            "nowhere-else",
            "the loss measures a distance; the hinge loss is zero beyond the label, too",
            broken_by={
                "loss": "torch.nn:MarginRankingLoss(margin=1.0)",
                "takes": "prediction, zero and label",
            },
        ),
    ),
    errata=(Erratum("strictly-positive", "L(M(x), y) > 0.", number=12, predict=strictly_positive, judge=at_least()),),
)
