"""A residual block adds its input to its branch before the last ReLU."""

import numpy as np

from dlverify import Assumption, Claim, equal, rounding, vary
from dlverify.experiments.architecture import BlockOutputs, Images
from dlverify.quantity import Array


def convolved(images: Array, kernel: Array) -> Array:
    """Sum over channels and over the nine neighbours of a pixel, zeros around the image: kernel times pixel."""
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    outputs: Array = np.einsum("schwij,ocij->sohw", windows, kernel)
    return outputs


def branch(given: Images) -> Array:
    """F(x) = relu(x * w1) * w2."""
    return convolved(np.maximum(convolved(given.inputs, given.kernels[0]), 0), given.kernels[1])


def definition(experiment: BlockOutputs, given: Images) -> Array:
    """The notes' y = relu(F(x) + x)."""
    return np.maximum(branch(given) + given.inputs, 0)


def terms(experiment: BlockOutputs, given: Images) -> Array:
    """The first product errs by gamma |w1| * |x|, the second by gamma |w2| * |w1| * |x| and carries that on, the sum rounds."""
    first, second = np.abs(given.kernels)
    inner = convolved(convolved(np.abs(given.inputs), first), second)
    return 3 * inner + np.abs(given.inputs)


def roundings(experiment: BlockOutputs, given: Images) -> int:
    """9 c products and their sums; twice, for the prediction and for second order."""
    return 2 * (9 * experiment.channels + 1)


CLAIM = Claim(
    entry="resnet-block-definition",
    says="A residual block computes y = relu(F(x) + x) with F(x) = relu(x * w1) * w2, * being convolution.",
    paper="He, Zhang, Ren & Sun 2016 (CVPR), equation 1 and figure 2",
    experiments=vary(
        BlockOutputs(
            "dlverify.lab.architectures.residual:basic_block(normalized=False)", branch="random", inputs="signed"
        ),
        channels=(1, 4),
    ),
    predict=definition,
    judge=equal(within=rounding(operations=roundings, scale=terms)),
    assumptions=(
        Assumption(
            "way-around",
            "the input is added to the branch",
            broken_by={"block": "dlverify.lab.architectures.residual:basic_block(normalized=False, shortcut='none')"},
            effect=lambda experiment, given: definition(experiment, given) - np.maximum(branch(given), 0),
        ),
        Assumption(
            "branch-counts",
            "the branch is there: a block of zeros is relu(x)",
            broken_by={"branch": "zero"},
            effect=lambda experiment, given: definition(experiment, given) - np.maximum(given.inputs, 0),
        ),
    ),
)
