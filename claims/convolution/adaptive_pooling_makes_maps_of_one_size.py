"""Adaptive pooling makes maps of one size, whatever came in, as a dense layer expects them."""

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.locality import PooledShapes
from dlverify.quantity import Array


def asked_for(experiment: PooledShapes, given: None) -> Array:
    """As many channels, the side that was asked for, and no parameters."""
    (side,) = experiment.arguments
    return np.stack([np.full(len(experiment.sides), number, dtype=object) for number in (experiment.channels, side, 0)])


CLAIM = Claim(
    entry="pooling-shape-and-parameters",
    says="Adaptive pooling fits its windows to the map, so that maps of all sizes, smaller ones too, come out with one size.",
    paper="He, Zhang, Ren & Sun 2014 (spatial pyramid pooling)",
    experiments=vary(
        PooledShapes(sides=(3, 4, 7, 8, 13, 32)),
        pooling=("torch.nn:AdaptiveAvgPool2d", "torch.nn:AdaptiveMaxPool2d"),
        arguments=((1,), (4,), (7,)),
    ),
    predict=asked_for,
    judge=equal(),
    assumptions=(
        Assumption(
            "adaptive",
            "windows are as large as the map asks for",
            broken_by={"pooling": "torch.nn:MaxPool2d", "arguments": (2,)},
        ),
    ),
)
