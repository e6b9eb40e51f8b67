"""A recurrent layer of one direction never reads ahead: its output depends on all inputs so far, and on no later one."""

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.recurrent import Reading
from dlverify.quantity import Array


def all_so_far(experiment: Reading, given: Array) -> Array:
    """The output at step t has a gradient in the input at step s if and only if s <= t."""
    return np.tri(experiment.steps, dtype=bool)


CLAIM = Claim(
    entry="recurrent-network",
    says="Each output of a recurrent layer depends on every input up to its step and on none after it; a layer of two "
    "directions depends on the whole sequence.",
    paper="Schuster & Paliwal 1997",
    experiments=vary(Reading(), layer=("torch.nn:RNN", "torch.nn:LSTM", "torch.nn:GRU")),
    predict=all_so_far,
    judge=equal(),
    assumptions=(
        Assumption(
            "one-direction",
            "no second layer reads the sequence backwards",
            case="lstm",
            broken_by={"layer": "torch.nn:LSTM(bidirectional=True)"},
        ),
    ),
)
