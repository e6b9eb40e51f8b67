"""A support vector machine has the largest margin."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, at_least, rounding, vary
from dlverify.experiments.classical_ml import Margins, Separated


def largest(experiment: Margins, given: Separated) -> float:
    """Half the distance of the two classes' hulls, |normal| here, less twice the tolerance at which the solver stops.

    No plane stands farther than that from two points 2 |normal| apart on both sides of it. LIBSVM stops when all
    y (w . x + b) are 1 - e at least, and 1 + e at most at the support vectors, e the tolerance (Chang & Lin
    2011). So its margin is (1 - e) / |w| or more; |w|^2 <= (1 + e) sum alpha, and by the proof no margin exceeds
    1 / sqrt(2 sum alpha - |w|^2) <= sqrt((1 + e) / (1 - e)) / |w| <= 1 / (1 - e) / |w|.
    """
    return float(np.linalg.norm(given.normal) * (1 - experiment.tol) ** 2)


def roundings(experiment: Margins, given: Separated) -> float:
    """Three for each iteration's update of w . x, which is never computed afresh, and a sum over the points for w."""
    return 3 * experiment.max_iter + experiment.points + experiment.features


def terms(experiment: Margins, given: Separated) -> float:
    """What is rounded, sum alpha |x . x'| + 1 with every alpha at most C; it counts as the tolerance does, at most four times."""
    products = float((given.inputs**2).sum(1).max())
    return 4 * float(np.linalg.norm(given.normal)) * (experiment.points * max(experiment.strengths) * products + 1)


def residuals(weight: int = 1) -> dict[str, Any]:
    """Weak duality, for three points of the plane, and term by term for any number of any dimension.

    |w|^2 / 2 less the dual's value sum alpha - |v|^2 / 2, with v = sum alpha y x and sum alpha y = 0, is
    |w - v|^2 / 2 + sum alpha (y (w . x + b) - 1): not negative if all margins are 1 at least, and 0 for w = v where
    alpha is 0 but on the margin. So such a v is the one shortest w, and its margin 1 / |v| the largest.
    """
    w, b, alpha, y = (
        sympy.Matrix(sympy.symbols("w_1:3")),
        sympy.Symbol("b"),
        sympy.symbols("alpha_1:4"),
        sympy.symbols("y_1:4"),
    )
    x = [sympy.Matrix(sympy.symbols(f"x_{point}_1:3")) for point in (1, 2, 3)]
    dual = sympy.zeros(2, 1)
    for a, label, point in zip(alpha, y, x, strict=True):
        dual += a * label * point
    gap = w.dot(w) / 2 - (sum(alpha) - dual.dot(dual) / 2)
    slack = sum(a * (label * (w.dot(point) + b) - weight) for a, label, point in zip(alpha, y, x, strict=True))
    balance = b * sum(a * label for a, label in zip(alpha, y, strict=True))
    return {"duality gap": sympy.expand(gap - (w - dual).dot(w - dual) / 2 - slack + balance)}


CLAIM = Claim(
    entry="support-vector-machine",
    says="On separable data a support vector machine finds the plane with the largest margin, half the distance of the classes' "
    "hulls.",
    paper="Cortes & Vapnik 1995; Burges 1998; Chang & Lin 2011",
    experiments=vary(
        Margins("sklearn.svm:SVC(kernel='linear', random_state=0)", strengths=(1.0, 10.0, 100.0)),
        features=(2, 8),
        support=(2, 3),
    ),
    predict=largest,
    judge=at_least(within=rounding(operations=roundings, scale=terms)),
    assumptions=(
        Assumption("hard-margin", "no point may be inside the margin: C is large", broken_by={"strengths": (1e-4,)}),
        Assumption(
            "hinge",
            "points beyond the margin cost nothing",
            broken_by={"fit": "sklearn.linear_model:LogisticRegression(solver='newton-cholesky')"},
        ),
    ),
    proof=Proof(
        "|w|^2 / 2 exceeds the dual's value by |w - v|^2 / 2 and the slacks: the certificate of Karush, Kuhn and Tucker.",
        residuals,
        broken=lambda: residuals(weight=2),
    ),
)
