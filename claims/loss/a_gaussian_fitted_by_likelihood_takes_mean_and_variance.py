"""A Gaussian fitted by likelihood takes mean and variance of the data, of whatever shape these are."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.likelihood import Mixtures, NearestGaussians
from dlverify.quantity import Array


def moments(experiment: NearestGaussians, given: Mixtures) -> Array:
    """Those of the mixture: with weights w and 1 - w at -d and d the mean is (1 - 2 w) d, the variance 1 + 4 w (1 - w) d^2."""
    distances, w = np.array(experiment.distances), experiment.weight
    return np.stack([(1 - 2 * w) * distances, 1 + 4 * w * (1 - w) * distances**2])


def residuals(halves: int = 1) -> dict[str, Any]:
    """The mean of -log N(x; a, v) is log(v) / 2 + (V + (M - a)^2) / (2 v) for data of mean M and variance V: slopes in a and v."""
    a, mean = sympy.symbols("a M", real=True)
    v, variance = sympy.symbols("v V", positive=True)
    loss = halves * sympy.log(v) / 2 + (variance + (mean - a) ** 2) / (2 * v)
    return {
        "slope in the mean": sympy.diff(loss, a) - (a - mean) / v,
        "slope in the variance, at the mean": sympy.diff(loss, v).subs(a, mean) - (v - variance) / (2 * v**2),
    }


CLAIM = Claim(
    entry="mle-minimises-kl",
    says="The Gaussian nearest to data in the divergence KL(data | model), which has the largest likelihood, takes their mean and "
    "variance, and so covers both of two clusters; in the reverse divergence it sits on one of them.",
    paper="Bishop 2006, section 10.1.2",
    experiments=vary(NearestGaussians(), weight=(0.5, 0.25)),
    predict=moments,
    judge=equal(),
    assumptions=(
        Assumption(
            "from-the-data",
            "the divergence is from data to model, not from model to data",
            broken_by={"mixture": "input"},
        ),
        Assumption("gaussian", "the model is Gaussian", broken_by={"family": "torch.distributions:Laplace"}),
    ),
    proof=Proof(
        "For data of any shape the slopes of the mean negative log-likelihood vanish at their mean and variance, and nowhere else.",
        residuals,
        broken=lambda: residuals(halves=2),
    ),
)
