"""Without padding, AlexNet does not see the last five rows and columns of an image of 224 pixels."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.classification import PixelsWithoutEffect
from dlverify.quantity import Array

WINDOWS = ((11, 4, 0), (3, 2, 0), (5, 1, 2), (3, 2, 0), (3, 1, 1), (3, 1, 1), (3, 1, 1), (3, 2, 0))
"""Kernel, stride and padding of each convolution and pool."""


def left_over(experiment: PixelsWithoutEffect, given: Array) -> list[list[int]]:
    """Forward, n pixels become m = floor((n + 2p - k) / s) + 1; back, the last of m sees as far as (m - 1) s + k - p pixels."""
    counts = []
    for size in experiment.sizes:
        sizes = [size]
        for kernel, stride, padding in WINDOWS:
            sizes.append((sizes[-1] + 2 * padding - kernel) // stride + 1)
        seen = sizes[-1]
        for entering, (kernel, stride, padding) in zip(sizes[-2::-1], WINDOWS[::-1], strict=True):
            seen = min(entering, (seen - 1) * stride + kernel - padding)
        counts.append([size - seen] * 2)
    return counts


NETWORK = "dlverify.lab.architectures.classification:alexnet"
CLAIM = Claim(
    entry="alexnet-224-arithmetic",
    says="Where windows do not divide their input, the last lines of it reach no answer: without padding AlexNet sees all of an image "
    "of 227 pixels a side and not the last five rows and columns of one of 224.",
    paper="Krizhevsky, Sutskever & Hinton 2012; Dumoulin & Visin 2016, section 4",
    experiments=vary(PixelsWithoutEffect(), samples=(2,))
    + vary(PixelsWithoutEffect(sizes=tuple(range(195, 293))), samples=(1,), tier="full"),
    predict=left_over,
    judge=equal(),
    assumptions=(
        Assumption(
            "no-padding",
            "the first convolution has no padding, with which an image of 224 pixels loses one line",
            broken_by={"network": f"{NETWORK}(channels=(4, 4, 4, 4, 4), classes=None, padding=2)"},
        ),
    ),
)
