"""A perceptron learns the same from permuted pixels, a convolutional network does not."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, gamma, vary
from dlverify.experiments.equivariance import PermutedTraining, Training
from dlverify.quantity import Array


def nothing(experiment: PermutedTraining, given: Training) -> Array:
    """No difference: W P' reads P x as W reads x, its gradient is that of W times P', and so is every further iterate."""
    return np.zeros(experiment.steps + 1)


def carried(experiment: PermutedTraining, given: Training, unit_roundoff: float) -> Array:
    """Roundings of every step, magnified by the steps that follow: e <- (1 + lr g) e + rounding; two runs, each twice.

    f = v tanh(W x), loss the mean of r^2 / 2 with r = f - y. The Hessian is the mean of grad f grad f', which stretches
    nothing up to a rate of 2 / |grad f|^2, plus the mean of r Hess f, block by block of the units:
    g = max_j |mean r h'_j x| + |v_j mean r h''_j x x'|. In units of gamma(n), n the longest sum with 16 for tanh and
    products, z errs by Z = |W| |x|, h by Z + |h|, h' = 1 - h^2 by 2 Z + 3, f and r by A = |v| (Z + 2 |h|) + |r|. The second
    factor 2 is for the second order.
    """
    first, last, inputs = given.first, given.last[: experiment.hidden], given.images
    rounded = gamma(64 + experiment.hidden + experiment.samples + 16, unit_roundoff)
    samples, error, bounds = len(inputs), 0.0, []
    lengths = np.linalg.norm(inputs, axis=1)
    for _ in range(experiment.steps + 1):
        reach, hidden = np.abs(inputs) @ np.abs(first).T, np.tanh(inputs @ first.T)
        slope, residual = 1 - hidden**2, hidden @ last - given.targets
        size = np.abs(residual)
        off = (reach + 2 * np.abs(hidden)) @ np.abs(last) + size
        outer, inner = hidden.T @ residual / samples, (residual[:, None] * slope * last).T @ inputs / samples
        slack_outer = ((off[:, None] + size[:, None]) * np.abs(hidden) + size[:, None] * (reach + 1)).mean(0)
        slack_inner = (((off + 2 * size)[:, None] + size[:, None] * (2 * reach + 3)) * np.abs(last)).T @ np.abs(inputs)
        gradient = np.hypot(np.linalg.norm(outer), np.linalg.norm(inner))
        bounds.append(4 * (gradient * error + rounded * (off * size + size**2).mean()))
        first_order = (residual[:, None] * slope).T @ inputs / samples
        second_order = (2 * size[:, None] * np.abs(hidden) * slope).T @ lengths**2 / samples
        growth = (np.linalg.norm(first_order, axis=1) + np.abs(last) * second_order).max()
        whole = np.linalg.norm(np.concatenate([first.ravel(), last]))
        slack = np.hypot(np.linalg.norm(slack_outer), np.linalg.norm(slack_inner) / samples)
        steepest = (hidden**2).sum(1) + (slope**2) @ last**2 * lengths**2
        stretched = max(1.0, experiment.lr * steepest.max() - 1)
        error = (stretched + experiment.lr * growth) * error + rounded * experiment.lr * slack
        error += gamma(2, unit_roundoff) * (whole + experiment.lr * gradient)
        first, last = first - experiment.lr * inner, last - experiment.lr * outer
    return np.array(bounds)


def residuals(columns: str = "permuted") -> dict[str, Any]:
    """For all X, W and D, the gradient's factor, and every P with P'P = I: what the layer reads, and a step of it."""
    n, m, k = sympy.symbols("n m k", positive=True, integer=True)
    rate = sympy.Symbol("eta", positive=True)
    inputs, weight = sympy.MatrixSymbol("X", n, m), sympy.MatrixSymbol("W", k, n)
    factor, permutation = sympy.MatrixSymbol("D", k, m), sympy.MatrixSymbol("P", n, n)
    turned = weight * permutation.T if columns == "permuted" else weight
    read = (turned * permutation * inputs).doit().subs(permutation.T * permutation, sympy.Identity(n))
    step = turned - rate * factor * (permutation * inputs).T
    return {
        "what the layer reads": read.doit() - weight * inputs,
        "a step": step - (weight - rate * factor * inputs.T) * permutation.T,
    }


CLAIM = Claim(
    entry="mlp-permutation-blindness",
    says=(
        "Gradient descent gives a perceptron the same losses for permuted pixels, if the columns of its first layer are permuted "
        "alike: it does not see which pixels are neighbours. A convolutional network does."
    ),
    paper="Ng 2004; Li, Zhang & Arora 2021",
    experiments=vary(PermutedTraining(), hidden=(4, 16)),
    predict=nothing,
    judge=equal(within=carried),
    assumptions=(
        Assumption(
            "every-pixel-alike", "a unit weighs each pixel freely", broken_by={"network": "convolutional"}, effect=0.1
        ),
        Assumption(
            "columns-too", "the first weights are permuted as well", broken_by={"columns": "as drawn"}, effect=0.1
        ),
    ),
    proof=Proof(
        "With W P' for W and P X for X the layer reads W X, and a step of gradient descent keeps that form.",
        residuals,
        broken=lambda: residuals("as drawn"),
    ),
)
