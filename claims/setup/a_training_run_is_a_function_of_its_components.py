"""A training run is a function of its components."""

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.setup import COMPONENTS, Components, RepeatedTraining
from dlverify.quantity import Array


def all_but_nothing(experiment: RepeatedTraining, given: Components) -> Array:
    """The same bits where nothing is changed; other weights where anything is, since each changes some gradient or step."""
    return np.array([component != "nothing" for component in COMPONENTS])


CLAIM = Claim(
    entry="dl-key-components",
    says=(
        "On one thread data, architecture, initial weights, loss, algorithm, learning rate and order determine the trained "
        "weights to the last bit, and each of them matters."
    ),
    paper="Goodfellow, Bengio & Courville 2016, section 5.10",
    experiments=vary(RepeatedTraining(), optimizer=("torch.optim:SGD", "torch.optim:Adam")),
    predict=all_but_nothing,
    judge=equal(),
    assumptions=(
        Assumption("order-given", "the order of the samples is given", broken_by={"order": "global"}),
        Assumption(
            "no-other-chance", "the network itself draws nothing", broken_by={"activation": "torch.nn:Dropout(p=0.5)"}
        ),
        Assumption("it-trains", "the steps are not of length zero", broken_by={"rate": 0.0}),
    ),
)
