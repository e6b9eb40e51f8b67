"""Linear layers never leave zero."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, vary
from dlverify.experiments.deep_linear import DescentOfStack, Start
from dlverify.quantity import Array


def zero(experiment: DescentOfStack, given: Start) -> int:
    """0 at every step: each weight's gradient has the other weights as a factor."""
    return 0


def one_layer(experiment: DescentOfStack, given: Start) -> Array:
    """The path of a single weight from 0, t (1 - (1 - lr)^k)."""
    reached: Array = experiment.target * (1 - (1 - experiment.lr) ** np.arange(experiment.steps + 1))
    return reached


def residuals(layers: tuple[int, ...] = (2, 3)) -> dict[str, Any]:
    """Gradient at 0 for several depths; at 0 the Hessian of two layers has the eigenvalues t and -t: a saddle."""
    t, x = sympy.symbols("t x", real=True)
    steps = {}
    for depth in layers:
        weights = sympy.symbols(f"w1:{depth + 1}", real=True)
        loss, origin = (sympy.prod(weights) - t) ** 2 / 2, dict.fromkeys(weights, 0)
        steps[f"gradient of {depth}"] = sympy.Matrix([loss.diff(weight) for weight in weights]).subs(origin)
        if depth == 2:
            hessian = sympy.hessian(loss, weights).subs(origin)
            steps["Hessian of 2"] = (hessian - x * sympy.eye(2)).det() - (x - t) * (x + t)
    return steps


CLAIM = Claim(
    entry="deep-linear-dynamics",
    says="All weights zero is a saddle of a stack of linear layers that gradient descent never leaves; one layer does.",
    paper="Saxe, McClelland & Ganguli 2014; Kawaguchi 2016",
    experiments=vary(DescentOfStack(product=0.0), depth=(2, 3, 8)),
    predict=zero,
    judge=equal(),
    assumptions=(
        Assumption("stacked", "there are two layers or more", broken_by={"depth": 1}),
        Assumption("all-zero", "every weight is zero, not their product alone", broken_by={"imbalance": 0.25}),
    ),
    errata=(
        Erratum(
            "same-as-one-layer",
            "A stack of linear layers amounts to one layer, so that there is no reason to stack.",
            number=48,
            predict=one_layer,
        ),
    ),
    proof=Proof(
        "The gradient of (w1 ... wL - t)^2 / 2 at 0 is 0 for L = 2, 3, and the Hessian for L = 2 has the eigenvalues t, -t.",
        residuals,
        broken=lambda: residuals(layers=(1,)),
    ),
)
