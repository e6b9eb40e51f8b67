"""Convolution is a product with a Toeplitz matrix, and so linear."""

import numpy as np
from scipy.linalg import toeplitz

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.convolution import Filtering, MatrixProducts
from dlverify.quantity import Array


def band(weights: Array, size: int) -> Array:
    """The matrix whose row i holds the weights from column i on."""
    rest = np.zeros(size - len(weights))
    return toeplitz(np.append(weights[0], rest), np.append(weights, rest))


def by_the_matrix(experiment: MatrixProducts, given: Filtering) -> Array:
    """T z; for pictures a band of blocks, of which the y-th holds the band of the kernel's row y, times z row by row."""
    if experiment.dimensions == 1:
        matrix = band(given.kernel, experiment.size)
    else:
        places, size = np.eye(experiment.taps), experiment.size
        blocks = [np.kron(band(y, size), band(row, size)) for y, row in zip(places, given.kernel, strict=True)]
        matrix = np.sum(blocks, axis=0)
    return matrix @ given.signals.reshape(len(given.signals), -1).T


CLAIM = Claim(
    entry="conv-is-linear-toeplitz",
    says=(
        "A convolution layer without bias multiplies its input by a banded Toeplitz matrix, in two dimensions by a band of "
        "blocks that are such bands: it is linear."
    ),
    paper="Goodfellow, Bengio & Courville 2016, section 9.1; Gray 2006",
    experiments=(
        *vary(MatrixProducts("torch.nn:Conv1d"), signals=("one node", "random"), taps=(3, 5)),
        *vary(
            MatrixProducts("torch.nn:Conv2d", dimensions=2, size=6),
            layer=("torch.nn:Conv2d",),
            signals=("one node", "random"),
        ),
    ),
    predict=by_the_matrix,
    judge=equal(),
    assumptions=(
        Assumption("no-bias", "nothing is added; with a bias it is affine", broken_by={"bias": 1.0}),
        Assumption("nothing-between", "no activation follows", broken_by={"activation": "torch.nn:ReLU"}),
        Assumption(
            "unflipped",
            "the kernel is not flipped, which would turn the band round",
            broken_by={"layer": "torch.nn:ConvTranspose1d(padding=2)"},
        ),
    ),
)
