"""An autoencoder whose code is as wide as the data can reconstruct anything, and so need learn nothing."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.autoencoders import Coded, WideCodes


def nothing(experiment: WideCodes, given: tuple[Coded, ...]) -> int:
    """0 for data of any kind: D E = I where the code has as many units as the data features, and D is the inverse of E.

    A ReLU code needs two units a feature, as relu(z) - relu(-z) = z. No number is rounded: all are whole and small.
    """
    return 0


CLAIM = Claim(
    entry="autoencoder",
    says="With a code as wide as the data, reconstruction error can be 0 on noise: it shows no structure that was learned.",
    paper="Goodfellow, Bengio & Courville 2016, section 14.1",
    experiments=vary(WideCodes()) + vary(WideCodes(), activation=("torch.nn:ReLU",), paired=(True,)),
    predict=nothing,
    judge=equal(),
    assumptions=(
        Assumption("as-wide", "the code has as many units as the data have features", broken_by={"missing": 1}),
        Assumption(
            "linear-or-paired",
            "the code keeps the sign of what it holds",
            broken_by={"paired": False},
            case="relu-true",
        ),
    ),
)
