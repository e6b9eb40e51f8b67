"""More independent data close the gap."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, at_least, equal, rounding, vary
from dlverify.experiments.generalization import LinearErrors, Worlds, magnified, roundings
from dlverify.quantity import Array


def gap(experiment: LinearErrors, given: Worlds) -> Array:
    """s^2 p (1/n + 1 / (n - p - 1)): s^2 p/n is missing in training, and p / (n - p - 1) = E tr (X^T X)^-1 comes with new data."""
    n, p = np.array(experiment.samples, dtype=float), np.array(experiment.features, dtype=float)
    return experiment.sigma**2 * p * (1 / n + 1 / (n - p - 1))


def grows(experiment: LinearErrors, given: Worlds) -> float:
    """Too much data overfit, as printed: the gap is no smaller than with the fewest data."""
    return float(gap(experiment, given)[0])


CLAIM = Claim(
    entry="overfitting-caused-by-too-much-data",
    says="The gap between the errors on new and on training data closes as independent data are added: for least squares it is "
    "s^2 p (1/n + 1 / (n - p - 1)) on average, whatever the target in the model.",
    paper="Breiman & Freedman 1983; Vapnik 1998",
    experiments=vary(LinearErrors(report="gap", samples=(8, 16, 32, 64)), features=((1,), (2,)))
    + vary(LinearErrors(report="gap", samples=(8, 16, 32, 64)), tier="full", features=((3,),)),
    predict=gap,
    judge=equal(within=rounding(operations=roundings, scale=magnified)),
    assumptions=(
        Assumption(
            "independent",
            "the samples are independent, and no copies of one another",
            broken_by={"copies": 2},
            case="2",
        ),
        Assumption("new-inputs", "new data have inputs of their own", broken_by={"test": "same"}),
    ),
    errata=(
        Erratum(
            "too-much-data",
            "overfitting comes from too much data",
            number=29,
            predict=grows,
            judge=at_least(within=rounding(operations=roundings, scale=magnified)),
        ),
    ),
)
