"""One reverse pass adds up every path."""

import math

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.setup import Circuit, ReversePass
from dlverify.quantity import Array, as_array


def sums_over_paths(experiment: ReversePass, given: Circuit) -> Array:
    """For each node the sum over all paths to the last one of the product of the weights along it, path by path.

    Any set of nodes in between, in order, is a path where none of its weights is 0: with k of them there are 2^k.
    """
    order = given.order.tolist()

    def paths(place: int) -> list[list[int]]:
        if place == len(order) - 1:
            return [[order[place]]]
        return [[order[place], *path] for later in range(place + 1, len(order)) for path in paths(later)]

    sums = [
        sum(math.prod(int(given.weights[i, j]) for i, j in zip(path, path[1:], strict=False)) for path in paths(place))
        for place in range(len(order))
    ]
    return as_array(sums)


CLAIM = Claim(
    entry="dag-computation-order",
    says=(
        "In a graph without cycles, evaluated in an order in which each edge leads forward, one reverse pass gives the "
        "derivative of the last node by every node: the sum over all paths of the product of the weights."
    ),
    paper="Griewank & Walther 2008, chapter 3; Bauer 1974",
    experiments=vary(ReversePass(), nodes=(2, 9)),
    predict=sums_over_paths,
    judge=equal(),
    assumptions=(
        Assumption(
            "in-order", "each node is evaluated after those before it", broken_by={"evaluated": "as numbered"}, case="9"
        ),
        Assumption("every-edge", "each edge carries its derivative", broken_by={"recorded": "one cut"}, case="9"),
    ),
)
