"""Residual networks of 6n + 2 layers for CIFAR-10 have the published number of parameters."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.architecture import ParameterCounts


def from_the_table(experiment: ParameterCounts, given: None) -> list[int]:
    """97216 n - 21926 with n = (depth - 2) / 6, from the table of He et al. 2016, section 4.2.

    A 3x3 convolution from a to b channels has 9ab weights and its batch normalisation 2b. So 9*3*16 + 2*16 for the first
    layer, n times 2 (9c^2 + 2c) for the stages c = 16, 32, 64, less the 9 c^2 / 2 that the first convolution of the last
    two lacks, since its input has half the channels, and 64*10 + 10 for the last layer. The paper prints 0.27, 0.46,
    0.66, 0.85, 1.7 and 19.4 million.
    """
    first, last = 9 * 3 * 16 + 2 * 16, 64 * 10 + 10
    block = sum(2 * (9 * c * c + 2 * c) for c in (16, 32, 64))
    narrow = sum(9 * c * c // 2 for c in (32, 64))
    return [first + (depth - 2) // 6 * block - narrow + last for depth in experiment.depths]


CLAIM = Claim(
    entry="resnet-block-definition",
    says="A residual network of 6n + 2 layers for CIFAR-10 has 97216 n - 21926 parameters: 269,722 at 20 layers, "
    "1,727,962 at 110 and 19,421,274 at 1202.",
    paper="He, Zhang, Ren & Sun 2016 (CVPR), section 4.2 and table 6",
    experiments=vary(ParameterCounts(), depths=((20, 32, 44, 56, 110), (1202,))),
    predict=from_the_table,
    judge=equal(),
    assumptions=(
        Assumption(
            "free-shortcuts",
            "a way around a block has no parameters of its own",
            broken_by={"network": "dlverify.lab.architectures.residual:cifar_resnet(shortcut='projection')"},
        ),
        Assumption(
            "no-biases",
            "convolutions have no biases, since batch normalisation follows",
            broken_by={"network": "dlverify.lab.architectures.residual:cifar_resnet(bias=True)"},
        ),
    ),
)
