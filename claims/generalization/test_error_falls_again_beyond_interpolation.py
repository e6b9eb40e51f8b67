"""Test error falls again beyond interpolation."""

import numpy as np

from dlverify import Assumption, Claim, equal, rounding, vary
from dlverify.experiments.generalization import LinearErrors, Worlds, magnified, roundings
from dlverify.quantity import Array


def variance(experiment: LinearErrors, given: Worlds) -> Array:
    """s^2 m / (M - m - 1), m < M - 1 the numbers of samples and features by size: it rises with p up to n - 2, and falls from n + 2 on.

    The transpose of a standard normal matrix is one, so that E tr (X X^T)^-1 = n / (p - n - 1) for p > n + 1.
    """
    n, p = experiment.samples[0], np.array(experiment.features, dtype=float)
    return experiment.sigma**2 * np.minimum(n, p) / (np.abs(n - p) - 1)


CLAIM = Claim(
    entry="overfitting-underfitting-capacity",
    says="The error that noise causes in least squares rises with the number of features below interpolation, and that of "
    "the fit of least norm falls again beyond it, like s^2 n / (p - n - 1).",
    paper="Belkin et al. 2019; Hastie, Montanari, Rosset & Tibshirani 2022",
    experiments=vary(LinearErrors(report="excess", samples=(3,), features=(1, 5, 6, 8, 16, 32), signal=0.0))
    + vary(LinearErrors(report="excess", features=(1, 2, 3), signal=0.0), samples=((5,),)),
    predict=variance,
    judge=equal(within=rounding(operations=roundings, scale=magnified)),
    assumptions=(
        Assumption(
            "noise-alone", "the target is noise: a part beyond the samples' span is missed", broken_by={"signal": 1.0}
        ),
        Assumption(
            "least-norm",
            "the fit interpolates wherever it can",
            broken_by={"fit": "sklearn.linear_model:Ridge(alpha=0.1, fit_intercept=False)"},
        ),
    ),
)
