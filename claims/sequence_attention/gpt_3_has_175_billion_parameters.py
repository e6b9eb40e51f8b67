"""GPT-3 has 175 billion parameters, 521 times as many as the large BERT."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.counting import Parameters

MODELS = "dlverify.lab.architectures.transformers"
SIZES = {
    "gpt3": {
        "small": (12, 768),
        "medium": (24, 1024),
        "large": (24, 1536),
        "xl": (24, 2048),
        "2.7B": (32, 2560),
        "6.7B": (32, 4096),
        "13B": (40, 5120),
        "175B": (96, 12288),
    },
    "gpt2": {"small": (12, 768), "medium": (24, 1024), "large": (36, 1280), "xl": (48, 1600)},
}
"""Layers and width of GPT-3 (Brown et al. 2020, table 2.1) and of GPT-2 (Radford et al. 2019, table 2).

For 13B the table prints a width of 5140, which its 40 heads of 128 do not give, nor the count of its own table D.1."""


def twelve_squares_a_layer(experiment: Parameters, given: None) -> int:
    """L (12 d^2 + 13 d) + (V + P) d + 2 d: attention 4 d^2 + 4 d, feed-forward 8 d^2 + 5 d, two normalisations 4 d.

    Beside the layers there are vectors for V = 50,257 words, which score the next word, too, vectors for P places, 2,048 or GPT-2's
    1,024, and a normalisation at the end.
    """
    name = "gpt2" if experiment.network.role.endswith(".gpt2") else "gpt3"
    layers, d = SIZES[name][dict(experiment.network.arguments).get("size", "175B")]
    return layers * (12 * d * d + 13 * d) + (50257 + (2048 if name == "gpt3" else 1024)) * d + 2 * d


CLAIM = Claim(
    entry="gpt3-parameters",
    says=(
        "GPT-3 has 174,604,259,328 parameters, 521 times as many as the large BERT and 112 times as many as the largest GPT-2; nearly "
        "all are in the 12 d^2 of its 96 layers."
    ),
    paper="Brown et al. 2020, tables 2.1 and D.1",
    experiments=vary(
        Parameters(report="total"),
        network=tuple(f"{MODELS}:{name}(size={size!r})" for name in ("gpt3", "gpt2") for size in reversed(SIZES[name])),
    ),
    predict=twelve_squares_a_layer,
    judge=equal(),
    assumptions=(
        Assumption(
            "four-widths",
            "feed-forward parts are four widths wide inside; two thirds of each layer are in them",
            broken_by={"network": f"{MODELS}:gpt3(size='175B', inner=1)"},
        ),
        Assumption(
            "width-of-13b",
            "the model of 13 billion has width 5120 and not 5140, as printed",
            broken_by={"network": f"{MODELS}:gpt3(size='13B', width=5140, heads=20)"},
            case="gpt3-size-13b",
        ),
    ),
)
