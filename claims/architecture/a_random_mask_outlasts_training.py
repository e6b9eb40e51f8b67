"""A random mask of connections outlasts training as long as it is applied."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.connectivity import Masked, MaskedTraining
from dlverify.quantity import Array


def drawn_connections(experiment: MaskedTraining, given: Masked) -> Array:
    """Those of the mask, by no arithmetic at all: a weight times 0 is 0 however an optimizer moves it.

    The others are not zero: they start and move by numbers for which a sum of exactly zero has probability zero.
    """
    return given.mask


CLAIM = Claim(
    entry="random-connectivity",
    says="Connections drawn at random and fixed by a mask are those that a layer has after training, with any optimizer, "
    "weight decay included.",
    paper="Frankle & Carbin 2019",
    experiments=vary(
        MaskedTraining(),
        optimizer=("torch.optim:SGD(momentum=0.9)", "torch.optim:Adam", "torch.optim:AdamW(weight_decay=0.1)"),
        density=(0.1, 0.3),
    ),
    predict=drawn_connections,
    judge=equal(),
    assumptions=(
        Assumption(
            "applied",
            "the mask is applied at every step: connections that merely start at zero grow",
            broken_by={"kept": "at the start"},
        ),
    ),
)
