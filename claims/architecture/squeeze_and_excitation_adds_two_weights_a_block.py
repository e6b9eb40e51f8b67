"""Squeeze and excitation adds 2 C^2 / r weights to a block of C channels."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.architecture import ParameterCounts

BLOCKS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
"""Blocks in each stage (He et al. 2016, table 1), of 256, 512, 1024 and 2048 channels."""


def residual_network(depth: int) -> int:
    """Of bottleneck blocks, a to 4c channels over c and c: 4c blocks as if a were 4c, then what the first of a stage changes."""
    a, total = 64, 49 * 3 * 64 + 2 * 64
    for c, blocks in zip((64, 128, 256, 512), BLOCKS[depth], strict=True):
        total += blocks * (17 * c * c + 12 * c) + (a - 4 * c) * c + 4 * a * c + 8 * c
        a = 4 * c
    return total + (a + 1) * 1000


def with_gates(experiment: ParameterCounts, given: None) -> list[int]:
    """(2 / r) sum of N C^2 over stages of N blocks with C channels, in addition: W1 has C / r rows and W2 C / r columns."""
    r = dict(experiment.network.arguments).get("reduction", 16)
    gates = {d: sum(2 * n * c * c // r for n, c in zip(BLOCKS[d], (256, 512, 1024, 2048), strict=True)) for d in BLOCKS}
    return [residual_network(depth) + gates[depth] for depth in experiment.depths]


CLAIM = Claim(
    entry="senet",
    says="Squeeze and excitation with reduction r adds (2 / r) sum N C^2 weights to stages of N residual blocks with C channels: "
    "for r = 16 it takes ResNet-50 from 25,557,032 to 28,071,976 parameters, 9.8 % more.",
    paper="Hu, Shen & Sun 2018, section 4 and table 2",
    experiments=vary(
        ParameterCounts(depths=(50, 101, 152)),
        network=tuple(
            f"dlverify.lab.architectures.channels:se_resnet(reduction={reduction})" for reduction in (16, 4, 32)
        ),
    ),
    predict=with_gates,
    judge=equal(),
    assumptions=(
        Assumption(
            "no-biases",
            "the two layers of a gate have no biases, which would be 16,048 more at 50 layers",
            broken_by={"network": "dlverify.lab.architectures.channels:se_resnet(bias=True)"},
        ),
        Assumption(
            "gates",
            "every block has its gates",
            broken_by={"network": "dlverify.lab.architectures.residual:resnet"},
        ),
    ),
)
