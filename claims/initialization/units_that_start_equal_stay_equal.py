"""Hidden units that start with equal weights stay equal under gradient descent, and act as one."""

from typing import Any

import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.symmetries import DistinctUnits, Hidden


def one(experiment: DistinctUnits, given: Hidden) -> int:
    """One after any number of steps: equal units are given equal gradients."""
    return 1


def residuals(outgoing_differs: bool = False) -> dict[str, Any]:
    """The steps of two units with incoming weight w and outgoing weight v each, for one sample; others add theirs.

    Near w the activation is act(w x) + act'(w x) (w_k - w) x, which has its slope there; the two numbers are any.
    """
    x, y, rest, w, v, rate = sympy.symbols("x y rest w v lr", real=True)
    w1, w2, v1, v2, value, slope = sympy.symbols("w1 w2 v1 v2 act slope", real=True)
    outputs = v1 * (value + slope * (w1 - w) * x) + v2 * (value + slope * (w2 - w) * x) + rest
    loss = (outputs - y) ** 2
    start = {w1: w, w2: w, v1: v, v2: v + 1 if outgoing_differs else v}
    return {
        "incoming": rate * (sympy.diff(loss, w1) - sympy.diff(loss, w2)).subs(start),
        "outgoing": rate * (sympy.diff(loss, v1) - sympy.diff(loss, v2)).subs(start),
    }


CLAIM = Claim(
    entry="symmetric-initialisation",
    says="Hidden units that start with the same incoming and the same outgoing weights stay the same under exact gradient "
    "descent, whatever their number: together they act as one.",
    paper="Goodfellow, Bengio & Courville 2016, section 8.4",
    experiments=vary(DistinctUnits(), units=(2, 3, 8)),
    predict=one,
    judge=equal(),
    assumptions=(
        Assumption("same-incoming", "incoming weights are the same", broken_by={"start": "moved"}),
        Assumption("same-outgoing", "outgoing weights are the same", broken_by={"start": "other outgoing"}),
        Assumption(
            "no-noise",
            "nothing tells the units apart in training",
            broken_by={"activation": "torch.nn:Dropout(p=0.5)"},
            case="8",
        ),
    ),
    proof=Proof(
        "A step of gradient descent moves two equal units equally, for any activation, data, and other units.",
        residuals,
        broken=lambda: residuals(outgoing_differs=True),
    ),
)
