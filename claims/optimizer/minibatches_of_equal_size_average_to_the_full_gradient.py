"""Minibatches of equal size that partition the data average to the full gradient at fixed weights."""

import numpy as np

from dlverify import Assumption, Claim, equal, rounding, vary
from dlverify.experiments.descent import AccumulatedStep, Regression
from dlverify.quantity import Array


def full_step(experiment: AccumulatedStep, given: Regression) -> Array:
    """-2/N sum_i r_i x_i with the residuals r_i = x_i w - y_i, whatever the size of the minibatches."""
    residuals = given.inputs @ given.weights - given.targets
    return np.asarray(-2 / experiment.samples * residuals @ given.inputs)


def size(experiment: AccumulatedStep, given: Regression) -> Array:
    """2/N sum_i (|x_i| |w| + |y_i|) |x_i|, the sum of absolute values."""
    sizes = np.abs(given.inputs) @ np.abs(given.weights) + np.abs(given.targets)
    return np.asarray(2 / experiment.samples * sizes @ np.abs(given.inputs))


def roundings(experiment: AccumulatedStep, given: Regression) -> Array:
    """A residual rounds d products and sums and a difference; its slope a share of batches, a factor 2 and one over B.

    Then a product, B - 1 sums in a minibatch and N / B - 1 over minibatches, and the step: a product and a sum. The
    prediction rounds d + 1 in a residual, then N sums and products, 2 / N and a product.
    """
    features, number = experiment.features, experiment.samples
    batches = np.array(experiment.batches)[:, None]
    measured = (features + 1) + 3 + 1 + (batches - 1) + (number // batches - 1) + 2
    return np.asarray(measured + (features + 1) + number + 2)


CASE = AccumulatedStep("torch.optim:SGD")

CLAIM = Claim(
    entry="batch-minibatch-stochastic",
    says="One rule covers single samples, minibatches and all data: at fixed weights the gradients of minibatches of one size that "
    "partition the data average to the gradient over all of them.",
    paper="Goodfellow, Bengio & Courville 2016, section 8.1.3",
    experiments=vary(CASE) + vary(CASE, optimizer=("torch.optim:SGD(foreach=True)",)),
    predict=full_step,
    judge=equal(within=rounding(operations=roundings, scale=size)),
    assumptions=(
        Assumption("equal-sizes", "all minibatches have one size", broken_by={"batches": (5, 7, 9)}),
        Assumption(
            "whole-epoch",
            "every sample comes once",
            broken_by={"loader": "torch.utils.data:DataLoader(drop_last=True)", "batches": (5, 9, 11)},
        ),
        Assumption(
            "samples-apart",
            "a sample's loss does not depend on the others of its minibatch, as it does under batch normalization",
            broken_by={"normalization": "torch.nn:BatchNorm1d", "batches": (2, 4, 8, 24)},
        ),
    ),
)
