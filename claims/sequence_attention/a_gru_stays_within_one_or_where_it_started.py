"""A GRU stays within one or where it started, wherever its reset gate stands; an LSTM's cell need not."""

import numpy as np

from dlverify import Assumption, Claim, at_most, rounding, vary
from dlverify.experiments.recurrent import Run, States
from dlverify.quantity import Array


def one_or_the_start(experiment: States, given: Run) -> float:
    """max(1, |h_0|): (1 - z) n + z h lies between h and n, a tanh."""
    return max(1.0, float(np.abs(given.start).max()))


def roundings(experiment: States, given: Run) -> Array:
    """Five a step: 1 - z, two products, a sum and the tanh."""
    return 5 * np.arange(1, experiment.steps + 1)


CLAIM = Claim(
    entry="gru",
    says="No number of a GRU's state ever exceeds 1 and the largest that it started with, in both conventions of the reset "
    "gate; the cell of an LSTM, which adds, grows beyond.",
    paper="Cho et al. 2014; Chung, Gulcehre, Cho & Bengio 2014",
    experiments=vary(
        States(steps=500, units=8, scale=4.0, report="largest memory"),
        layer=("torch.nn:GRU", "dlverify.lab.architectures.recurrent:ResetFirstGRU"),
        start=(0.5, 3.0),
    ),
    predict=one_or_the_start,
    judge=at_most(within=rounding(operations=roundings, scale=one_or_the_start)),
    assumptions=(Assumption("mixes", "old and new have weights that sum to 1", broken_by={"layer": "torch.nn:LSTM"}),),
)
