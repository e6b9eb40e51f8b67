"""Absolute error is the negative log-likelihood of Laplace noise."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.loss import LogLikelihoods, Residuals
from dlverify.quantity import Array


def absolute_error(experiment: LogLikelihoods, given: Residuals) -> Array:
    """|r| for the loss; |r| / b + log(2 b) for noise of scale b."""
    error, scales = np.abs(given.targets - given.predictions), np.array(experiment.scales)[:, None]
    return np.vstack([error, error / scales + np.log(2 * scales)])


def terms(experiment: LogLikelihoods, given: Residuals) -> Array:
    """The same sums with all terms positive."""
    error, scales = np.abs(given.targets - given.predictions), np.array(experiment.scales)[:, None]
    return np.vstack([error, error / scales + np.abs(np.log(2 * scales))])


def residuals(factor: int = 2) -> dict[str, Any]:
    """The density is exp(-|r| / b) over its integral, twice that from 0 on; its negative logarithm is taken term by term."""
    r, scale = sympy.Symbol("r", real=True), sympy.Symbol("b", positive=True)
    size = sympy.Symbol("|r|", positive=True)
    integral = 2 * sympy.integrate(sympy.exp(-size / scale), (size, 0, sympy.oo))
    likelihood = sympy.expand_log(-sympy.log(sympy.exp(-sympy.Abs(r) / scale) / integral), force=True)
    return {"for all r and b": likelihood - sympy.Abs(r) / scale - sympy.log(factor * scale)}


CLAIM = Claim(
    entry="l1-is-laplace-mle",
    says="Up to the factor 1 / b and the constant log 2b, absolute error is the negative log-likelihood of Laplace noise of "
    "scale b, so that both are smallest at the same predictions.",
    paper="Goodfellow, Bengio & Courville 2016, section 5.5",
    experiments=vary(LogLikelihoods("torch.nn:L1Loss", "torch.distributions:Laplace")),
    predict=absolute_error,
    # A difference, a quotient and a sum, and two for a logarithm good to one unit in the last place; as much in float64.
    judge=equal(within=rounding(operations=10, scale=terms)),
    assumptions=(
        Assumption("laplace", "the noise has Laplace's density", broken_by={"noise": "torch.distributions:Normal"}),
        Assumption("absolute", "the loss is |r| for small r, too", broken_by={"loss": "torch.nn:SmoothL1Loss"}),
    ),
    proof=Proof(
        "The negative logarithm of Laplace's density is |r| / b + log 2b, for all r and b > 0.",
        residuals,
        broken=lambda: residuals(factor=1),
    ),
)
