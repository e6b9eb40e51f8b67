"""The maximum of a window lies above the mean of its nodes, the further the larger the window."""

from fractions import Fraction

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.locality import PooledMoments, Values
from dlverify.quantity import Array


def order_statistics(experiment: PooledMoments, given: Values) -> Array:
    """P(max <= v) = F(v)^k for k independent nodes, so the i-th of m values has the weight (i / m)^k - ((i - 1) / m)^k."""
    values = [Fraction(int(value)) for value in sorted(given.values)]
    moments = []
    for window in experiment.windows:
        below = [Fraction(number, len(values)) ** window for number in range(len(values) + 1)]
        weights = [after - before for before, after in zip(below, below[1:], strict=False)]
        mean = sum(weight * value for weight, value in zip(weights, values, strict=True))
        variance = sum(weight * (value - mean) ** 2 for weight, value in zip(weights, values, strict=True))
        moments.append([mean, variance])
    return np.array(moments, dtype=object).T


CLAIM = Claim(
    entry="pooling-summary-statistic",
    says=(
        "The maximum over k independent nodes has the distribution F^k: its mean rises with k above that of the nodes, so on "
        "noise it is a biased summary, which a mean is not."
    ),
    paper="Boureau, Ponce & LeCun 2010; David & Nagaraja 2003, section 2.1",
    experiments=vary(PooledMoments("torch.nn:MaxPool1d"), size=(2, 4)),
    predict=order_statistics,
    judge=equal(),
    assumptions=(
        Assumption("independent", "nodes of a window vary on their own", broken_by={"nodes": "equal"}),
        Assumption("maximum", "the window is reduced to its maximum", broken_by={"pooling": "torch.nn:AvgPool1d"}),
    ),
)
