"""Group norm gives each group of channels of each sample mean zero and variance one, then the learned scale and shift."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, rounding, vary
from dlverify.experiments.normalization import Batches, LayerOutputs
from dlverify.quantity import Array


def standardised(experiment: LayerOutputs, given: Batches, samples: int) -> Array:
    """gamma (x - mean) / sqrt(variance + eps) + beta over a group of channels, all positions and `samples` neighbours."""
    # (sets of samples, samples of a set, groups, channels of a group and positions)
    sets = given.values[-1].reshape(experiment.samples // samples, samples, experiment.groups, -1)
    mean, variance = sets.mean(axis=(1, 3), keepdims=True), sets.var(axis=(1, 3), keepdims=True)
    normal = (sets - mean) / np.sqrt(variance + experiment.eps)
    normal = normal.reshape(experiment.samples, experiment.channels, -1)
    return np.asarray(given.scale[:, None] * normal + given.shift[:, None])


def within_each_sample(experiment: LayerOutputs, given: Batches) -> Array:
    """Statistics of a group in one sample; one group is layer norm, as many as channels instance norm (Wu & He 2018)."""
    return standardised(experiment, given, 1)


def within_a_range_of_the_batch(experiment: LayerOutputs, given: Batches) -> Array:
    """Statistics of a group in half of the batch at a time."""
    return standardised(experiment, given, experiment.samples // 2)


def carried(experiment: LayerOutputs, given: Batches) -> Array:
    """|gamma| ((mean |x| + |x| + |mean|) / s + |x^| (1 + k)) + |beta|, with s^2 = variance + eps and k = mean x^2 / s^2.

    The mean is off by gamma_m mean |x|, the difference by its terms; the variance by k in units of itself even where it
    is the difference of mean x^2 and mean^2 (Chan, Golub & LeVeque 1983), and its root by half of that.
    """
    sets = given.values[-1].reshape(experiment.samples, experiment.groups, -1)
    mean, squared = sets.mean(axis=2, keepdims=True), sets.var(axis=2, keepdims=True) + experiment.eps
    terms = (np.abs(sets).mean(axis=2, keepdims=True) + np.abs(sets) + np.abs(mean)) / np.sqrt(squared)
    normal = np.abs(sets - mean) / np.sqrt(squared)
    total = terms + normal * (1 + (sets**2).mean(axis=2, keepdims=True) / squared)
    total = total.reshape(experiment.samples, experiment.channels, -1)
    return np.asarray(np.abs(given.scale)[:, None] * total + np.abs(given.shift)[:, None])


def roundings(experiment: LayerOutputs, given: Batches) -> float:
    """m for a sum over the m values of a group; eps, root, quotient, two products, two sums and the output: m + 8."""
    return experiment.channels // experiment.groups * float(np.prod(experiment.positions)) + 8


GROUPED = LayerOutputs("torch.nn:GroupNorm", "groups and channels")

CLAIM = Claim(
    entry="group-norm",
    says="Group norm standardises each group of neighbouring channels of each sample over its positions; with one group "
    "layer norm does the same, with a group for each channel instance norm, all up to the learned scale and shift.",
    paper="Wu & He 2018, section 3; Ba, Kiros & Hinton 2016; Ulyanov, Vedaldi & Lempitsky 2016",
    experiments=vary(GROUPED, groups=(2, 1, 4, 8))
    + vary(LayerOutputs(groups=1, called_with="shape"), layer=("torch.nn:LayerNorm",))
    + vary(LayerOutputs(groups=8), layer=("torch.nn:InstanceNorm2d(affine=True)",)),
    predict=within_each_sample,
    judge=equal(within=rounding(operations=roundings, scale=carried)),
    assumptions=(
        Assumption(
            "within-a-sample",
            "statistics are those of a sample",
            broken_by={"layer": "torch.nn:BatchNorm2d", "called_with": "channels"},
            case="8",
        ),
        Assumption(
            "own-groups",
            "a group has statistics of its own",
            broken_by={"layer": "torch.nn:LayerNorm", "called_with": "shape"},
        ),
    ),
    errata=(
        Erratum(
            "a-range-of-the-batch", "it standardises over a range of the batch", 38, predict=within_a_range_of_the_batch
        ),
    ),
)
