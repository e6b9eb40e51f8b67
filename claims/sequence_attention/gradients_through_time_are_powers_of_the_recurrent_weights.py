"""Gradients through time are powers of the recurrent weights: they vanish or explode with the number of steps."""

import numpy as np

from dlverify import Assumption, Claim, equal, rounding, vary
from dlverify.experiments.recurrent import GradientsThroughTime, Run
from dlverify.quantity import Array


def powers(experiment: GradientsThroughTime, given: Run) -> Array:
    """gain^lag: at rest tanh has the slope 1, so the Jacobian is W^lag, and W / gain, orthogonal, has singular values 1."""
    return experiment.gain ** np.array(experiment.lags, dtype=np.float64)


def roundings(experiment: GradientsThroughTime, given: Run) -> Array:
    """For each step sqrt(h) (2 h + 3), and h for the norm.

    A product with W sums h terms and multiplies by the slope, h + 1 roundings relative to |W| |v|, whose norm is up to
    sqrt(h) times that of W v. The entries of W carry two roundings, those of an orthogonal matrix in float64 about h more.
    """
    h = experiment.units
    return np.array(experiment.lags) * h**0.5 * (2 * h + 3) + h


CLAIM = Claim(
    entry="recurrent-network",
    says="With orthogonal recurrent weights times a gain, at rest, a plain recurrent network passes a gradient back through k "
    "steps with the factor gain^k: at 0.9 it vanishes, at 1.1 it explodes.",
    paper="Bengio, Simard & Frasconi 1994; Pascanu, Mikolov & Bengio 2013",
    experiments=vary(GradientsThroughTime("torch.nn:RNN"), gain=(0.9, 1.0, 1.1)),
    predict=powers,
    judge=equal(within=rounding(operations=roundings, scale=powers)),
    assumptions=(
        Assumption("at-rest", "no input moves tanh from where its slope is 1", case="1", broken_by={"inputs": 0.5}),
        Assumption(
            "no-way-around",
            "the state passes through the recurrent weights alone, as an LSTM's cell does not",
            broken_by={"layer": "torch.nn:LSTM", "open": 5.0},
        ),
    ),
)
