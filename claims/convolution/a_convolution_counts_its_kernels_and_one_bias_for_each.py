"""A convolution counts its kernels' weights and one bias for each of them: (inputs * height * width + 1) * outputs."""

import math

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.convolution import LayerParameters
from dlverify.quantity import Array, as_array


def kernels_and_biases(experiment: LayerParameters, given: None) -> Array:
    """(a * k + 1) * b for a inputs, b outputs and kernels of k weights for each input."""
    a, b = np.array(experiment.inputs)[:, None], np.array(experiment.outputs)
    return as_array((a * math.prod(experiment.kernel) + 1) * b)


CLAIM = Claim(
    entry="conv-parameter-count",
    says=(
        "A convolution layer has (input channels * height * width + 1) * output channels parameters, whatever stride, padding "
        "and dilation are."
    ),
    paper="Dumoulin & Visin 2016",
    experiments=(
        *vary(LayerParameters("torch.nn:Conv2d"), kernel=((3, 3), (1, 7), (11, 11))),
        *vary(LayerParameters(), layer=("torch.nn:Conv2d(stride=4, padding=2, dilation=3)",)),
    ),
    predict=kernels_and_biases,
    judge=equal(),
    assumptions=(
        Assumption("one-group", "every kernel reads all input channels", broken_by={"groups": 2}),
        Assumption("bias", "there is a bias", broken_by={"bias": False}),
    ),
)
