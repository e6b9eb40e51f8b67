"""Dense layers can hold most weights of a convolutional network: in AlexNet and VGG more than three of four."""

from fractions import Fraction

from dlverify import Assumption, Claim, at_least, vary
from dlverify.experiments.locality import DenseShare


def least_share(experiment: DenseShare, given: None) -> Fraction:
    """0.766: three dense layers behind 7 x 7 x 512 nodes, against 16 convolutions as large as VGG's largest, 3 x 3 x 512 x 512.

    AlexNet's share is larger still: its dense layers, behind 6 x 6 x 256 nodes, hold half of that, but its five convolutions
    at most 9 x 256 x 384 weights each.
    """
    hidden, classes = 4096, 1000
    dense = (7 * 7 * 512 + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes
    return Fraction(dense, dense + 16 * (9 * 512 + 1) * 512)


CLAIM = Claim(
    entry="conv-lower-complexity",
    says="That convolutions have few weights need not make the network small: most weights of AlexNet and VGG are in dense layers.",
    paper="Krizhevsky, Sutskever & Hinton 2012; Simonyan & Zisserman 2015; He et al. 2016",
    experiments=vary(
        DenseShare(),
        network=tuple(
            f"dlverify.lab.architectures.classification:{network}"
            for network in ("vgg(depth=16)", "vgg(depth=11)", "vgg(depth=19)", "alexnet")
        ),
    ),
    predict=least_share,
    judge=at_least(),
    assumptions=(
        Assumption(
            "every-node-enters",
            "the dense layers see every node of the last maps, not their means",
            broken_by={"network": "dlverify.lab.architectures.residual:resnet(depth=50)"},
        ),
        Assumption(
            "wide",
            "the dense layers have thousands of units",
            broken_by={"network": "dlverify.lab.architectures.classification:vgg(depth=16, hidden=256)"},
        ),
    ),
)
