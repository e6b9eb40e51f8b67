"""Gated memories pass gradients by the product of their gates, which an open gate keeps near one."""

import numpy as np

from dlverify import Assumption, Claim, equal, rounding, vary
from dlverify.experiments.recurrent import GradientsThroughTime, Run
from dlverify.quantity import Array


def gates(experiment: GradientsThroughTime, given: Run) -> tuple[Array, Array]:
    """f_t = sigmoid(U x_t + b) of the second block of weights, shape (steps, units), and its relative errors in units of u.

    Three products, two biases and the recurrent term, zero, round 3 + h + 3 times relative to the sum of absolute values;
    the sigmoid multiplies that by 1 - f and is good to four units; two more for the products that the gradient passes.
    """
    block = slice(experiment.units, 2 * experiment.units)
    weights, bias = given.input_weights[block], given.bias[block]
    f = 1 / (1 + np.exp(-(given.inputs @ weights.T + bias)))
    terms = np.abs(given.inputs) @ np.abs(weights).T + np.abs(bias)
    return f, (1 - f) * (experiment.units + 6) * terms + 6


def products(experiment: GradientsThroughTime, given: Run) -> Array:
    """The Jacobian is diagonal with the products of the gates of k steps: the root mean square over units."""
    along = np.cumprod(gates(experiment, given)[0], axis=0)
    return np.sqrt(np.mean(along**2, axis=1))[np.array(experiment.lags) - 1]


def roundings(experiment: GradientsThroughTime, given: Run) -> Array:
    """The largest relative error of a unit, summed over steps, and h for the norm; twice, since the prediction rounds too."""
    each = gates(experiment, given)[1].max(axis=1)
    return 2 * (np.cumsum(each)[np.array(experiment.lags) - 1] + experiment.units)


CLAIM = Claim(
    entry="lstm",
    says="Where gates see the inputs alone, an LSTM's cell passes a gradient back through k steps with the product of its k "
    "forget gates, and a GRU's state with that of its update gates: it lasts as long as the gates are open.",
    paper="Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000; Jozefowicz, Zaremba & Sutskever 2015",
    experiments=vary(
        GradientsThroughTime(gain=0.0, inputs=1.0, lags=(1, 2, 5, 10, 20, 50)),
        layer=("torch.nn:LSTM", "torch.nn:GRU"),
        open=(0.0, 2.0, 5.0),
    ),
    predict=products,
    judge=equal(within=rounding(operations=roundings, scale=products)),
    assumptions=(
        Assumption("blind-gates", "gates do not see the state: there is no other way back", broken_by={"gain": 0.5}),
        Assumption("gated", "the layer has a memory with a gate", broken_by={"layer": "torch.nn:RNN"}),
    ),
)
