"""The Bellman operator brings any two tables of values closer to each other, by the discount at least."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, at_most, vary
from dlverify.experiments.reinforcement import BellmanDistances, Tables
from dlverify.quantity import Array


def shrunk(experiment: BellmanDistances, given: Tables) -> Array:
    """discount^k times the largest difference of the two tables at the start, in fractions."""
    distances = np.abs(given.values[0] - given.values[1]).max(axis=(1, 2))
    powers = [Fraction(experiment.discount) ** k for k in range(1, experiment.applications + 1)]
    return np.array([[power * Fraction(distance) for distance in distances] for power in powers])


def residuals(mass: int = 1) -> dict[str, Any]:
    """Blackwell's two conditions: T is monotone, and a shift of all values by c shifts T Q by discount * c.

    With D the largest difference, Q <= Q' + D everywhere, so T Q <= T Q' + discount * D, and the other way round. A maximum
    is taken of two values at a time, (x + y + |x - y|) / 2: let the larger be m, the smaller m - e, and let them grow by s
    and by t. What they grow by is then the larger of s and t - e, which is at least s >= 0. A mean with weights p grows by
    the same mean of what the values grow by, and of a shift c by c, since the weights add up to one.
    """
    c, m, x, y = sympy.symbols("c m x y", real=True)
    e, s, t = sympy.symbols("e s t", nonnegative=True)
    n, j = sympy.symbols("n j", positive=True, integer=True)
    p, v, d = (sympy.IndexedBase(name, real=True) for name in "pvd")

    def larger(one: Any, other: Any) -> Any:
        return (one + other + sympy.Abs(sympy.expand(one - other))) / 2

    def mean(values: Any) -> Any:
        return sympy.Sum(sympy.expand(p[j] * values), (j, 1, n)).expand()

    weights = mean(sympy.Integer(1))
    return {
        "a maximum shifts with its values": larger(x + c, y + c) - larger(x, y) - c,
        "a maximum grows with its values": larger(m + s, m - e + t) - m - larger(s, t - e),
        "a mean grows by the mean": mean(v[j] + d[j]) - mean(v[j]) - mean(d[j]),
        "a mean shifts with its values": sympy.simplify(mean(v[j] + c) - mean(v[j])).subs(weights, mass) - c,
    }


CLAIM = Claim(
    entry="dqn",
    says="One application of the Bellman operator, with the best action or with one at random, brings any two tables of values "
    "closer to each other in their largest difference by the discount at least: so there is one fixed point, and value "
    "iteration finds it.",
    paper="Bellman 1957; Blackwell 1965, theorem 5",
    experiments=vary(BellmanDistances(), best=("torch:amax", "torch:mean"), discount=(0.5, 0.75)),
    predict=shrunk,
    judge=at_most(),
    assumptions=(
        Assumption(
            "no-expansion",
            "the best of several values moves no farther than they do, which their sum may",
            broken_by={"best": "torch:sum"},
        ),
        Assumption("probabilities", "the weights of the next states add up to one", broken_by={"mass": 2.0}),
    ),
    proof=Proof(
        "The operator is monotone and turns a shift of all values by c into one by discount * c.",
        residuals,
        broken=lambda: residuals(mass=2),
    ),
)
