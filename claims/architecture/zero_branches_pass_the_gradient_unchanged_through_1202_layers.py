"""Branches that start at zero pass the gradient unchanged through 1202 layers."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.architecture import Blocks, ResidualChain
from dlverify.quantity import Array


def the_last_gradient(experiment: ResidualChain, given: Blocks) -> Array:
    """The gradient at x_L, to the last bit: where V = 0 every branch has the Jacobian V tanh'(W x) W = 0."""
    return given.last


CLAIM = Claim(
    entry="resnet-gradient-floor",
    says="Where the second weight of every branch is zero, the gradient at any depth is the gradient at the end: the factor "
    "is exactly 1 where the derivative of the summed branches is 0.",
    paper="He, Zhang, Ren & Sun 2016 (ECCV), equation 5; Goyal et al. 2017 (zero initialization of the last scale)",
    # 601 blocks of two layers are 1202 layers.
    experiments=vary(ResidualChain(weights="zero", width=4, report="gradient"), blocks=(16, 601)),
    predict=the_last_gradient,
    judge=equal(),
    assumptions=(
        Assumption("whole-shortcut", "the way around has the factor 1", broken_by={"factor": 0.5}),
        Assumption("zero-branch", "the second weights are zero", broken_by={"weights": "normal"}),
    ),
)
