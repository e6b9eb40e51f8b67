"""Equal rows hide a wrong row index: on such pictures a sum along diagonals of the input gives what a layer computes."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.convolution import Filtering, Responses
from dlverify.quantity import Array


def over_diagonals(experiment: Responses, given: Filtering) -> Array:
    """Sum over y and x of z(j + x, i + x) u(y, x): where z(j, i) depends on i alone, any row will do."""
    nodes = experiment.size - experiment.taps + 1
    return sum(
        weight * given.signals[x : x + nodes, x : x + nodes] for x, weight in enumerate(given.kernel.sum(axis=0))
    )


CLAIM = Claim(
    entry="conv-2d-formula",
    says=(
        "On pictures whose rows are equal the sum of z(j + x, i + x) u(y, x), which reads a diagonal of the input, equals "
        "what a layer computes: such pictures cannot show that its row index is wrong."
    ),
    experiments=vary(Responses("torch.nn:Conv2d", dimensions=2, picture="equal rows"), size=(7, 12)),
    predict=over_diagonals,
    judge=equal(),
    assumptions=(Assumption("equal-rows", "all rows of the picture are equal", broken_by={"picture": "random"}),),
)
