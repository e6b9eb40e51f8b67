"""Boosting errs at most by the product of its edges."""

from typing import Any

import sympy

from dlverify import Assumption, Claim, Proof, at_most, rounding, vary
from dlverify.experiments.ensemble import BoostedStumps, Disc


def the_bound(experiment: BoostedStumps, given: Disc) -> int:
    """1: a mistake has y F <= 0, so counts at most exp(-y F), whose mean is the product of the sums 2 sqrt(e_t (1 - e_t)).

    So of the mean of exp(-y F) the share is 1 itself: no smaller bound would do for it.
    """
    return 1


def roundings(experiment: BoostedStumps, given: Disc) -> int:
    """A sum of n weights, exponentials of T terms of size 19 at most, in each of T rounds: 19 T^2 + (n + 8) T, twice."""
    return 2 * (19 * experiment.rounds**2 + (experiment.samples + 8) * experiment.rounds)


def residuals(power: int = 2) -> dict[str, Any]:
    """2 sqrt(e (1 - e)) = sqrt(1 - 4 g^2), g = 1/2 - e; its logarithm lies between -2 g^2 and -2 g^2 / (1 - 4 g^2).

    With x = 4 g^2 these are x + log(1 - x) <= 0 and log(1 - x) + x / (1 - x) >= 0: both vanish at 0 and have the
    derivatives -x / (1 - x) and x / (1 - x)^2. So the product tends to 0 exactly when the sum of g^2 diverges.
    """
    g, x = sympy.symbols("g x", positive=True)
    e = sympy.Rational(1, 2) - g
    return {
        "factor": sympy.expand(4 * e * (1 - e) - (1 - 4 * g**power)),
        "above": sympy.simplify((x + sympy.log(1 - x)).diff(x) + x / (1 - x)),
        "below": sympy.simplify((sympy.log(1 - x) + x / (1 - x)).diff(x) - x / (1 - x) ** 2),
    }


CLAIM = Claim(
    entry="boosting",
    says="AdaBoost's training error, and the mean of exp(-y F), is at most the product of 2 sqrt(e_t (1 - e_t)) over its rounds, which tends to 0 exactly when "
    "the squared edges (1/2 - e_t)^2 have an infinite sum.",
    paper="Freund & Schapire 1997, theorem 6",
    experiments=vary(BoostedStumps(report="share of the bound"), samples=(50, 200))
    + vary(BoostedStumps(report="share of the bound", samples=50), rounds=(240,)),
    predict=the_bound,
    judge=at_most(within=rounding(operations=roundings)),
    assumptions=(
        Assumption(
            "full-step",
            "a learner's weight is log((1 - e) / e) / 2, not a small part of it",
            # Over 60 rounds the bound falls hardly farther than the error of the first learners; over 240 by a decade or more.
            case="240",
            broken_by={"boost": "sklearn.ensemble:AdaBoostClassifier(learning_rate=0.01, random_state=0)"},
        ),
    ),
    proof=Proof(
        "2 sqrt(e (1 - e)) = sqrt(1 - 4 g^2), whose logarithm is of the order of -2 g^2.",
        residuals,
        broken=lambda: residuals(power=1),
    ),
)
