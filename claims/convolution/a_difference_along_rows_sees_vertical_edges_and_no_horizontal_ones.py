"""A difference along rows, the kernel (-1, 0, 1), sees vertical edges and no horizontal ones."""

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.convolution import EdgeResponses, Pictures


def along_rows(experiment: EdgeResponses, given: Pictures) -> list[tuple[int, int]]:
    """Central differences z(j, i + 1) - z(j, i - 1), summed: positive ones first.

    In each row an edge from 0 to 1 lies between the outer nodes of two windows; a slope grows by 2 in each of the
    size - 2 windows. Nothing changes along the rows of the other pictures.
    """
    rows, windows = experiment.size, experiment.size - 2
    return [(2 * rows, 0), (0, 0), (0, 0), (2 * rows * windows, 0), (0, 0)]


CLAIM = Claim(
    entry="edge-kernel-example",
    says=(
        "Along the rows of a picture the kernel (-1, 0, 1) answers with 1 beside a vertical edge from dark to bright and with "
        "twice the slope along rows, and not at all to horizontal edges, to slopes along columns and to constants."
    ),
    paper="Prewitt 1970",
    experiments=vary(EdgeResponses("torch.nn:Conv2d"), size=(6, 10)),
    predict=along_rows,
    judge=equal(),
    assumptions=(
        Assumption(
            "correlation",
            "the kernel is not flipped, which would turn the sign",
            broken_by={"layer": "torch.nn:ConvTranspose2d(padding=(0, 2))"},
        ),
        Assumption("sums-to-zero", "the weights sum to 0", broken_by={"kernel": (-1, 1, 1)}),
    ),
    errata=(
        Erratum(
            "any-direction",
            "The kernel (-1, 0, 1) extracts vertical edges, in whatever direction it lies.",
            number=55,
            broken_by={"along": "columns"},
        ),
    ),
)
