"""AlexNet has sixty million parameters, most of them in its dense layers."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.counting import Parameters

LAYERS = ((11, 3, 96), (5, 48, 256), (3, 256, 384), (3, 192, 384), (3, 192, 256)) + ((6, 256, 4096), (1, 4096, 4096))
"""Kernel, maps that one output map sees, output maps: half of the maps where a GPU sees its own alone."""


def from_the_paper(experiment: Parameters, given: None) -> list[int]:
    """(k^2 n + 1) m for m maps that see n others through kernels of k x k; the first dense layer covers its 6x6 pixels."""
    return [(k * k * n + 1) * m for k, n, m in (*LAYERS, (1, 4096, 1000))]


CLAIM = Claim(
    entry="alexnet-parameters",
    says="AlexNet has five convolutions with 2,334,080 parameters and three dense layers with 58,631,144, 96 in 100 of all "
    "60,965,224; without its groups there would be 62,378,344, and in torchvision's variant there are 61,100,840.",
    paper="Krizhevsky, Sutskever & Hinton 2012, section 3.5",
    experiments=vary(Parameters("dlverify.lab.architectures.classification:alexnet()")),
    predict=from_the_paper,
    judge=equal(),
    assumptions=(
        Assumption(
            "groups",
            "three convolutions see the maps of their own GPU alone, which saves 1,413,120 weights",
            broken_by={"network": "dlverify.lab.architectures.classification:alexnet(groups=1)"},
        ),
        Assumption(
            "published-channels",
            "the convolutions have 96, 256, 384, 384 and 256 maps, which torchvision's have not",
            broken_by={
                "network": "dlverify.lab.architectures.classification:alexnet(groups=1, channels=(64, 192, 384, 256, 256))"
            },
        ),
    ),
)
