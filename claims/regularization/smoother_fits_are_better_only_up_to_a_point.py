"""Smoother fits are better only up to a point, which depends on the target."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, rounding, vary
from dlverify.experiments.regularization import Signals, SmoothFits
from dlverify.quantity import Array


def bias_and_variance(experiment: SmoothFits, given: Signals) -> Array:
    """Mean over new points of (S f - f)^2 + v |S|^2 for the smoother S = k (K + alpha)^-1, with eigenvectors of K."""
    errors = np.empty((len(experiment.frequencies), len(experiment.length_scales)))
    for column, length in enumerate(experiment.length_scales):
        gram, cross = (
            np.exp(-((places - given.places[:, 0]) ** 2) / (2 * length**2))
            for places in (given.places, given.new_places)
        )
        values, vectors = np.linalg.eigh(gram)
        smoother = cross @ (vectors / (values + experiment.alpha)) @ vectors.T
        bias = given.targets @ smoother.T - given.new_targets
        variance = experiment.noise**2 * (smoother**2).sum(axis=1)
        errors[:, column] = (bias**2 + variance).mean(axis=1)
    return errors


def smoothest(experiment: SmoothFits, given: Signals) -> float:
    """As printed: the smoother a function, the better it generalises."""
    return max(experiment.length_scales)


def roundings(experiment: SmoothFits, given: Signals) -> float:
    """Cholesky's method for n unknowns, n (3 n + 1) (Higham 2002, section 10.1), kernels, products, squares; eigh as much."""
    n = len(given.places)
    return 2 * (n * (3 * n + 1) + 4 * n + 30)


def sizes(experiment: SmoothFits, given: Signals) -> float:
    """A prediction is at most |k| |y| / alpha; a square has twice its error times its size, the mean of smaller ones."""
    n = len(given.places)
    largest = np.sqrt(n) * np.linalg.norm(np.abs(given.targets).max(axis=0) + experiment.noise) / experiment.alpha
    return float(2 * largest * (1 + np.abs(given.targets).max() + experiment.noise))


def magnified(experiment: SmoothFits, given: Signals) -> float:
    """The condition of K + alpha, at most (n + alpha) / alpha: K has n ones on its diagonal."""
    return len(given.places) / experiment.alpha + 1


CLAIM = Claim(
    entry="smooth-equals-generalising",
    says="The expected error of a kernel fit on new points is its squared bias plus its variance: a slow target is fitted best by a middle "
    "length-scale, a fast one by a shorter, and by far worse with a longer; a constant target alone gains from any smoothness.",
    paper="Wahba 1990; Hastie, Tibshirani & Friedman 2009, section 5.5",
    experiments=vary(SmoothFits(), noise=(0.25,)) + vary(SmoothFits(frequencies=(0.0,)), noise=(0.5,)),
    predict=bias_and_variance,
    judge=equal(within=rounding(operations=roundings, condition=magnified, scale=sizes)),
    assumptions=(
        Assumption("new-points", "errors are taken on new points", broken_by={"on": "training data"}),
        Assumption(
            "gaussian-kernel",
            "the kernel is that of the theory",
            broken_by={"fit": "sklearn.kernel_ridge:KernelRidge(kernel='laplacian')"},
        ),
    ),
    errata=(
        Erratum(
            "the-smoothest-is-best",
            "A smooth function generalises well.",
            number=34,
            predict=smoothest,
            broken_by={"report": "best"},
            judge=equal(),
        ),
    ),
)
