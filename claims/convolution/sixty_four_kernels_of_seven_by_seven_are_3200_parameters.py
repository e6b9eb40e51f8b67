"""Sixty-four kernels of 7 x 7 on a picture of one channel are 3,200 parameters."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.convolution import LayerParameters


def one_channel(experiment: LayerParameters, given: None) -> int:
    """(1 * 7 * 7 + 1) * 64."""
    return (1 * 7 * 7 + 1) * 64


CLAIM = Claim(
    entry="conv-7x7x64-example",
    says="64 kernels of 7 x 7 for a picture of one channel, with a bias for each, are (1 * 7 * 7 + 1) * 64 = 3,200 parameters.",
    experiments=vary(
        LayerParameters(kernel=(7, 7), inputs=(1,), outputs=(64,)),
        layer=("torch.nn:Conv2d", "torch.nn:Conv2d(stride=2, padding=3)"),
    ),
    predict=one_channel,
    judge=equal(),
    assumptions=(
        Assumption("one-channel", "the picture has one channel; three need 9,472", broken_by={"inputs": (3,)}),
        Assumption("bias", "each kernel has a bias; without there are 3,136", broken_by={"bias": False}),
    ),
)
