"""Every output of BERT reads the words on both sides."""

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.attention import Dependence, Replaced
from dlverify.quantity import Array

SMALL = "(layers=2, width=16, heads=2, vocabulary=32, length=8)"


def everywhere(experiment: Dependence, given: Replaced) -> Array:
    """True: no weight of a softmax without a mask is 0, so that each output has a part of each word in it."""
    return np.ones((experiment.words, experiment.words), dtype=bool)


CLAIM = Claim(
    entry="bert",
    says="Replacing any one word changes BERT's output at every place, before that word and after it.",
    paper="Devlin, Chang, Lee & Toutanova 2019, figure 3",
    experiments=vary(Dependence(f"dlverify.lab.architectures.transformers:bert{SMALL}")),
    predict=everywhere,
    judge=equal(),
    assumptions=(
        Assumption(
            "no-mask",
            "a word sees all the others; with GPT's causal mask it sees earlier ones",
            broken_by={"network": f"dlverify.lab.architectures.transformers:gpt{SMALL}"},
        ),
    ),
)
