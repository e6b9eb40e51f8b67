"""Dropout on a linear model is a squared-norm penalty scaled by each input."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.regularization import DropoutLosses, Regression
from dlverify.quantity import Array


def loss_and_penalty(experiment: DropoutLosses, given: Regression) -> Array:
    """|y - X w|^2 + p / (1 - p) sum_j |X_j|^2 w_j^2, in whole numbers and one fraction."""
    inputs, targets, weights = (
        part.astype(int).astype(object) for part in (given.inputs, given.targets, given.weights)
    )
    odds = Fraction(experiment.p) / (1 - Fraction(experiment.p))
    scales = np.array(experiment.scales, dtype=object)
    losses = ((targets[:, None] - scales * (inputs @ weights)[:, None]) ** 2).sum(axis=0)
    return np.asarray(losses + odds * scales**2 * ((inputs**2).sum(axis=0) * weights**2).sum())


def residuals(power: int = 1) -> dict[str, Any]:
    """One input more: with any error r from the others, the mean over keeping x w / (1 - p) adds p / (1 - p) (x w)^2 to it.

    So, input by input, the means of independent masks add up to the whole penalty.
    """
    r, x, w = sympy.symbols("r x w", real=True)
    p = sympy.Symbol("p", positive=True)
    mean = p * r**2 + (1 - p) * (r - x * w / (1 - p)) ** 2
    return {"one input": mean - (r - x * w) ** 2 - p / (1 - p) ** power * (x * w) ** 2}


CLAIM = Claim(
    entry="dropout-is-adaptive-ridge",
    says="Dropout on the inputs of a linear model adds p / (1 - p) times sum_j |X_j|^2 w_j^2 to the expected squared error: ridge "
    "regression whose penalty follows the size of each input. With a ReLU behind it that is only an approximation.",
    paper="Wager, Wang & Liang 2013; Srivastava et al. 2014, section 9.1",
    experiments=vary(DropoutLosses(), p=(0.5, 0.75)),
    predict=loss_and_penalty,
    judge=equal(),
    assumptions=(
        Assumption("linear", "the model is linear", broken_by={"model": "relu"}),
        Assumption("unit-by-unit", "inputs are dropped one by one", broken_by={"dropout": "torch.nn:Dropout1d"}),
        Assumption("set-to-zero", "what is dropped becomes zero", broken_by={"dropout": "torch.nn:AlphaDropout"}),
    ),
    proof=Proof(
        "For all p, data and weights each input with its mask adds its part of the penalty and nothing else.",
        residuals,
        broken=lambda: residuals(power=2),
    ),
)
