"""A fully convolutional network answers at every pixel, whatever the size of the image."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.segmentation import OutputSides

NETWORK = "dlverify.lab.architectures.segmentation:FullyConvolutionalNetwork"


def side_of_the_image(experiment: OutputSides, given: None) -> list[int]:
    """The upsampled map is cropped to the image, which it covers.

    With padding 100 a side s becomes s + 198 and, halved five times and rounded up, at least (s + 198) / 32; the 7x7 layer
    takes 6 cells, and upsampling makes 32 (n - 1) + 64 of n: at least s + 38, so that s remain behind the 19 cut off.
    """
    return list(experiment.sides)


CLAIM = Claim(
    entry="fully-convolutional-network",
    says="FCN-32s, FCN-16s and FCN-8s answer at every pixel of an image of any size, from a single pixel on.",
    paper="Long, Shelhamer & Darrell 2015, sections 3.2 and 4.1",
    experiments=vary(
        OutputSides(f"{NETWORK}(stride=32)", sides=(1, 2, 31, 32, 33, 100, 223, 224, 225, 500)),
        network=tuple(f"{NETWORK}(stride={stride})" for stride in (32, 16, 8)),
    ),
    predict=side_of_the_image,
    judge=equal(),
    assumptions=(
        Assumption(
            "padded-far",
            "the first layer pads by 100 pixels: with 1, the 7x7 layer does not fit small images, and borders stay blank",
            broken_by={"network": f"{NETWORK}(stride=32, padding=1)"},
        ),
    ),
)
