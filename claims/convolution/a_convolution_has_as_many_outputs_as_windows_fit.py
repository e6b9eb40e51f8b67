"""A convolution has as many outputs as windows fit into its padded input: h - 1 fewer than inputs in the plain case alone."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.convolution import OutputLengths
from dlverify.quantity import Array, as_array


def windows(experiment: OutputLengths, given: None) -> Array:
    """floor((n + 2p - d(h - 1) - 1) / s) + 1, or 0: windows reach over d(h - 1) + 1 nodes and begin s nodes apart.

    The floor leaves nodes at the end unread, so that several n give the same.
    """
    h, n = np.array(experiment.taps)[:, None], np.arange(1, experiment.longest + 1)
    last = n + 2 * experiment.padding - experiment.dilation * (h - 1) - 1
    return as_array(np.maximum(last // experiment.stride + 1, 0))


def loses_the_borders(experiment: OutputLengths, given: None) -> Array:
    """n - (h - 1), or 0: right at s = 1, p = 0 and d = 1, and by chance elsewhere, as for h = 3 at s = 1, p = 1 and d = 2."""
    h, n = np.array(experiment.taps)[:, None], np.arange(1, experiment.longest + 1)
    return as_array(np.maximum(n - (h - 1), 0))


PRINTED = "In general h - 1 nodes are lost at the two borders."

CLAIM = Claim(
    entry="conv-output-size",
    says=(
        "Of n nodes a convolution of h taps with stride s, padding p and dilation d makes floor((n + 2p - d(h - 1) - 1) / s) + 1; "
        "h - 1 are lost, for every n, when s = 1, p = 0 and d = 1."
    ),
    paper="Dumoulin & Visin 2016, relationships 1 to 6 and 15",
    experiments=(
        *vary(OutputLengths("torch.nn:Conv1d"), stride=(1, 2, 3), padding=(0, 2), dilation=(1, 3)),
        *vary(OutputLengths("torch.nn:Conv1d"), tier="full", stride=(1, 2, 3), padding=(1, 3), dilation=(1, 2, 3)),
        *vary(OutputLengths("torch.nn:Conv1d"), tier="full", stride=(1, 2, 3), padding=(0, 2), dilation=(2,)),
    ),
    predict=windows,
    judge=equal(),
    assumptions=(
        Assumption(
            "windows-inside",
            "windows lie within the padded input; those of a transposed layer reach over its border",
            broken_by={"layer": "torch.nn:ConvTranspose1d"},
        ),
        Assumption(
            "padding-given",
            "the layer pads by p and by nothing else",
            broken_by={"layer": "torch.nn:Conv1d(padding='same')"},
        ),
    ),
    errata=(
        Erratum("at-any-stride", PRINTED, number=54, predict=loses_the_borders, case="2-0-1"),
        Erratum("at-any-dilation", PRINTED, number=54, predict=loses_the_borders, case="1-0-3"),
        Erratum("at-any-padding", PRINTED, number=54, predict=loses_the_borders, case="1-2-1"),
    ),
)
