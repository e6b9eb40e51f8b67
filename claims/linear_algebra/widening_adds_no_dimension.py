"""Widening adds no dimension."""

from typing import Any

import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.linear_models import ImageDimensions, Vectors
from dlverify.quantity import Array, as_array


def smaller_of_the_two(experiment: ImageDimensions, given: Vectors) -> Array:
    """min(inputs, outputs), the rank of these weights: all outputs are sums of the images of the unit vectors."""
    return as_array([min(experiment.inputs, outputs) for outputs in range(1, experiment.most + 1)])


def residuals(shortcut: int = 0) -> dict[str, Any]:
    """With n inputs all minors of n + 1 outputs at n + 1 vectors vanish; a bias goes where outputs are subtracted."""
    steps = {}
    for n in (1, 2):
        weight = sympy.Matrix(n + 1, n, lambda i, j: sympy.Symbol(f"w{i}{j}"))
        vectors = sympy.Matrix(n, n + 1, lambda i, j: sympy.Symbol(f"x{i}{j}"))
        outputs = weight * vectors + shortcut * sympy.eye(n + 1)
        steps[f"{n} input{'s' * (n > 1)}"] = sympy.expand(outputs.det())
    return steps


CLAIM = Claim(
    entry="affine-map-changes-dimension",
    says="A layer maps n features to m, and what it makes of the whole space has dimension min(m, n) at most: narrowing loses "
    "dimensions, widening adds none.",
    paper="Goodfellow, Bengio & Courville 2016, chapter 2",
    experiments=vary(ImageDimensions(), inputs=(2, 5)),
    predict=smaller_of_the_two,
    judge=equal(),
    assumptions=(Assumption("linear", "nothing nonlinear follows", broken_by={"activation": "torch.nn:ReLU"}),),
    proof=Proof(
        "Every 2 x 2 minor of the outputs of a layer with one input is 0, and every 3 x 3 minor of one with two.",
        residuals,
        broken=lambda: residuals(shortcut=1),
    ),
)
