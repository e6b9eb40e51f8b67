"""The logistic loss is convex."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.classical_ml import Classifier, LossHessians
from dlverify.quantity import Array


def scores(experiment: LossHessians, given: Classifier) -> Array:
    """Logits x . w for each length of the weights, shape `(lengths, samples)`."""
    return np.outer(experiment.lengths, given.inputs @ given.weights[0])


def weighted_products(experiment: LossHessians, given: Classifier) -> Array:
    """X^T D X with D = p (1 - p), p the sigmoid of the logit: labels have no part in it."""
    slopes = 1 / (2 + 2 * np.cosh(scores(experiment, given)))
    return np.einsum("ls,si,sj->lij", slopes, given.inputs, given.inputs)


def terms(experiment: LossHessians, given: Classifier) -> Array:
    """|x_i x_j| times p and 1 - p, which are rounded apart and are 1 at most, and times what the logit adds up, sum |x w|."""
    sizes = 1 + np.outer(experiment.lengths, np.abs(given.inputs) @ np.abs(given.weights[0]))
    products = np.abs(given.inputs[:, :, None] * given.inputs[:, None, :])
    return np.einsum("ls,sij->lij", sizes, products)


def roundings(experiment: LossHessians, given: Classifier) -> float:
    """A logit (features), its sigmoid (4), products (4) and the sum over samples; twice, for the theory."""
    return 2 * (experiment.features + experiment.samples + 8)


def residuals(quarter: int = 4) -> dict[str, Any]:
    """Of log(1 + exp(-m)) and log(1 + exp(m)), the losses of the two labels: D = p (1 - p) = 1/4 - (p - 1/2)^2.

    So v^T X^T D X v = sum D (x . v)^2 lies between 0 and |X v|^2 / 4, for any v.
    """
    m = sympy.Symbol("m", real=True)
    p = 1 / (1 + sympy.exp(-m))
    bound = sympy.Rational(1, quarter) - (p - sympy.Rational(1, 2)) ** 2
    return {
        "one label": sympy.log(1 + sympy.exp(-m)).diff(m, 2) - p * (1 - p),
        "the other label": sympy.log(1 + sympy.exp(m)).diff(m, 2) - p * (1 - p),
        "between 0 and 1/4": p * (1 - p) - bound,
    }


CLAIM = Claim(
    entry="logistic-regression",
    says="The summed logistic loss is convex: its second derivatives are X^T D X with 0 < D <= 1/4, at any weights and labels.",
    paper="Hastie, Tibshirani & Friedman 2009, section 4.4",
    experiments=vary(LossHessians()),
    predict=weighted_products,
    judge=equal(within=rounding(operations=roundings, scale=terms)),
    assumptions=(
        Assumption("logistic", "the loss is logistic", broken_by={"loss": "torch.nn:MSELoss"}),
        Assumption(
            "log-likelihood",
            "of the probability the logarithm is taken, not the squared error, which is not convex",
            broken_by={"loss": "torch.nn:MSELoss", "output": "probability"},
        ),
    ),
    proof=Proof(
        "For either label the second derivative is p (1 - p) = 1/4 - (p - 1/2)^2, for all logits.",
        residuals,
        broken=lambda: residuals(quarter=2),
    ),
)
