"""A recurrent layer applies the same weights at every step."""

import numpy as np

from dlverify import Assumption, Claim, equal, rounding, vary
from dlverify.experiments.recurrent import Run, States
from dlverify.quantity import Array


def walk(experiment: States, given: Run) -> tuple[Array, Array]:
    """States h_t = tanh(U x_t + b_i + W h_(t-1) + b_h) with one U, W, b_i, b_h for all t, and their errors in units of u.

    A sum of n + h products and two biases rounds n + h + 3 times, relative to the sum of absolute values; W carries the
    error of the state before, tanh multiplies by its slope and, good to four units, adds its own (Higham 2002, section 3.5).
    """
    h, error, rows = experiment.units, np.zeros(experiment.units), []
    inner, bias = given.input_weights[:h], given.input_bias[:h] + given.bias[:h]
    sizes, weights, state = np.abs(given.input_bias[:h]) + np.abs(given.bias[:h]), given.weights[:h], given.start
    for x in given.inputs:
        terms = np.abs(inner) @ np.abs(x) + np.abs(weights) @ np.abs(state) + sizes
        error = (experiment.inputs + h + 3) * terms + np.abs(weights) @ error
        state = np.tanh(inner @ x + weights @ state + bias)
        error = (1 - state**2) * error + 4
        rows.append((state, error))
    states, errors = zip(*rows, strict=True)
    return np.array(states), np.array(errors)


CLAIM = Claim(
    entry="recurrent-network",
    says="A recurrent layer computes h_t = tanh(U x_t + W h_(t-1) + b) with the same U, W and b at every step of a sequence of "
    "any length.",
    paper="Elman 1990",
    experiments=vary(States("torch.nn:RNN"), steps=(1, 4, 64)),
    predict=lambda experiment, given: walk(experiment, given)[0],
    # Twice: the prediction rounds as much in float64; in a coarser dtype this leaves room for the second order.
    judge=equal(within=rounding(operations=2, scale=lambda experiment, given: walk(experiment, given)[1])),
    assumptions=(
        Assumption(
            "same-weights",
            "no step has weights of its own",
            case="4",
            broken_by={"layer": "dlverify.lab.architectures.recurrent:AlternatingRNN"},
        ),
        Assumption("tanh", "the activation is tanh", broken_by={"layer": "torch.nn:RNN(nonlinearity='relu')"}),
    ),
)
