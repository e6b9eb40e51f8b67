"""Coinciding pairs on a simplex have the least contrastive loss, and collapsed ones as much as chance."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.contrastive import ContrastiveLosses, Representations
from dlverify.quantity import Array


def closed_form(experiment: ContrastiveLosses, given: Representations) -> Array:
    """log(1 + (2 N - 2) exp(-N / ((N - 1) t))) on the simplex of N corners, log(2 N - 1) where all views are one point.

    Partners have cosine 1; different corners have -1 / (N - 1), so that each of 2 N - 2 others stands N / (N - 1) behind.
    """
    pairs, temperatures = np.array(experiment.pairs)[:, None], np.array(experiment.temperatures)
    behind = 0 if experiment.arrangement == "collapsed" else pairs / (pairs - 1)
    return np.log1p((2 * pairs - 2) * np.exp(-behind / temperatures))


def sizes(experiment: ContrastiveLosses, given: Representations) -> Array:
    """Two cosines of size 1, divided by the temperature; the logarithm and its summands; the loss."""
    return 2 / np.array(experiment.temperatures) + 2 + closed_form(experiment, given)


def roundings(experiment: ContrastiveLosses, given: Representations) -> Array:
    """A cosine sums two squared lengths and a product over N features, 2 N + 6; the softmax and the mean sum 2 N each.

    Ten more for exponentials and logarithms, divisions and the prediction; all of it twice, for the second order.
    """
    return 2 * (6 * np.array(experiment.pairs)[:, None] + 16.0)


def residuals(views: int = 2) -> dict[str, Any]:
    """The bound holds for all representations, and the simplex has it; N pairs, t the temperature.

    A view's loss is log(1 + sum of exp(x)) over what 2 N - 2 others have more than the partner, in cosine over t. As exp is
    convex that is at least log(1 + (2 N - 2) exp(mean of x)), which is convex and rises, so that the mean loss is at least
    this function of the mean of x over all views. Let P be the sum of the cosines of partners over all views, 2 N at most,
    and L the squared length of the sum of all directions: L = 2 N + (sum of cosines of all two different views). So the
    mean of t x is -N / (N - 1), and what L >= 0 and 2 N - P >= 0 add.
    """
    n, t, m = sympy.symbols("N t m", positive=True)
    x, length, partners = sympy.symbols("x L P", real=True)
    others = views * n - 2
    bound = sympy.log(1 + m * sympy.exp(x))
    mean = (length - 2 * n - partners) / (2 * n * others) - partners / (2 * n)
    # Corners N e_i - (1, ..., 1): squared length, product of two different ones, and a coordinate of the sum of all.
    squared, product, total = (n - 1) ** 2 + (n - 1), -2 * (n - 1) + (n - 2), (n - 1) - (n - 1)
    return {
        "exp is convex": sympy.diff(sympy.exp(x), x, 2) - sympy.exp(x),
        "the bound rises": sympy.diff(bound, x) - m * sympy.exp(x) / (1 + m * sympy.exp(x)),
        "the bound is convex": sympy.diff(bound, x, 2) - m * sympy.exp(x) / (1 + m * sympy.exp(x)) ** 2,
        "the mean": mean
        + n / (n - 1)
        - length / (4 * n * (n - 1))
        - (2 * n - partners) * (2 * n - 1) / (4 * n * (n - 1)),
        "corners have cosine -1 / (N - 1)": product / squared + 1 / (n - 1),
        "corners add up to zero": total,
        "a collapse costs log(2 N - 1)": sympy.expand_log(
            sympy.log(sympy.exp(1 / t) * (2 * n - 1)) - sympy.log(sympy.exp(1 / t)) - sympy.log(2 * n - 1), force=True
        ),
    }


CLAIM = Claim(
    entry="simclr-nt-xent",
    says="SimCLR's loss is the cross-entropy of picking a view's partner among all others by cosine: the least of N pairs is "
    "log(1 + (2 N - 2) exp(-N / ((N - 1) t))) at temperature t, where pairs coincide on the corners of a simplex, and "
    "log(2 N - 1) of any that have collapsed.",
    paper="Chen et al. 2020, equation 1; Wang & Isola 2020",
    experiments=vary(ContrastiveLosses(), arrangement=("simplex", "collapsed")),
    predict=closed_form,
    judge=equal(within=rounding(operations=roundings, scale=sizes)),
    assumptions=(
        Assumption("others", "a view stands not among those that it could pick", broken_by={"itself": True}),
        Assumption(
            "cosine",
            "similarity is the cosine, blind to length, not the product",
            broken_by={"similarity": "torch.linalg:vecdot(dim=-1)"},
        ),
        Assumption(
            "coincide",
            "partners coincide; on 2 N corners of their own they are as far apart as all others",
            broken_by={"arrangement": "every view"},
        ),
    ),
    proof=Proof(
        "By convexity no representation, of any dimension, costs less than the simplex.",
        residuals,
        broken=lambda: residuals(views=3),
    ),
)
