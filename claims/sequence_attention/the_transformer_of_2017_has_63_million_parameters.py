"""The Transformer of 2017 has 63 million parameters, and its big version 214 million."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.counting import Parameters

MODELS = "dlverify.lab.architectures.transformers:transformer"


def from_the_table(experiment: Parameters, given: None) -> int:
    """Table 3: N = 6 layers a side, width d and inner width f = 4 d, and one matrix for 37,000 words of both languages.

    Attention: 4 d^2 + 4 d; feed-forward: 2 d f + f + d; a normalisation: 2 d. A layer of the encoder has one attention and two
    normalisations, one of the decoder two and three. torch's core has no words, and one more normalisation at the end of each side.
    """
    core = experiment.network.role == "torch.nn.Transformer"
    d = 1024 if dict(experiment.network.arguments).get("big") else 512
    attention, inner, norm = 4 * d * d + 4 * d, 8 * d * d + 5 * d, 2 * d
    layers = 6 * (attention + inner + 2 * norm) + 6 * (2 * attention + inner + 3 * norm)
    return layers + (2 * norm if core else 37000 * d)


CLAIM = Claim(
    entry="transformer-parameters",
    says=(
        "With a shared vocabulary of 37,000 and biases in attention, the Transformer has 63,082,496 parameters and its big version "
        "214,245,376, where the paper says 65 and 213 million; torch's own core has 44,140,544."
    ),
    paper="Vaswani et al. 2017, table 3",
    experiments=vary(
        Parameters(report="total"), network=(MODELS, f"{MODELS}(big=True)", "torch.nn:Transformer(batch_first=True)")
    ),
    predict=from_the_table,
    judge=equal(),
    assumptions=(
        Assumption(
            "shared", "one matrix embeds words and scores them", broken_by={"network": f"{MODELS}(shared=False)"}
        ),
        Assumption("biases", "attention has biases", broken_by={"network": f"{MODELS}(bias=False)"}),
        Assumption(
            "vocabulary",
            "there are 37,000 words, which the paper rounds",
            broken_by={"network": f"{MODELS}(vocabulary=37001)"},
        ),
    ),
)
