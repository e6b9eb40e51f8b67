"""Logistic regression learns the odds."""

import math
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, gamma, vary
from dlverify.experiments.classical_ml import CellScores, Labelled
from dlverify.quantity import Array


def log_odds(experiment: CellScores, given: Labelled) -> Array:
    """log(p / q) for p positive and q negative points: its sign is the more probable class, its sigmoid the share of p."""
    positives = np.array(experiment.positives)
    return np.log(positives / (experiment.points - positives))


def stopped(experiment: CellScores, given: Labelled, unit_roundoff: float) -> Array:
    """How far a score may be off where the solver stops: at a gradient of `tol`, with n points of rounding, twice.

    The gradient of the mean loss in a cell is (sigmoid(score) - eta) / cells, so the sigmoid is off by d = cells (tol +
    gamma(n)) at most, and the score by d over the least p (1 - p) on the way, which is eta (1 - eta) - d at least.
    """
    shares = np.array(experiment.positives) / experiment.points
    cells = len(shares)
    off = cells * (experiment.tol + gamma(2 * (cells * experiment.points + 10), unit_roundoff))
    return np.asarray(off / (shares * (1 - shares) - off))


def residuals(power: int = 1) -> dict[str, Any]:
    """The mean loss eta log(1 + exp(-f)) + (1 - eta) log(1 + exp(f)) has the slope sigmoid(f) - eta, which grows with f."""
    f, odds = sympy.Symbol("f", real=True), sympy.Symbol("odds", positive=True)
    eta, sigmoid = odds / (1 + odds), 1 / (1 + sympy.exp(-f))
    mean = eta * sympy.log(1 + sympy.exp(-f)) + (1 - eta) * sympy.log(1 + sympy.exp(f))
    return {
        "slope": mean.diff(f) - (sigmoid - eta),
        "zero at the log-odds": mean.diff(f).subs(f, power * sympy.log(odds)),
        "curvature": mean.diff(f, 2) - sigmoid * (1 - sigmoid),
    }


CLAIM = Claim(
    entry="binary-classification-two-models",
    says="Where a share eta of the points is positive the logistic loss is smallest at log(eta / (1 - eta)): logistic regression "
    "learns probabilities, and with them the more probable class.",
    paper="Bartlett, Jordan & McAuliffe 2006; Hastie, Tibshirani & Friedman 2009, section 4.4",
    experiments=vary(
        CellScores("sklearn.linear_model:LogisticRegression(solver='newton-cholesky')", strength=math.inf)
    ),
    predict=log_odds,
    judge=equal(within=stopped),
    assumptions=(
        Assumption(
            "logistic",
            "the loss is logistic",
            broken_by={"fit": "sklearn.svm:LinearSVC(loss='hinge', random_state=0)", "strength": 1.0},
        ),
        Assumption("no-penalty", "the scores are not penalised", broken_by={"strength": 1000.0}),
    ),
    proof=Proof(
        "The mean logistic loss has the slope sigmoid(f) - eta, zero at the log-odds alone.",
        residuals,
        broken=lambda: residuals(power=2),
    ),
)
