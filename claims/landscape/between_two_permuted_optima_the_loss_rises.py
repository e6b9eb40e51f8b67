"""Between two optima that differ in the order of hidden units the loss rises, so it is not convex."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.symmetries import Hidden, LossAlongSegment
from dlverify.quantity import Array


def hill(experiment: LossAlongSegment, given: Hidden) -> Array:
    """(2 t (1 - t) (w_1 - w_2) (v_1 - v_2))^2 sum x^2 over x > 0, as positive weights leave ReLU linear there.

    It is 0 at both ends and positive between, 1/4 of the square of the differences at t = 1/2.
    """
    w, v = [Fraction(x) for x in given.inner[:, 0]], [Fraction(x) for x in given.outer[0]]
    squares = sum(Fraction(x) ** 2 for x in given.inputs[:, 0] if x > 0)
    places = [Fraction(k, 8) for k in range(9)]
    return np.array([(2 * t * (1 - t) * (w[0] - w[1]) * (v[0] - v[1])) ** 2 * squares for t in places], dtype=object)


def residuals(swapped: bool = True) -> dict[str, Any]:
    """sum of v w for weights on the way from (w_1, v_1), (w_2, v_2) to the same in the other order, less that of the ends."""
    t, w1, w2, v1, v2 = sympy.symbols("t w1 w2 v1 v2", real=True)

    def between(start: Any, end: Any) -> Any:
        return (1 - t) * start + t * end

    first = between(v1, v2 if swapped else v1) * between(w1, w2)
    second = between(v2, v1 if swapped else v2) * between(w2, w1)
    return {"slope of the network": first + second - (v1 * w1 + v2 * w2) + 2 * t * (1 - t) * (w1 - w2) * (v1 - v2)}


CLAIM = Claim(
    entry="weight-space-symmetry",
    says="Two hidden units that trade places leave an optimum an optimum; half-way between the two the loss is larger "
    "than at either, which no convex function allows.",
    paper="Brea, Simsek, Illing & Gerstner 2019; Entezari, Sedghi, Saukh & Neyshabur 2022",
    experiments=vary(LossAlongSegment()),
    predict=hill,
    judge=equal(),
    assumptions=(
        Assumption("hidden-units", "there is a hidden layer to move in", broken_by={"model": "linear"}),
        Assumption("both-layers", "outgoing weights go with the incoming ones", broken_by={"swapped": "inner"}),
    ),
    proof=Proof(
        "On the segment the slope of the network falls short by 2 t (1 - t) (w_1 - w_2) (v_1 - v_2), for all weights.",
        residuals,
        broken=lambda: residuals(swapped=False),
    ),
)
