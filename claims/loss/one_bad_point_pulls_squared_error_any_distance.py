"""One bad point pulls squared error any distance."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.loss import Contamination, Samples
from dlverify.quantity import Array


def shift_of_mean(experiment: Contamination, given: Samples) -> Array:
    """(k M - what the k points were) / n, without bound in M: whole numbers, as all points are multiples of n."""
    moved = [int(given.values[0, :bad].sum()) for bad in range(experiment.bad + 1)]
    places = experiment.points * np.array(experiment.distances, dtype=object)
    return np.array([(bad * places - before) // experiment.points for bad, before in enumerate(moved)])


CLAIM = Claim(
    entry="l1-vs-l2-robustness",
    says="Each of n points that is moved to M pulls the minimiser of the summed squared error by M / n, less what it was "
    "worth: one is enough to pull it any distance.",
    paper="Donoho & Huber 1983; Huber 1981",
    experiments=vary(Contamination("torch.nn:MSELoss(reduction='sum')", report="shift")),
    predict=shift_of_mean,
    judge=equal(),
    assumptions=(
        Assumption("squared", "the errors are squared", broken_by={"loss": "torch.nn:L1Loss(reduction='sum')"}),
        Assumption(
            "large-errors-too",
            "large errors are squared, too",
            broken_by={"loss": "torch.nn:HuberLoss(reduction='sum')"},
        ),
    ),
    errata=(
        Erratum(
            "without-the-square",
            "It is the L2 norm of the errors that outliers spoil, as if it were their squares.",
            number=50,
            broken_by={"loss": "torch.nn:PairwiseDistance(p=2, eps=0)", "points": 3, "bad": 1},
        ),
    ),
)
