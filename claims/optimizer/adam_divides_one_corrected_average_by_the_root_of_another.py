"""Adam divides one corrected average by the root of another."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, gamma, vary
from dlverify.experiments.optimizer import Gradients, StepLengths, correction_roundings
from dlverify.quantity import Array

BETA1, BETA2 = 0.9, 0.999
"""torch's defaults."""


def average(beta: float, values: Array) -> Array:
    """(1 - beta) (x_t + beta x_(t-1) + beta^2 x_(t-2) + ...), a moving average that starts at zero."""
    t = np.arange(len(values))
    return np.where(t[:, None] >= t, (1 - beta) * beta ** np.maximum(t[:, None] - t, 0), 0.0) @ values


def corrected(experiment: StepLengths, given: Gradients) -> Array:
    """-lr m' / sqrt(v'), where m' = m / (1 - beta1^t) averages the gradients and v' = v / (1 - beta2^t) their squares."""
    t = np.arange(1, experiment.steps + 1)[:, None]
    mean, square = average(BETA1, given.values) / (1 - BETA1**t), average(BETA2, given.values**2) / (1 - BETA2**t)
    return -experiment.lr * mean / np.sqrt(square)


def uncorrected(experiment: StepLengths, given: Gradients) -> Array:
    """-lr m / sqrt(v), as printed: the first step is (1 - beta1) / sqrt(1 - beta2) = 3.16 times the rate."""
    return -experiment.lr * average(BETA1, given.values) / np.sqrt(average(BETA2, given.values**2))


def allowed(experiment: StepLengths, given: Gradients, unit_roundoff: float) -> Array:
    """4 t roundings in m, 3 t + 1 under the root in v, 8 for the rest, of the size of the update with |g| in place of g.

    A step's m is m + (1 - beta1) (g - m): rate, difference, product and sum, each at most as large as the average of |g|.
    The corrections, one of them under the root, come in double precision whatever the dtype, but for optimizers that count
    in float32. The prediction rounds as often, in float64.
    """
    t = np.arange(1, experiment.steps + 1)[:, None]
    size = np.abs(corrected(experiment, Gradients(np.abs(given.values))))
    often = 4 * t + (3 * t + 1) / 2 + 8
    corrections = correction_roundings(BETA1, t) + correction_roundings(BETA2, t) / 2
    scalars = max(2.0**-53, experiment.optimizer.unit_roundoff)
    return (gamma(often, unit_roundoff) + gamma(often + 2 * corrections, scalars)) * size


CASE = StepLengths("torch.optim:Adam(eps=0)", gradient="random", sizes=(1e-3, 1.0, 1e3), report="update", steps=256)

CLAIM = Claim(
    entry="adam",
    says="Adam steps by -lr m' / sqrt(v'), where m' and v' are moving averages of g and g^2 divided by 1 - beta^t, which makes "
    "weighted means of them: so the first step is as long as the rate.",
    paper="Kingma & Ba 2015, algorithm 1",
    experiments=vary(
        CASE,
        optimizer=(
            "torch.optim:Adam(eps=0)",
            "torch.optim:Adam(eps=0, foreach=True)",
            "torch.optim:AdamW(eps=0)",
            "torch.optim:AdamW(eps=0, foreach=True)",
            "torch.optim:AdamW(eps=0, fused=True)",
        ),
    )
    + vary(CASE, gradient=("constant",))
    + vary(CASE, tier="full", optimizer=("torch.optim:Adam(eps=0, fused=True)",)),
    predict=corrected,
    judge=equal(within=allowed),
    assumptions=(
        Assumption(
            "mean-of-squares",
            "the denominator comes from all squares, not from the largest gradient",
            broken_by={"optimizer": "torch.optim:Adamax(eps=0)"},
        ),
        Assumption(
            "stated-betas",
            "the averages forget as fast as stated",
            broken_by={"optimizer": "torch.optim:Adam(eps=0, betas=(0.5, 0.999))"},
        ),
        Assumption(
            "averages-gradients",
            "the numerator is an average too",
            broken_by={"optimizer": "torch.optim:RMSprop(alpha=0.999, eps=0)"},
        ),
    ),
    errata=(
        Erratum(
            "uncorrected",
            "Adam takes the moving averages as they are, of gradients and of their squares.",
            number=16,
            predict=uncorrected,
            broken_by={"steps": 1, "sizes": (1.0,)},
        ),
    ),
)
