"""Descent ends at the closed form from any start."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, rounding, vary
from dlverify.experiments.linear_models import DescendedLines, Points
from dlverify.quantity import Array


def closed_form(experiment: DescendedLines, given: Points) -> Array:
    """Slope w = Cov(x, y) / Var(x), intercept b = mean y - w mean x; where all x are equal every slope does, and 0 is taken."""
    x, y = given.inputs - given.inputs.mean(), given.targets - given.targets.mean()
    slope = (x @ y) / (x @ x) if x.any() else 0.0
    return np.array([slope, given.targets.mean() - slope * given.inputs.mean()])


def roundings(experiment: DescendedLines, given: Points) -> float:
    """Of one step: w x + b - y (3), the derivative 2 / N of the mean (3), N products and sums, rate and update (2); twice.

    Twice for the second order, for the theory and for what is left of the start: lr times the curvatures, 0.76 and 2.2, is
    0.47 and 1.38, so an error shrinks to 0.53 at each step, and to 1e-35 in 128.
    """
    return 2 * (len(given.inputs) + 8)


def terms(experiment: DescendedLines, given: Points) -> float:
    """What a step at the end adds up, lr (2 / N) sum (|x| + 1) (|w x| + |b| + |y|) + |w| + |b|, over all steps.

    An error shrinks by the rate r = max |1 - lr lambda| at each step, so that all add up to 1 + r + r^2 + ... of one.
    """
    x = np.stack([given.inputs, np.ones_like(given.inputs)])
    rate = np.abs(1 - experiment.lr * 2 * np.linalg.eigvalsh(x @ x.T / len(x.T))).max()
    parameters = np.abs(closed_form(experiment, given))
    step = 2 * experiment.lr * np.mean(np.abs(x).sum(0) * (parameters @ np.abs(x) + np.abs(given.targets)))
    return float((step + parameters.sum()) * (rate ** np.arange(experiment.steps)).sum())


CLAIM = Claim(
    entry="ols-normal-equations",
    says="If the inputs are not all equal, gradient descent with a rate below 2 / lambda_max ends at the closed form of least "
    "squares wherever it starts.",
    paper="Hastie, Tibshirani & Friedman 2009, section 3.2; Nesterov 2004",
    experiments=vary(DescendedLines()),
    predict=closed_form,
    judge=equal(within=rounding(operations=roundings, scale=terms)),
    assumptions=(
        Assumption("inputs-differ", "the inputs are not all equal", broken_by={"inputs": "equal"}),
        Assumption("small-rate", "the rate is below 2 / lambda_max, here 0.909", broken_by={"lr": 0.9375}),
        Assumption("squared", "the errors are squared", broken_by={"loss": "torch.nn:HuberLoss(delta=0.25)"}),
    ),
    errata=(
        Erratum(
            "found-by-backpropagation",
            "Backpropagation is the way to find slope and intercept.",
            number=25,
            broken_by={"after_backward": "nothing"},
        ),
    ),
    why_graded="Descent is measured in floating point; the entry's proof is that of least_squares_has_a_closed_form.",
)
