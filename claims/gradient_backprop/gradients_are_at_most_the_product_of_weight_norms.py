"""Gradients are at most the product of weight norms where no slope exceeds one."""

import numpy as np

from dlverify import Assumption, Claim, certainly_at_most, vary
from dlverify.evidence.spectra import spectral_norm
from dlverify.experiments.gradient_backprop import ChainNorms, Weights
from dlverify.quantity import Array


def product_of_norms(experiment: ChainNorms, given: Weights) -> Array:
    """|W_1| ... |W_l|, from certified lower ends, less what rounding can add to a product of l factors.

    The Jacobian is D_l W_l ... D_1 W_1, D_i diagonal with slopes of at most 1, and norms of factors multiply to a bound.
    """
    norms = np.array([spectral_norm(weight)[0] for weight in given.weights])
    bounds = np.cumprod(norms) * (1 - 2 * experiment.depth * 2.0**-53)
    return bounds[experiment.every - 1 :: experiment.every]


# What is certified: the norm of the matrix of doubles that automatic differentiation returned. The Jacobian of the exact
# function lies near it, by rounding alone, a few hundred unit roundoffs of the bound; the gap is above a tenth of it.
CLAIM = Claim(
    entry="vanishing-exploding-gradient",
    says="The spectral norm of d x_l / d x_0 is at most the product of the norms of the weights, for activations whose slopes "
    "lie between -1 and 1, such as tanh and ReLU: gradients vanish where all these norms stay below one bound < 1.",
    paper="Bengio, Simard & Frasconi 1994; Pascanu, Mikolov & Bengio 2013",
    experiments=vary(ChainNorms(), activation=("torch.nn:Tanh", "torch.nn:ReLU"), gain=(0.25, 1.5)),
    predict=product_of_norms,
    judge=certainly_at_most(),
    assumptions=(
        Assumption(
            "slopes",
            "no slope exceeds 1",
            case="relu-1.5",
            broken_by={"activation": "torch.nn:LeakyReLU(negative_slope=4.0)"},
        ),
    ),
)
