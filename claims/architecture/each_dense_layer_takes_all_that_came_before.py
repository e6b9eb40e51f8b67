"""Each layer of a dense block takes all that came before."""

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.classification import Connections
from dlverify.quantity import Array


def all_before(experiment: Connections, given: Array) -> Array:
    """Layer l = 1 ... L takes the block's input, source 0, and the outputs of layers 1 ... l - 1: L (L + 1) / 2 in all."""
    layers = experiment.layers
    return np.tril(np.ones((layers, layers), dtype=bool))


CLAIM = Claim(
    entry="densenet",
    says="Each of the L layers of a dense block takes, bit for bit, the block's input and the output of every earlier layer: "
    "L (L + 1) / 2 connections, where a plain chain has L.",
    paper="Huang, Liu, van der Maaten & Weinberger 2017, section 3",
    experiments=vary(Connections(), layers=(6, 12)),
    predict=all_before,
    judge=equal(),
    assumptions=(
        Assumption(
            "handed-on",
            "a layer hands on its input beside its output",
            broken_by={"block": "dlverify.lab.architectures.channels:dense_block(keeps=False)"},
        ),
    ),
)
