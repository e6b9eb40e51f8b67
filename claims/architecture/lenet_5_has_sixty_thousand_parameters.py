"""LeNet-5 has sixty thousand trainable parameters."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.counting import Parameters

SEEN_BY_C3 = (3,) * 6 + (4,) * 9 + (6,)
"""How many of the six maps of S2 each map of C3 sees (LeCun et al. 1998, table I)."""


def from_the_paper(experiment: Parameters, given: None) -> list[int] | int:
    """A map that sees n others through 5x5 weights has 25 n + 1 parameters; one that averages has a coefficient and a bias.

    C1 has 6 maps that see the image, S2 has 6, C3 those of the table, S4 has 16, C5 120 maps that see all 16, F6 84 units
    that see all 120. The output compares F6 with fixed codes and has none.
    """
    c3 = [25 * seen + 1 for seen in SEEN_BY_C3]
    layers = [6 * (25 + 1), 2 * 6, *c3, 2 * 16, 120 * (25 * 16 + 1), 84 * (120 + 1)]
    return sum(layers) if experiment.report == "total" else layers


CLAIM = Claim(
    entry="lenet-5",
    says="LeNet-5 has 156 + 12 + 1,516 + 32 + 48,120 + 10,164 = 60,000 trainable parameters, where the variant in use today "
    "has 61,706.",
    paper="LeCun, Bottou, Bengio & Haffner 1998, section II.B and table I",
    experiments=vary(Parameters("dlverify.lab.architectures.classification:lenet()"), report=("by layer", "total")),
    predict=from_the_paper,
    judge=equal(),
    assumptions=(
        Assumption(
            "partial-table",
            "maps of C3 see the maps of S2 that the table gives them: seeing all would cost 2,416 in place of 1,516",
            broken_by={"network": "dlverify.lab.architectures.classification:lenet(partial=False)"},
        ),
        Assumption(
            "trained-averages-fixed-codes",
            "averages have a coefficient and a bias and the codes at the output are fixed, unlike in the variant in use today",
            broken_by={"network": "dlverify.lab.architectures.classification:lenet(original=False, partial=False)"},
            case="total",
        ),
    ),
)
