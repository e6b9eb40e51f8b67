"""A transposed convolution is the transposed matrix of the convolution: its adjoint."""

import itertools

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.convolution import AdjointProducts, Pairs
from dlverify.quantity import Array


def matrix(experiment: AdjointProducts, given: Pairs) -> Array:
    """Entry (output node, input node) is u(x) where the input node is stride * output node + dilation * x - padding.

    Shape `(output channels, nodes, ..., channels, nodes, ...)`.
    """
    outer, inner = given.outputs.shape[1:], given.inputs.shape[1:]
    entries = np.zeros((*outer, *inner))
    nodes = itertools.product(*map(range, outer[1:]))
    for output, taps in itertools.product(nodes, np.ndindex(*given.kernel.shape[2:])):
        stride, dilation, padding = experiment.stride, experiment.dilation, experiment.padding
        place = tuple(stride * o + dilation * x - padding for o, x in zip(output, taps, strict=True))
        if all(0 <= node < experiment.size for node in place):
            entries[(slice(None), *output, slice(None), *place)] = given.kernel[(slice(None), slice(None), *taps)]
    return entries


def both_sides(experiment: AdjointProducts, given: Pairs) -> Array:
    """<T x, y> = y^T T x = <x, T^T y>, one number for either side."""
    inputs, outputs = (side.reshape(len(side), -1) for side in (given.inputs, given.outputs))
    rows = matrix(experiment, given).reshape(outputs.shape[1], inputs.shape[1])
    return np.einsum("so,oi,si->s", outputs, rows, inputs)


CLAIM = Claim(
    entry="conv-is-linear-toeplitz",
    says="<Conv x, y> = <x, ConvT y> for all x and y: the transposed convolution is the transpose of the convolution's matrix.",
    paper="Dumoulin & Visin 2016, chapter 4",
    experiments=(
        *vary(AdjointProducts("torch.nn:Conv1d", "torch.nn:ConvTranspose1d"), stride=(1, 2), dilation=(1, 2)),
        *vary(
            AdjointProducts("torch.nn:Conv2d", dimensions=2, size=6),
            transposed=("torch.nn:ConvTranspose2d",),
            stride=(1, 2),
            dilation=(1, 2),
        ),
    ),
    predict=both_sides,
    judge=equal(),
    assumptions=(
        Assumption("same-kernel", "both have the same kernel, not one reversed", broken_by={"kernel": "reversed"}),
        Assumption(
            "zeros-outside",
            "zeros pad the signal",
            broken_by={"layer": "torch.nn:Conv1d(padding_mode='circular')"},
        ),
    ),
)
