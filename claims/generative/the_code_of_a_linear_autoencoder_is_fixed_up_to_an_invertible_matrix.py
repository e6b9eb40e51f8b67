"""The code of a linear autoencoder is fixed up to an invertible matrix."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.autoencoders import ChangesOfCode, Coded
from dlverify.quantity import Array


def outside(experiment: ChangesOfCode, given: Coded) -> Array:
    """|x|^2 - |U^T x|^2 by Pythagoras, with U the orthonormal components, the same for all changes of code.

    U is a Hadamard matrix over 4 in part, so 16 |U^T x|^2 is a sum of squares of whole numbers.
    """
    inputs = [[int(number) for number in sample] for sample in given.inputs]
    components = np.rint(4 * given.encoders[0]).astype(object)
    inside = [int(sum((components @ np.array(x, dtype=object)) ** 2)) for x in inputs]
    return np.array([sum(n**2 for n in x) - Fraction(part, 16) for x, part in zip(inputs, inside, strict=True)])


def residuals(undone: bool = True) -> dict[str, Any]:
    """(D C^-1)(C E) = D E for all shapes: outputs, and so the loss on any data, are those of before the change."""
    n, k = sympy.symbols("n k", positive=True, integer=True)
    decoder, encoder = sympy.MatrixSymbol("D", n, k), sympy.MatrixSymbol("E", k, n)
    change = sympy.MatrixSymbol("C", k, k)
    inverse = change.inverse() if undone else change.T
    return {"outputs": (decoder * inverse) * (change * encoder) - decoder * encoder}


CLAIM = Claim(
    entry="linear-autoencoder-equals-pca",
    says="A linear autoencoder at the principal components keeps every error when its code is mixed by any invertible matrix.",
    paper="Baldi & Hornik 1989; Plaut 2018",
    experiments=vary(ChangesOfCode(), code=(2, 4, 8)),
    predict=outside,
    judge=equal(),
    assumptions=(
        Assumption("linear-code", "nothing nonlinear acts on the code", broken_by={"activation": "torch.nn:ReLU"}),
        Assumption("undone", "the decoder undoes the change", broken_by={"undone": "transpose"}, case="4"),
    ),
    proof=Proof(
        "For all shapes, an invertible change of code that the decoder undoes changes no output.",
        residuals,
        broken=lambda: residuals(undone=False),
    ),
)
