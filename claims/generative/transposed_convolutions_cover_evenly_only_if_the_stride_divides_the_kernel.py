"""Transposed convolutions cover their output evenly if and only if the stride divides the kernel."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.adversarial import Overlaps


def uneven(experiment: Overlaps, given: None) -> list[list[int]]:
    """Pixel u is reached by the entries a of the kernel with a = u modulo the stride, ceil or floor of kernel / stride many.

    So the most and the fewest differ by 1, or by 0 where kernel / stride is whole.
    """
    return [[-(-kernel // stride) - kernel // stride for stride in experiment.strides] for kernel in experiment.kernels]


CLAIM = Claim(
    entry="dcgan",
    says="Away from the border every pixel of a transposed convolution's output is reached by as many entries of the kernel as any other "
    "if and only if the stride divides the kernel's size, as DCGAN's 2 divides 4; otherwise some are reached by one more: a "
    "checkerboard.",
    paper="Odena, Dumoulin & Olah 2016",
    experiments=vary(Overlaps()),
    predict=uneven,
    judge=equal(),
    assumptions=(
        Assumption("away-from-the-border", "no pixel near the border counts", broken_by={"border": True}),
        Assumption(
            "next-to-one-another",
            "the kernel's entries have no holes between them",
            broken_by={"transposed": "torch.nn:ConvTranspose1d(dilation=2)"},
        ),
    ),
)
