"""Inception blocks put the maps of their branches together."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.classification import FeatureMaps

BRANCHES = {
    3: ((64, 128, 32, 32), (128, 192, 96, 64)),
    4: ((192, 208, 48, 64), (160, 224, 64, 64), (128, 256, 64, 64), (112, 288, 64, 64), (256, 320, 128, 128)),
    5: ((256, 320, 128, 128), (384, 384, 128, 128)),
}
"""Maps of the branches 1x1, 3x3, 5x5 and pool projection (Szegedy et al. 2015, table 1)."""


def sums(experiment: FeatureMaps, given: None) -> list[int]:
    """The maps of a block are as many as those of its branches together; a pool before each stage keeps their number.

    Before the blocks, the first convolution makes 64 (followed by ReLU, pool and normalisation), a 1x1 convolution 64 and
    the next one 192 (followed by ReLU and normalisation).
    """
    channels = [64] * 6 + [192] * 3
    for blocks in BRANCHES.values():
        channels.append(channels[-1])
        channels += [sum(block) for block in blocks]
    return channels


CLAIM = Claim(
    entry="googlenet",
    says="An inception block returns as many maps as its four branches together: 256 and 480 in stage 3, 512 to 832 in stage 4 and "
    "1,024 at the end. Without 1x1 reductions and projections a block would also hand on all its input, and there would be "
    "4,944 at the end.",
    paper="Szegedy et al. 2015, figure 2 and table 1",
    experiments=vary(FeatureMaps("dlverify.lab.architectures.classification:googlenet(classes=None)")),
    predict=sums,
    judge=equal(),
    assumptions=(
        Assumption(
            "projections",
            "a 1x1 convolution follows the pool of a block",
            broken_by={
                "network": "dlverify.lab.architectures.classification:googlenet(classes=None, reductions=False)"
            },
        ),
    ),
)
