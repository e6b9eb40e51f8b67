"""Deep Q-networks have the published layers: 677,172 parameters in 2013 and 1,686,180 in 2015."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.counting import Parameters

LAYERS = {2013: (((16, 8, 4), (32, 4, 2)), 256), 2015: (((32, 8, 4), (64, 4, 2), (64, 3, 1)), 512)}
"""Filters, kernel and stride of the convolutions, and hidden units, by the year of the paper."""


def from_the_paper(experiment: Parameters, given: None) -> list[int]:
    """k^2 c n + n for n filters of k x k pixels on c channels, then s^2 c h + h and 4 h + 4 for four actions.

    Four frames of 84 x 84 pixels come in. A kernel of k pixels with stride d leaves s = (s' - k) / d + 1 of s' pixels along
    a side: 84, 20, 9 in 2013, where 9 x 9 x 32 = 2,592 values enter the dense layer, and 84, 20, 9, 7 in 2015, where it is
    7 x 7 x 64 = 3,136.
    """
    convolutions, hidden = LAYERS[dict(experiment.network.arguments)["year"]]
    channels, side, counts = 4, 84, []
    for filters, kernel, stride in convolutions:
        counts.append(kernel**2 * channels * filters + filters)
        channels, side = filters, (side - kernel) // stride + 1
    return [*counts, side**2 * channels * hidden + hidden, 4 * hidden + 4]


CLAIM = Claim(
    entry="dqn",
    says="DQN is a convolutional network of 677,172 parameters in the paper of 2013 and of 1,686,180 in that of 2015, for four "
    "actions, nearly all of them in one dense layer.",
    paper="Mnih et al. 2013, section 4.1; Mnih et al. 2015, Methods",
    experiments=vary(
        Parameters(),
        network=(
            "dlverify.lab.architectures.learning:dqn(year=2013)",
            "dlverify.lab.architectures.learning:dqn(year=2015)",
        ),
    ),
    predict=from_the_paper,
    judge=equal(),
    assumptions=(
        Assumption(
            "four-frames",
            "the last four frames come in, so that motion is seen",
            broken_by={"network": "dlverify.lab.architectures.learning:dqn(year=2013, frames=1)"},
        ),
        Assumption(
            "unpadded",
            "convolutions see no zeros around their input",
            broken_by={"network": "dlverify.lab.architectures.learning:dqn(year=2013, padded=True)"},
        ),
        Assumption(
            "four-actions",
            "the game has four actions, as Breakout has; with all 18 of the console there are more outputs",
            broken_by={"network": "dlverify.lab.architectures.learning:dqn(year=2013, actions=18)"},
        ),
    ),
)
