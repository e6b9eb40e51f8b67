"""A model is a family of functions."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.evidence.separability import certificate
from dlverify.experiments.setup import Family, RealisedFunctions, boolean_functions, corners
from dlverify.quantity import Array


def separable(experiment: RealisedFunctions, given: Family) -> Array:
    """Without hidden units the separable functions, each decided by a certificate in fractions; with two all of them.

    14 of 16 functions of two inputs and 104 of 256 of three are separable. The other two of two inputs are the exclusive
    or, relu(x - y) + relu(y - x) > 1/2, and its negation; a ramp r from 0 to 1 has r(x + y) - r(x + y - 1) > 1/2.
    """
    points = corners(experiment.inputs)
    functions = boolean_functions(len(points))
    return np.array([experiment.hidden > 0 or certificate(points, function).separable for function in functions])


CLAIM = Claim(
    entry="model-is-a-family",
    says=(
        "An affine model with a threshold is the family of the linearly separable functions, the exclusive or not among "
        "them; two hidden units add it; each single parameter gives one function of the family."
    ),
    paper="Minsky & Papert 1969; Goodfellow, Bengio & Courville 2016, section 6.1",
    experiments=vary(RealisedFunctions(), inputs=(2, 3))
    + vary(RealisedFunctions(hidden=2), activation=("torch.nn:ReLU", "torch.nn:Hardtanh(min_val=0.0)")),
    predict=separable,
    judge=equal(),
    assumptions=(
        Assumption(
            "nonlinear",
            "the hidden units are not linear",
            broken_by={"activation": "torch.nn:Identity"},
            case="relu",
        ),
    ),
    errata=(
        Erratum(
            "one-parameter",
            "The function with one parameter is the set of functions that parameters define.",
            number=44,
            broken_by={"parameters": "one"},
        ),
    ),
)
