"""Addition keeps the number of channels, which must agree, and concatenation adds the numbers."""

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.connectivity import JoinedChannels
from dlverify.quantity import Array


def channels(experiment: JoinedChannels, given: None) -> Array:
    """a + b for concatenation. For addition a where a = b; max(a, b) where one is 1, since torch repeats it; else refused."""
    one, other = np.meshgrid(*[np.arange(1, experiment.most + 1)] * 2, indexing="ij")
    if experiment.join == "concatenation":
        return one + other
    allowed = (one == other) | (one == 1) | (other == 1)
    return np.where(allowed, np.maximum(one, other), 0)


CLAIM = Claim(
    entry="skip-add-vs-concat",
    says="Maps of a and b channels add only if a = b, or if one has a single channel, which is repeated; concatenation takes "
    "any two and makes a + b.",
    paper="He et al. 2016; Huang et al. 2017",
    experiments=vary(JoinedChannels(), join=("addition", "concatenation")),
    predict=channels,
    judge=equal(),
    assumptions=(
        Assumption(
            "same-pixels",
            "both maps have the same pixels: concatenation needs that too, so a U-Net crops",
            broken_by={"smaller": 1},
            case="concatenation",
        ),
    ),
)
