"""A GRU mixes its state with a candidate; torch's resets what the recurrent weights made of the state."""

import numpy as np

from dlverify import Assumption, Claim, equal, rounding, vary
from dlverify.experiments.recurrent import Run, States
from dlverify.quantity import Array


def walk(experiment: States, given: Run) -> tuple[Array, Array]:
    """h_t = (1 - z) * n + z * h_(t-1), n = tanh(U x_t + b_i + r * (W h_(t-1) + b_h)), and the errors in units of u.

    The two affine maps round n + 1 and h + 1 times; W carries the error of the state before, sigmoid and tanh multiply by
    their slopes and are good to four units, a product or sum adds one.
    """
    h, rows = experiment.units, []
    state, far = given.start, np.zeros(experiment.units)
    for x in given.inputs:
        left = (given.input_weights @ x + given.input_bias)[: 3 * h].reshape(3, h)
        right = (given.weights @ state + given.bias)[: 3 * h].reshape(3, h)
        terms = np.abs(given.input_weights) @ np.abs(x) + np.abs(given.input_bias)
        of_left = (experiment.inputs + 1) * terms[: 3 * h].reshape(3, h)
        terms = np.abs(given.weights) @ np.abs(state) + np.abs(given.bias)
        of_right = ((h + 1) * terms + np.abs(given.weights) @ far)[: 3 * h].reshape(3, h)
        r, z = 1 / (1 + np.exp(-(left[:2] + right[:2])))
        of_sums = of_left[:2] + of_right[:2] + np.abs(left[:2] + right[:2])
        of_r, of_z = np.array([r * (1 - r), z * (1 - z)]) * of_sums + 4
        inner = left[2] + r * right[2]
        n = np.tanh(inner)
        error = of_left[2] + r * of_right[2] + np.abs(right[2]) * (of_r + r) + np.abs(inner)
        of_n = (1 - n * n) * error + 4
        # (1 - z) n + z h, or n + z (h - n): the sizes of the terms, three roundings each.
        mixing = 3 * (np.abs(n) + z * (np.abs(n) + np.abs(state)))
        far = (1 - z) * of_n + z * far + np.abs(state - n) * of_z + mixing
        state = (1 - z) * n + z * state
        rows.append((state, far))
    states, errors = zip(*rows, strict=True)
    return np.array(states), np.array(errors)


def moved(experiment: States, given: Run) -> Array:
    """How far the states are from those of Cho et al., n = tanh(U x_t + b_i + W (r * h_(t-1)) + b_h)."""
    h, state, states = experiment.units, given.start, []
    gates, candidate = slice(0, 2 * h), slice(2 * h, 3 * h)
    for x in given.inputs:
        left = given.input_weights @ x + given.input_bias
        reset, z = (1 / (1 + np.exp(-(left[gates] + given.weights[gates] @ state + given.bias[gates])))).reshape(2, h)
        n = np.tanh(left[candidate] + given.weights[candidate] @ (reset * state) + given.bias[candidate])
        state = (1 - z) * n + z * state
        states.append(state)
    return np.array(states) - walk(experiment, given)[0]


CLAIM = Claim(
    entry="gru",
    says="A GRU's state is h_t = (1 - z) * n + z * h_(t-1); in torch's the reset gate multiplies W h_(t-1) + b, after the "
    "recurrent weights, where Cho et al. have it before them.",
    paper="Cho et al. 2014; Chung, Gulcehre, Cho & Bengio 2014; torch.nn.GRU's documentation for the place of the reset gate",
    experiments=vary(States("torch.nn:GRU"), steps=(1, 4, 16)),
    predict=lambda experiment, given: walk(experiment, given)[0],
    # Twice: the prediction rounds as much in float64; in a coarser dtype this leaves room for the second order.
    judge=equal(within=rounding(operations=2, scale=lambda experiment, given: walk(experiment, given)[1])),
    assumptions=(
        Assumption(
            "resets-after",
            "the reset gate comes after the recurrent weights",
            broken_by={"layer": "dlverify.lab.architectures.recurrent:ResetFirstGRU"},
            effect=moved,
        ),
    ),
)
