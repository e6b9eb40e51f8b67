"""Pooling keeps the channels, has no parameters, and shrinks the map by its stride alone."""

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.locality import PooledShapes
from dlverify.quantity import Array


def shapes(experiment: PooledShapes, given: None) -> Array:
    """As many channels, floor((n + 2p - k) / s) + 1 pixels of n, and no parameters: n again where s = 1 and 2p = k - 1."""
    kernel, stride, padding = experiment.arguments
    sides = np.array(experiment.sides, dtype=object)
    return np.stack([experiment.channels + 0 * sides, (sides + 2 * padding - kernel) // stride + 1, 0 * sides])


CLAIM = Claim(
    entry="pooling-shape-and-parameters",
    says=(
        "Maximum and mean over k x k pixels keep the channels, have no parameters, and make floor((n + 2p - k) / s) + 1 pixels of "
        "n: half for k = s = 2, all of them for s = 1 and 2p = k - 1."
    ),
    paper="LeCun, Bottou, Bengio & Haffner 1998, section II.B; Dumoulin & Visin 2016",
    experiments=vary(
        PooledShapes(),
        pooling=("torch.nn:MaxPool2d", "torch.nn:AvgPool2d"),
        arguments=((2, 2, 0), (3, 2, 1), (3, 1, 1)),
    ),
    predict=shapes,
    judge=equal(),
    assumptions=(
        Assumption(
            "untrained",
            "what the window is reduced by is fixed, unlike the sub-sampling of LeNet-5",
            broken_by={"pooling": "dlverify.lab.architectures.local:LearnedMean"},
        ),
        Assumption(
            "within-channels",
            "windows do not reach over channels",
            broken_by={"pooling": "dlverify.lab.architectures.local:Maxout"},
        ),
        Assumption(
            "rounded-down",
            "a last window that is not whole is left out",
            broken_by={"pooling": "torch.nn:MaxPool2d(ceil_mode=True)"},
        ),
    ),
)
