"""The noise that minibatches lend to batch norm falls with the batch size, and none is left for the full batch."""

import itertools
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, rounding, vary
from dlverify.experiments.normalization import CentreNoise, Population
from dlverify.quantity import Array


def without_replacement(experiment: CentreNoise, given: Population) -> Array:
    """v (n - B) / ((n - 1) B), the variance of the mean of B out of n values of variance v, drawn without replacement."""
    n, sizes = experiment.population, np.arange(2, experiment.population + 1)
    return np.asarray(given.values.var() * (n - sizes) / ((n - 1) * sizes))


def as_of_dropout(experiment: CentreNoise, given: Population) -> Array:
    """Dropout multiplies by noise of variance p / (1 - p), which knows no batch size: as much at every size as at the first."""
    return np.full(experiment.population - 1, without_replacement(experiment, given)[0])


def carried(experiment: CentreNoise, given: Population) -> Array:
    """2 d c + v, with d the largest distance of a mean from that of all, c what a centre is off by in units of gamma.

    An output y is off by 3 max |x| / s + |y| (2 + k), with k = mean x^2 / s^2 of the minibatch; the centre x - y s, s being
    the range over that of outputs, by s (1 + 2 |y| s / range) times that. |y| s is below the range, hence c is at most
    3 (3 max |x| + (2 + k) range), the largest of all minibatches.
    """
    values, found = given.values, []
    largest = np.abs(values).max()
    for size in range(2, experiment.population + 1):
        chosen = values[np.array(list(itertools.combinations(range(experiment.population), size)))]
        reach = chosen[:, -1] - chosen[:, 0]
        off = 3 * (3 * largest + (2 + (chosen**2).mean(axis=1) / chosen.var(axis=1)) * reach)
        found.append(2 * np.abs(chosen.mean(axis=1) - values.mean()).max() * off.max() + values.var())
    return np.array(found)


def roundings(experiment: CentreNoise, given: Population) -> Array:
    """B + 8 for an output, of sums over B values, and eight more for the centre and the variance, which is in float64."""
    return np.arange(2, experiment.population + 1) + 16.0


def residuals(tied: int = 1) -> dict[str, Any]:
    """Two values drawn have the covariance c with n v + n (n - 1) c = 0, since the sum of all n values does not vary.

    So the mean of B of them has the variance (v + (B - 1) c) / B.
    """
    n, size = sympy.symbols("n B", integer=True, positive=True)
    v = sympy.Symbol("v", positive=True)
    covariance = sympy.Symbol("c", real=True)
    solved = tied * sympy.solve(n * v + n * (n - 1) * covariance, covariance)[0]
    return {"variance of the mean": (v + (size - 1) * solved) / size - v * (n - size) / ((n - 1) * size)}


CLAIM = Claim(
    entry="batch-norm-regularises-like-dropout",
    says="Over all minibatches of B out of n samples the centre of batch norm has (n - B) / ((n - 1) B) times the variance "
    "of the data: noise that falls as 1 / B and vanishes for the full batch.",
    paper="Ioffe & Szegedy 2015, section 3.4; Cochran 1977, theorem 2.2",
    experiments=vary(CentreNoise(), population=(10, 6))
    + vary(CentreNoise(population=10), layer=("torch.nn:BatchNorm1d",))
    + vary(CentreNoise(), population=(14,), tier="full"),
    predict=without_replacement,
    judge=equal(within=rounding(operations=roundings, scale=carried)),
    assumptions=(
        Assumption("training", "the layer is in training, not in evaluation", broken_by={"mode": "evaluation"}),
        Assumption(
            "drawn-at-random", "every minibatch is as likely as any other", broken_by={"minibatches": "neighbours"}
        ),
    ),
    errata=(
        Erratum("as-of-dropout", "the effect of dropout, whose noise knows no batch size", 28, predict=as_of_dropout),
    ),
    proof=Proof(
        "The mean of B of n values drawn without replacement has the variance v (n - B) / ((n - 1) B), for all n and B.",
        residuals,
        broken=lambda: residuals(tied=0),
    ),
)
