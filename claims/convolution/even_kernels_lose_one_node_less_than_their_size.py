"""Even kernels, as odd ones, lose one node less than their size."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.convolution import OutputLengths
from dlverify.quantity import Array, as_array


def one_less(experiment: OutputLengths, given: None) -> Array:
    """n - h + 1, or 0 where h > n."""
    h, n = np.array(experiment.taps)[:, None], np.arange(1, experiment.longest + 1)
    return as_array(np.maximum(n - h + 1, 0))


def odd_ones_alone(experiment: OutputLengths, given: None) -> Array:
    """No output where h is even."""
    return one_less(experiment, given) * (np.array(experiment.taps)[:, None] % 2)


CLAIM = Claim(
    entry="odd-kernel-size",
    says="A kernel of h taps is legal for even h as for odd h and turns n nodes into n - h + 1.",
    paper="Dumoulin & Visin 2016, relationship 1",
    experiments=vary(OutputLengths("torch.nn:Conv1d"), taps=((2, 4, 6, 8), (1, 3, 5, 7, 9))),
    predict=one_less,
    judge=equal(),
    assumptions=(
        Assumption("stride", "windows begin at every node", broken_by={"stride": 2}),
        Assumption("no-padding", "nothing is added at the borders", broken_by={"padding": 1}),
    ),
    errata=(Erratum("odd", "The size h of a kernel is odd.", number=53, predict=odd_ones_alone),),
)
