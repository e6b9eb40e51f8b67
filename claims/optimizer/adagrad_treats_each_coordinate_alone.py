"""Adagrad treats each coordinate alone."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.optimizer import Gradients, UpdateRatios


def unchanged(experiment: UpdateRatios, given: Gradients) -> float:
    """One, to the last bit: no number of another coordinate enters its denominator."""
    return 1.0


CLAIM = Claim(
    entry="adagrad",
    says="Each coordinate has its own denominator: gradients a million times larger in all others leave its steps as they were.",
    paper="Duchi, Hazan & Singer 2011",
    experiments=vary(
        UpdateRatios("torch.optim:Adagrad", multiplied="others"),
        optimizer=("torch.optim:Adagrad", "torch.optim:Adagrad(foreach=True)"),
    ),
    predict=unchanged,
    judge=equal(),
    assumptions=(
        Assumption(
            "own-denominator",
            "nothing is shared, as the root mean square by which Adafactor clips an update is",
            broken_by={"optimizer": "torch.optim:Adafactor"},
        ),
    ),
)
