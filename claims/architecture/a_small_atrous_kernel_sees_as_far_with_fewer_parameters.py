"""A 3x3 kernel at rate 12 sees as far as a 7x7 one at rate 4, and a sixth of DeepLab's parameters remain."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.counting import Parameters


def from_the_table(experiment: Parameters, given: None) -> list[int]:
    """Of a trunk with 14,714,688 and, for each rate, a k x k convolution to h channels, one to h, and one to 21 classes.

    A kernel of k taps at rate r spans r (k - 1) + 1 cells: 25 for 7 taps at rate 4, 4 at rate 8 and 3 at rate 12. Table 2
    of Chen et al. 2015 prints 134.3M, 65.1M and 20.5M parameters. Rates count for nothing, but four heads for four.
    """
    arguments = dict(experiment.network.arguments)
    kernel, hidden, heads = (
        arguments.get("kernel", 3),
        arguments.get("hidden", 1024),
        len(arguments.get("rates", range(4))),
    )
    channels = (3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512)
    trunk = [9 * a * b + b for a, b in zip(channels, channels[1:], strict=False)]
    head = [kernel**2 * 512 * hidden + hidden, hidden * hidden + hidden, hidden * 21 + 21]
    return [*trunk, *head * heads]


NETWORK = "dlverify.lab.architectures.segmentation:DeepLab"
CELLS = ("rates=(12,), kernel=3, hidden=1024", "rates=(4,), kernel=7, hidden=4096", "rates=(8,), kernel=4, hidden=4096")
PYRAMID = "rates=(6, 12, 18, 24), kernel=3, hidden=1024"

CLAIM = Claim(
    entry="deeplab",
    says="DeepLab with a 3x3 kernel at rate 12 and 1024 hidden channels has 20,505,429 parameters, against 134,346,581 with the "
    "7x7 kernel of VGG at rate 4, which spans the same 25 cells; its pyramid of four rates has 37,877,652.",
    paper="Chen, Papandreou, Kokkinos, Murphy & Yuille 2015, table 2; Chen et al. 2018, figure 7",
    experiments=vary(
        Parameters(f"{NETWORK}({CELLS[0]})"),
        network=tuple(f"{NETWORK}({arguments})" for arguments in (*CELLS, PYRAMID)),
    ),
    predict=from_the_table,
    judge=equal(),
    assumptions=(
        Assumption(
            "classes-of-voc",
            "there are 20 classes and the background",
            broken_by={"network": f"{NETWORK}({CELLS[0]}, classes=20)"},
        ),
        Assumption("colour", "images have three channels", broken_by={"network": f"{NETWORK}({CELLS[0]}, inputs=1)"}),
    ),
)
