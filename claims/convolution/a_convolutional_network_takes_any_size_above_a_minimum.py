"""A convolutional network takes images of any size above a minimum, if its head does not fix the size."""

import numpy as np

from dlverify import Assumption, Case, Claim, Erratum, equal
from dlverify.experiments.locality import AcceptedSizes, Layer
from dlverify.quantity import Array

# Of AlexNet as torchvision has it (Krizhevsky 2014), VGG (Simonyan & Zisserman 2015), and the path through ResNet-18's
# convolutions (He et al. 2016): kernel, stride, padding.
ALEXNET: tuple[Layer, ...] = (
    ("convolution", 11, 4, 2),
    ("pooling", 3, 2, 0),
    ("convolution", 5, 1, 2),
    ("pooling", 3, 2, 0),
    *3 * (("convolution", 3, 1, 1),),
    ("pooling", 3, 2, 0),
)
VGG: tuple[Layer, ...] = 5 * (("convolution", 3, 1, 1), ("pooling", 2, 2, 0))
RESNET: tuple[Layer, ...] = (("convolution", 7, 2, 3), ("pooling", 3, 2, 1), *3 * (("convolution", 3, 2, 1),))


def every_map_has_a_node(experiment: AcceptedSizes, given: None) -> Array:
    """n is accepted where every layer leaves floor((n + 2p - k) / s) + 1 >= 1 nodes: from 63, 32 and 1 pixels on."""
    accepted = []
    for nodes in experiment.sides:
        least = nodes
        for _, kernel, stride, padding in experiment.layers:
            nodes = (nodes + 2 * padding - kernel) // stride + 1
            least = min(least, nodes)
        accepted.append(least >= 1)
    return np.array(accepted)


def every_size(experiment: AcceptedSizes, given: None) -> Array:
    """Any size is accepted."""
    return np.ones(len(experiment.sides), dtype=bool)


CLAIM = Claim(
    entry="variable-input-size",
    says=(
        "Convolutions, pooling and a mean over the last map take images of every size that leaves a node in every map; a dense "
        "layer of all nodes takes one size of the map alone."
    ),
    paper="He, Zhang, Ren & Sun 2014; Long, Shelhamer & Darrell 2015",
    experiments=(
        Case("one-layer", AcceptedSizes()),
        Case("alexnet", AcceptedSizes(layers=ALEXNET, made_for=224, sides=tuple(range(1, 81)))),
        Case("vgg", AcceptedSizes(layers=VGG, made_for=224, sides=tuple(range(1, 81)))),
        Case("resnet", AcceptedSizes(layers=RESNET, made_for=224, sides=tuple(range(1, 81)))),
    ),
    predict=every_map_has_a_node,
    judge=equal(),
    assumptions=(
        Assumption("size-free-head", "the head takes maps of any size", broken_by={"head": "dense"}),
        Assumption("small-head", "the head takes maps of one node", broken_by={"head": "convolution"}),
    ),
    errata=(
        Erratum(
            "any-size",
            "A convolutional network can process inputs of varying size.",
            number=52,
            predict=every_size,
            broken_by={"head": "dense", "sides": (8, 13)},
        ),
        Erratum("no-minimum", "The same, of its convolutional part.", number=52, predict=every_size),
    ),
)
