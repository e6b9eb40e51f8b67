"""A transposed convolution is the adjoint of the convolution, and not its inverse."""

from itertools import product

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.adversarial import BothWays
from dlverify.quantity import Array


def matrix(experiment: BothWays, given: Array) -> Array:
    """A[(i, j), (u, v)] = w[u - s i + p, v - s j + p] where the kernel has such an entry, otherwise 0, in integers."""
    s, p, (height, width) = experiment.stride, experiment.padding, experiment.size
    rows, columns = ((n + 2 * p - k) // s + 1 for n, k in zip(experiment.size, experiment.kernel, strict=True))
    found = np.zeros((rows, columns, height, width), dtype=object)
    for i, j, u, v in product(range(rows), range(columns), range(height), range(width)):
        a, b = u - s * i + p, v - s * j + p
        if 0 <= a < experiment.kernel[0] and 0 <= b < experiment.kernel[1]:
            found[i, j, u, v] = int(given[a, b])
    return found.reshape(rows * columns, height * width)


def adjoint(experiment: BothWays, given: Array) -> Array:
    """Images e_k of one pixel go forth to A e_k, row k of A^T; responses of one pixel come back as A^T e_k, row k of A."""
    forth = matrix(experiment, given)
    return {"forth": forth.T, "back": forth, "forth and back": forth.T @ forth}[experiment.way]


def inverse(experiment: BothWays, given: Array) -> Array:
    """The printed "opposite direction": what went forth comes back as it was."""
    return np.eye(experiment.size[0] * experiment.size[1], dtype=int)


SMALLEST = BothWays(size=(1, 2), kernel=(1, 2), stride=1, padding=0, weights="ones")

CLAIM = Claim(
    entry="dcgan",
    says="If the convolution is multiplication by A, the transposed convolution with the same kernel is multiplication by A^T, not by an "
    "inverse of A: with the kernel (1, 1) the image (1, 0) goes forth to 1 and comes back as (1, 1).",
    paper="Dumoulin & Visin 2016, section 4",
    experiments=vary(SMALLEST, kernel=((1, 2),)) + vary(BothWays(), way=("forth", "back", "forth and back")),
    predict=adjoint,
    judge=equal(),
    assumptions=(
        Assumption("same-kernel", "both have the same kernel, not turned", broken_by={"turned": True}, case="back"),
        Assumption(
            "zeros-outside",
            "the convolution pads with zeros",
            broken_by={"convolution": "torch.nn:Conv2d(padding_mode='circular')"},
            case="forth-and-back",
        ),
    ),
    errata=(
        Erratum(
            "runs-backwards",
            "a generator's layer takes a convolution back, in the opposite direction",
            number=58,
            predict=inverse,
        ),
    ),
)
