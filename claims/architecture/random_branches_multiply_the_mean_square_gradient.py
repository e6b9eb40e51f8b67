"""Random branches multiply the mean square gradient, block by block."""

from fractions import Fraction

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.gradient_backprop import Magnitudes, MeanSquareJacobian


def geometric_growth(experiment: MeanSquareJacobian, given: Magnitudes) -> list[Fraction]:
    """2 (1 + s^2)^l after l blocks, s^2 = n times the mean square of an entry of J, here 2 * (1/2) size^4 with n = 2.

    With the sign of V every product of an entry of I and one of J has mean 0, and so has every product of two different
    entries of J. A row w of W and -w turn ReLU's slope from 1 to 0, whatever x is: its mean square is 1/2. So
    E|(I + J) v|^2 = (1 + s^2) |v|^2 for every v that the block's weights do not enter, such as the derivative so far.
    """
    squared = Fraction(experiment.size) ** 4
    return [2 * (1 + squared) ** blocks for blocks in range(1, experiment.depth + 1)]


CLAIM = Claim(
    entry="resnet-gradient-floor",
    says="Over random signs of their weights, blocks x + V relu(W x) multiply the mean square of the derivative by 1 + s^2 "
    "each, s^2 / n the mean square of an entry of V relu'(W x) W: gradients explode where plain ones may vanish.",
    paper="Balduzzi et al. 2017; Hanin & Rolnick 2018",
    experiments=vary(MeanSquareJacobian(network="residual"), size=(0.5, 1.0)),
    predict=geometric_growth,
    judge=equal(),
    assumptions=(
        Assumption(
            "half-the-time-on",
            "an activation's slope is 1 or 0, each for one sign",
            broken_by={"activation": "torch.nn:Identity"},
        ),
        Assumption("no-bias", "changing all signs of a row turns the slope over", broken_by={"bias": 0.25}),
        Assumption("way-around", "the input is added to the branch", broken_by={"network": "plain"}),
    ),
)
