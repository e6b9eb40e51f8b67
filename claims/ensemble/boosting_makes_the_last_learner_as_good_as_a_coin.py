"""Boosting makes the last learner as good as a coin."""

from typing import Any

import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.ensemble import BoostedStumps, Disc


def a_half(experiment: BoostedStumps, given: Disc) -> float:
    """1/2: wrong samples, of weight e, are multiplied by exp(a) = sqrt((1 - e) / e) and the others divided: both weigh as much."""
    return 0.5


def roundings(experiment: BoostedStumps, given: Disc) -> int:
    """Sums over n samples, of weights that passed 8 roundings in each of T rounds; twice, by scikit-learn and by the measure.

    A weight of the measure is the exponential of a sum of T terms a_t, each at most log(1/u) / 2 = 19 in size: 19 T u more.
    """
    return 2 * (experiment.samples + 8 * experiment.rounds) + 19 * experiment.rounds**2


def residuals(power: int = 1) -> dict[str, Any]:
    """For every error e and a = log((1 - e) / e) / 2: the new weights, their sum, and its square 1 - 4 g^2 for the edge g."""
    e, g = sympy.Symbol("e", positive=True), sympy.Symbol("g", positive=True)
    factor = sympy.sqrt((1 - e) / e) ** power
    total = (1 - e) / factor + e * factor
    return {
        "half": sympy.simplify(e * factor / total - sympy.Rational(1, 2)),
        "square of the sum": sympy.simplify(total**2 - 4 * e * (1 - e)),
        "edge": sympy.expand((4 * e * (1 - e)).subs(e, sympy.Rational(1, 2) - g) - (1 - 4 * g**2)),
    }


CLAIM = Claim(
    entry="boosting",
    says="AdaBoost weighs samples anew so that the learner just added errs on exactly half of the weight, and the next one must "
    "find something else.",
    paper="Freund & Schapire 1997",
    experiments=vary(BoostedStumps(), samples=(50, 200)),
    predict=a_half,
    judge=equal(within=rounding(operations=roundings)),
    assumptions=(
        Assumption(
            "full-step",
            "a learner's weight is log((1 - e) / e) / 2, not a part of it",
            broken_by={"boost": "sklearn.ensemble:AdaBoostClassifier(learning_rate=0.5, random_state=0)"},
        ),
    ),
    proof=Proof(
        "Multiplying the wrong weights by sqrt((1 - e) / e), and dividing the others, makes both halves of 2 sqrt(e (1 - e)).",
        residuals,
        broken=lambda: residuals(power=2),
    ),
)
