"""An architecture is as deep, in name, as the longest path of layers with weights from image to answer."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.classification import Depth

CHAINS = {
    "alexnet": 5 + 3,
    "googlenet": 3 + 9 * 2 + 1,
    "vgg-11": (1 + 1 + 2 + 2 + 2) + 3,
    "vgg-13": (2 + 2 + 2 + 2 + 2) + 3,
    "vgg-16": (2 + 2 + 3 + 3 + 3) + 3,
    "vgg-19": (2 + 2 + 4 + 4 + 4) + 3,
    "resnet-18": 1 + 2 * (2 + 2 + 2 + 2) + 1,
    "resnet-34": 1 + 2 * (3 + 4 + 6 + 3) + 1,
    "resnet-50": 1 + 3 * (3 + 4 + 6 + 3) + 1,
    "resnet-101": 1 + 3 * (3 + 4 + 23 + 3) + 1,
    "resnet-152": 1 + 3 * (3 + 8 + 36 + 3) + 1,
    "densenet-121": 1 + 2 * (6 + 12 + 24 + 16) + 3 + 1,
    "densenet-161": 1 + 2 * (6 + 12 + 36 + 24) + 3 + 1,
    "densenet-169": 1 + 2 * (6 + 12 + 32 + 32) + 3 + 1,
    "densenet-201": 1 + 2 * (6 + 12 + 48 + 32) + 3 + 1,
}
"""From the tables of the papers: convolutions before the blocks, layers in a row in all blocks, transitions, dense layers."""


def published(experiment: Depth, given: None) -> int:
    """What the paper's table adds up to, which is the number in the name, 8 for AlexNet and 22 for GoogLeNet."""
    depth = dict(experiment.network.arguments).get("depth")
    name = experiment.network.role.rpartition(".")[2]
    return CHAINS[f"{name}-{depth}" if depth else name]


HOME = "dlverify.lab.architectures"
CLAIM = Claim(
    entry="architecture-depth-facts",
    says="The depth of an architecture counts the convolutions and dense layers on the longest path from image to answer: AlexNet "
    "8, VGG 16 and 19, GoogLeNet 22, ResNet 18 to 152, DenseNet 121. Counting all, with projections and parallel branches, "
    "makes 54 of ResNet-50 and 58 of GoogLeNet.",
    paper="Szegedy et al. 2015, section 5; He et al. 2016, table 1; Huang et al. 2017, table 1",
    experiments=vary(
        Depth(),
        network=(
            f"{HOME}.classification:alexnet(padding=2)",
            f"{HOME}.classification:googlenet",
            *(f"{HOME}.classification:vgg(depth={depth})" for depth in (16, 19)),
            *(f"{HOME}.residual:resnet(depth={depth})" for depth in (18, 50, 152)),
            f"{HOME}.channels:densenet(depth=121)",
        ),
    )
    + vary(
        Depth(),
        network=(
            *(f"{HOME}.classification:vgg(depth={depth})" for depth in (11, 13)),
            *(f"{HOME}.residual:resnet(depth={depth})" for depth in (34, 101)),
            *(f"{HOME}.channels:densenet(depth={depth})" for depth in (161, 169, 201)),
        ),
        tier="full",
    ),
    predict=published,
    judge=equal(),
    assumptions=(
        Assumption(
            "projections-stand-aside",
            "the projection around a block is shorter than the block, so that it does not count",
            broken_by={"count": "all"},
            case="resnet-depth-50",
        ),
        Assumption(
            "branches-stand-side-by-side",
            "the branches of a block count once, with the longest of them",
            broken_by={"count": "all"},
            case="googlenet",
        ),
    ),
)
