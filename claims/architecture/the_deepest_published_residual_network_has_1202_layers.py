"""The deepest published residual network for CIFAR-10 has 1202 layers."""

from dlverify import Assumption, Claim, Erratum, at_most, equal, vary
from dlverify.experiments.architecture import ParameterCounts


def six_n_plus_two(experiment: ParameterCounts, given: None) -> list[int]:
    """6n + 2: one convolution, three stages of n blocks of two convolutions, one linear layer; n = 200 gives 1202."""
    return [1 + 3 * ((depth - 2) // 6) * 2 + 1 for depth in experiment.depths]


def twelve_hundred(experiment: ParameterCounts, given: None) -> int:
    """The largest number of layers that the notes name; 1200 is not 6n + 2 for any n."""
    return 1200


CLAIM = Claim(
    entry="resnet-vanishing-attribution",
    says="The residual network of n = 200 has 6n + 2 = 1202 layers with weights.",
    paper="He, Zhang, Ren & Sun 2016 (CVPR), section 4.2: 1202 layers, and a higher test error than 110 (table 6)",
    experiments=vary(ParameterCounts(report="weighted layers"), depths=((1202,), (20, 32, 44, 56, 110))),
    predict=six_n_plus_two,
    judge=equal(),
    assumptions=(
        Assumption(
            "free-shortcuts",
            "a way around a block has no weights: a projection would be a layer more",
            case="20x32x44x56x110",
            broken_by={"network": "dlverify.lab.architectures.residual:cifar_resnet(shortcut='projection')"},
        ),
    ),
    errata=(
        Erratum(
            "twelve-hundred",
            "Up to 1200 layers are said to have been reached.",
            number=27,
            predict=twelve_hundred,
            judge=at_most(),
        ),
    ),
)
