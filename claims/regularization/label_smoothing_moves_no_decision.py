"""Label smoothing moves no decision of the best fit."""

from typing import Any

import sympy

from dlverify import Assumption, Claim, Erratum, Proof, at_least, equal, vary
from dlverify.experiments.regularization import Distributions, SmoothedDecisions


def none(experiment: SmoothedDecisions, given: Distributions) -> int:
    """(1 - e) p + e / K rises with p for every e < 1: the likeliest class stays the likeliest."""
    return 0


def some(experiment: SmoothedDecisions, given: Distributions) -> int:
    """As printed: the boundary changes, so that at least one of the places close to it falls to another class."""
    return 1


def residuals(power: int = 1) -> dict[str, Any]:
    """The difference between two smoothed probabilities is 1 - e times that between the probabilities."""
    p, q, e, classes = sympy.symbols("p q e K", positive=True)
    smoothed = [(1 - e) * probability + e / classes for probability in (p, q)]
    return {"difference of two classes": smoothed[0] - smoothed[1] - (1 - e) ** power * (p - q)}


CLAIM = Claim(
    entry="label-smoothing",
    says="Whatever the probabilities of the classes at a place, the logits that fit smoothed labels best decide for the same class as "
    "without smoothing: the boundary stays, and only confidence is limited. With few samples a fitted boundary may move.",
    paper="Szegedy, Vanhoucke, Ioffe, Shlens & Wojna 2016, section 7",
    experiments=vary(SmoothedDecisions(), classes=(2, 4)),
    predict=none,
    judge=equal(),
    assumptions=(
        Assumption("evenly", "all classes get the same share", broken_by={"towards": "first class"}),
        Assumption("not-all", "some of the label remains, e < 1", broken_by={"smoothing": (1.0,)}, case="4"),
    ),
    proof=Proof(
        "For all K and e the order of two smoothed probabilities is that of the probabilities.",
        residuals,
        broken=lambda: residuals(power=2),
    ),
    errata=(
        Erratum(
            "smooths-the-boundary",
            "Label smoothing makes the decision boundary smoother.",
            number=36,
            predict=some,
            judge=at_least(),
        ),
    ),
)
