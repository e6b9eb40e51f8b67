"""No gradient through time exceeds the power of the norm of the recurrent weights."""

import numpy as np

from dlverify import Assumption, Claim, at_most, rounding, vary
from dlverify.experiments.recurrent import GradientsThroughTime, Run
from dlverify.quantity import Array


def powers_of_the_norm(experiment: GradientsThroughTime, given: Run) -> Array:
    """||W||^lag: the Jacobian is a product of factors D_t W, and D_t, the slopes of tanh, has no entry above 1."""
    norm = np.linalg.norm(given.weights[: experiment.units], 2)
    return norm ** np.array(experiment.lags, dtype=np.float64)


def roundings(experiment: GradientsThroughTime, given: Run) -> Array:
    """For each step h (h + 4), and h for the norm.

    A product with D_t W sums h terms and multiplies by the slope, itself of three roundings, relative to |W| |V|, whose
    norm is at most h ||W|| ||V||.
    """
    h = experiment.units
    return np.array(experiment.lags) * h * (h + 4) + h


CLAIM = Claim(
    entry="recurrent-network",
    says="Whatever a plain tanh network reads, a gradient that passes back through k of its steps is multiplied by the k-th "
    "power of the norm of the recurrent weights at most: a norm below 1 suffices to make it vanish.",
    paper="Pascanu, Mikolov & Bengio 2013, section 2.1",
    experiments=vary(
        GradientsThroughTime("torch.nn:RNN", weights="normal", report="largest"),
        gain=(0.4, 1.0),
        inputs=(0.0, 0.5, 2.0),
    ),
    predict=powers_of_the_norm,
    judge=at_most(within=rounding(operations=roundings, scale=powers_of_the_norm)),
    assumptions=(
        Assumption(
            "no-way-around",
            "the state passes through the recurrent weights alone, as an LSTM's cell does not",
            broken_by={"layer": "torch.nn:LSTM", "open": 5.0},
        ),
    ),
)
