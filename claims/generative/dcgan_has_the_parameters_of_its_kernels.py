"""DCGAN has the parameters of its kernels, and two for every normalised channel."""

from itertools import pairwise

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.counting import Parameters

NETWORKS = "dlverify.lab.architectures.adversarial"


def from_the_table(experiment: Parameters, given: None) -> list[int]:
    """16 c d for the 4x4 kernels from c channels to d, either way, and 2 d for the normalisation of d channels.

    A generator goes from 100 through b, b/2, b/4, b/8 to 3 channels, its last layer not normalised: b = 1024 in the paper,
    12,658,432 in all, and 512 in PyTorch's example, 3,576,704. A discriminator goes from 3 through 64, 128, 256, 512 to
    1, its first and last layers not normalised: 2,765,568.
    """
    base = dict(experiment.network.arguments).get("base", 1024)
    generates = experiment.network.role == f"{NETWORKS}.dcgan_generator"
    channels = [100, base, base // 2, base // 4, base // 8, 3] if generates else [3, 64, 128, 256, 512, 1]
    counts: list[int] = []
    for layer, (c, d) in enumerate(pairwise(channels)):
        normalised = layer < 4 if generates else 0 < layer < 4
        counts += [16 * c * d] + [2 * d] * normalised
    return counts


CLAIM = Claim(
    entry="dcgan",
    says="DCGAN's generator has 12,658,432 parameters with the paper's channels and 3,576,704 with those of PyTorch's example; its "
    "discriminator has 2,765,568: 16 for each pair of channels that a 4x4 kernel joins, and two for each normalised channel.",
    paper="Radford, Metz & Chintala 2016, figure 1; PyTorch's DCGAN example",
    experiments=vary(
        Parameters(),
        network=(
            f"{NETWORKS}:dcgan_generator(base=1024)",
            f"{NETWORKS}:dcgan_generator(base=512)",
            f"{NETWORKS}:dcgan_discriminator",
        ),
    ),
    predict=from_the_table,
    judge=equal(),
    assumptions=(
        Assumption(
            "four-by-four",
            "kernels have 4x4 pixels",
            broken_by={"network": f"{NETWORKS}:dcgan_generator(base=1024, kernel=5)"},
        ),
    ),
)
