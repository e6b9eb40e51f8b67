"""A perceptron has a weight for each pair of neighbours and a bias for each unit."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.counting import Parameters


def weights_and_biases(experiment: Parameters, given: None) -> list[int]:
    """(n + 1) m for a layer from n to m units: a weight for each pair, and one more, the bias, for each of the m."""
    widths = dict(experiment.network.arguments)["widths"]
    return [(n + 1) * m for n, m in zip(widths[:-1], widths[1:], strict=True)]


CLAIM = Claim(
    entry="mlp-definition",
    says="A perceptron of widths n_0, ..., n_L has the sum of (n_{l-1} + 1) n_l parameters: 7,850 for 784-10 and 101,770 for "
    "784-128-10.",
    paper="Goodfellow, Bengio & Courville 2016, chapter 6",
    experiments=vary(
        Parameters(),
        network=tuple(
            f"dlverify.lab.architectures.classification:multilayer_perceptron(widths={widths})"
            for widths in ((784, 10), (784, 128, 10), (784, 500, 300, 100, 10))
        ),
    ),
    predict=weights_and_biases,
    judge=equal(),
    assumptions=(
        Assumption(
            "biases",
            "every unit has a bias",
            broken_by={
                "network": "dlverify.lab.architectures.classification:multilayer_perceptron(widths=(784, 10), bias=False)"
            },
        ),
    ),
)
