"""Orthogonal linear layers scale gradients by their gain, and nothing else."""

import numpy as np

from dlverify import Assumption, Claim, equal, rounding, vary
from dlverify.experiments.gradient_backprop import ChainNorms, Weights
from dlverify.quantity import Array


def powers_of_the_gain(experiment: ChainNorms, given: Weights) -> Array:
    """gain^l, the norm of a row of (gain Q_l) ... (gain Q_1): each Q keeps lengths."""
    return experiment.gain ** np.arange(experiment.every, experiment.depth + 1, experiment.every)


def magnified(experiment: ChainNorms, given: Weights) -> Array:
    """gain^l l sqrt(n): every entry of Q is +-1/sqrt(n), so that || |Q| || = sqrt(n), and l layers err one after another."""
    layers = np.arange(experiment.every, experiment.depth + 1, experiment.every)
    return experiment.gain**layers * layers * np.sqrt(experiment.width)


def roundings(experiment: ChainNorms, given: Weights) -> int:
    """A dot product of n terms and the rounded gain; twice, for the norm, the power in the prediction and second order."""
    return 2 * (experiment.width + 1)


CLAIM = Claim(
    entry="vanishing-exploding-gradient",
    says="Linear layers with g times an orthogonal matrix for a weight multiply every gradient's norm by g each: it vanishes "
    "for g < 1, explodes for g > 1, and is kept for g = 1.",
    paper="Saxe, McClelland & Ganguli 2014",
    experiments=vary(
        ChainNorms(activation="torch.nn:Identity", weights="rotations", width=16, depth=128, report="gradient"),
        gain=(1.0, 0.9, 1.1),
    ),
    predict=powers_of_the_gain,
    judge=equal(within=rounding(operations=roundings, scale=magnified)),
    assumptions=(
        Assumption("linear", "nothing nonlinear follows", broken_by={"activation": "torch.nn:Tanh"}),
        Assumption("orthogonal", "the matrices keep lengths", broken_by={"weights": "normal"}),
    ),
    why_graded="An equality that holds at a point cannot be certified by a bound; the bounds are, in claims of their own.",
)
