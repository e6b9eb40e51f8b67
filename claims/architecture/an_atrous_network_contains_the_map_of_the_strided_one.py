"""An atrous network contains the map of the strided network from which it was made."""

import math

import numpy as np

from dlverify import Assumption, Claim, equal, rounding, vary
from dlverify.experiments.segmentation import AtrousMaps, Weighted
from dlverify.quantity import Array


def strided(experiment: AtrousMaps, given: Weighted) -> Array:
    """The strided network: sums of products with 3x3 pieces, stride cells apart, then ReLU, layer by layer."""
    return _strided(experiment, given.image, given.parameters)


def of_absolute_values(experiment: AtrousMaps, given: Weighted) -> Array:
    """The same of absolute values, which bounds what enters the rounding of every sum, carried to the last map."""
    return _strided(experiment, np.abs(given.image), tuple(np.abs(values) for values in given.parameters))


def _strided(experiment: AtrousMaps, image: Array, parameters: tuple[Array, ...]) -> Array:
    maps, pad = image[None], experiment.padding
    for kernels, bias, stride in zip(parameters[::2], parameters[1::2], experiment.strides, strict=True):
        pieces = np.lib.stride_tricks.sliding_window_view(
            np.pad(maps, ((0, 0), (pad, pad), (pad, pad))), (3, 3), (1, 2)
        )
        sums = np.tensordot(kernels, pieces[:, ::stride, ::stride], ((1, 2, 3), (0, 3, 4)))
        maps = np.maximum(sums + bias[:, None, None], 0)
    return maps


def roundings(experiment: AtrousMaps, given: Weighted) -> float:
    """Nine products a channel and a bias in every layer of a path; twice, for the prediction and the second order."""
    return 2 * sum(math.prod(kernels.shape[1:]) + 1 for kernels in given.parameters[::2])


CLAIM = Claim(
    entry="deeplab",
    says="With every stride taken out and later kernels dilated by the strides before them, every s-th cell of the dense map "
    "is a cell of the strided network's, s the product of the strides; with zeros padded too, if padding is dilated.",
    paper="Chen, Papandreou, Kokkinos, Murphy & Yuille 2015, section 2.1; Yu & Koltun 2016",
    experiments=vary(AtrousMaps(), strides=((2,), (2, 2, 1), (1, 3, 2)))
    + vary(AtrousMaps(), padding=(1,), pixels=(31, 32)),
    predict=strided,
    judge=equal(within=rounding(operations=roundings, scale=of_absolute_values)),
    assumptions=(
        Assumption(
            "dilated",
            "later kernels are dilated: else they read cells that lie too close",
            broken_by={"network": "dlverify.lab.architectures.segmentation:atrous_stack(dilated=False)"},
            case="2x2x1",
        ),
        Assumption(
            "aligned",
            "the dense map is sampled where the strided one begins",
            broken_by={"first": 1},
            case="1-32",
        ),
    ),
)
