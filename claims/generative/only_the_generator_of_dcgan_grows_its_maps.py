"""Only the generator of DCGAN grows its maps."""

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.adversarial import MapSizes


def grown_and_shrunk(experiment: MapSizes, given: None) -> list[list[int]]:
    """n -> (n - 1) s - 2p + k for a transposed convolution, n -> (n + 2p - k) // s + 1 for a convolution.

    Kernel 4, stride 2 and padding 1 double and halve; kernel 4 without stride and padding makes 4x4 pixels of one, and one
    of 4x4: 1, 4, 8, 16, 32, 64 and back (Radford et al. 2016, figure 1).
    """
    grown = [1]
    for kernel, stride, padding in [(4, 1, 0)] + 4 * [(4, 2, 1)]:
        grown.append((grown[-1] - 1) * stride - 2 * padding + kernel)
    shrunk = grown[-1:]
    for kernel, stride, padding in 4 * [(4, 2, 1)] + [(4, 1, 0)]:
        shrunk.append((shrunk[-1] + 2 * padding - kernel) // stride + 1)
    return [grown, shrunk]


def both_reversed(experiment: MapSizes, given: None) -> list[list[int]]:
    """The printed direction for the whole of DCGAN: maps grow in its discriminator as they do in its generator."""
    grown, _ = grown_and_shrunk(experiment, given)
    return [grown, [grown[-1] * size for size in grown]]


CLAIM = Claim(
    entry="dcgan",
    says="DCGAN's generator grows maps of 1, 4, 8, 16, 32 and 64 pixels, whereas its discriminator runs in the ordinary direction, "
    "from 64 pixels down to one answer.",
    paper="Radford, Metz & Chintala 2016, figure 1; Dumoulin & Visin 2016",
    experiments=vary(MapSizes()),
    predict=grown_and_shrunk,
    judge=equal(),
    assumptions=(
        Assumption(
            "starts-from-four",
            "the generator's first map has 4x4 pixels, and the rest doubles it",
            broken_by={"generator": "dlverify.lab.architectures.adversarial:dcgan_generator(first=5)"},
        ),
    ),
    errata=(
        Erratum(
            "opposite-direction",
            "DCGAN is a convolutional network that runs in the opposite direction",
            number=58,
            predict=both_reversed,
        ),
    ),
)
