"""Groups divide the weights of a convolution, and not its biases."""

import math

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.convolution import LayerParameters
from dlverify.quantity import Array, as_array


def smaller_kernels(experiment: LayerParameters, given: None) -> Array:
    """(a/g * k + 1) * b for a inputs, b outputs and kernels of k weights, or a/g * k * b without biases."""
    a, b = np.array(experiment.inputs)[:, None], np.array(experiment.outputs)
    return as_array((a // experiment.groups * math.prod(experiment.kernel) + experiment.bias) * b)


CLAIM = Claim(
    entry="conv-parameter-count",
    says="In g groups a kernel reads one g-th of the input channels: there are (inputs/g * height * width + 1) * outputs parameters.",
    paper="Dumoulin & Visin 2016",
    experiments=(
        *vary(LayerParameters("torch.nn:Conv2d"), groups=(2, 4), bias=(True, False)),
        *vary(LayerParameters(groups=4), layer=("torch.nn:Conv1d",), kernel=((5,),)),
        *vary(LayerParameters(groups=4), layer=("torch.nn:Conv3d", "torch.nn:ConvTranspose3d"), kernel=((3, 3, 3),)),
    ),
    predict=smaller_kernels,
    judge=equal(),
    assumptions=(
        Assumption(
            "separate",
            "the groups share no input channel",
            broken_by={"layer": "torch.nn:Conv2d(groups=1)"},
        ),
    ),
)
