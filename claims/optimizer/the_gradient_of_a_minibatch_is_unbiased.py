"""The gradient of a minibatch is unbiased, with the covariance of one sample's gradient over the size of the minibatch."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.descent import BatchGradients, Samples
from dlverify.quantity import Array


def moments(experiment: BatchGradients, given: Samples) -> Array:
    """The mean of the samples' gradients 2 r (x, 1), r the residual, and their covariance over B.

    Without replacement the covariance counts (N - B) / (N - 1) times.
    """
    slope, intercept = (Fraction(p) for p in given.start.tolist())
    pairs = [(Fraction(x), Fraction(y)) for x, y in zip(given.inputs.tolist(), given.targets.tolist(), strict=True)]
    gradients = np.array([[2 * (slope * x + intercept - y) * x, 2 * (slope * x + intercept - y)] for x, y in pairs])
    number = len(pairs)
    mean = gradients.sum(axis=0) / number
    covariance = (gradients - mean).T @ (gradients - mean) / number
    spread = np.array([covariance[0, 0], covariance[1, 1], covariance[0, 1]])
    rows = []
    for batch in experiment.batches:
        share = Fraction(1) if experiment.sampling == "with replacement" else Fraction(number - batch, number - 1)
        rows.append(np.concatenate([mean, spread * share / batch]))
    return np.array(rows)


def residuals(forgotten: int = 1) -> dict[str, Any]:
    """A batch of B with variances s^2 and covariances c of two draws has the variance (B s^2 + B (B - 1) c) / B^2.

    With replacement c is 0. Without it all N deviations sum to zero, so N s^2 + N (N - 1) c = 0. Each draw has the mean
    gradient m, which is the mean of B such draws too.
    """
    B, N, s, c, m = sympy.symbols("B N s c m", positive=True)
    k = sympy.symbols("k", integer=True, positive=True)
    variance = (B * s**2 + forgotten * B * (B - 1) * c) / B**2
    (drawn_once,) = sympy.solve(N * s**2 + N * (N - 1) * c, c)
    return {
        "mean": sympy.summation(m, (k, 1, B)) / B - m,
        "with replacement": variance.subs(c, 0) - s**2 / B,
        "without": variance.subs(c, drawn_once) - s**2 / B * (N - B) / (N - 1),
    }


CLAIM = Claim(
    entry="sgd-unbiased-gradient",
    says="Over all minibatches of B among N samples the gradient has the full gradient as its mean and the covariance S / B "
    "with replacement, times (N - B) / (N - 1) without, S being the covariance of single samples' gradients.",
    paper="Robbins & Monro 1951; Bottou, Curtis & Nocedal 2018",
    experiments=vary(BatchGradients("torch.optim:SGD"), batches=((1, 2, 4, 8),))
    + vary(BatchGradients("torch.optim:SGD"), sampling=("with replacement",)),
    predict=moments,
    judge=equal(),
    assumptions=(
        Assumption(
            "uniform",
            "all samples are drawn alike",
            broken_by={"sampling": "unevenly"},
            case="with-replacement",
        ),
        Assumption(
            "mean-of-the-batch",
            "the loss of a minibatch is a mean, no sum",
            broken_by={"loss": "torch.nn:MSELoss(reduction='sum')"},
        ),
    ),
    proof=Proof(
        "Mean and variance of the mean of B draws, for all B and N, with replacement and without.",
        residuals,
        broken=lambda: residuals(forgotten=0),
    ),
)
