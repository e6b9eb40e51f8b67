"""Adam becomes averaged momentum under a huge epsilon."""

import numpy as np

from dlverify import Assumption, Claim, equal, gamma, vary
from dlverify.experiments.optimizer import Gradients, StepLengths, correction_roundings
from dlverify.quantity import Array

BETA1, EPSILON = 0.9, 2**60
"""torch's default, and 10^18, beside which gradients are below every rounding."""


def averaged_momentum(experiment: StepLengths, given: Gradients) -> Array:
    """-(lr / epsilon) (g_t + b g_(t-1) + b^2 g_(t-2) + ...) / (1 + b + ... + b^(t-1)), for sqrt(v') + epsilon is epsilon."""
    t = np.arange(experiment.steps)
    weights = np.where(t[:, None] >= t, BETA1 ** np.maximum(t[:, None] - t, 0), 0.0)
    return -(experiment.lr / EPSILON) * (weights @ given.values) / weights.sum(axis=1, keepdims=True)


def allowed(experiment: StepLengths, given: Gradients, unit_roundoff: float) -> Array:
    """Four roundings a step in the average and 8 after it, of the size that it has with |g| in place of g.

    A step's m is m + (1 - b) (g - m): rate, difference, product and sum. Its correction 1 - b^t comes in double precision,
    but for optimizers that count in float32. The prediction has t products and sums, twice, in float64, and the correction.
    """
    t = np.arange(1, experiment.steps + 1)[:, None]
    size = np.abs(averaged_momentum(experiment, Gradients(np.abs(given.values))))
    often = 4 * t + 8
    scalars = max(2.0**-53, experiment.optimizer.unit_roundoff)
    return (gamma(often, unit_roundoff) + gamma(often + 2 * correction_roundings(BETA1, t), scalars)) * size


CASE = StepLengths(
    f"torch.optim:Adam(eps={EPSILON})",
    lr=0.01 * EPSILON,
    gradient="random",
    sizes=(1e-3, 1.0),
    report="update",
    steps=64,
)

CLAIM = Claim(
    entry="adam-is-not-momentum-plus-sgd",
    says="With epsilon far above all gradients, and a rate in proportion to it, Adam steps along the weighted mean of past "
    "gradients: only without its denominator is it momentum, averaged.",
    paper="Kingma & Ba 2015, algorithm 1",
    experiments=vary(CASE)
    + vary(CASE, optimizer=(f"torch.optim:Adam(eps={EPSILON}, foreach=True)", f"torch.optim:AdamW(eps={EPSILON})")),
    predict=averaged_momentum,
    judge=equal(within=allowed),
    assumptions=(
        Assumption(
            "huge-epsilon",
            "epsilon drowns the average of squares",
            broken_by={"optimizer": "torch.optim:Adam(eps=1.0)"},
        ),
        Assumption(
            "averages-gradients",
            "the numerator is an average",
            broken_by={"optimizer": f"torch.optim:RMSprop(eps={EPSILON})"},
        ),
    ),
)
