"""Without skips no more passes an encoder and decoder than the bottleneck holds numbers."""

import math

import numpy as np

from dlverify import Assumption, Claim, equal, rounding, vary
from dlverify.experiments.segmentation import TrailingSingularValues, Weighted
from dlverify.quantity import Array


def nothing(experiment: TrailingSingularValues, given: Weighted) -> Array:
    """Zero: the derivative is a product through a space of `beyond` numbers, so it has at most that many singular values."""
    return np.zeros(experiment.pixels**2 - experiment.beyond)


def product_of_norms(experiment: TrailingSingularValues, given: Weighted) -> float:
    """The product over layers of the largest sum of absolute weights into an output, or out of an input, of a layer.

    A derivative errs by gamma times the product of the |W|, and no singular value moves by more than the spectral norm of
    that, at most the root of its largest sum over rows times that over columns (Higham 2002, section 3.5; Weyl). Masks of
    ReLU and choices of the maximum are 0 or 1, whatever is rounded.
    """
    weights = [np.abs(values) for values in given.parameters if values.ndim == 4]
    sums = [max(w.sum((1, 2, 3)).max(), w.sum((0, 2, 3)).max()) for w in weights]
    return math.prod(sums)


def roundings(experiment: TrailingSingularValues, given: Weighted) -> float:
    """Products and sums of all layers on one path, and one for each row of the derivative for its decomposition."""
    return (
        sum(values[0].size + values.shape[0] for values in given.parameters if values.ndim == 4) + experiment.pixels**2
    )


CLAIM = Claim(
    entry="encoder-decoder-unet",
    says="Without skips the derivative of a U-Net's answer in its image has no larger rank than the bottleneck has numbers; "
    "with them it has.",
    paper="Ronneberger, Fischer & Brox 2015, section 2; Drozdzal et al. 2016",
    experiments=vary(TrailingSingularValues()),
    predict=nothing,
    judge=equal(within=rounding(operations=roundings, scale=product_of_norms)),
    assumptions=(
        Assumption(
            "no-skips",
            "the decoder sees nothing but the bottleneck",
            broken_by={
                "network": "dlverify.lab.architectures.segmentation:UNet(channels=(4, 1), classes=1, padding=1)"
            },
            effect=1e-3,
        ),
        Assumption(
            "narrow",
            "the bottleneck holds 4x4 cells of one channel and no more",
            broken_by={
                "network": "dlverify.lab.architectures.segmentation:UNet(channels=(4, 4), classes=1, padding=1, skips=False)"
            },
            effect=1e-3,
        ),
    ),
    why_graded="A rank is a matter of rounding; the layers and sizes of the network are counted exactly, in other claims.",
)
