"""FCN-32s, FCN-16s and FCN-8s on the trunk of VGG-16 have 134 million parameters, as published, besides upsampling."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.counting import Parameters

STRIDES = {32: 0, 16: 1, 8: 2}


def from_the_tables(experiment: Parameters, given: None) -> list[int]:
    """Layer by layer: a k x k convolution from a to b channels has a b k^2 + b parameters, upsampling 21^2 (2f)^2.

    The trunk is column D of VGG's table 1; behind it a 7x7 convolution to 4096 channels, one to 4096, one to 21 classes:
    134,346,581 in all, "134M" in table 1 of the FCN paper. The finer networks add 512 * 21 + 21 and 256 * 21 + 21 for
    scores of earlier maps; upsampling by f has kernels of 2f x 2f and no bias.
    """
    channels = (3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512)
    trunk = [9 * a * b + b for a, b in zip(channels, channels[1:], strict=False)]
    head = [49 * 512 * 4096 + 4096, 4096 * 4096 + 4096, 4096 * 21 + 21]
    stride = dict(experiment.network.arguments).get("stride", 8)
    skips = STRIDES[stride]
    scores = [512 * 21 + 21, 256 * 21 + 21][:skips]
    return [*trunk, *head, *scores, *[21 * 21 * 4 * f * f for f in [2] * skips + [stride]]]


NETWORK = "dlverify.lab.architectures.segmentation:FullyConvolutionalNetwork"

CLAIM = Claim(
    entry="fully-convolutional-network",
    says="A fully convolutional network on the trunk of VGG-16 has 134,346,581 parameters in trunk and head, 10,773 and 5,397 "
    "more for scores of the fourth and third pooling, and 21^2 (2f)^2 wherever it upsamples by f.",
    paper="Long, Shelhamer & Darrell 2015, table 1 and figure 3; Simonyan & Zisserman 2015, table 1",
    experiments=vary(
        Parameters(f"{NETWORK}(stride=32)"), network=tuple(f"{NETWORK}(stride={stride})" for stride in STRIDES)
    ),
    predict=from_the_tables,
    judge=equal(),
    assumptions=(
        Assumption(
            "no-bias-above",
            "upsampling has no bias",
            broken_by={"network": f"{NETWORK}(stride=32, bias=True)"},
        ),
        Assumption(
            "classes-of-voc",
            "there are 20 classes and the background",
            broken_by={"network": f"{NETWORK}(stride=32, classes=20)"},
        ),
    ),
)
