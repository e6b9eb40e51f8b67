"""A large atrous rate leaves only the centre weight of a kernel to read the map."""

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.segmentation import ValidWeights
from dlverify.quantity import Array


def inside(experiment: ValidWeights, given: Array) -> Array:
    """(n + 2 max(n - r, 0))^2: along each side the centre reads n cells in all, and a tap r away n - r of them.

    So 9 n^2 / n^2 = 9 weights a cell at small rates, and one, a 1x1 convolution, from r = n on.
    """
    side, rates = experiment.side, np.array(experiment.rates)
    return ((side + 2 * np.maximum(side - rates, 0)) ** 2).astype(np.float64)


CLAIM = Claim(
    entry="deeplab",
    says="On a padded map of n cells a side, the nine weights of a 3x3 kernel at rate r < n read (3n - 2r)^2 cells in all; from "
    "rate n on, only the centre weight reads any.",
    paper="Chen, Papandreou, Schroff & Adam 2017, section 3.3 and figure 4",
    experiments=vary(ValidWeights(), side=(65,)) + vary(ValidWeights(rates=tuple(range(1, 12))), side=(8,)),
    predict=inside,
    judge=equal(),
    assumptions=(
        Assumption(
            "zeros-outside",
            "what is padded holds nothing: repeated borders keep all nine weights at work",
            broken_by={"layer": "torch.nn:Conv2d(padding_mode='replicate')"},
        ),
    ),
)
