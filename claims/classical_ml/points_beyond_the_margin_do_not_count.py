"""Points beyond the margin do not count."""

from dlverify import Assumption, Claim, at_most, rounding, vary
from dlverify.experiments.classical_ml import RemovedPoints, Separated


def tolerance(experiment: RemovedPoints, given: Separated) -> float:
    """0 but for the tolerance e at which the solver stops: at most 4 ((1 + e) / (1 - e)^3 - 1) / (1 - e)^2, about 16 e.

    With the points that are left, the support vectors among them, the shortest weights w* are the same. A solution w has
    all margins at 1 - e or more, and |w|^2 <= |w*|^2 (1 + e) / (1 - e), as in a_support_vector_machine_has_the_largest_margin.
    So w' = w / (1 - e) has margins of 1, and |w' - w*|^2 <= |w'|^2 - |w*|^2, since w* is the nearest to 0 of a convex
    set; two such are at most twice as far apart.
    """
    e = experiment.tol
    return 4 * ((1 + e) / (1 - e) ** 3 - 1) / (1 - e) ** 2


def roundings(experiment: RemovedPoints, given: Separated) -> float:
    """Three for each iteration's update of w . x, and a sum over the points for w."""
    return 3 * experiment.max_iter + experiment.points + experiment.features


def terms(experiment: RemovedPoints, given: Separated) -> float:
    """What is rounded, sum alpha |x . x'| + 1 with every alpha at most C = 1; it counts as the tolerance does, 17 times at most."""
    return 17 * (experiment.points * float((given.inputs**2).sum(1).max()) + 1)


CLAIM = Claim(
    entry="support-vector-machine",
    says="A support vector machine on separable data depends on its support vectors alone: without any of the others it is the "
    "same.",
    paper="Cortes & Vapnik 1995; Burges 1998",
    experiments=vary(RemovedPoints("sklearn.svm:SVC(kernel='linear', random_state=0)"), features=(2, 8)),
    predict=tolerance,
    judge=at_most(within=rounding(operations=roundings, scale=terms)),
    assumptions=(
        Assumption("not-support", "the points removed are not support vectors", broken_by={"removed": "support"}),
        Assumption(
            "hinge",
            "points beyond the margin cost nothing",
            broken_by={"fit": "sklearn.linear_model:LogisticRegression(solver='newton-cholesky')"},
        ),
    ),
    why_graded="The solver works in floating point; the entry's proof is that of a_support_vector_machine_has_the_largest_margin.",
)
