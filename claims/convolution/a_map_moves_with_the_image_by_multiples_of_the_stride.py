"""A map moves with the image where the shift is a multiple of the stride, and only there."""

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.equivariance import Maps, ShiftedMaps
from dlverify.quantity import Array


def multiples(experiment: ShiftedMaps, given: Maps) -> Array:
    """s(i) = sum_x u(x) z(t i + x), t the product of all strides: if z moves by t m, s moves by m; a maximum likewise.

    For other shifts the map holds sums that the map of the image left out. With zeros around the image what follows holds
    where neither sum reaches over the border.
    """
    moves = np.arange(experiment.nodes) % (experiment.stride * experiment.window) == 0
    return moves[:, None] & moves


CLAIM = Claim(
    entry="translation-equivariance",
    says=(
        "With circular padding convolution and pooling commute with shifts by multiples of their strides, to the last bit, and "
        "with no others; with zero padding this is so away from the border alone."
    ),
    paper="Cohen & Welling 2016; Zhang 2019 (Making convolutional networks shift-invariant again)",
    experiments=vary(ShiftedMaps(), stride=(1, 2), window=(1, 2))
    + vary(ShiftedMaps(), stride=(4,))
    + vary(ShiftedMaps(compared="away from the border"), padding_mode=("zeros",)),
    predict=multiples,
    judge=equal(),
    assumptions=(
        Assumption("circular", "the image goes on behind its border", broken_by={"padding_mode": "zeros"}),
        Assumption(
            "shared",
            "all nodes of a map have the same kernel",
            broken_by={"convolution": "dlverify.lab.architectures.local:LocallyConnected"},
        ),
        Assumption(
            "strides-alone", "nothing else leaves nodes out", broken_by={"convolution": "torch.nn:Conv2d(stride=2)"}
        ),
    ),
)
