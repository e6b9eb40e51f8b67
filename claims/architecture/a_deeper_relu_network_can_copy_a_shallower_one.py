"""A deeper ReLU network can copy a shallower one."""

from typing import Any

import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.architecture import CopiedNetwork, Copy


def no_difference(experiment: CopiedNetwork, given: Copy) -> float:
    """relu(I h) = h for h = relu(...) >= 0; a product with the identity and a sum with zeros round nothing."""
    return 0.0


def residuals(slope: Any = 0) -> dict[str, Any]:
    """An inserted unit, the activation of 1 * h, returns h = the activation of z: for z > 0, z < 0 and z = 0."""
    positive = sympy.Symbol("p", positive=True)

    def activation(value: Any) -> Any:
        return value if value.is_positive else slope * value

    values = {"z > 0": positive, "z < 0": -positive, "z = 0": sympy.Integer(0)}
    return {f"inserted unit, {sign}": activation(activation(z)) - activation(z) for sign, z in values.items()}


CLAIM = Claim(
    entry="degradation-is-not-overfitting",
    says="Layers with the identity for a weight, inserted behind a hidden ReLU layer, leave a network's outputs as they are "
    "to the last bit: whatever training error a shallow network reaches, a deeper one can reach.",
    paper="He, Zhang, Ren & Sun 2016 (CVPR), section 1",
    experiments=vary(CopiedNetwork(), width=(12, 64)),
    predict=no_difference,
    judge=equal(),
    assumptions=(
        Assumption("relu", "the activation keeps what it has returned", broken_by={"activation": "torch.nn:Tanh"}),
        Assumption("identity", "the inserted weights are the identity", broken_by={"factor": 1.0009765625}),
    ),
    proof=Proof(
        "relu(relu(z)) = relu(z) for every real z, so that any number of inserted layers changes nothing.",
        residuals,
        broken=lambda: residuals(sympy.Rational(1, 2)),
    ),
)
