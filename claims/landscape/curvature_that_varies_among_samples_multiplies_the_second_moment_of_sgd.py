"""Each step of SGD multiplies E x^2 by (1 - lr a)^2 + lr^2 s^2 / B, a and s^2 mean and variance of the samples' curvatures."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, vary
from dlverify.experiments.landscape import EnumeratedSteps, Minibatches
from dlverify.quantity import Array


def factors(experiment: EnumeratedSteps, given: Minibatches, noise: int = 1) -> Array:
    """((1 - lr a)^2 + lr^2 s^2 / B)^steps in rational numbers, s^2 times (N - B) / (N - 1) without replacement."""
    number, rates = len(experiment.curvatures), np.array([Fraction(rate) for rate in experiment.rates])
    rows = []
    for batch in experiment.batches:
        share = Fraction(1) if experiment.sampling == "with replacement" else Fraction(number - batch, number - 1)
        rows.append(
            ((1 - rates * given.mean) ** 2 + rates**2 * noise * given.variance * share / batch) ** experiment.steps
        )
    return np.array(rows)


def without_variance(experiment: EnumeratedSteps, given: Minibatches) -> Array:
    """(1 - lr a)^2 per step: what gradient descent does, whatever the size of the minibatches."""
    return factors(experiment, given, noise=0)


def residuals(forgotten: int = 1) -> dict[str, Any]:
    """Mean a, variance s^2 and covariance c of two curvatures of a minibatch lead to the factor; c is 0 with replacement.

    Without it the N deviations from a sum to zero, so the N s^2 + N (N - 1) c that their square has in the mean are 0.
    """
    rate, a, s, c, B, N = sympy.symbols("lr a s c B N", positive=True)
    variance = (B * s**2 + forgotten * B * (B - 1) * c) / B**2  # of the mean of B curvatures
    second = 1 - 2 * rate * a + rate**2 * (a**2 + variance)  # E (1 - lr a_B)^2
    (drawn_once,) = sympy.solve(N * s**2 + N * (N - 1) * c, c)
    return {
        "with replacement": second.subs(c, 0) - ((1 - rate * a) ** 2 + rate**2 * s**2 / B),
        "without": second.subs(c, drawn_once) - ((1 - rate * a) ** 2 + rate**2 * s**2 / B * (N - B) / (N - 1)),
    }


CLAIM = Claim(
    entry="sgd-linear-stability",
    says=(
        "Where all samples have their minimum at 0 with curvatures of mean a and variance s^2, each step of SGD with "
        "minibatches of B multiplies E x^2 by (1 - lr a)^2 + lr^2 s^2 / B, and without replacement s^2 counts "
        "(N - B) / (N - 1) times."
    ),
    paper="Wu, Ma & E 2018, theorem 1",
    experiments=vary(
        EnumeratedSteps(rates=tuple(k / 8 for k in range(1, 13))),
        sampling=("with replacement", "without replacement"),
        curvatures=((0.0, 0.0, 2.0, 2.0), (0.25, 1.0, 1.5, 4.0)),
    )
    + vary(EnumeratedSteps(curvatures=(0.25, 1.0, 1.5, 4.0)), steps=(3,), tier="full")
    + vary(
        EnumeratedSteps(curvatures=(0.0, 0.5, 0.5, 1.0, 1.0, 2.0, 3.0, 8.0), sampling="without replacement", steps=1),
        batches=((1, 2, 4, 8),),
        tier="full",
    ),
    predict=factors,
    judge=equal(),
    assumptions=(
        Assumption(
            "afresh",
            "each step draws its minibatch afresh, not the rest of an epoch",
            broken_by={"sampling": "epochs"},
            case="without-replacement-0x0x2x2",
        ),
        Assumption(
            "gradient-alone",
            "a step goes by the gradient alone",
            broken_by={"optimizer": "torch.optim:SGD(momentum=0.5)"},
        ),
    ),
    errata=(
        Erratum("as-for-gradient-descent", "the mean curvature alone decides, for any batch", predict=without_variance),
    ),
    proof=Proof(
        "The second moment of 1 - lr a_B, for all batch sizes, sample sizes and learning rates.",
        residuals,
        broken=lambda: residuals(forgotten=0),
    ),
)
