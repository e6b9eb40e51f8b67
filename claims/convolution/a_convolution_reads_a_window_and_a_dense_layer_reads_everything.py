"""A convolution reads a window and a dense layer reads everything: the one is partially connected, the other fully."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.locality import InputsRead
from dlverify.quantity import Array


def window_and_everything(experiment: InputsRead, given: None) -> Array:
    """Output i of the convolution reads input j where |i - j| <= (h - 1) / 2; of the dense layer, always."""
    nodes = np.arange(experiment.nodes)
    window = abs(nodes[:, None] - nodes) <= (experiment.kernel - 1) // 2
    return np.stack([window, np.ones_like(window)])


def exchanged(experiment: InputsRead, given: None) -> Array:
    """The convolution fully connected, the perceptron partially."""
    return window_and_everything(experiment, given)[::-1]


CLAIM = Claim(
    entry="partial-vs-full-connectivity-swap",
    says=(
        "An output of a convolution reads the h inputs around it, and all n only where the kernel spans the input; an output "
        "of a dense layer reads all n."
    ),
    paper="Goodfellow, Bengio & Courville 2016, section 9.2, figures 9.2 and 9.3",
    # A kernel of 21 reaches from either end of eleven inputs to the other.
    experiments=vary(InputsRead(), kernel=(3, 5, 21)),
    predict=window_and_everything,
    judge=equal(),
    assumptions=(
        Assumption("one-layer", "no other convolution follows", broken_by={"depth": 3}),
        Assumption("dense-kernel", "the taps are neighbours", broken_by={"convolution": "torch.nn:Conv1d(dilation=2)"}),
    ),
    errata=(
        Erratum(
            "labels-exchanged",
            "A multilayer perceptron is partially connected, and a convolutional network fully connected.",
            number=8,
            predict=exchanged,
        ),
    ),
)
