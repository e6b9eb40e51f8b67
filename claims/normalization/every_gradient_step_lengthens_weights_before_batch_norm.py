"""Every step of gradient descent lengthens the weights before batch norm, by the square of the step."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.normalization import Layer, SquaredLengths
from dlverify.quantity import Array


def centred(experiment: SquaredLengths, given: Layer) -> tuple[Array, Array, Array]:
    """What enters the batch norm, its standard deviation and what normalising makes of it."""
    entering = given.inputs @ given.weight.T
    deviation = entering.std(axis=0)
    return entering, deviation, (entering - entering.mean(axis=0)) / deviation


def gradient(experiment: SquaredLengths, given: Layer) -> Array:
    """Of sum r x^: the part of r orthogonal to the constants and to x^ over samples, divided by s, times the inputs."""
    _, deviation, normal = centred(experiment, given)
    r = given.coefficients
    arriving = (r - r.mean(axis=0) - normal * (r * normal).mean(axis=0)) / deviation
    return np.asarray(arriving.T @ given.inputs)


def pythagoras(experiment: SquaredLengths, given: Layer) -> Array:
    """|w|^2 + lr^2 |g|^2 for the weights w of a unit, as the gradient g is orthogonal to them."""
    rates = np.array(experiment.rates)[:, None]
    squares = (gradient(experiment, given) ** 2).sum(axis=1)
    return np.asarray((given.weight**2).sum(axis=1) + rates**2 * squares)


def carried(experiment: SquaredLengths, given: Layer) -> Array:
    """2 |w - lr g| (|w| + lr d), with d the length of the terms of the gradient in absolute values.

    What enters is off by gamma |x| |w|, in units of s at most q = max |x| |w| / s and the mean square k = mean z^2 / s^2
    for the variance; x^ and so every term of the gradient by a multiple 1 + (1 + |x^|) (q + k) of gamma.
    """
    entering, deviation, normal = centred(experiment, given)
    x, r, rates = np.abs(given.inputs), np.abs(given.coefficients), np.array(experiment.rates)[:, None]
    terms = (r + r.mean(axis=0) + np.abs(normal) * (r * np.abs(normal)).mean(axis=0)) / deviation
    sizes = x @ np.abs(given.weight).T
    off = sizes.max(axis=0) / deviation + (sizes**2).mean(axis=0) / deviation**2
    condition = 1 + (1 + np.abs(normal)) * off
    lengths = np.sqrt((((terms * condition).T @ x) ** 2).sum(axis=1))
    after = np.sqrt(pythagoras(experiment, given))
    return np.asarray(2 * after * (np.sqrt((given.weight**2).sum(axis=1)) + rates * lengths))


def roundings(experiment: SquaredLengths, given: Layer) -> float:
    """n and m for sums over features and samples, two more of m for the means of the way back, and twelve single ones.

    Twice, since x^ enters the gradient twice.
    """
    return 2.0 * (experiment.features + 4 * experiment.samples + 12)


def residuals(decay: int = 0) -> dict[str, Any]:
    """|w - lr (g + decay w)|^2 = |w|^2 + lr^2 |g|^2 where the inner product of w and g is 0."""
    squared, slope, rate = sympy.symbols("W G lr", positive=True)
    product = sympy.Integer(0)  # the inner product: see batch_norm_hides_the_scale_of_the_weights_before_it
    left = 1 - rate * decay
    return {"Pythagoras": left**2 * squared - 2 * left * rate * product + rate**2 * slope - squared - rate**2 * slope}


CLAIM = Claim(
    entry="batch-norm-scale-invariance",
    says="A step of gradient descent takes weights before batch norm from |w|^2 to |w|^2 + lr^2 |g|^2: they never shrink.",
    paper="van Laarhoven 2017; Arora, Li & Lyu 2019",
    experiments=vary(SquaredLengths(), samples=(8, 16, 64)),
    predict=pythagoras,
    judge=equal(within=rounding(operations=roundings, scale=carried)),
    assumptions=(
        Assumption("normalised", "batch norm follows", broken_by={"layer": "torch.nn:Identity"}),
        Assumption("no-epsilon", "epsilon is 0", broken_by={"layer": "torch.nn:BatchNorm1d(eps=0.1)"}),
        Assumption(
            "no-decay", "nothing else moves them", broken_by={"optimizer": "torch.optim:SGD(weight_decay=0.01)"}
        ),
    ),
    proof=Proof(
        "A step orthogonal to the weights adds its square to theirs.", residuals, broken=lambda: residuals(decay=1)
    ),
)
