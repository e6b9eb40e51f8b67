"""Logistic regression grows without bound on separable data."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, at_least, rounding, vary
from dlverify.experiments.classical_ml import Margins, Separated
from dlverify.quantity import Array


def least_norm(experiment: Margins, given: Separated) -> Array:
    """-log(exp(U) - 1) / m with m the largest margin, and U at least the smallest value of F(w) = loss + |w|^2 / (2 C).

    Weights of norm R have a point of margin R m or less, and so a loss of log(1 + exp(-R m)) or more, which U exceeds.
    U is F at the best plane's normal, of length log(1 + C m^2) / m, and what the solver leaves: stopping at a gradient of
    `tol` (of the mean loss), it exceeds the least F by C (points tol)^2 features / 2 at most, as F is convex by 1 / C;
    twice that covers its rounding. Both terms of U are of the order of log(C m^2)^2 / (C m^2): R grows like log(C) / m.
    """
    m, strengths = float(np.linalg.norm(given.normal)), np.array(experiment.strengths)
    lengths, distances = np.log1p(strengths * m**2) / m, given.labels * (given.inputs @ given.normal) / m
    slack = strengths * (experiment.points * experiment.tol) ** 2 * experiment.features
    least = np.logaddexp(0, -np.outer(lengths, distances)).sum(1) + lengths**2 / (2 * strengths) + slack
    return -np.log(np.expm1(least)) / m


def residuals(margin: int = 1) -> dict[str, Any]:
    """Along weights t v that separate, margins t m grow, and every point's loss falls to 0, its infimum: it has no minimum."""
    t, m = sympy.symbols("t m", positive=True)
    loss = sympy.log(1 + sympy.exp(-margin * t * m))
    return {
        "slope": loss.diff(t) + m / (1 + sympy.exp(t * m)),
        "limit": sympy.limit(loss, t, sympy.oo),
    }


CLAIM = Claim(
    entry="logistic-regression",
    says="On separable data logistic regression has no minimiser without a penalty: as the penalty 1 / C vanishes, its weights "
    "grow like log(C) / margin at least.",
    paper="Rosset, Zhu & Hastie 2004; Soudry et al. 2018",
    experiments=vary(
        Margins(
            "sklearn.linear_model:LogisticRegression(fit_intercept=False, solver='newton-cholesky')",
            strengths=(1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8),
            report="norm",
            centred=True,
            points=20,
            tol=1e-12,
        ),
        features=(2, 8),
    ),
    predict=least_norm,
    # A sum of squares, a root; in the theory a sum over points, exponentials and logarithms, well-conditioned ones.
    judge=at_least(within=rounding(operations=100, scale=least_norm)),
    assumptions=(
        Assumption(
            "separable",
            "a plane separates the classes: one flipped label bounds the weights",
            broken_by={"separable": False},
        ),
        Assumption(
            "logistic",
            "no margin is enough: the loss is nowhere 0",
            broken_by={"fit": "sklearn.svm:SVC(kernel='linear', tol=1e-9, random_state=0)"},
        ),
    ),
    proof=Proof(
        "If all margins are positive the loss falls to 0 along the weights, which it never reaches.",
        residuals,
        broken=lambda: residuals(margin=0),
    ),
)
