"""Squared error is the negative log-likelihood of Gaussian noise."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.loss import LogLikelihoods, Residuals
from dlverify.quantity import Array


def squared_error(experiment: LogLikelihoods, given: Residuals) -> Array:
    """r^2 for the loss; r^2 / (2 sigma^2) + log(2 pi sigma^2) / 2 for noise of standard deviation sigma."""
    squares, scales = (given.targets - given.predictions) ** 2, np.array(experiment.scales)[:, None]
    return np.vstack([squares, squares / (2 * scales**2) + np.log(2 * np.pi * scales**2) / 2])


def terms(experiment: LogLikelihoods, given: Residuals) -> Array:
    """The same sums with all terms positive, the two logarithms apart."""
    squares, scales = (given.targets - given.predictions) ** 2, np.array(experiment.scales)[:, None]
    return np.vstack([squares, squares / (2 * scales**2) + np.abs(np.log(scales)) + np.log(2 * np.pi) / 2])


def residuals(power: int = 2) -> dict[str, Any]:
    """The density is exp(-r^2 / (2 sigma^2)) over its integral; its negative logarithm is taken term by term."""
    r, scale = sympy.Symbol("r", real=True), sympy.Symbol("sigma", positive=True)
    density = sympy.exp(-(r**2) / (2 * scale**2))
    integral = sympy.integrate(density, (r, -sympy.oo, sympy.oo))
    likelihood = sympy.expand_log(-sympy.log(density / integral), force=True)
    constant = sympy.expand_log(sympy.log(2 * sympy.pi * scale**power) / 2, force=True)
    return {"for all r and sigma": likelihood - r**2 / (2 * scale**2) - constant}


CLAIM = Claim(
    entry="l1-is-laplace-mle",
    says="Up to the factor 1 / (2 sigma^2) and a constant, squared error is the negative log-likelihood of Gaussian noise.",
    paper="Goodfellow, Bengio & Courville 2016, section 5.5",
    experiments=vary(LogLikelihoods("torch.nn:MSELoss", "torch.distributions:Normal")),
    predict=squared_error,
    # A difference, two squares, a product, a quotient, two sums and the constant, and two for a logarithm; as much in float64.
    judge=equal(within=rounding(operations=20, scale=terms)),
    assumptions=(
        Assumption("gaussian", "the noise is Gaussian", broken_by={"noise": "torch.distributions:Laplace"}),
        Assumption("squared", "large errors are squared, too", broken_by={"loss": "torch.nn:HuberLoss"}),
    ),
    proof=Proof(
        "The negative logarithm of the Gaussian density is r^2 / (2 sigma^2) + log(2 pi sigma^2) / 2, for all r and sigma > 0.",
        residuals,
        broken=lambda: residuals(power=1),
    ),
)
