"""Between the same maps a convolution holds fewer weights than a dense layer, by the product of both maps' sizes over k^2."""

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.locality import LayerWeights
from dlverify.quantity import Array


def counts(experiment: LayerWeights, given: None) -> Array:
    """k^2 c c' against H W c H' W' c', with H' = H - k + 1; not sharing, H' W' k^2 c c', lies between them.

    The multiplications are fewer by less, H W / k^2: they are those of the layer that does not share.
    """
    sides = np.array(experiment.sizes, dtype=object)
    pairs, outputs = experiment.channels[0] * experiment.channels[1], (sides - experiment.kernel + 1) ** 2
    kernel, local = experiment.kernel**2 * pairs + 0 * sides, experiment.kernel**2 * pairs * outputs
    dense = sides**2 * outputs * pairs
    return np.array([[kernel, local], [local, local], [dense, dense]])


CLAIM = Claim(
    entry="conv-lower-complexity",
    says=(
        "Between a map of H x W nodes with c channels and one of H' x W' with c', a convolution has k^2 c c' weights and a dense "
        "layer H W c H' W' c': fewer by H W H' W' / k^2, of which sharing makes H' W' and locality H W / k^2."
    ),
    paper="Goodfellow, Bengio & Courville 2016, section 9.2; LeCun et al. 1998",
    experiments=vary(
        LayerWeights("torch.nn:Conv2d", dimensions=2, sizes=(7, 10, 14)), kernel=(3, 7), channels=((1, 1), (4, 6))
    ),
    predict=counts,
    judge=equal(),
    assumptions=(
        Assumption(
            "shared",
            "all nodes of a map have the same kernel",
            broken_by={"convolution": "dlverify.lab.architectures.local:LocallyConnected"},
        ),
        Assumption(
            "one-group",
            "every map sees all channels",
            broken_by={"convolution": "torch.nn:Conv2d(groups=2)"},
            case="3-4x6",
        ),
    ),
)
