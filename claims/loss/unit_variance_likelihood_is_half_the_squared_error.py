"""The likelihood of unit variance is half the squared error, negative, and a constant."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.likelihood import LikelihoodAlongALine, Start
from dlverify.quantity import Array


def half_squared_error(experiment: LikelihoodAlongALine, given: Start) -> Array:
    """-MSE / 2 - (D / 2) log 2 pi, with the squared errors summed over D outputs and averaged over samples, as in the notes."""
    squares = ((given.targets - given.predictions) ** 2).sum(axis=-1).mean(axis=-1)
    return -squares / 2 - experiment.outputs / 2 * np.log(2 * np.pi)


def roundings(experiment: LikelihoodAlongALine, given: Start) -> float:
    """Eight a density; sums over D outputs and N samples; as many in the theory."""
    return 2 * (8 + experiment.outputs + experiment.samples)


def size(experiment: LikelihoodAlongALine, given: Start) -> Array:
    """Both terms are negative, so what is summed is the value itself."""
    return np.abs(half_squared_error(experiment, given))


def residuals(scale: int = 1) -> dict[str, Any]:
    """One output of one sample; sums over D outputs and means over N samples are taken alike on both sides."""
    y, p = sympy.symbols("y p", real=True)
    density = sympy.exp(-((y - p) ** 2) / (2 * scale**2)) / sympy.sqrt(2 * sympy.pi * scale**2)
    log_density = sympy.expand_log(sympy.log(density), force=True)
    return {
        "value": log_density + (y - p) ** 2 / 2 + sympy.expand_log(sympy.log(2 * sympy.pi)) / 2,
        "slope": sympy.diff(log_density, p) + sympy.diff((y - p) ** 2, p) / 2,
    }


CLAIM = Claim(
    entry="gaussian-mle-is-mse",
    says="The mean Gaussian log-likelihood of variance 1 is -1/2 times the squared error, summed over D outputs and averaged over "
    "samples, less (D / 2) log 2 pi: both have the same best predictions.",
    paper="Goodfellow, Bengio & Courville 2016, section 5.5.1",
    experiments=vary(LikelihoodAlongALine(), outputs=(1, 3)),
    predict=half_squared_error,
    judge=equal(within=rounding(operations=roundings, scale=size)),
    assumptions=(
        Assumption("variance-one", "the variance is 1", broken_by={"scale": 2.0}),
        Assumption("gaussian", "the noise is Gaussian", broken_by={"noise": "torch.distributions:Laplace"}),
    ),
    proof=Proof(
        "For all targets and predictions value and slope of the log-density are those of the halved, negative squared error.",
        residuals,
        broken=lambda: residuals(scale=2),
    ),
)
