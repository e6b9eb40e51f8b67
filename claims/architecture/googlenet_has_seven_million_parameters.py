"""GoogLeNet has seven million parameters."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.counting import Parameters

BLOCKS = (
    (192, 64, 96, 128, 16, 32, 32),
    (256, 128, 128, 192, 32, 96, 64),
    (480, 192, 96, 208, 16, 48, 64),
    (512, 160, 112, 224, 24, 64, 64),
    (512, 128, 128, 256, 24, 64, 64),
    (512, 112, 144, 288, 32, 64, 64),
    (528, 256, 160, 320, 32, 128, 128),
    (832, 256, 160, 320, 32, 128, 128),
    (832, 384, 192, 384, 48, 128, 128),
)
"""Channels in; out of 1x1, of the reduction and of 3x3, of the reduction and of 5x5, of the projection (table 1)."""


def from_the_table(experiment: Parameters, given: None) -> list[int]:
    """k^2 ab + b for a k x k convolution from a to b channels and ab + b for a dense layer, in the order of the paper.

    The auxiliary heads, where there are any, stand behind the blocks 4a and 4d and count 128 a + 128 for a channels,
    2048 * 1024 + 1024 and 1024 * 1000 + 1000 each.
    """
    shapes = [(7, 3, 64), (1, 64, 64), (3, 64, 192)]
    for a, one, reduce3, three, reduce5, five, projection in BLOCKS:
        shapes += [(1, a, one), (1, a, reduce3), (3, reduce3, three), (1, a, reduce5), (5, reduce5, five)]
        shapes.append((1, a, projection))
    shapes.append((1, 1024, 1000))
    if ("auxiliary", True) in experiment.network.arguments:
        for a in (512, 528):
            shapes += [(1, a, 128), (1, 2048, 1024), (1, 1024, 1000)]
    return [k * k * a * b + b for k, a, b in shapes]


CLAIM = Claim(
    entry="googlenet",
    says="GoogLeNet has 6,998,552 parameters, 13,378,280 with its auxiliary heads: AlexNet has 8.7 times as many, not the "
    "twelve times that its paper states. Block 3a has 163,328 weights, 159.5 times 1,024, the paper's 159K.",
    paper="Szegedy et al. 2015, sections 1 and 5, table 1",
    experiments=vary(
        Parameters(),
        network=(
            "dlverify.lab.architectures.classification:googlenet()",
            "dlverify.lab.architectures.classification:googlenet(auxiliary=True)",
        ),
    ),
    predict=from_the_table,
    judge=equal(),
    assumptions=(
        Assumption(
            "five-by-five",
            "the larger kernels have 5x5 weights, where torchvision's have 3x3",
            broken_by={"network": "dlverify.lab.architectures.classification:googlenet(large=3)"},
        ),
        Assumption(
            "thousand-classes",
            "there are a thousand classes",
            broken_by={"network": "dlverify.lab.architectures.classification:googlenet(classes=10)"},
        ),
    ),
)
