"""Squeeze and excitation multiplies each channel of an image by one gate between 0 and 1."""

import numpy as np

from dlverify import Assumption, Claim, equal, rounding, vary
from dlverify.experiments.classification import Gate, GatedMaps
from dlverify.quantity import Array


def gates(given: Gate, means: Array) -> Array:
    """1 / (1 + exp(-W2 relu(W1 z))) for means z (..., channels): between 0 and 1, and 1/2 where W2 = 0."""
    return 1 / (1 + np.exp(-np.maximum(means @ given.first.T, 0) @ given.second.T))


def gated(experiment: GatedMaps, given: Gate) -> Array:
    """Every pixel of a channel times the gate that the means of all channels give to it."""
    return given.inputs * gates(given, given.inputs.mean((2, 3)))[:, :, None, None]


def without_squeezing(experiment: GatedMaps, given: Gate) -> Array:
    """What gates of each pixel's own would change; where W2 = 0, which has no control, what gates change."""
    own = np.moveaxis(gates(given, np.moveaxis(given.inputs, 1, -1)), -1, 1)
    return gated(experiment, given) - given.inputs * (own if experiment.weights == "random" else 1)


def terms(experiment: GatedMaps, given: Gate) -> Array:
    """|x| (|W2| |W1| mean|x| / 4 + 1): the sigmoid's slope is 1/4 at most, and the product rounds a gate of at most 1."""
    absolute = np.abs(given.inputs)
    entering = absolute.mean((2, 3)) @ np.abs(given.first).T @ np.abs(given.second).T
    return absolute * (entering / 4 + 1)[:, :, None, None]


def roundings(experiment: GatedMaps, given: Gate) -> int:
    """A sum over P pixels and its quotient, products and sums over the channels and over the units between; 4 for the sigmoid.

    Those are an exponential good to two units, a sum and a quotient; one more for the last product. Twice: the prediction
    rounds as much in float64, and second order.
    """
    return 2 * (experiment.pixels**2 + experiment.channels + experiment.channels // experiment.reduction + 2 + 4 + 1)


CLAIM = Claim(
    entry="senet",
    says="Squeeze and excitation multiplies all pixels of a channel by one gate, sigmoid(W2 relu(W1 z)) in (0, 1), which depends on "
    "the image through the means z of its channels alone; where W2 = 0 it halves the image.",
    paper="Hu, Shen & Sun 2018, equations 2 to 4",
    experiments=vary(GatedMaps(), weights=("random", "zero")),
    predict=gated,
    judge=equal(within=rounding(operations=roundings, scale=terms)),
    assumptions=(
        Assumption(
            "squeezed",
            "a gate is computed from means over all pixels, and not for each pixel from its own channels",
            broken_by={"block": "dlverify.lab.architectures.channels:SqueezeExcitation(pooled=False)"},
            effect=without_squeezing,
        ),
    ),
    why_graded="Exponentials round; that the blocks have the published weights is exact, in another claim.",
)
