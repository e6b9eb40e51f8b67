"""BERT has 110 million parameters, and its large version 335 million."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.counting import Parameters

MODELS = "dlverify.lab.architectures.transformers:bert"


def from_the_paper(experiment: Parameters, given: None) -> int:
    """L layers of 12 d^2 + 13 d, with d = 768, L = 12 or d = 1024, L = 24, vectors for words, places and segments, and the pooler.

    A layer: attention 4 d^2 + 4 d, feed-forward of inner width 4 d 8 d^2 + 5 d, two normalisations 4 d. Vectors: 30,522 words, 512
    places and 2 segments, with a normalisation 2 d; the pooler d^2 + d.
    """
    layers, d = (24, 1024) if dict(experiment.network.arguments).get("layers") == 24 else (12, 768)
    return layers * (12 * d * d + 13 * d) + (30522 + 512 + 2) * d + 2 * d + d * d + d


CLAIM = Claim(
    entry="bert",
    says="BERT has 109,482,240 parameters and its large version 335,141,888, where the paper says 110 and 340 million.",
    paper="Devlin, Chang, Lee & Toutanova 2019, section 3",
    experiments=vary(Parameters(report="total"), network=(MODELS, f"{MODELS}(layers=24, width=1024, heads=16)")),
    predict=from_the_paper,
    judge=equal(),
    assumptions=(
        Assumption(
            "pooler", "a layer acts on the first token's state", broken_by={"network": f"{MODELS}(pooled=False)"}
        ),
        Assumption("places", "there are vectors for 512 places", broken_by={"network": f"{MODELS}(length=1024)"}),
    ),
)
