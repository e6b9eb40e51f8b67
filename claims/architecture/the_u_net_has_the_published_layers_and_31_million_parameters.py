"""The U-Net has the 23 convolutional layers that were published, with 31 million parameters."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.counting import Parameters


def from_the_figure(experiment: Parameters, given: None) -> int | list[int]:
    """A k x k convolution from a to b channels has a b k^2 + b parameters, whether it is transposed or not.

    Down, two 3x3 convolutions a level, 64 to 1024 channels: 10. Up, a 2x2 transposed one that halves the channels, 4, and
    two 3x3 ones, the first of twice the channels since the skip is concatenated, 8. A 1x1 one to two classes: 23 in all.
    Together 31,030,658. Modules hold their layers by kind: encoders, upsampling, decoders, the last.
    """
    levels = (64, 128, 256, 512, 1024)
    down = [9 * a * b + b for c, b in zip((1, *levels), levels, strict=False) for a in (c, b)]
    lifted = [4 * 2 * c * c + c for c in levels[-2::-1]]
    up = [9 * a * c + c for c in levels[-2::-1] for a in (2 * c, c)]
    counts = [*down, *lifted, *up, 64 * 2 + 2]
    return sum(counts) if experiment.report == "total" else counts


NETWORK = "dlverify.lab.architectures.segmentation:UNet"

CLAIM = Claim(
    entry="encoder-decoder-unet",
    says="The original U-Net, for one input channel and two classes, has 23 convolutional layers with 31,030,658 parameters.",
    paper="Ronneberger, Fischer & Brox 2015, section 2 and figure 1",
    experiments=vary(Parameters(NETWORK), report=("by layer", "total")),
    predict=from_the_figure,
    judge=equal(),
    assumptions=(
        Assumption(
            "concatenated",
            "skips are concatenated, so decoders read twice the channels",
            broken_by={"network": f"{NETWORK}(skips=False)"},
        ),
        Assumption("one-channel", "images have one channel", broken_by={"network": f"{NETWORK}(inputs=3)"}),
    ),
)
