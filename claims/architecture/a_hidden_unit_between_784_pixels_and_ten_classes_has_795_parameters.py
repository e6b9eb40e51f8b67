"""A hidden unit between 784 pixels and ten classes has 795 parameters."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.counting import Parameters

NETWORK = "dlverify.lab.architectures.small_images:perceptron"


def pixels_and_classes(experiment: Parameters, given: None) -> int:
    """784 weights in, a bias and 10 weights out for each of h hidden units, and ten biases: 795 h + 10.

    Without a hidden layer each of the ten classes has 784 weights and a bias.
    """
    hidden = dict(experiment.network.arguments)["hidden"]
    return (784 + 1 + 10) * hidden + 10 if hidden else 10 * (784 + 1)


CLAIM = Claim(
    entry="mnist-softmax-mlp",
    says="On MNIST, 784 pixels and ten classes, softmax regression has 7,850 parameters and a perceptron with h hidden units "
    "795 h + 10: 238,510 with 300.",
    paper="LeCun, Bottou, Bengio & Haffner 1998, section III.C",
    experiments=vary(
        Parameters(report="total"), network=tuple(f"{NETWORK}(hidden={hidden})" for hidden in (0, 1, 32, 300))
    ),
    predict=pixels_and_classes,
    judge=equal(),
    assumptions=(
        Assumption(
            "pixels-of-mnist",
            "images have 28x28 pixels, where LeNet is given 32x32",
            broken_by={"network": f"{NETWORK}(hidden=0, pixels=1024)"},
        ),
        Assumption("biases", "every unit has a bias", broken_by={"network": f"{NETWORK}(hidden=0, bias=False)"}),
    ),
)
