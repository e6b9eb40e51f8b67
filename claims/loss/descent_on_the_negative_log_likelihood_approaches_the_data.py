"""Descent on the negative log-likelihood approaches the data; on the log-likelihood it flees them."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, at_most, equal, vary
from dlverify.experiments.likelihood import LikelihoodDescent, Start
from dlverify.quantity import Array


def geometric(experiment: LikelihoodDescent, given: Start) -> Array:
    """Distance times (1 - lr / N)^t after t steps on the negative mean log-likelihood, times (1 + lr / N)^t on the printed one.

    The derivative of the mean of log N(y; p, 1) over N samples is (y - p) / N.
    """
    sign = 1 if experiment.objective == "log-likelihood" else -1
    factor = 1 + sign * Fraction(experiment.lr) / experiment.samples
    distances = [Fraction(distance) for distance in np.abs(given.predictions - given.targets)]
    return np.array([[distance * factor**step for step in range(experiment.steps + 1)] for distance in distances])


def never_further(experiment: LikelihoodDescent, given: Start) -> Array:
    """As printed: the mean log-likelihood is a loss, so that making it small brings predictions to their targets."""
    return np.abs(given.predictions - given.targets)[:, None]


def residuals(sign: int = 1) -> dict[str, Any]:
    """One step on minus and plus the mean log-density of a sample among N."""
    y, p = sympy.symbols("y p", real=True)
    rate = sympy.Symbol("eta", positive=True)
    samples = sympy.Symbol("N", positive=True, integer=True)
    mean_log_density = (-((y - p) ** 2) / 2 - sympy.log(2 * sympy.pi) / 2) / samples
    slope = sympy.diff(mean_log_density, p)
    return {
        "descent on its negative": (p + rate * slope - y) - (1 - sign * rate / samples) * (p - y),
        "descent on itself": (p - rate * slope - y) - (1 + sign * rate / samples) * (p - y),
    }


CLAIM = Claim(
    entry="mle-sign",
    says="The loss is the negative log-likelihood: descent at rate eta on its mean over N samples multiplies the distance to the "
    "data by 1 - eta / N a step, on the log-likelihood itself by 1 + eta / N, without end.",
    paper="Goodfellow, Bengio & Courville 2016, section 5.5",
    experiments=vary(LikelihoodDescent(), objective=("negative log-likelihood", "log-likelihood"), samples=(2, 4)),
    predict=geometric,
    judge=equal(),
    assumptions=(
        Assumption(
            "descent",
            "the steps go downhill; uphill on the log-likelihood is downhill on its negative",
            broken_by={"optimizer": "torch.optim:SGD(maximize=True)"},
        ),
        Assumption("gaussian", "the noise is Gaussian", broken_by={"noise": "torch.distributions:Laplace"}),
    ),
    proof=Proof(
        "For all predictions, targets, rates and N one step multiplies the distance by 1 - eta / N, or 1 + eta / N.",
        residuals,
        broken=lambda: residuals(sign=-1),
    ),
    errata=(
        Erratum(
            "log-likelihood-as-loss",
            "The loss is the mean of log N(y; prediction, 1).",
            number=4,
            predict=never_further,
            broken_by={"objective": "log-likelihood", "samples": 1, "steps": 1},
            judge=at_most(),
        ),
    ),
)
