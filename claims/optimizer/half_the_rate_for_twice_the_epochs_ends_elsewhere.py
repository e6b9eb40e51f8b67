"""Half the learning rate for twice the epochs ends elsewhere, by a distance that shrinks with the rate."""

from typing import Any

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, rounding, vary
from dlverify.experiments.schedules import HalvedRates
from dlverify.quantity import Array


def ends(experiment: HalvedRates, given: Any) -> Array:
    """(1 - lr)^(1 / lr) and (1 - lr / 2)^(2 / lr): both tend to 1 / e, and are apart by about lr / (4 e)."""
    rates = np.array(experiment.rates)[:, None] / (1, 2)
    return np.asarray(np.exp(np.log1p(-rates) / rates))


def exchanged(experiment: HalvedRates, given: Any) -> Array:
    """As if rate and epochs were one: what the whole rate leads to, twice."""
    return np.repeat(ends(experiment, given)[:, :1], 2, axis=1)


def roundings(experiment: HalvedRates, given: Any) -> Array:
    """Each step rounds a product and a difference; the prediction a logarithm, a quotient, whose size is about 1, and a power."""
    return np.asarray(2 / (np.array(experiment.rates)[:, None] / (1, 2)) * 2 + 8)


CLAIM = Claim(
    entry="eta-is-not-epoch",
    says="Rate and epochs are not exchangeable: on a parabola half the learning rate for twice the epochs ends elsewhere, and the "
    "two agree only as the rate goes to zero, where they are apart by about lr / (4 e).",
    paper="Goodfellow, Bengio & Courville 2016, section 8.1.3",
    experiments=vary(HalvedRates("torch.optim:SGD")),
    predict=ends,
    judge=equal(within=rounding(operations=roundings, scale=ends)),
    assumptions=(
        Assumption("parabola", "the curvature is the same everywhere", broken_by={"curvature": "falling"}),
        Assumption(
            "gradient-alone",
            "a step goes by the gradient alone",
            broken_by={"optimizer": "torch.optim:SGD(momentum=0.5)"},
        ),
    ),
    errata=(Erratum("exchanged", "step size and epochs are one quantity", number=19, predict=exchanged),),
    why_graded="the count of updates, in the other claim of this entry, is exact",
)
