"""A residual block can pass no gradient at all."""

from dlverify import Assumption, Claim, Erratum, at_least, equal, vary
from dlverify.experiments.architecture import Blocks, ResidualChain


def nothing(experiment: ResidualChain, given: Blocks) -> float:
    """1 + F'(x) = 1 - 1 for F(x) = -x; and relu'(-1 + 0) = 0 for F = 0 before a last ReLU."""
    return 0.0


def at_least_one(experiment: ResidualChain, given: Blocks) -> float:
    """What is printed: 1 + F' is said to be at least 1."""
    return 1.0


ONE_NUMBER = ResidualChain(start="minus one", width=1, blocks=1)

CLAIM = Claim(
    entry="resnet-gradient-floor",
    says="The derivative of x + F(x) is zero for F(x) = -x, and that of relu(x + F(x)) for F = 0 at a negative x.",
    paper="He, Zhang, Ren & Sun 2016 (ECCV), section 2: not always -1 for all samples of a minibatch, a heuristic",
    experiments=vary(ONE_NUMBER.changed(activation="torch.nn:Identity"), weights=("opposite",))
    + vary(ONE_NUMBER.changed(after="torch.nn:ReLU"), weights=("zero",)),
    predict=nothing,
    judge=equal(),
    assumptions=(
        Assumption("cancels", "the branch cancels the way around", broken_by={"activation": "torch.nn:Tanh"}),
        Assumption("relu-after", "ReLU follows the addition", case="zero", broken_by={"after": "torch.nn:Identity"}),
    ),
    errata=(
        Erratum(
            "at-least-one",
            "A gradient of at least 1 is said to remain, whatever the branch.",
            number=11,
            predict=at_least_one,
            judge=at_least(),
        ),
    ),
)
