"""No linear stack exceeds the rank of its narrowest layer."""

from typing import Any

import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, vary
from dlverify.experiments.linear_algebra import StackRanks, Stacks
from dlverify.quantity import Array, as_array


def narrowest(experiment: StackRanks, given: Stacks) -> Array:
    """min(inputs, units, wide, outputs): each layer has at most that rank, and these products have a minor of that size."""
    around = min(experiment.inputs, experiment.wide, experiment.outputs)
    return as_array([min(units, around) for units in range(1, experiment.most + 1)])


def any_layer(experiment: StackRanks, given: Stacks) -> int:
    """min(inputs, outputs), what a single layer reaches however many units a stack has inside."""
    return min(experiment.inputs, experiment.outputs)


def residuals(shortcut: int = 0) -> dict[str, Any]:
    """Minors of W V with one more row than there are units in between; those of larger products are such blocks."""
    first, last = sympy.Matrix(2, 3, sympy.symbols("v1:7")), sympy.Matrix(3, 2, sympy.symbols("w1:7"))
    one_unit, two_units = last[:2, :1] * first[:1, :2], last * first + shortcut * sympy.eye(3)
    return {
        "one unit: the 2 x 2 minor": sympy.expand(one_unit.det()),
        "two units: the 3 x 3 minor": sympy.expand(two_units.det()),
    }


CLAIM = Claim(
    entry="linear-collapse-rank-bottleneck",
    says="A stack of linear layers computes a matrix whose rank is at most its narrowest width, and reaches that rank.",
    paper="Baldi & Hornik 1989",
    experiments=vary(StackRanks(), inputs=(6,), outputs=(5, 8)),
    predict=narrowest,
    judge=equal(),
    assumptions=(
        # Tanh, since a ReLU that is negative throughout loses units: 3 of 4 narrow stacks or more exceed in 1,500 other seeds.
        Assumption("linear", "nothing nonlinear stands between the layers", broken_by={"activation": "torch.nn:Tanh"}),
    ),
    errata=(
        Erratum(
            "same-as-one-layer",
            "A stack of linear layers amounts to one layer, so that there is no reason to stack.",
            number=48,
            predict=any_layer,
        ),
    ),
    proof=Proof(
        "Every 2 x 2 minor of a product through one unit is 0, and every 3 x 3 minor of one through two units.",
        residuals,
        broken=lambda: residuals(shortcut=1),
    ),
)
