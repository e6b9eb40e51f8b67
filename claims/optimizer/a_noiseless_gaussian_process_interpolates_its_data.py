"""A noiseless Gaussian process interpolates its data."""

import numpy as np

from dlverify import Assumption, Claim, equal, rounding, vary
from dlverify.experiments.search import Observations, PosteriorAtData
from dlverify.quantity import Array


def data_and_zero(experiment: PosteriorAtData, given: Observations) -> Array:
    """y and 0: at a point of the data k' is a row of K, so that k' K^-1 y = y and k(x, x) - k' K^-1 k = 0."""
    return np.stack([given.values[0], np.zeros(experiment.points)])


def condition(experiment: PosteriorAtData, given: Observations) -> float:
    """The condition number of the kernel matrix K = exp(-d^2 / 2), which is that of solving with it."""
    distances = given.points[0][:, None] - given.points[0]
    return float(np.linalg.cond(np.exp(-(distances**2) / 2)))


def sizes(experiment: PosteriorAtData, given: Observations) -> Array:
    """The length of y for the means, 1, the variance of the prior, for the variances."""
    return np.array([[np.linalg.norm(given.values[0])], [1.0]])


def roundings(experiment: PosteriorAtData, given: Observations) -> float:
    """Solving by Cholesky is exact for a K changed by n (3 n + 1) u of its norm (Higham 2002, theorem 10.4).

    Besides, K and k are each rounded by 8 u in every entry, n times that in the norm, and k' times the solution by n u.
    """
    n = experiment.points
    return n * (3 * n + 1) + 2 * 8 * n + n


CASE = PosteriorAtData("sklearn.gaussian_process:GaussianProcessRegressor(alpha=0.0, optimizer=None)")

CLAIM = Claim(
    entry="bayesian-optimisation",
    says="The mean of a noiseless Gaussian process goes through its data, and its variance there is zero.",
    paper="Rasmussen & Williams 2006, section 2.2",
    experiments=vary(CASE, spacing=(1.5, 3.0)),
    predict=data_and_zero,
    judge=equal(within=rounding(operations=roundings, condition=condition, scale=sizes)),
    assumptions=(
        Assumption(
            "noiseless",
            "nothing is added to the diagonal of K; scikit-learn adds 10^-10 unless told",
            broken_by={"process": "sklearn.gaussian_process:GaussianProcessRegressor(optimizer=None)"},
        ),
    ),
)
