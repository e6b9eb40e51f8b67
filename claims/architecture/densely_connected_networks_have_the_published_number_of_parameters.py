"""Densely connected networks have the published number of parameters."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.architecture import ParameterCounts

BLOCKS = {121: (6, 12, 24, 16), 161: (6, 12, 36, 24), 169: (6, 12, 32, 32), 201: (6, 12, 48, 32)}
"""Layers in each block (Huang et al. 2017, table 1)."""


def from_the_table(experiment: ParameterCounts, given: None) -> list[int]:
    """With k channels a layer (48 in the network of 161 layers, else 32) and c channels at the start of a block of L layers.

    Layer l has c + k(l - 1) channels to normalise and to reduce to 4k, which it normalises, and 9 * 4k * k weights. So a
    block has (2 + 4k) (L c + k L (L - 1) / 2) + L (8k + 36 k^2) parameters. A transition of c channels has 2c + c^2 / 2,
    the first layer 147 * 2k + 4k, the end 2c + 1000 c + 1000.
    """
    counts = []
    for depth in experiment.depths:
        k = 48 if depth == 161 else 32
        c = 2 * k
        total = 147 * c + 2 * c
        for number, layers in enumerate(BLOCKS[depth]):
            if number:
                total += 2 * c + c * c // 2
                c //= 2
            entering = layers * c + k * layers * (layers - 1) // 2
            total += (2 + 4 * k) * entering + layers * (8 * k + 36 * k * k)
            c += k * layers
        counts.append(total + 2 * c + 1000 * c + 1000)
    return counts


CLAIM = Claim(
    entry="densenet",
    says="The densely connected networks of 121, 169, 201 and 161 layers have 7,978,856, 14,149,480, 20,013,928 and 28,681,000 "
    "parameters.",
    paper="Huang, Liu, van der Maaten & Weinberger 2017, table 1",
    experiments=vary(ParameterCounts("dlverify.lab.architectures.channels:densenet", depths=(121, 169, 201, 161))),
    predict=from_the_table,
    judge=equal(),
    assumptions=(
        Assumption(
            "compression",
            "a transition halves the channels",
            broken_by={"network": "dlverify.lab.architectures.channels:densenet(compression=1.0)"},
        ),
        Assumption(
            "bottleneck",
            "a layer first reduces what enters it to four times its own channels",
            broken_by={"network": "dlverify.lab.architectures.channels:densenet(bottleneck=2)"},
        ),
    ),
)
