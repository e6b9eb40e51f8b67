"""Small branches bound the smallest singular value of residual blocks away from zero."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, certainly_at_least, vary
from dlverify.evidence.spectra import spectral_norm
from dlverify.experiments.architecture import Blocks, ResidualChain
from dlverify.quantity import Array


def product_of_one_minus_norms(experiment: ResidualChain, given: Blocks) -> Array:
    """(1 - |V_0| |W_0|) ... (1 - |V_{l-1}| |W_{l-1}|), with certified upper ends of the norms.

    A branch x -> V relu(W x) has a Jacobian J of norm at most |V| |W|, since no slope of ReLU exceeds 1; |(I + J) v| is at
    least (1 - |J|) |v|; and the smallest singular values of factors multiply to a lower bound of that of the product.
    The last factor covers what this rounds: less than four times a block, where |V| |W| < 3/4.
    """
    pairs = zip(given.inner, given.outer, strict=True)
    factors = [1 - spectral_norm(outer)[1] * spectral_norm(inner)[1] for inner, outer in pairs]
    bounds: Array = np.cumprod(factors) * (1 - 4 * experiment.blocks * 2.0**-53)
    return bounds


def at_least_one(experiment: ResidualChain, given: Blocks) -> float:
    """What is printed: a gradient of at least 1 remains."""
    return 1.0


# What is certified: the singular value of the matrix of doubles that automatic differentiation returned. Weights are
# multiples of 1/8 and there are six blocks of two layers, so that its entries and the states are multiples of 2^-36, below
# 2^16: float64 rounds none of them, and the matrix is the Jacobian of the exact function with these weights at this input.
CLAIM = Claim(
    entry="resnet-gradient-floor",
    says="Where every branch has a Jacobian of norm below 1, the smallest singular value of d x_L / d x_l is at least the "
    "product of 1 - |J_i|; it can lie below 1.",
    paper="Hardt & Ma 2017; He, Zhang, Ren & Sun 2016 (ECCV), section 2",
    experiments=vary(
        ResidualChain(
            activation="torch.nn:ReLU",
            weights="signs",
            size=0.125,
            start="powers",
            blocks=6,
            report="smallest singular value",
        ),
        width=(8, 12),
    ),
    predict=product_of_one_minus_norms,
    judge=certainly_at_least(),
    assumptions=(
        Assumption("whole-shortcut", "the way around has the factor 1", broken_by={"factor": 0.5}),
        Assumption("small-branches", "no branch has a Jacobian of norm 1 or more", broken_by={"size": 2.0}),
        Assumption("nothing-after", "nothing follows the addition", broken_by={"after": "torch.nn:ReLU"}),
    ),
    errata=(Erratum("at-least-one", "A gradient of at least 1 is said to remain.", number=11, predict=at_least_one),),
)
