"""Each index of a two-dimensional kernel moves along its own axis of the picture."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.convolution import Filtering, Responses
from dlverify.quantity import Array


def over_windows(experiment: Responses, given: Filtering) -> Array:
    """s(j, i) = sum over y and x of z(j + y, i + x) u(y, x)."""
    nodes = experiment.size - experiment.taps + 1
    return sum(weight * given.signals[y : y + nodes, x : x + nodes] for (y, x), weight in np.ndenumerate(given.kernel))


def over_diagonals(experiment: Responses, given: Filtering) -> Array:
    """Sum over y and x of z(j + x, i + x) u(y, x), that is, of z(j + x, i + x) times column sums of u: a diagonal of z."""
    nodes = experiment.size - experiment.taps + 1
    return sum(
        weight * given.signals[x : x + nodes, x : x + nodes] for x, weight in enumerate(given.kernel.sum(axis=0))
    )


CLAIM = Claim(
    entry="conv-2d-formula",
    says="A two-dimensional layer computes s(j, i), the sum over y and x of z(j + y, i + x) u(y, x).",
    paper="Goodfellow, Bengio & Courville 2016, section 9.1",
    experiments=vary(Responses("torch.nn:Conv2d", dimensions=2, size=7), picture=("one pixel", "random", "equal rows")),
    predict=over_windows,
    judge=equal(),
    assumptions=(
        Assumption(
            "unflipped",
            "the kernel is not reversed, as a transposed layer does",
            broken_by={"layer": "torch.nn:ConvTranspose2d(padding=2)"},
        ),
    ),
    errata=(
        Erratum(
            "row-moves-with-column",
            "The row of the input moves with the column of the kernel, z(j + x, i + x) u(y, x).",
            number=5,
            predict=over_diagonals,
        ),
    ),
)
