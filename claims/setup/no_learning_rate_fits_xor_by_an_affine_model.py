"""No learning rate fits XOR by an affine model."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, at_least, at_most, rounding, vary
from dlverify.experiments.setup import Beginning, LowestLossOnXor
from dlverify.quantity import Array


def a_quarter(experiment: LowestLossOnXor, given: Beginning) -> float:
    """1/4: the mean squared error of (w, b) is 1/4 + |w|^2 + (b - 1/2)^2."""
    return 0.25


def the_right_rate(experiment: LowestLossOnXor, given: Beginning) -> Array:
    """0 once all learning rates have been tried; until then nothing is said, beyond what the start has."""
    return np.array([given.loss] * (len(experiment.rates) - 1) + [0.0])


def size(experiment: LowestLossOnXor, given: Beginning) -> float:
    """(1 + |b| + sum |w|)^2 at the lowest loss, where by the identity |w|^2 + (b - 1/2)^2 is less than the first loss."""
    return float((1.5 + np.sqrt(3 * given.loss)) ** 2)


def residuals(other: int = 0) -> dict[str, Any]:
    """The loss over the four points, with targets 1 where the signs differ."""
    w, v, b = sympy.symbols("w v b", real=True)
    signs = [(x, y) for x in (-1, 1) for y in (-1, 1)]
    targets = [int(x != y) + other * int(x == y == 1) for x, y in signs]
    loss = sum((w * x + v * y + b - t) ** 2 for (x, y), t in zip(signs, targets, strict=True)) / 4
    quarter = sympy.Rational(1, 4)
    return {"loss above 1/4": sympy.expand(loss - quarter - w**2 - v**2 - (b - sympy.Rational(1, 2)) ** 2)}


CLAIM = Claim(
    entry="hypothesis-set-and-optimiser",
    says=(
        "An affine model's squared error on the exclusive or stays at 1/4 or above at any learning rate, with any "
        "minibatches and either optimizer: those change the path, the architecture what can be reached."
    ),
    paper="Minsky & Papert 1969; Bottou & Bousquet 2008",
    experiments=vary(LowestLossOnXor(), optimizer=("torch.optim:SGD", "torch.optim:Adam"), batch=(4, 1)),
    predict=a_quarter,
    # Three roundings of an output weigh twice, error, square, three sums and the mean once; the rest for the second order.
    judge=at_least(within=rounding(operations=14, scale=size)),
    assumptions=(Assumption("affine", "the model has no hidden layer", broken_by={"hidden": 8}),),
    errata=(
        Erratum(
            "hyper-parameters",
            "Hyper-parameters set the hypothesis set, so that with the right learning rate the loss becomes 0.",
            number=46,
            predict=the_right_rate,
            judge=at_most(within=rounding(operations=14, scale=size)),
        ),
    ),
    proof=Proof(
        "The mean squared error of an affine model on the exclusive or is 1/4 + |w|^2 + (b - 1/2)^2.",
        residuals,
        broken=lambda: residuals(other=1),
    ),
)
