"""Averaging over pieces of the data costs more than one fit."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, rounding, vary
from dlverify.experiments.ensemble import Pieces, PiecewiseRisks
from dlverify.quantity import Array


def split(experiment: PiecewiseRisks, given: Pieces) -> Array:
    """p / (n - K (p + 1)) for noise of variance 1: the mean of K independent fits to n/K samples, p / (n/K - p - 1) each."""
    samples = np.array(experiment.samples, dtype=float)
    return experiment.features / (samples - experiment.pieces * (experiment.features + 1))


def whole(experiment: PiecewiseRisks, given: Pieces) -> Array:
    """p / (n - p - 1), as if pieces lost nothing."""
    return experiment.features / (np.array(experiment.samples, dtype=float) - experiment.features - 1)


def magnified(experiment: PiecewiseRisks, given: Pieces) -> Array:
    """(kappa |y| / s_min)^2 for the worst piece: least squares magnifies by kappa^2 at most (Higham 2002, theorem 20.1)."""
    sizes = []
    for inputs, noise in zip(given.inputs, given.noise, strict=True):
        values = np.linalg.svd(inputs, compute_uv=False)
        sizes.append((values[:, 0] * np.linalg.norm(noise[:, 0]) / values[:, -1] ** 2).max() ** 2)
    return np.array(sizes)


def roundings(experiment: PiecewiseRisks, given: Pieces) -> int:
    """Three orthogonal reductions of an n x p matrix (Higham 2002, section 20.3), and a sum over the pieces."""
    return 12 * max(experiment.samples) * experiment.features + experiment.pieces


def residuals(lost: int = 1) -> dict[str, Any]:
    """A K-th of the risk at n/K samples is p / (n - K (p + 1)), and exceeds p / (n - p - 1) by a positive number for K > 1."""
    n, p, k = sympy.symbols("n p K", positive=True)
    pieces, one = p / (n / k - p - lost) / k, p / (n - p - 1)
    excess = p * (k - 1) * (p + 1) / ((n - k * (p + 1)) * (n - p - 1))
    return {"pieces": pieces - p / (n - k * (p + 1)), "excess": p / (n - k * (p + 1)) - one - excess}


CLAIM = Claim(
    entry="bagging",
    says="The average of least-squares fits to K disjoint pieces of Gaussian data has the excess risk s^2 p / (n - K (p + 1)), "
    "more than the s^2 p / (n - p - 1) of one fit to all.",
    paper="Breiman 1999; Breiman & Freedman 1983",
    experiments=vary(PiecewiseRisks(), pieces=(1, 2, 3)) + vary(PiecewiseRisks(features=2), pieces=(2,), features=(2,)),
    predict=split,
    judge=equal(within=rounding(operations=roundings, scale=magnified)),
    assumptions=(
        Assumption("independent", "every sample has noise of its own", broken_by={"noise": "share"}, case="2"),
        Assumption(
            "least-squares",
            "the fits are not shrunk",
            broken_by={"fit": "sklearn.linear_model:Ridge(alpha=1.0, fit_intercept=False)"},
            case="2",
        ),
    ),
    errata=(
        Erratum("no-loss", "cutting the data among the members loses nothing", number=32, predict=whole, case="2"),
    ),
    proof=Proof(
        "A K-th of the risk at n/K samples exceeds the risk at n.", residuals, broken=lambda: residuals(lost=0)
    ),
)
