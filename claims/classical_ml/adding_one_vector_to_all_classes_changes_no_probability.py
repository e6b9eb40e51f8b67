"""Adding one vector to all classes changes no probability."""

from typing import Any

import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.classical_ml import Classifier, LossShifts


def unchanged(experiment: LossShifts, given: Classifier) -> int:
    """0: all logits of a sample move by one number c . x, and exp(c . x) cancels; to the last bit, as the largest is subtracted."""
    return 0


def residuals(others: int = 1) -> dict[str, Any]:
    """The sum of the other exponentials is any positive number: for every number of classes."""
    logit, shift = sympy.symbols("z c", real=True)
    rest = sympy.Symbol("rest", positive=True)
    before = sympy.exp(logit) / (sympy.exp(logit) + rest)
    after = sympy.exp(logit + shift) / (sympy.exp(logit + shift) + rest * sympy.exp(others * shift))
    return {"probability": after - before}


CLAIM = Claim(
    entry="softmax-regression",
    says="Softmax regression does not determine its weights: one vector added to those of all classes changes no probability.",
    paper="Hastie, Tibshirani & Friedman 2009, section 4.4",
    experiments=vary(LossShifts(), classes=(2, 3, 10)),
    predict=unchanged,
    judge=equal(),
    assumptions=(
        Assumption("all-classes", "it is added to all classes", broken_by={"added_to": "first"}, case="3"),
        Assumption(
            "normalised", "logits are normalised before they count", broken_by={"loss": "torch.nn:NLLLoss"}, case="3"
        ),
    ),
    proof=Proof(
        "exp(z + c) over the sum of all exp(z + c) is what it was without c, for any number of classes.",
        residuals,
        broken=lambda: residuals(others=0),
    ),
)
