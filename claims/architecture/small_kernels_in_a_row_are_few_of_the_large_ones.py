"""Small kernels in a row see as much as a large one, with fewer weights, and are few of the large ones."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.classification import ReachableKernels
from dlverify.quantity import Array


def weights_less_exchanges(experiment: ReachableKernels, given: list[list[Array]]) -> list[int]:
    """(8L + 1) C^2 for L layers of 3x3 kernels and C channels: 9 L C^2 weights less (L - 1) C^2.

    Between two layers any invertible matrix of C x C may act on the channels and its inverse undo it, which changes no
    kernel: that takes C^2 dimensions off each time. All other changes of weights show.
    """
    return [(9 * layers - (layers - 1)) * experiment.channels**2 for layers in experiment.layers]


def all_kernels(experiment: ReachableKernels, given: list[list[Array]]) -> list[int]:
    """(2L + 1)^2 C^2, the weights of one layer that sees as much."""
    return [(2 * layers + 1) ** 2 * experiment.channels**2 for layers in experiment.layers]


CLAIM = Claim(
    entry="vggnet",
    says="Three 3x3 convolutions of C channels, with nothing between them, see 7x7 pixels with 27 C^2 weights in place of 49 C^2, and "
    "compute a set of 25 C^2 dimensions of all those kernels; L of them, of (8L + 1) C^2 out of (2L + 1)^2 C^2.",
    paper="Simonyan & Zisserman 2015, section 2.3",
    experiments=vary(ReachableKernels(), channels=(1, 2)) + vary(ReachableKernels(), channels=(3,), tier="full"),
    predict=weights_less_exchanges,
    judge=equal(),
    assumptions=(
        Assumption("small-kernels", "kernels have 3x3 weights", broken_by={"kernel": 5}),
        Assumption(
            "no-wider-between",
            "there are no more channels between the layers than at the ends: with three times as many all kernels of three "
            "layers are reached",
            broken_by={"inner": 3},
        ),
    ),
)
