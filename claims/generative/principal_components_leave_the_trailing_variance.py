"""Principal components leave the trailing variance."""

import numpy as np

from dlverify import Assumption, Claim, equal, rounding, vary
from dlverify.experiments.autoencoders import ComponentErrors
from dlverify.quantity import Array


def trailing(experiment: ComponentErrors, given: Array) -> Array:
    """Sum of the eigenvalues beyond the k-th of X^T X, X the centred data: the least that k linear numbers can leave.

    By Eckart & Young 1936; the part is computed without singular values, from the matrix of features by features.
    """
    centred = given - given.mean(0)
    falling = np.linalg.eigvalsh(centred.T @ centred)[::-1]
    return np.array([falling[components:].sum() for components in experiment.components])


def roundings(experiment: ComponentErrors, given: Array) -> float:
    """In d reflections of n numbers, 10 n operations each, of the decomposition; 4 (n + d) of means, products and sums.

    Twice, for the prediction: its Gram matrix has sums of n products, its eigenvalues d reflections of 10 d operations on
    either side. Both are exact for data moved by that times u (Higham 2002, theorem 19.4).
    """
    samples, features = given.shape
    return 2 * (10 * samples * features + 4 * (samples + features))


def size(experiment: ComponentErrors, given: Array) -> float:
    """Three times the squared norm of the data, before their mean is taken off: e moves r^2 by 2 r e + e^2 <= 3 |X| e."""
    return 3 * float(np.square(given).sum())


CLAIM = Claim(
    entry="pca",
    says="Through k principal components data keep all but the variance along the others, the least any k directions leave.",
    paper="Pearson 1901; Eckart & Young 1936",
    experiments=vary(ComponentErrors(), data=("gaussian",))
    + vary(ComponentErrors(), data=("digits",), components=((1, 2, 4, 8, 16, 32),)),
    predict=trailing,
    judge=equal(within=rounding(operations=roundings, scale=size)),
    assumptions=(
        Assumption(
            "centred",
            "the mean is taken off first",
            broken_by={"reducer": "sklearn.decomposition:TruncatedSVD(algorithm='arpack', random_state=0)"},
        ),
        Assumption(
            "leading",
            "the directions are those of largest variance",
            broken_by={
                "reducer": "sklearn.random_projection:GaussianRandomProjection(compute_inverse_components=True, random_state=0)"
            },
        ),
    ),
)
