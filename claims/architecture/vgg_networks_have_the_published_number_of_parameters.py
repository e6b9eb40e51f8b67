"""VGG networks have the published number of parameters."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.architecture import ParameterCounts

STAGES = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
"""Convolutions in each stage (Simonyan & Zisserman 2015, table 1, columns A, B, D and E)."""


def from_the_table(experiment: ParameterCounts, given: None) -> list[int]:
    """9ab + b for a 3x3 convolution from a to b channels, and dense layers from 7x7x512 over 4096 and 4096 to 1000."""
    dense = 49 * 512 * 4096 + 4096 + 4096 * 4096 + 4096 + 4096 * 1000 + 1000
    counts = []
    for depth in experiment.depths:
        total, a = dense, 3
        for b, convolutions in zip((64, 128, 256, 512, 512), STAGES[depth], strict=True):
            total += 9 * a * b + b + (convolutions - 1) * (9 * b * b + b)
            a = b
        counts.append(total)
    return counts


CLAIM = Claim(
    entry="vggnet",
    says="The VGG networks of 11, 13, 16 and 19 layers have 132,863,336, 133,047,848, 138,357,544 and 143,667,240 parameters, "
    "123,642,856 of them in their three dense layers.",
    paper="Simonyan & Zisserman 2015, tables 1 and 2",
    experiments=vary(ParameterCounts("dlverify.lab.architectures.classification:vgg", depths=(11, 13, 16, 19))),
    predict=from_the_table,
    judge=equal(),
    assumptions=(
        Assumption(
            "small-kernels",
            "kernels have 3x3 weights",
            broken_by={"network": "dlverify.lab.architectures.classification:vgg(kernel=5)"},
        ),
        Assumption(
            "thousand-classes",
            "there are a thousand classes",
            broken_by={"network": "dlverify.lab.architectures.classification:vgg(classes=10)"},
        ),
    ),
)
