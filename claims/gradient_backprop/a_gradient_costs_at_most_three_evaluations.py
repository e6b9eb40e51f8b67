"""A gradient costs at most three evaluations."""

from fractions import Fraction

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.differentiation import ProductsOfGradients, Widths
from dlverify.quantity import Array, as_array


def three_products(experiment: ProductsOfGradients, given: Widths) -> Array:
    """3 - n / (2 n + 1), or 3 with the inputs' derivatives, for widths n, n, n and 1.

    A layer of n inputs and m outputs multiplies n m pairs a sample. Backward it does so once for the derivatives by its
    weights and once for those by its inputs, which the first layer is spared where nobody wants them.
    """
    return as_array([Fraction(3) - (0 if experiment.inputs else Fraction(n, 2 * n + 1)) for n in experiment.features])


CLAIM = Claim(
    entry="backprop-equals-chain-rule",
    says="In reverse mode the gradient by all parameters takes at most three times the multiplications of the loss itself in "
    "matrix products, however many parameters there are; in forward mode each takes a pass of its own.",
    paper="Baur & Strassen 1983; Griewank & Walther 2008, section 4.6",
    experiments=vary(ProductsOfGradients(), inputs=(False, True)),
    predict=three_products,
    judge=equal(),
    assumptions=(
        Assumption(
            "reverse", "differentiation runs from the loss backward", broken_by={"mode": "forward", "features": (2, 4)}
        ),
    ),
)
