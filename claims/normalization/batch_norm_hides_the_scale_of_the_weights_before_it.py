"""Batch norm hides the scale of the weights before it: outputs stay the same, gradients are divided by the factor."""

from typing import Any

import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.normalization import Layer, ScaledWeights


def the_same(experiment: ScaledWeights, given: Layer) -> bool:
    """Yes, to the last bit: a power of two c changes exponents alone, and c z - c mean over c s is (z - mean) / s.

    An epsilon of 1e-30 is lost in the variance. The outputs are one function of c w and of w, so that its gradient at c w
    is that at w divided by c.
    """
    return True


def residuals(eps: int = 0) -> dict[str, Any]:
    """What batch norm returns for c z, and its slope in c, for any m: means are (sum of z) / m, of z^2 likewise."""
    m, i = sympy.symbols("m i", integer=True, positive=True)
    c, variance = sympy.symbols("c v", positive=True)
    own = sympy.Symbol("z", real=True)
    column = sympy.IndexedBase("z", real=True)
    total = sympy.Symbol("T", real=True)  # the sum of the column
    mean_scaled = sympy.Sum(c * column[i], (i, 1, m)) - c * sympy.Sum(column[i], (i, 1, m))
    normal = (c * own - c * total / m) / sympy.sqrt(c**2 * variance + eps)
    return {
        "the sum is scaled": mean_scaled.simplify(),
        "outputs": normal - (own - total / m) / sympy.sqrt(variance + eps),
        "slope along the weights": sympy.diff(normal, c),
    }


CLAIM = Claim(
    entry="batch-norm-scale-invariance",
    says="With epsilon 0, the weights of a unit times c > 0 before batch norm in training leave its outputs as they "
    "are and divide the gradient by c; so the gradient is orthogonal to the weights. By powers of two from 1/64 to 64 no bit changes.",
    paper="van Laarhoven 2017; Arora, Li & Lyu 2019",
    experiments=vary(ScaledWeights(), samples=(2, 32)),
    predict=the_same,
    judge=equal(),
    assumptions=(
        Assumption("normalised", "batch norm follows", broken_by={"layer": "torch.nn:Identity"}),
        Assumption("unit-by-unit", "each unit has statistics of its own", broken_by={"layer": "torch.nn:LayerNorm"}),
        Assumption("no-epsilon", "epsilon is 0", broken_by={"layer": "torch.nn:BatchNorm1d(eps=0.001)"}),
        Assumption("training", "the layer is in training, not in evaluation", broken_by={"mode": "evaluation"}),
    ),
    proof=Proof(
        "Outputs of batch norm with epsilon 0 do not depend on the scale c > 0 of what enters, for any batch size.",
        residuals,
        broken=lambda: residuals(eps=1),
    ),
)
