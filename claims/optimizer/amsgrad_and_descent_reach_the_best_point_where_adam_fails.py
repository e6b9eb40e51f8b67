"""AMSGrad and descent reach the best point where Adam fails."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.adaptive import Numbers, PeriodicLosses


def best(experiment: PeriodicLosses, given: Numbers) -> float:
    """-1, exactly, after each steep loss: its step down exceeds the two steps up, of which it is C times as long.

    For descent that is C / sqrt(3 k + 1) > 1 / sqrt(3 k + 2) + 1 / sqrt(3 k + 3); AMSGrad divides all by one number, the
    largest average so far, which changes no more once the steep gradient has been seen often enough.
    """
    return -1.0


ADAM = f"torch.optim:Adam(betas=(0.0, {1 / (1 + 3.0**2)}))"
AMSGRAD = ADAM.replace("))", "), amsgrad=True)")

CLAIM = Claim(
    entry="adam-nonconvergence",
    says="On losses 3 x, -x, -x in turn on [-1, 1] AMSGrad, which divides by the largest average of squares so far, and plain "
    "descent come to the best point, -1, from anywhere.",
    paper="Reddi, Kale & Kumar 2018",
    experiments=vary(PeriodicLosses(AMSGRAD, report="after", first=128), optimizer=(AMSGRAD, "torch.optim:SGD")),
    predict=best,
    judge=equal(),
    assumptions=(
        Assumption("remembers", "the steep gradient is never forgotten", broken_by={"optimizer": ADAM}),
        Assumption("steep", "C > 2: otherwise the best point is +1", broken_by={"steep": 1.5}),
    ),
)
