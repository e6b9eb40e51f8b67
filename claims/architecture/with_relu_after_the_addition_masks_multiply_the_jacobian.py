"""With ReLU after the addition, masks multiply the Jacobian of residual blocks."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.architecture import Blocks, ResidualChain
from dlverify.quantity import Array


def both_sides(given: Blocks) -> tuple[Array, Array]:
    """At each depth the product of D_i (I + J_i), and I + the derivative of the summed branches at the same states.

    D_i holds 1 where what enters the ReLU after the addition is positive, else 0; J_i = V M W, M the mask inside.
    """
    state, total, printed, sides = given.start, np.eye(len(given.start)), np.eye(len(given.start)), []
    for inner, outer in zip(given.inner, given.outer, strict=True):
        entering = inner @ state
        branch = outer @ (inner * (entering > 0)[:, None])
        added = state + outer @ np.maximum(entering, 0)
        printed = printed + branch @ total
        total = (total + branch @ total) * (added > 0)[:, None]
        state = np.maximum(added, 0)
        sides.append((total, printed))
    products, sums = zip(*sides, strict=True)
    return np.stack(products), np.stack(sums)


def product_of_masks(experiment: ResidualChain, given: Blocks) -> Array:
    """D_{l-1} (I + J_{l-1}) ... D_0 (I + J_0)."""
    return both_sides(given)[0]


def one_plus_summed_branches(experiment: ResidualChain, given: Blocks) -> Array:
    """What is printed: I + the derivative of F(x_0) + ... + F(x_{l-1})."""
    return both_sides(given)[1]


NOTES_BLOCK = ResidualChain(
    activation="torch.nn:ReLU", after="torch.nn:ReLU", weights="signs", size=0.25, start="powers", blocks=6
)
"""relu(F(x) + x). Weights are multiples of 1/4, so that float64 rounds nothing: six blocks of two layers need 24 bits."""

CLAIM = Claim(
    entry="resnet-gradient-identity",
    says="For blocks x -> relu(x + F(x)) the derivative of x_L in x_l is the product of D_i (I + J_i), with D_i the masks of "
    "the ReLUs after the additions and J_i the derivatives of the branches.",
    paper="He, Zhang, Ren & Sun 2016 (ECCV), equations 1 and 2",
    experiments=vary(NOTES_BLOCK, width=(6, 8))
    + vary(NOTES_BLOCK.changed(weights="zero", start="minus one", width=1), blocks=(1,)),
    predict=product_of_masks,
    judge=equal(),
    assumptions=(
        Assumption("relu-after", "ReLU follows the addition", broken_by={"after": "torch.nn:Identity"}),
        Assumption("relu-inside", "ReLU is inside the branch", broken_by={"activation": "torch.nn:Identity"}),
    ),
    errata=(
        Erratum(
            "one-plus-summed-branches",
            "The derivative is said to be 1 + that of the summed branches, for a block with ReLU after the addition.",
            number=10,
            predict=one_plus_summed_branches,
        ),
        Erratum(
            "one-plus-nothing",
            "The same for one block with F = 0 at x = -1: the output is relu(-1) = 0, and so is the derivative, not 1.",
            number=10,
            predict=one_plus_summed_branches,
            case="1",
        ),
    ),
)
