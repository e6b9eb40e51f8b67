"""Each pattern of connections is one matrix with a constraint of its own."""

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.connectivity import LayerMatrix, Weights
from dlverify.quantity import Array


def constrained(experiment: LayerMatrix, given: Weights) -> Array:
    """The weights, each at its places in the 12 x 12 matrix; everything else is zero.

    Full: every entry has its own. Convolutional: weight k stands on the diagonal k - 1, so three numbers fill the matrix;
    dilated by 2, on the diagonal 2 (k - 1). Recurrent, of two states at six times, with weights V of the input and W of
    the state: block (t, s) is W^(t - s) V for s <= t, and 0 above. Skip: the identity plus a full matrix.
    """
    weights = given.weights
    if experiment.pattern in ("convolutional", "dilated"):
        step = 1 if experiment.pattern == "convolutional" else 2
        return sum(weight * np.eye(12, k=step * (k - 1)) for k, weight in enumerate(weights))
    if experiment.pattern == "recurrent":
        entering, following = weights
        blocks = [np.linalg.matrix_power(following, lag) @ entering for lag in range(6)]
        return np.block([[blocks[t - s] if s <= t else np.zeros((2, 2)) for s in range(6)] for t in range(6)])
    return weights + np.eye(12) if experiment.pattern == "skip" else weights


CONVOLUTION = "torch.nn:Conv1d"

CLAIM = Claim(
    entry="connectivity-patterns",
    says="A full, convolutional, dilated, recurrent or skip layer is a matrix: free; banded with tied diagonals; the same "
    "with gaps; equal blocks on and below the diagonal; or the identity plus a free one.",
    paper="Goodfellow, Bengio & Courville 2016, chapters 9 and 10",
    experiments=vary(LayerMatrix(), pattern=("full", "skip"))
    + vary(LayerMatrix(layer=CONVOLUTION), pattern=("convolutional", "dilated"))
    + vary(LayerMatrix(layer="torch.nn:RNN"), pattern=("recurrent",)),
    predict=constrained,
    judge=equal(),
    assumptions=(
        Assumption(
            "zeros-outside",
            "beyond the border there are zeros: wrapped around, the band reaches into the corners",
            broken_by={"layer": "torch.nn:Conv1d(padding_mode='circular')"},
            case="convolutional",
        ),
        Assumption(
            "gaps",
            "the kernel reads every second place",
            broken_by={"layer": "torch.nn:Conv1d(padding=1, dilation=1)"},
            case="dilated",
        ),
        Assumption(
            "linear",
            "the state enters linearly: then weights and lag alone make a block",
            broken_by={"layer": "torch.nn:RNN(nonlinearity='tanh')"},
            case="recurrent",
        ),
        Assumption(
            "way-around",
            "the input goes around the layer",
            broken_by={"shortcut": "torch.nn:Dropout(p=1.0)"},
            case="skip",
        ),
    ),
)
