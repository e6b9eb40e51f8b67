"""No learner beats a coin on average over all targets."""

from fractions import Fraction
from typing import Any

import sympy

from dlverify import Assumption, Case, Claim, Proof, equal
from dlverify.experiments.setup import ErrorsOverTargets, World

LEARNERS = {
    "nearest-neighbour": "sklearn.neighbors:KNeighborsClassifier(n_neighbors=1)",
    "commonest-label": "sklearn.dummy:DummyClassifier",
    "tree": "sklearn.tree:DecisionTreeClassifier(random_state=0)",
    "naive-bayes": "sklearn.naive_bayes:BernoulliNB",
    "network": "sklearn.neural_network:MLPClassifier(hidden_layer_sizes=4, random_state=0, tol=1.0, max_iter=50)",
}


def a_half(experiment: ErrorsOverTargets, given: World) -> Fraction:
    """1/2: of the targets that agree with a sample half say 1 at another point, and half say 0."""
    return Fraction(1, 2)


def residuals(one_in: int = 2) -> dict[str, Any]:
    """Wrong answers at a point off the sample: the answer g, 0 or 1, over the targets that agree with n labels.

    A domain of d points has 2^(d-n) such targets; one in two of them says 1 at the point. Averages over points,
    samples and labels are averages of these.
    """
    d, n = sympy.symbols("d n", positive=True, integer=True)
    g = sympy.Symbol("g", real=True)
    targets, share = 2 ** (d - n), sympy.Rational(1, one_in)
    wrong = (1 - g) * share * targets + g * (1 - share) * targets
    return {"share of wrong answers": sympy.simplify(wrong / targets) - sympy.Rational(1, 2)}


CLAIM = Claim(
    entry="no-free-lunch",
    says=(
        "Averaged over all targets on {0, 1}^3, every learner is wrong about exactly half of the points that it was not "
        "trained on, however many it was trained on."
    ),
    paper="Wolpert 1996; Shalev-Shwartz & Ben-David 2014, section 5.1",
    experiments=tuple(Case(name, ErrorsOverTargets(learner)) for name, learner in LEARNERS.items()),
    predict=a_half,
    judge=equal(),
    assumptions=(
        Assumption(
            "all-targets-alike",
            "any function may be the truth, not only one that never falls where an input rises",
            broken_by={"targets": "monotone"},
        ),
        Assumption("unseen", "only points off the sample are judged", broken_by={"where": ("all",)}),
        Assumption(
            "labels-alone", "a learner sees no label but those of its sample", why_kept="nothing else is handed to it"
        ),
    ),
    proof=Proof(
        "On any finite domain an answer, 0 or 1, is wrong in half of the targets that agree with the sample.",
        residuals,
        broken=lambda: residuals(one_in=3),
    ),
)
