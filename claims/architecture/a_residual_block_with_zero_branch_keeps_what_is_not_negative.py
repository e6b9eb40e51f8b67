"""A residual block whose branch is zero hands on unchanged what is not negative."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.architecture import BlockOutputs, Images
from dlverify.quantity import Array


def the_input(experiment: BlockOutputs, given: Images) -> Array:
    """relu(0 + x) = x where x >= 0, to the last bit."""
    return given.inputs


CLAIM = Claim(
    entry="resnet-block-definition",
    says="With a branch of zeros the block relu(F(x) + x) is the identity on all x >= 0, such as an earlier ReLU leaves.",
    paper="He, Zhang, Ren & Sun 2016 (CVPR), section 3.1",
    experiments=vary(
        BlockOutputs(),
        block=(
            "dlverify.lab.architectures.residual:basic_block",
            "dlverify.lab.architectures.residual:bottleneck_block",
        ),
    ),
    predict=the_input,
    judge=equal(),
    assumptions=(
        Assumption(
            "not-negative",
            "no input is negative: the last ReLU turns a negative one into zero",
            broken_by={"inputs": "signed"},
        ),
        Assumption(
            "way-around",
            "the input is added to the branch: without that, zero comes out",
            broken_by={"block": "dlverify.lab.architectures.residual:basic_block(shortcut='none')"},
        ),
        Assumption(
            "zero-branch",
            "the branch is zero",
            broken_by={
                "branch": "random",
                "block": "dlverify.lab.architectures.residual:basic_block(normalized=False)",
            },
        ),
    ),
)
