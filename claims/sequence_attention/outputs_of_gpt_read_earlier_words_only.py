"""Outputs of GPT read earlier words only."""

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.attention import Dependence, Replaced
from dlverify.quantity import Array

SMALL = "(layers=2, width=16, heads=2, vocabulary=32, length=8)"


def lower_triangle(experiment: Dependence, given: Replaced) -> Array:
    """True where the word stands at the output's place or before: a score of minus infinity has weight 0 in every layer.

    A product of lower triangles is one again, so that more layers let nothing through.
    """
    return np.tri(experiment.words, dtype=bool)


CLAIM = Claim(
    entry="gpt3-parameters",
    says=(
        "With a causal mask, replacing a word changes the outputs at its own place and at all later ones, and not a bit of any earlier "
        "one: GPT can be trained on all places of a text at once to tell the next word."
    ),
    paper="Vaswani et al. 2017, section 3.2.3; Radford et al. 2018",
    experiments=vary(
        Dependence(),
        network=(
            f"dlverify.lab.architectures.transformers:gpt{SMALL}",
            "dlverify.lab.architectures.transformers:gpt(layers=4, width=32, heads=4, vocabulary=32, length=8)",
        ),
    ),
    predict=lower_triangle,
    judge=equal(),
    assumptions=(
        Assumption(
            "masked",
            "no word sees later ones, as each of BERT does",
            broken_by={"network": f"dlverify.lab.architectures.transformers:bert{SMALL}"},
        ),
    ),
)
