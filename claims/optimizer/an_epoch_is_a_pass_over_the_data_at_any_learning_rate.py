"""An epoch is one pass over the data: samples over batch size updates, rounded up, at any learning rate."""

from fractions import Fraction
from typing import Any

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.schedules import UpdatesPerEpoch
from dlverify.quantity import Array


def updates(experiment: UpdatesPerEpoch, given: Any) -> Array:
    """epochs * ceil(N / B) for N samples in batches of B, at every learning rate."""
    counts = [experiment.epochs * -(-samples // batch) for samples, batch in experiment.sizes]
    return np.array([[count] * len(experiment.rates) for count in counts], dtype=object)


def rate_as_epochs(experiment: UpdatesPerEpoch, given: Any) -> Array:
    """The learning rate read as a number of epochs: it multiplies the updates."""
    rates = np.array([Fraction(rate) for rate in experiment.rates], dtype=object)
    return np.asarray(updates(experiment, given) * rates)


CASE = UpdatesPerEpoch("torch.optim:SGD")

CLAIM = Claim(
    entry="eta-is-not-epoch",
    says="An epoch is a pass over N samples and makes N / B updates, rounded up, in batches of B; the learning rate scales each "
    "update and has no part in their number.",
    paper="Goodfellow, Bengio & Courville 2016, section 8.1.3",
    experiments=vary(CASE)
    + vary(UpdatesPerEpoch("torch.optim:SGD", sizes=((1000, 128), (96, 32), (10, 1), (7, 8))), epochs=(2, 5)),
    predict=updates,
    judge=equal(),
    assumptions=(
        Assumption(
            "keeps-the-rest",
            "the last batch is used though it is smaller",
            broken_by={"loader": "torch.utils.data:DataLoader(drop_last=True)"},
            case="2",
        ),
    ),
    errata=(
        Erratum("rate-as-epochs", "eta is the step size and the epoch", number=19, predict=rate_as_epochs, case="2"),
    ),
)
