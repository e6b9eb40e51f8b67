"""More data help above interpolation and hurt below it."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, at_most, equal, rounding, vary
from dlverify.experiments.generalization import LinearErrors, Worlds, magnified, roundings
from dlverify.quantity import Array


def excess(experiment: LinearErrors, given: Worlds) -> Array:
    """s^2 m / (M - m - 1), m < M - 1 the numbers of samples and features by size, and |w|^2 (1 - n/p) where n is the smaller.

    The fit of least norm is X^+ y: noise costs s^2 E |X^+|^2 = s^2 E tr of the inverse of X^T X or X X^T, whichever is
    of full rank, and w is known only in n of p dimensions.
    """
    n, p = (np.array(each, dtype=float) for each in zip(*experiment.sizes, strict=True))
    small, large = np.minimum(n, p), np.maximum(n, p)
    return experiment.sigma**2 * small / (large - small - 1) + experiment.signal**2 * p * np.maximum(1 - n / p, 0)


def never_rises(experiment: LinearErrors, given: Worlds) -> Array:
    """More data are better, as printed: the risk is at most that with any fewer samples."""
    return np.minimum.accumulate(excess(experiment, given))


WIDE, TALL = (1, 2, 3), (5, 6, 8, 16, 32, 64)

CLAIM = Claim(
    entry="more-data-is-better",
    says="The excess risk of least squares falls with n above p + 1; below p - 1 the variance of the fit of least norm, "
    "s^2 n / (p - n - 1), rises with n.",
    paper="Hastie, Montanari, Rosset & Tibshirani 2022; Nakkiran 2019",
    experiments=vary(LinearErrors(report="excess", samples=WIDE, signal=0.0), features=((5,), (8,)))
    + vary(LinearErrors(report="excess", samples=TALL), features=((1,), (2,)))
    + vary(LinearErrors(report="excess", samples=TALL), tier="full", features=((3,),)),
    predict=excess,
    judge=equal(within=rounding(operations=roundings, scale=magnified)),
    assumptions=(
        Assumption(
            "independent",
            "the samples are independent, and no copies of one another",
            broken_by={"copies": 2, "samples": (10, 12, 16, 32, 64)},
            case="2",
        ),
        Assumption(
            "no-penalty",
            "the norm is least among the fits that interpolate, not traded for them",
            broken_by={"fit": "sklearn.linear_model:Ridge(alpha=0.1, fit_intercept=False)"},
        ),
    ),
    errata=(
        Erratum(
            "always",
            "the more data, the better the learning",
            number=68,
            predict=never_rises,
            judge=at_most(within=rounding(operations=roundings, scale=magnified)),
        ),
    ),
)
