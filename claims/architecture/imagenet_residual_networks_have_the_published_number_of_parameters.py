"""Residual networks for ImageNet have the published number of parameters."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.architecture import ParameterCounts

TABLE = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
"""Blocks in each stage (He et al. 2016, table 1); from 50 layers on a block is a bottleneck of three convolutions."""


def from_the_table(experiment: ParameterCounts, given: None) -> list[int]:
    """Stage by stage: a k x k convolution from a to b channels counts k^2 ab, its batch normalisation 2b.

    A stage of c inner channels and n blocks: all blocks as if they kept the shape, then for the first what its own
    number of input channels a changes, and its projection a * b + 2b where a is not b, the output channels.
    """
    counts = []
    for depth in experiment.depths:
        a, total = 64, 49 * 3 * 64 + 2 * 64
        for c, blocks in zip((64, 128, 256, 512), TABLE[depth], strict=True):
            b = c if depth < 50 else 4 * c
            inner = 9 * c * c + 2 * c
            block = 2 * inner if depth < 50 else b * c + 2 * c + inner + c * b + 2 * b
            into = 9 * c if depth < 50 else c
            total += blocks * block + (a - b) * into + (a * b + 2 * b) * (a != b)
            a = b
        counts.append(total + (a + 1) * 1000)
    return counts


CLAIM = Claim(
    entry="resnet-block-definition",
    says="The residual networks of 18, 34, 50, 101 and 152 layers have 11,689,512, 21,797,672, 25,557,032, 44,549,160 and "
    "60,192,808 parameters.",
    paper="He, Zhang, Ren & Sun 2016 (CVPR), table 1",
    experiments=vary(ParameterCounts("dlverify.lab.architectures.residual:resnet", depths=(18, 34, 50, 101, 152))),
    predict=from_the_table,
    judge=equal(),
    assumptions=(
        Assumption(
            "projections",
            "where the shape changes the way around is a 1x1 convolution",
            broken_by={"network": "dlverify.lab.architectures.residual:resnet(shortcut='padding')"},
        ),
        Assumption(
            "thousand-classes",
            "there are a thousand classes",
            broken_by={"network": "dlverify.lab.architectures.residual:resnet(classes=999)"},
        ),
    ),
)
