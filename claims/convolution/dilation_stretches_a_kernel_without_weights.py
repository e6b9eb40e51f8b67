"""Dilation stretches a kernel without weights: k taps span k + (k - 1)(d - 1) inputs."""

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.locality import ReceptiveFields
from dlverify.quantity import Array


def stretched(experiment: ReceptiveFields, given: None) -> Array:
    """k taps and k - 1 gaps of d - 1 inputs between them; a weight a tap."""
    dilations, taps = np.array(experiment.dilations, dtype=object), experiment.kernel
    return np.stack([taps + (taps - 1) * (dilations - 1), taps + 0 * dilations, taps + 0 * dilations])


CLAIM = Claim(
    entry="dilated-convolution",
    says="With dilation d a kernel of k taps spans k + (k - 1)(d - 1) inputs, reads k of them, and has k weights as without.",
    paper="Yu & Koltun 2016, section 2; Chen et al. 2018",
    experiments=vary(ReceptiveFields(stacked=False), kernel=(2, 3, 5), dilations=((1, 2, 3, 4, 8, 16),)),
    predict=stretched,
    judge=equal(),
    assumptions=(
        Assumption("alone", "no other layer comes before", broken_by={"stacked": True}),
        Assumption(
            "dilated", "the dilation is that of the layer", broken_by={"convolution": "torch.nn:Conv1d(dilation=1)"}
        ),
    ),
)
