"""The U-Net loses 184 pixels a side where all its poolings come out even: 572 become 388."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.segmentation import OutputSides


def smaller_by_184(experiment: OutputSides, given: None) -> list[int]:
    """n - 184: a pair of unpadded 3x3 convolutions takes 4 pixels, which count 2^l times at level l.

    Twice (down and up) 4 (1 + 2 + 4 + 8), and 4 * 16 at the bottom: 120 + 64. Poolings of n - 4, (n - 4) / 2 - 4, ... all
    come out even just where n = 12 mod 16, and something is left from 188 on.
    """
    return [side - 184 for side in experiment.sides]


NETWORK = "dlverify.lab.architectures.segmentation:UNet"
EVEN = tuple(range(188, 700, 32)) + tuple(range(204, 700, 128))

CLAIM = Claim(
    entry="encoder-decoder-unet",
    says="The original U-Net turns images of n pixels a side into maps of n - 184, 572 into 388, if n is 12 more than a "
    "multiple of 16 and at least 188.",
    paper="Ronneberger, Fischer & Brox 2015, section 2 and figure 1",
    experiments=vary(OutputSides(NETWORK, sides=(572,)), sides=((572,), tuple(sorted(EVEN)))),
    predict=smaller_by_184,
    judge=equal(),
    assumptions=(
        Assumption(
            "even",
            "every pooling comes out even: for other sides torch drops a row and a column and goes on",
            broken_by={"sides": (570,)},
        ),
        Assumption(
            "unpadded",
            "convolutions are not padded: later variants keep the size",
            broken_by={"network": f"{NETWORK}(padding=1)"},
        ),
        Assumption("enough", "there are at least 188 pixels", broken_by={"sides": (172,)}),
    ),
)
