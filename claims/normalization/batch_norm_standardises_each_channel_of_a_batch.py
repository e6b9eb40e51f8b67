"""Batch norm in training gives each channel of a batch mean zero and variance one, then the learned scale and shift."""

import numpy as np

from dlverify import Assumption, Claim, equal, rounding, vary
from dlverify.experiments.normalization import Batches, LayerOutputs
from dlverify.quantity import Array


def statistics(experiment: LayerOutputs, given: Batches) -> tuple[Array, Array, Array]:
    """The batch as `(samples, channels, positions)`, and mean and biased variance of its channels."""
    values = given.values[-1].reshape(experiment.samples, experiment.channels, -1)
    mean = values.mean(axis=(0, 2), keepdims=True)
    return values, mean, ((values - mean) ** 2).mean(axis=(0, 2), keepdims=True)


def scaled_and_shifted(experiment: LayerOutputs, given: Batches) -> Array:
    """gamma (x - mean) / sqrt(variance + eps) + beta, the variance that of the batch, divided by m and not m - 1."""
    values, mean, variance = statistics(experiment, given)
    normal = (values - mean) / np.sqrt(variance + experiment.eps)
    return given.scale[:, None] * normal + given.shift[:, None]


def carried(experiment: LayerOutputs, given: Batches) -> Array:
    """|gamma| ((mean |x| + |x| + |mean|) / s + |x^| (1 + k)) + |beta|, with s^2 = variance + eps and k = mean x^2 / s^2.

    The mean is off by gamma_m mean |x|, the difference by its terms; the variance by k in units of itself even where it
    is the difference of mean x^2 and mean^2 (Chan, Golub & LeVeque 1983), and its root by half of that.
    """
    values, mean, variance = statistics(experiment, given)
    squared = variance + experiment.eps
    condition = (values**2).mean(axis=(0, 2), keepdims=True) / squared
    terms = np.abs(values).mean(axis=(0, 2), keepdims=True) + np.abs(values) + np.abs(mean)
    normal = np.abs(values - mean) / np.sqrt(squared)
    size = np.abs(given.scale)[:, None] * (terms / np.sqrt(squared) + normal * (1 + condition))
    return np.asarray(size + np.abs(given.shift)[:, None])


def roundings(experiment: LayerOutputs, given: Batches) -> float:
    """m for a sum of m values; eps, root, quotient, two products, two sums and the output: m + 8."""
    return experiment.samples * float(np.prod(experiment.positions)) + 8


CLAIM = Claim(
    entry="batch-norm-definition",
    says="Batch norm in training subtracts from each channel its mean over batch and positions and divides by the root of "
    "its biased variance plus epsilon; then it applies the learned scale and shift.",
    paper="Ioffe & Szegedy 2015, algorithm 1",
    experiments=vary(LayerOutputs(), samples=(2, 4, 16), positions=((2, 2),))
    + vary(LayerOutputs("torch.nn:BatchNorm1d", positions=()), samples=(3, 8))
    + vary(LayerOutputs("torch.nn:BatchNorm1d"), positions=((5,),))
    + vary(LayerOutputs(earlier=3), mode=("training",)),
    predict=scaled_and_shifted,
    judge=equal(within=rounding(operations=roundings, scale=carried)),
    assumptions=(
        Assumption("training", "the layer is in training, not in evaluation", broken_by={"mode": "evaluation"}),
        Assumption(
            "over-the-batch",
            "means and variances are those of a channel over the batch, not of a sample",
            broken_by={"layer": "torch.nn:LayerNorm", "called_with": "shape"},
        ),
    ),
)
