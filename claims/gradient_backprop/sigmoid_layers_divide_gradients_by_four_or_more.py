"""Sigmoid layers divide gradients by four or more, beside what the weights do."""

import numpy as np

from dlverify import Assumption, Claim, certainly_at_most, vary
from dlverify.evidence.spectra import spectral_norm
from dlverify.experiments.gradient_backprop import ChainNorms, Weights
from dlverify.quantity import Array


def product_of_quarter_norms(experiment: ChainNorms, given: Weights) -> Array:
    """4^-l |W_1| ... |W_l|, from certified lower ends, less what rounding can add to a product of l factors.

    The Jacobian is D_l W_l ... D_1 W_1, D_i diagonal, and norms of factors multiply to a bound. The slope of
    the sigmoid s is s (1 - s) = 1/4 - (s - 1/2)^2, at most 1/4.
    """
    norms = np.array([spectral_norm(weight)[0] for weight in given.weights]) / 4
    bounds = np.cumprod(norms) * (1 - 2 * experiment.depth * 2.0**-53)
    return bounds[experiment.every - 1 :: experiment.every]


# What is certified: the norm of the matrix of doubles that automatic differentiation returned. The Jacobian of the exact
# function lies near it, by rounding alone, a few hundred unit roundoffs of the bound; the gap is above a hundredth of it.
CLAIM = Claim(
    entry="vanishing-exploding-gradient",
    says="Through l sigmoid layers the spectral norm of the derivative is at most 4^-l times the product of the weights' "
    "norms: below 1e-6 after ten layers of unit weights.",
    paper="Hochreiter 1991; Bengio, Simard & Frasconi 1994",
    experiments=vary(ChainNorms("torch.nn:Linear", "torch.nn:Sigmoid", weights="one", width=1), gain=(1.0, 4.0))
    + vary(ChainNorms("torch.nn:Linear", "torch.nn:Sigmoid"), width=(8,)),
    predict=product_of_quarter_norms,
    judge=certainly_at_most(),
    assumptions=(Assumption("sigmoid", "no slope exceeds 1/4", broken_by={"activation": "torch.nn:Tanh"}),),
)
