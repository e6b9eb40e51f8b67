"""Repeating the dilation 2 leaves holes: every second input is never read."""

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.locality import ReceptiveFields
from dlverify.quantity import Array


def every_second(experiment: ReceptiveFields, given: None) -> Array:
    """L layers of taps at -2, 0, 2 reach 2 L far on both sides, and add up to even numbers only."""
    reach = (experiment.kernel - 1) * sum(experiment.dilations)
    offsets = np.arange(-reach, reach + 1)
    layers = np.arange(1, len(experiment.dilations) + 1)[:, None]
    return (abs(offsets) <= 2 * layers) & (offsets % 2 == 0)


CLAIM = Claim(
    entry="dilated-convolution",
    says="Convolutions of three taps that all have the dilation 2 span 4 L + 1 inputs after L layers, and read the 2 L + 1 even ones.",
    paper="Wang et al. 2018 (gridding); Yu, Koltun & Funkhouser 2017",
    experiments=vary(ReceptiveFields(report="picture"), dilations=((2, 2, 2), (2, 2, 2, 2, 2))),
    predict=every_second,
    judge=equal(),
    assumptions=(
        Assumption("one-dilation", "no layer has another dilation", broken_by={"dilations": (2, 1, 3)}),
        Assumption("stacked", "layers follow one another", broken_by={"stacked": False}),
    ),
)
