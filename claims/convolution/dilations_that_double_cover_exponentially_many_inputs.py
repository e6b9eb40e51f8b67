"""Dilations that double cover exponentially many inputs without a gap, with weights that grow linearly."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.locality import ReceptiveFields
from dlverify.quantity import Array


def doubling(experiment: ReceptiveFields, given: None) -> Array:
    """2^(L + 1) - 1 inputs after L layers, all of those spanned, from 3 L weights.

    A layer of dilation d reads nodes at -d, 0 and d. If each of them reads the 2 d - 1 inputs around it, the first layer's d
    being 1, those windows overlap, and together they are 4 d - 1 = 2 (2 d) - 1, as the layer of dilation 2 d supposes.
    """
    layers = np.arange(1, len(experiment.dilations) + 1, dtype=object)
    return np.stack([2 ** (layers + 1) - 1, 2 ** (layers + 1) - 1, 3 * layers])


def residuals(factor: int = 2) -> dict[str, Any]:
    """By induction in d = 2^i: windows of 2 d - 1 inputs around -d, 0 and d leave no gap and span 2 (2 d) - 1."""
    d = sympy.Symbol("d", positive=True, integer=True)
    half = d - 1  # of a window's inputs, on either side of its middle
    last, first = -d + half, -half  # of the window on the left, of the one in the middle
    return {
        "no gap": sympy.Max(0, first - last - 1),
        "as wide as the next layer supposes": 2 * (d + half) + 1 - (2 * factor * d - 1),
        "the first layer reads inputs": half.subs(d, 1),
    }


CLAIM = Claim(
    entry="dilated-convolution",
    says="Kernels of three taps with dilations 1, 2, 4, ..., 2^i, one after another, read 2^(i + 2) - 1 inputs and miss none of them.",
    paper="Yu & Koltun 2016, section 2",
    experiments=vary(ReceptiveFields(), dilations=((1, 2, 4, 8, 16), (1, 2, 4, 8, 16, 32, 64, 128))),
    predict=doubling,
    judge=equal(),
    assumptions=(
        Assumption("doubling", "every dilation is twice the one before", broken_by={"dilations": (2, 2, 2, 2, 2)}),
        Assumption("dilated", "the taps lie apart", broken_by={"dilations": (1, 1, 1, 1, 1)}),
        Assumption("three-taps", "a kernel has three taps", broken_by={"kernel": 5}),
    ),
    proof=Proof(
        "What i layers read, put around -d, 0 and d with d = 2^i, leaves no gap and is what i + 1 layers read.",
        residuals,
        broken=lambda: residuals(3),
    ),
)
