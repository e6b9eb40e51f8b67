"""Convolution layers do not flip their kernel: what they compute is the cross-correlation."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.convolution import Filtering, Responses
from dlverify.quantity import Array


def cross_correlation(experiment: Responses, given: Filtering) -> Array:
    """s(i) = sum over x of z(i + x) u(x): every window of the signal, times the kernel, summed."""
    windows = sliding_window_view(given.signals, given.kernel.shape)
    return np.tensordot(windows, given.kernel, experiment.dimensions)


def convolution(experiment: Responses, given: Filtering) -> Array:
    """s(i) = sum over x of z(i - x) u(x): with -x for x, every window times the kernel reversed in each dimension."""
    windows = sliding_window_view(given.signals, given.kernel.shape)
    return np.tensordot(windows, np.flip(given.kernel), experiment.dimensions)


CLAIM = Claim(
    entry="conv-formula-is-cross-correlation",
    says=(
        "A convolution layer computes sums of z(i + x) u(x), the cross-correlation; the convolution, sums of z(i - x) u(x), "
        "reverses the kernel, and is what a transposed layer computes."
    ),
    paper="Goodfellow, Bengio & Courville 2016, section 9.1; Dumoulin & Visin 2016",
    experiments=(
        *vary(Responses("torch.nn:Conv1d", size=6, weights="rising"), picture=("step",)),
        *vary(Responses("torch.nn:Conv1d"), taps=(3, 5)),
        *vary(Responses(dimensions=2, size=8), layer=("torch.nn:Conv2d",)),
        *vary(Responses(dimensions=3, size=5), layer=("torch.nn:Conv3d",)),
    ),
    predict=cross_correlation,
    judge=equal(),
    assumptions=(
        Assumption(
            "forward",
            "the layer passes signals forward; a transposed one, as it passes gradients back, is a convolution",
            broken_by={"layer": "torch.nn:ConvTranspose1d(padding=2)"},
        ),
    ),
    errata=(
        Erratum(
            "named-convolution",
            "The sum of z(i + x) u(x) is the convolution of z and u.",
            number=6,
            predict=convolution,
        ),
    ),
)
