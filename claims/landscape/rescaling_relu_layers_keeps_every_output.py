"""Multiplying a ReLU layer by any alpha > 0 and dividing the next one by it keeps every output of the network."""

from typing import Any

import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.landscape import Reparametrised, SmallNetwork


def the_same(experiment: Reparametrised, given: SmallNetwork) -> bool:
    """Yes, to the last bit: act(alpha z) = alpha act(z), and a power of two changes the exponents of all terms alike."""
    return True


def residuals(sign: bool | None = True) -> dict[str, Any]:
    """One hidden unit, the others likewise; relu(z) = (z + |z|) / 2."""
    alpha = sympy.Symbol("alpha", positive=sign, real=True)
    w, x, b, v = sympy.symbols("w x b v", real=True)

    def relu(z: Any) -> Any:
        return (z + sympy.Abs(sympy.factor(z))) / 2

    return {"a unit's part of the output": v / alpha * relu(alpha * (w * x + b)) - v * relu(w * x + b)}


CLAIM = Claim(
    entry="sharpness-not-reparametrisation-invariant",
    says=(
        "A layer with a positively homogeneous activation, multiplied by alpha > 0 with its bias, and the next layer's "
        "weight divided by alpha are the same function: by powers of two from 1/64 to 64 no bit of an output changes."
    ),
    paper="Dinh, Pascanu, Bengio & Bengio 2017, section 3; Neyshabur, Salakhutdinov & Srebro 2015",
    experiments=vary(Reparametrised(report="same outputs"), activation=("torch.nn:ReLU", "torch.nn:LeakyReLU")),
    predict=the_same,
    judge=equal(),
    assumptions=(
        Assumption(
            "homogeneous",
            "the activation is positively homogeneous, act(alpha z) = alpha act(z)",
            broken_by={"activation": "torch.nn:Tanh"},
        ),
        Assumption("next-layer", "the next layer is divided by alpha", broken_by={"change": "unbalanced"}),
    ),
    proof=Proof(
        "A ReLU unit with incoming weight and bias times alpha and outgoing weight divided by it, for all alpha > 0.",
        residuals,
        broken=lambda: residuals(sign=None),
    ),
)
