"""Symmetric padding keeps the length exactly if what is lost can be halved: d(h - 1) is even."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.convolution import KeptLengths
from dlverify.quantity import Array


def even_loss(experiment: KeptLengths, given: None) -> Array:
    """n + 2p - d(h - 1) = n has the solution p = d(h - 1)/2, where that is an integer."""
    d, h = np.array(experiment.dilations)[:, None], np.array(experiment.taps)
    return d * (h - 1) % 2 == 0


def odd_kernel(experiment: KeptLengths, given: None) -> Array:
    """Whether h is odd."""
    return np.array(experiment.taps) % 2 == 1


CLAIM = Claim(
    entry="odd-kernel-size",
    says=(
        "At stride 1 a padding that is the same at both borders can keep the length exactly if d(h - 1) is even: for odd "
        "kernels always, for even ones at even dilation."
    ),
    paper="Dumoulin & Visin 2016, relationships 3 and 15",
    experiments=vary(KeptLengths("torch.nn:Conv1d"), nodes=(10, 11)),
    predict=even_loss,
    judge=equal(),
    assumptions=(
        Assumption("stride", "windows begin at every node", broken_by={"stride": 2}),
        Assumption(
            "symmetric",
            "both borders have the same padding; torch's 'same' adds a node at one of them where it must",
            broken_by={"layer": "torch.nn:Conv1d(padding='same')"},
        ),
    ),
    errata=(
        Erratum(
            "odd", "The size h of a kernel has to be odd, for the length to be kept.", number=53, predict=odd_kernel
        ),
    ),
)
