"""Cross-correlation is convolution, on every signal, exactly for symmetric kernels."""

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.convolution import Agreements, Filtering
from dlverify.quantity import Array


def symmetric(experiment: Agreements, given: Filtering) -> Array:
    """Whether u(-1) = u(1): a signal that is 1 at one node tells u(x) from u(-x), and two equal kernels give the same."""
    return np.array([kernel[0] == kernel[2] for kernel in given.kernel])


CLAIM = Claim(
    entry="conv-formula-is-cross-correlation",
    says=(
        "A convolution layer agrees with the convolution on every signal exactly if its kernel is symmetric: 9 of the 27 "
        "kernels of three weights -1, 0 and 1."
    ),
    paper="Goodfellow, Bengio & Courville 2016, section 9.1",
    experiments=vary(Agreements("torch.nn:Conv1d")),
    predict=symmetric,
    judge=equal(),
    assumptions=(
        Assumption(
            "every-signal",
            "they agree on every signal, for on constant ones they always do",
            broken_by={"signals": "constant"},
        ),
        Assumption(
            "unflipped",
            "the layer does not flip the kernel itself",
            broken_by={"layer": "torch.nn:ConvTranspose1d(padding=2)"},
        ),
    ),
)
