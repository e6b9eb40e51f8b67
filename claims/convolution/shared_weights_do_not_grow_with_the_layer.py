"""Shared weights do not grow with the layer: a convolution holds one kernel, however many nodes it feeds."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.locality import LayerWeights
from dlverify.quantity import Array


def counts(experiment: LayerWeights, given: None, shared: bool = True) -> Array:
    """Weights and multiplications of three layers from n nodes with c channels to n_l = n - h + 1 nodes with c'.

    In d dimensions a node of the convolution is a sum of h^d c products, and there are n_l^d c' of them: so many
    multiplications, and as many weights without sharing. Sharing leaves those of one node for each of the c' maps. A dense
    layer has a weight, used once, for every pair of nodes: n^d c n_l^d c'.
    """
    sizes = np.array(experiment.sizes, dtype=object)
    entering, leaving = experiment.channels
    kernel = experiment.kernel**experiment.dimensions * entering * leaving
    nodes = (sizes - experiment.kernel + 1) ** experiment.dimensions
    local, dense = kernel * nodes, sizes**experiment.dimensions * entering * nodes * leaving
    return np.array([[kernel + 0 * sizes if shared else local, local], [local, local], [dense, dense]])


def printed(experiment: LayerWeights, given: None) -> Array:
    """h n_l weights for the convolution: those of a layer that does not share."""
    return counts(experiment, given, shared=False)


CLAIM = Claim(
    entry="weight-sharing-count",
    says=(
        "A convolution has h weights for each pair of channels, whatever the number n_l of its nodes; without sharing they are "
        "h n_l, as the multiplications are with it, and fully connected n n_l."
    ),
    paper="Goodfellow, Bengio & Courville 2016, section 9.2; LeCun 1989",
    experiments=vary(LayerWeights(), kernel=(3, 5), channels=((1, 1), (4, 6))),
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
            broken_by={"convolution": "torch.nn:Conv1d(groups=2)"},
            case="3-4x6",
        ),
    ),
    errata=(
        Erratum(
            "weights-of-every-node",
            "Because weights are shared, a layer has h n_l of them, depending on the number n_l of its nodes.",
            number=7,
            predict=printed,
        ),
    ),
)
