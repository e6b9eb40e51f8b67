"""Even kernels are half a node off: only odd ones have a tap in their middle."""

from fractions import Fraction

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.convolution import Alignments
from dlverify.quantity import Array


def half_a_node(experiment: Alignments, given: Array) -> list[Fraction]:
    """The taps -p, ..., h - 1 - p have the mean (h - 1)/2 - p: with p = floor(h/2) 0 for odd h and -1/2 for even h."""
    return [Fraction(h - 1, 2) - h // 2 for h in experiment.taps]


CLAIM = Claim(
    entry="odd-kernel-size",
    says="The mean over a window of h nodes, padded by floor(h/2), stands where the node does for odd h, and half a node before it for even h.",
    paper="Dumoulin & Visin 2016",
    experiments=vary(Alignments("torch.nn:Conv1d"), nodes=(18, 17)),
    predict=half_a_node,
    judge=equal(),
    assumptions=(
        Assumption(
            "half-padding",
            "half of the kernel's size is padded",
            broken_by={"layer": "torch.nn:Conv1d(padding=0)"},
        ),
    ),
)
