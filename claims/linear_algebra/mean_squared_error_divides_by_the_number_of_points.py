"""Mean squared error divides by the number of points."""

from fractions import Fraction

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.linear_models import LineGradients, Points
from dlverify.quantity import Array


def divided_by(divisors: tuple[int, ...], experiment: LineGradients, given: Points) -> Array:
    """Sums over the first N points, r = y - w x - b, of r^2, -2 x r and -2 r, over a divisor for each N: in rationals."""
    slope, intercept = (Fraction(value) for value in given.starts[0])
    rows = []
    for size, divisor in zip(experiment.sizes, divisors, strict=True):
        x, y = ([Fraction(value) for value in values[:size]] for values in (given.inputs, given.targets))
        r = [target - slope * place - intercept for place, target in zip(x, y, strict=True)]
        sums = sum(e * e for e in r), sum(-2 * p * e for p, e in zip(x, r, strict=True)), sum(-2 * e for e in r)
        rows.append([Fraction(total) / divisor for total in sums])
    return np.array(rows)


def mean(experiment: LineGradients, given: Points) -> Array:
    """Over N, the number of points that are summed."""
    return divided_by(experiment.sizes, experiment, given)


def one_divisor(experiment: LineGradients, given: Points) -> Array:
    """Over one number n whatever N is; n = 8 here, and any n fits one N at most."""
    return divided_by((8,) * len(experiment.sizes), experiment, given)


CLAIM = Claim(
    entry="linear-regression-model",
    says="The loss of linear regression and its gradient are sums over the N points divided by N itself.",
    paper="Goodfellow, Bengio & Courville 2016, section 5.1.4",
    experiments=vary(LineGradients()),
    predict=mean,
    judge=equal(),
    assumptions=(
        Assumption("mean", "the loss is a mean", broken_by={"loss": "torch.nn:MSELoss(reduction='sum')"}),
        Assumption("squared", "the errors are squared", broken_by={"loss": "torch.nn:L1Loss"}),
    ),
    errata=(
        Erratum(
            "divided-by-n",
            "The sum runs over N points and is divided by n, another letter that nothing defines.",
            number=2,
            predict=one_divisor,
        ),
    ),
)
