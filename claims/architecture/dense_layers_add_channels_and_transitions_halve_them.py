"""Dense layers add channels and transitions halve them."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.classification import FeatureMaps

BLOCKS = {121: (6, 12, 24, 16), 161: (6, 12, 36, 24), 169: (6, 12, 32, 32), 201: (6, 12, 48, 32)}
"""Layers in each block (Huang et al. 2017, table 1)."""


def staircase(experiment: FeatureMaps, given: None) -> list[int]:
    """k0 + k l behind layer l of a block that starts with k0 channels, and half of them behind a transition.

    k is 48 in the network of 161 layers and otherwise 32, and 2k channels come from the first convolution, followed by
    normalisation, ReLU and pool. Behind the last layer come normalisation and ReLU.
    """
    depth = dict(experiment.network.arguments)["depth"]
    k = 48 if depth == 161 else 32
    channels = [2 * k] * 4
    for index, layers in enumerate(BLOCKS[depth]):
        channels += [channels[-1] // 2] if index else []
        channels += [channels[-1] + k * layer for layer in range(1, layers + 1)]
    return channels + [channels[-1]] * 2


HOME = "dlverify.lab.architectures.channels:densenet"
CLAIM = Claim(
    entry="densenet",
    says="In a dense block that starts with k0 channels k0 + k l leave layer l, and a transition passes on half of what it gets: "
    "64 to 256 to 128 to 512 to 256 to 1,024 to 512 to 1,024 in the network of 121 layers.",
    paper="Huang, Liu, van der Maaten & Weinberger 2017, section 3 and table 1",
    experiments=vary(FeatureMaps(), network=(f"{HOME}(depth=121, classes=None)",))
    + vary(FeatureMaps(), network=tuple(f"{HOME}(depth={d}, classes=None)" for d in (161, 169, 201)), tier="full"),
    predict=staircase,
    judge=equal(),
    assumptions=(
        Assumption(
            "handed-on",
            "a layer hands on its input beside its output",
            broken_by={"network": f"{HOME}(depth=121, classes=None, keeps=False)"},
        ),
        Assumption(
            "compression",
            "a transition halves the channels",
            broken_by={"network": f"{HOME}(depth=121, classes=None, compression=1.0)"},
        ),
    ),
)
