"""ReLU layers multiply the mean square gradient by half that of their weights."""

from fractions import Fraction

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.gradient_backprop import Magnitudes, MeanSquareJacobian


def half_the_mean_square(experiment: MeanSquareJacobian, given: Magnitudes) -> list[Fraction]:
    """2 (g^2 / 2)^l with g^2 the sum of squares in a row of W, n times their mean: g^2 E[relu'^2] a layer.

    Over the signs of the weights different paths through the network are uncorrelated, so that the mean square of an
    entry is the sum over paths of the squared weights times the mean squared slopes. A row w and the row -w turn ReLU's
    slope from 1 to 0 at any input, so that it is 1 half the time, independently in every unit.
    """
    squared = sum((Fraction(weight) ** 2 for weight in given.weights[0][0].tolist()), Fraction(0))
    return [2 * (squared / 2) ** layers for layers in range(1, experiment.depth + 1)]


CLAIM = Claim(
    entry="vanishing-exploding-gradient",
    says="Over random signs of the weights a ReLU layer multiplies the mean square of a derivative by g^2 / 2, with g^2 the "
    "width times the mean square of a weight: it vanishes with depth for g^2 < 2 and explodes for g^2 > 2.",
    paper="He, Zhang, Ren & Sun 2015; Hanin & Nica 2020",
    experiments=vary(MeanSquareJacobian(), size=(0.25, 0.5)),
    predict=half_the_mean_square,
    judge=equal(),
    assumptions=(
        Assumption(
            "half-the-time-on",
            "an activation's slope is 1 or 0, each for one sign",
            broken_by={"activation": "torch.nn:Identity"},
        ),
        Assumption("no-bias", "changing all signs of a row turns the slope over", broken_by={"bias": 0.25}),
        Assumption("no-way-around", "nothing is added to what a layer computes", broken_by={"network": "residual"}),
    ),
)
