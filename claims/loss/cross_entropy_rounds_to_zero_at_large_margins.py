"""Cross-entropy is positive, but rounds to zero at large margins."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, vary
from dlverify.experiments.likelihood import Leads, RoundedLosses
from dlverify.quantity import Array


def beyond_the_last_digit(experiment: RoundedLosses, given: Leads) -> Array:
    """The loss is log(1 + exp(-lead)), and the sum rounds to 1 once exp(-lead) is at most 2^-p for p digits."""
    digits = np.finfo(experiment.arithmetic).nmant + 1
    return np.array(given.values > digits * np.log(2))


def never(experiment: RoundedLosses, given: Leads) -> Array:
    """As printed: the loss is above zero, for every lead, as it is in real numbers."""
    return np.zeros(len(given.values), dtype=bool)


def residuals(rounded: int = 0) -> dict[str, Any]:
    """With e = exp(-lead) > 0 the loss is log(1 + e), the integral of 1 / (1 + s) from 0 to e: positive, since the integrand is."""
    e, s = sympy.symbols("e s", positive=True)
    integrand = (1 - rounded) / (1 + s)
    return {
        "the loss is the integral": sympy.log(1 + e) - sympy.integrate(integrand, (s, 0, e)),
        "the integrand is not negative": sympy.Abs(integrand) - integrand,
    }


CLAIM = Claim(
    entry="loss-strictly-positive",
    says="The cross-entropy of finite logits is positive, yet torch returns exactly 0 as soon as the lead of the true class "
    "exceeds p log 2, with p the binary digits of the arithmetic: 36.7 for float64, 16.6 for float32.",
    paper="Higham 2002, section 2.1",
    experiments=vary(RoundedLosses(), arithmetic=("float64", "float32")),
    predict=beyond_the_last_digit,
    judge=equal(),
    assumptions=(
        Assumption(
            "sum-beside-one",
            "the small term is added to 1 before the logarithm is taken; log1p keeps it",
            broken_by={"loss": "torch.nn:BCEWithLogitsLoss", "takes": "lead"},
        ),
    ),
    proof=Proof(
        "In real numbers the loss log(1 + exp(-lead)) is an integral of what is positive, for every lead.",
        residuals,
        broken=lambda: residuals(rounded=1),
    ),
    errata=(Erratum("never-zero", "L(M(x), y) > 0.", number=12, predict=never),),
)
