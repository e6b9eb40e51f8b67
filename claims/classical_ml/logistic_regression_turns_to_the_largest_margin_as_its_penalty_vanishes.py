"""Logistic regression turns to the largest margin as its penalty vanishes."""

import numpy as np

from dlverify import Assumption, Claim, at_least, rounding, vary
from dlverify.experiments.classical_ml import Margins, Separated
from dlverify.quantity import Array


def least_margin(experiment: Margins, given: Separated) -> Array:
    """The bound m - log((exp(L(R)) - 1) exp(R m)) / R with m the largest margin, R a lower bound of the weights' norm.

    At equal norm R the penalty is equal, so the loss is at most that of the best plane: log(1 + exp(-R margin)) <=
    L(R) = sum log(1 + exp(-R s)), s the distances of all points from the best plane. So R margin >= -log(exp(L(R)) - 1);
    the logarithm above falls with R towards that of the number of support vectors. R, and the slack of the solver, are
    those of logistic_regression_grows_without_bound_on_separable_data; the penalty alone keeps R below sqrt(2 C U).
    """
    m, strengths = float(np.linalg.norm(given.normal)), np.array(experiment.strengths)
    lengths, distances = np.log1p(strengths * m**2) / m, given.labels * (given.inputs @ given.normal) / m
    slack = strengths * (experiment.points * experiment.tol) ** 2 * experiment.features
    least = np.logaddexp(0, -np.outer(lengths, distances)).sum(1) + lengths**2 / (2 * strengths) + slack
    norms = -np.log(np.expm1(least)) / m
    losses = np.logaddexp(0, -np.outer(norms, distances)).sum(1)
    count = np.exp(norms * m + slack) * np.expm1(losses) + np.exp(np.sqrt(2 * strengths * least) * m) * np.expm1(slack)
    return m - np.log(count) / norms


def size(experiment: Margins, given: Separated) -> float:
    """Margins are distances: the largest length of a point."""
    return float(np.linalg.norm(given.inputs, axis=1).max())


LOGISTIC = "sklearn.linear_model:LogisticRegression"

CLAIM = Claim(
    entry="logistic-regression",
    says="On separable data the plane of logistic regression turns to the one with the largest margin as the penalty 1 / C "
    "vanishes; what is missing shrinks like 1 / log C.",
    paper="Rosset, Zhu & Hastie 2004; Soudry et al. 2018, theorem 3",
    experiments=vary(
        Margins(
            f"{LOGISTIC}(fit_intercept=False, solver='newton-cholesky')",
            strengths=(1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8),
            centred=True,
            points=20,
            tol=1e-12,
        ),
        features=(2, 64),
    ),
    predict=least_margin,
    # A product and a quotient; in the theory a sum over points, exponentials and logarithms, well-conditioned ones.
    judge=at_least(within=rounding(operations=100, scale=size)),
    assumptions=(
        Assumption("separable", "a plane separates the classes", broken_by={"separable": False}),
        Assumption(
            "euclidean",
            "squares of the weights are penalised: absolute values lead to another margin",
            broken_by={"fit": f"{LOGISTIC}(fit_intercept=False, solver='liblinear', l1_ratio=1.0, random_state=0)"},
            case="64",
        ),
    ),
    why_graded="The solver works in floating point; the entry's proof is that of the_logistic_loss_is_convex.",
)
