"""Batch norm at evaluation is an affine map made of running averages, those of the variance unbiased."""

import numpy as np

from dlverify import Assumption, Claim, equal, rounding, vary
from dlverify.experiments.normalization import Batches, LayerOutputs
from dlverify.quantity import Array

MOMENTUM = 0.1  # torch's default (documentation of torch.nn.BatchNorm1d)


def running(experiment: LayerOutputs, given: Batches) -> tuple[Array, Array]:
    """Running averages, `(channels, 1)`: the mean starts at 0, the variance at 1, and each batch takes the share m of them.

    After k batches the start weighs (1 - m)^k, and they m (1 - m)^(k - 1), ..., m; without momentum all batches weigh 1 / k.
    """
    shape = experiment.earlier, experiment.samples, experiment.channels, int(np.prod(experiment.positions))
    earlier = given.values[:-1].reshape(shape)
    momentum = dict(experiment.layer.arguments).get("momentum", MOMENTUM)
    if momentum is None and experiment.earlier:
        start, weights = 0.0, np.full(experiment.earlier, 1 / experiment.earlier)
    else:
        kept = 1 - (momentum or 0.0)
        start, weights = kept**experiment.earlier, (1 - kept) * kept ** np.arange(experiment.earlier - 1, -1, -1)
    values = shape[1] * shape[3]
    means, variances = earlier.mean(axis=(1, 3)), earlier.var(axis=(1, 3)) * values / (values - 1)
    return (weights @ means)[:, None], (start + weights @ variances)[:, None]


def affine(experiment: LayerOutputs, given: Batches) -> Array:
    """gamma (x - running mean) / sqrt(running variance + eps) + beta, whatever else is in the batch."""
    mean, variance = running(experiment, given)
    values = given.values[-1].reshape(experiment.samples, experiment.channels, -1)
    normal = (values - mean) / np.sqrt(variance + experiment.eps)
    return given.scale[:, None] * normal + given.shift[:, None]


def carried(experiment: LayerOutputs, given: Batches) -> Array:
    """|gamma| (a + |x| + a (1 + q) |x - mean| / s) / s + |beta|, with a, q the largest mean |x| and mean x^2 met, 1 at least.

    The running variance, of size s^2, is off by gamma times 1 + q, so that its root is off by half of (1 + q) / s.
    """
    mean, variance = running(experiment, given)
    values = given.values[-1].reshape(experiment.samples, experiment.channels, -1)
    met = given.values.reshape(experiment.earlier + 1, experiment.samples, experiment.channels, -1)
    size = np.maximum(1, np.abs(met).mean(axis=(1, 3)).max(axis=0))[:, None]
    square = np.maximum(1, (met**2).mean(axis=(1, 3)).max(axis=0))[:, None]
    root = np.sqrt(variance + experiment.eps)
    normal = np.abs(values - mean) / root
    total = np.abs(given.scale)[:, None] * ((size + np.abs(values)) / root + normal * (1 + square) / root**2)
    return np.asarray(total + np.abs(given.shift)[:, None])


def roundings(experiment: LayerOutputs, given: Batches) -> float:
    """m + 2 for mean and variance of m values, four for each update of the averages, and eight for the map."""
    return experiment.samples * float(np.prod(experiment.positions)) + 2 + 4 * experiment.earlier + 8


CLAIM = Claim(
    entry="batch-norm-definition",
    says="At evaluation batch norm is an affine map of each channel, made of exponential averages of the means and unbiased "
    "variances of the batches seen in training, or of plain averages where momentum is None; before any batch it is scale and "
    "shift alone.",
    paper="Ioffe & Szegedy 2015, algorithm 2",
    experiments=vary(LayerOutputs(mode="evaluation"), earlier=(4, 1, 0, 16))
    + vary(
        LayerOutputs(mode="evaluation", earlier=4),
        layer=("torch.nn:BatchNorm1d", "torch.nn:BatchNorm1d(momentum=0.25)", "torch.nn:BatchNorm1d(momentum=None)"),
        positions=((), (5,)),
    ),
    predict=affine,
    judge=equal(within=rounding(operations=roundings, scale=carried)),
    assumptions=(
        Assumption("evaluation", "the layer is in evaluation", broken_by={"mode": "training"}),
        Assumption(
            "averages-kept",
            "the layer keeps running averages",
            broken_by={"layer": "torch.nn:BatchNorm2d(track_running_stats=False)"},
        ),
    ),
)
