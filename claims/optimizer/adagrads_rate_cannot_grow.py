"""Adagrad's rate cannot grow."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, at_least, at_most, vary
from dlverify.experiments.optimizer import Gradients, RateTrends
from dlverify.quantity import Array


def never_up(experiment: RateTrends, given: Gradients) -> int:
    """The change of lr / sqrt(G_t) is never positive, to the last bit.

    The square of a power of two is exact; fl(G + g^2) >= G; rounded root and quotient are monotone; and a power of two
    in the numerator, divided out again, changes no digit. So the measured rate is monotone in G_t whatever is rounded.
    """
    return 0


def follows_the_gradient(experiment: RateTrends, given: Gradients) -> Array:
    """As printed: where the gradient becomes smaller the denominator does, so the rate grows; elsewhere nothing is said."""
    sizes = np.abs(given.values)
    return np.where(sizes[1:] < sizes[:-1], 1, -1)


def residuals(forgetting: int = 0) -> dict[str, Any]:
    """The fall lr / sqrt(G) - lr / sqrt(G + g^2) is a quotient that its own absolute value equals, so it is not negative."""
    rate, total = sympy.symbols("lr G", positive=True)
    gradient = sympy.Symbol("g", real=True)
    before, after = sympy.sqrt(total), sympy.sqrt(total * sympy.Rational(1, 1 + forgetting) + gradient**2)
    fall = rate * gradient**2 / (before * after * (before + after))
    return {"fall of the rate": rate / before - rate / after - fall, "it is not negative": sympy.Abs(fall) - fall}


CLAIM = Claim(
    entry="adagrad-denominator-cannot-shrink",
    says="Adagrad's rate, step length over gradient, never grows, whatever gradients come: its denominator cannot shrink.",
    paper="Duchi, Hazan & Singer 2011",
    experiments=vary(RateTrends("torch.optim:Adagrad"))
    + vary(
        RateTrends("torch.optim:Adagrad", steps=256, sizes=tuple(2.0**k for k in range(-8, 9))), sequences=("random",)
    )
    + vary(RateTrends("torch.optim:Adagrad", sizes=(2.0**-20, 0.5, 1.0, 1024.0)), tier="full", steps=(6,)),
    predict=never_up,
    judge=at_most(),
    assumptions=(
        Assumption("never-forgets", "old squares lose no weight", broken_by={"optimizer": "torch.optim:RMSprop"}),
    ),
    proof=Proof(
        "For every sum of squares G > 0 and every real g the rate falls by a quotient that is nowhere negative.",
        residuals,
        broken=lambda: residuals(forgetting=1),
    ),
    errata=(
        Erratum(
            "denominator-follows-gradient",
            "When the gradient shrinks the denominator shrinks, so that the next update is larger.",
            number=13,
            predict=follows_the_gradient,
            broken_by={"sizes": (1.0, 2.0), "steps": 2},
            judge=at_least(),
        ),
    ),
)
