"""An LSTM adds gated candidates to its cell."""

import numpy as np

from dlverify import Assumption, Claim, equal, rounding, vary
from dlverify.experiments.recurrent import Run, States
from dlverify.quantity import Array


def walk(experiment: States, given: Run) -> tuple[Array, Array]:
    """c_t = f * c_(t-1) + i * g and h_t = o * tanh(c_t), and the errors in units of u of what is reported.

    i, f, o are sigmoids and g a tanh of U x_t + b_i + W h_(t-1) + b_h, whose n + h products and two biases round n + h + 3
    times; W carries the error of the state before, sigmoid and tanh multiply by their slopes and are good to four units,
    a product or sum adds one.
    """
    n, h = experiment.inputs, experiment.units
    sizes, bias = np.abs(given.input_bias) + np.abs(given.bias), given.input_bias + given.bias
    state, cell, far, off, rows = given.start, given.start, np.zeros(h), np.zeros(h), []
    for x in given.inputs:
        terms = np.abs(given.input_weights) @ np.abs(x) + np.abs(given.weights) @ np.abs(state) + sizes
        error = ((n + h + 3) * terms + np.abs(given.weights) @ far).reshape(4, h)
        i, f, g, o = (given.input_weights @ x + given.weights @ state + bias).reshape(4, h)
        i, f, g, o = 1 / (1 + np.exp(-i)), 1 / (1 + np.exp(-f)), np.tanh(g), 1 / (1 + np.exp(-o))
        slopes = np.array([i * (1 - i), f * (1 - f), 1 - g * g, o * (1 - o)])
        of_i, of_f, of_g, of_o = slopes * error + 4
        off = f * off + np.abs(cell) * (of_f + 2 * f) + i * of_g + np.abs(g) * (of_i + 2 * i)
        cell = f * cell + i * g
        state = o * np.tanh(cell)
        far = o * ((1 - np.tanh(cell) ** 2) * off + 5) + np.abs(np.tanh(cell)) * of_o
        rows.append((state, far) if experiment.report == "states" else (cell, off))
    values, errors = zip(*rows, strict=True)
    return np.array(values), np.array(errors)


CLAIM = Claim(
    entry="lstm",
    says="An LSTM's cell is c_t = f * c_(t-1) + i * g, and its state h_t = o * tanh(c_t), with three gates f, i, o and a "
    "candidate g that each see the input and the state before: a recurrent cell, not a pointwise nonlinearity.",
    paper="Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000",
    experiments=vary(States("torch.nn:LSTM"), report=("memory", "states")),
    predict=lambda experiment, given: walk(experiment, given)[0],
    # Twice: the prediction rounds as much in float64; in a coarser dtype this leaves room for the second order.
    judge=equal(within=rounding(operations=2, scale=lambda experiment, given: walk(experiment, given)[1])),
    assumptions=(
        Assumption(
            "adds",
            "the input gate is free of the forget gate, so that the cell adds and does not mix",
            broken_by={"layer": "dlverify.lab.architectures.recurrent:CoupledLSTM"},
        ),
    ),
)
