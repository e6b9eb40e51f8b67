"""Networks compared on CIFAR-10 have the published number of parameters."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.counting import Parameters

SMALL = "dlverify.lab.architectures.small_images:"
DEEP = "dlverify.lab.architectures.classification:multilayer_perceptron(widths=(2352, 512, 512, 512, 10))"


def from_the_paper(experiment: Parameters, given: None) -> list[int]:
    """Of images of 28x28 pixels in three colours, 2,352 numbers.

    The small AlexNet has 64 maps of 5x5 kernels that see 3 maps, 64 that see 64, and after two poolings, which halve 28
    twice, dense layers from 7 x 7 x 64 units to 384, 192 and 10; the paper does not print the 64, which its total of 1,387,786
    gives. Perceptrons have one or three layers of 512 units.
    """
    widths: tuple[int, ...] = (
        (2352, 512, 10) if "small_images" in experiment.network.role else (2352, 512, 512, 512, 10)
    )
    convolutions = []
    if "alexnet" in experiment.network.role:
        widths = (7 * 7 * 64, 384, 192, 10)
        convolutions = [64 * (25 * 3 + 1), 64 * (25 * 64 + 1)]
    return convolutions + [(n + 1) * m for n, m in zip(widths[:-1], widths[1:], strict=True)]


CLAIM = Claim(
    entry="cifar10-architecture-comparison",
    says="The small AlexNet that is compared with perceptrons on CIFAR-10 has 4,864 + 102,464 + 1,204,608 + 73,920 + 1,930 = "
    "1,387,786 parameters, and perceptrons with one and three hidden layers of 512 units have 1,209,866 and 1,735,178.",
    paper="Zhang, Bengio, Hardt, Recht & Vinyals 2017, table 1 and appendix A",
    experiments=vary(Parameters(), network=(f"{SMALL}alexnet()", f"{SMALL}perceptron(pixels=2352, hidden=512)", DEEP)),
    predict=from_the_paper,
    judge=equal(),
    assumptions=(
        Assumption(
            "central-crop",
            "the networks are given the middle 28x28 of the 32x32 pixels",
            broken_by={"network": f"{SMALL}alexnet(pixels=32)"},
        ),
        Assumption("large-kernels", "kernels are 5x5", broken_by={"network": f"{SMALL}alexnet(kernel=3)"}),
    ),
)
