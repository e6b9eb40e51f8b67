"""A bootstrap sample holds a point with probability about two thirds."""

from fractions import Fraction
from typing import Any

import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, vary
from dlverify.experiments.ensemble import Resamples, Sample
from dlverify.quantity import Array, as_array


def with_replacement(experiment: Resamples, given: Sample) -> Array:
    """1 - (1 - 1/n)^n: all n draws miss a point with probability (1 - 1/n)^n. The mean has the variance sum (x - m)^2 / n^2."""
    found = []
    for n in experiment.sizes:
        values = [Fraction(value) for value in given.values[:n]]
        mean = sum(values, Fraction(0)) / n
        spread = sum(((value - mean) ** 2 for value in values), Fraction(0)) / n**2
        found.append(1 - (1 - Fraction(1, n)) ** n if experiment.report.startswith("share") else spread)
    return as_array(found)


def residuals(limit: Any = None) -> dict[str, Any]:
    """The limit is 1 - 1/e. The share falls: (1 - 1/n)^n grows, as the derivative of n log(1 - 1/n) is log(1 - u) + u / (1 - u).

    With u = 1/n this is 0 at u = 0, and its own derivative by u is u / (1 - u)^2 > 0.
    """
    n, u = sympy.symbols("n u", positive=True)
    slope = (n * sympy.log(1 - 1 / n)).diff(n).subs(n, 1 / u)
    return {
        "limit": sympy.limit(1 - (1 - 1 / n) ** n, n, sympy.oo) - (1 - sympy.exp(-1) if limit is None else limit),
        "slope": slope - sympy.log(1 - u) - u / (1 - u),
        "slope grows": sympy.simplify((sympy.log(1 - u) + u / (1 - u)).diff(u) - u / (1 - u) ** 2),
    }


CLAIM = Claim(
    entry="bootstrap",
    says="Of n draws with replacement from n points a given point is among them with probability 1 - (1 - 1/n)^n, which falls "
    "to 1 - 1/e, and their mean has the variance sum (x - m)^2 / n^2.",
    paper="Efron 1979; Efron & Tibshirani 1993",
    experiments=vary(Resamples(), report=("share holding the first point", "variance of the mean"))
    + vary(Resamples(), tier="full", sizes=((1, 2, 3, 4, 5),)),
    predict=with_replacement,
    judge=equal(),
    assumptions=(
        Assumption(
            "as-many",
            "there are as many draws as points",
            broken_by={"resample": "sklearn.utils:resample(n_samples=2)"},
        ),
    ),
    errata=(
        Erratum(
            "random-sampling",
            "bootstrapping is random sampling, of whatever kind",
            number=33,
            broken_by={"resample": "sklearn.utils:resample(replace=False)"},
        ),
    ),
    proof=Proof("1 - (1 - 1/n)^n falls to 1 - 1/e.", residuals, broken=lambda: residuals(limit=sympy.Rational(2, 3))),
)
