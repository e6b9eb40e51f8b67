"""Squared error and the likelihood of unit variance train alike, bit for bit."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.likelihood import PairedTrainings, Problem


def none(experiment: PairedTrainings, given: Problem) -> int:
    """No weight differs after any step.

    The likelihood's gradient is half that of the squared error, so that twice the rate makes the same step. Halves and
    doubles change no digit: all that is rounded in the one training is rounded alike in the other.
    """
    return 0


CLAIM = Claim(
    entry="gaussian-mle-is-mse",
    says="Training on the Gaussian likelihood of variance 1 at twice the learning rate is training on squared error: after every "
    "step all weights are the same, to the last bit.",
    paper="Goodfellow, Bengio & Courville 2016, section 5.5.1",
    experiments=vary(PairedTrainings(), lr=(0.1, 0.5)),
    predict=none,
    judge=equal(),
    assumptions=(
        Assumption("twice-the-rate", "the likelihood is given twice the rate", broken_by={"rate": 1.0}),
        Assumption(
            "one-variance", "the variance is 1, or the rate would have to follow it", broken_by={"variance": 2.0}
        ),
        Assumption(
            "steps-follow-gradients",
            "steps are proportional to gradients; with Adam's the doubled rate doubles them",
            broken_by={"optimizer": "torch.optim:Adam"},
        ),
    ),
)
