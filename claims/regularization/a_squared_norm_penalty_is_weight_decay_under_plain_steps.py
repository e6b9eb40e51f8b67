"""A squared-norm penalty is weight decay under plain gradient steps."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, rounding, vary
from dlverify.experiments.regularization import DecayedPaths, Path
from dlverify.quantity import Array


def decayed(experiment: DecayedPaths, given: Path) -> Array:
    """w_t = (1 - lr lambda)^t w_0 - lr sum_{s<t} (1 - lr lambda)^(t - 1 - s) g_s."""
    kept = 1 - experiment.lr * experiment.strength
    rows = []
    for step in range(experiment.steps + 1):
        ages = kept ** np.arange(step - 1, -1, -1.0)
        rows.append(kept**step * given.weights - experiment.lr * ages @ given.gradients[:step])
    return np.stack(rows)


def roundings(experiment: DecayedPaths, given: Path) -> Array:
    """A step rounds the square's derivative, two factors, the sum of gradients, the product with lr and the difference: 8."""
    return 8 * np.arange(experiment.steps + 1.0)[:, None]


def sizes(experiment: DecayedPaths, given: Path) -> Array:
    """No step meets a weight larger than |w_0| + lr sum |g|."""
    return np.asarray(np.abs(given.weights) + experiment.lr * np.abs(given.gradients).sum(axis=0))


def residuals(squares: int = 1) -> dict[str, Any]:
    """A gradient step on L + lambda w^2 / 2 is w -> (1 - lr lambda) w - lr L'(w); the closed form obeys that recursion."""
    w, rate, strength, start, g = sympy.symbols("w lr lambda w_0 g", real=True)
    t = sympy.Symbol("t", positive=True, integer=True)
    loss = sympy.Function("L")(w)
    kept = 1 - rate * strength
    step = w - rate * sympy.diff(loss + squares * strength * w**2 / 2, w)
    path = kept**t * start
    return {
        "one step": step - (kept * w - rate * sympy.diff(loss, w)),
        "without gradient": sympy.expand(path.subs(t, t + 1) - kept * path),
        "one gradient, aged": sympy.expand(kept**t * rate * g * kept - kept ** (t + 1) * rate * g),
    }


CLAIM = Claim(
    entry="weight-decay-equals-l2",
    says="Under plain gradient steps the penalty lambda |w|^2 / 2, in the loss or as SGD's weight_decay, multiplies weights by "
    "1 - lr lambda before each step; under Adam it does not.",
    paper="Loshchilov & Hutter 2019, propositions 1 and 2; Hanson & Pratt 1988",
    experiments=vary(DecayedPaths("torch.optim:SGD"), decay=("penalty", "argument"), gradients=("normal", "none")),
    predict=decayed,
    judge=equal(within=rounding(operations=roundings, scale=sizes)),
    assumptions=(
        Assumption(
            "no-memory",
            "a step forgets earlier gradients, and with them earlier penalties",
            broken_by={"optimizer": "torch.optim:SGD(momentum=0.5)"},
            case="penalty-none",
        ),
        Assumption(
            "not-rescaled",
            "gradients are not divided by a size of their own",
            broken_by={"optimizer": "torch.optim:RMSprop"},
            case="penalty-none",
        ),
    ),
    proof=Proof(
        "For every loss, rate and penalty one gradient step on the penalised loss decays the weights and takes the old step.",
        residuals,
        broken=lambda: residuals(squares=2),
    ),
    errata=(
        Erratum(
            "also-called-weight-decay",
            "The penalty on the norm is weight decay, whatever the optimizer.",
            number=35,
            broken_by={"optimizer": "torch.optim:Adam"},
            case="penalty-none",
        ),
    ),
)
