"""A perceptron ends in an affine layer, to reach every number."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, vary
from dlverify.experiments.classification import SmallestErrors
from dlverify.quantity import Array


def reached(experiment: SmallestErrors, given: Array) -> Array:
    """0 for an affine last layer, whose bias may be the target; behind a ReLU, target^2 where the target is negative.

    There (relu(a) - t)^2 is smallest at relu(a) = 0.
    """
    targets = np.array(experiment.targets)
    return np.minimum(targets, 0) ** 2 if experiment.last.role == "torch.nn.ReLU" else np.zeros_like(targets)


def every_number(experiment: SmallestErrors, given: Array) -> Array:
    """0 whatever follows the last layer: that a nonlinearity after every affine map still approximates any function."""
    return np.zeros(len(experiment.targets))


def residuals(sign: int = -1) -> dict[str, Any]:
    """(r + s)^2 - s^2 is r times the sum of r and 2s, products of what is not negative: r = relu(a), target t = -s < 0."""
    r, s = sympy.symbols("r s", nonnegative=True)
    t = sign * s
    return {"excess over the target's square": sympy.expand((r - t) ** 2 - t**2 - r * (r + 2 * s))}


CLAIM = Claim(
    entry="mlp-definition",
    says="A perceptron whose last layer is affine can answer any number. With a ReLU behind it as well, its squared error on a target "
    "t < 0 is never below t^2: 1 for the target -1.",
    paper="Goodfellow, Bengio & Courville 2016, section 6.2.2",
    experiments=vary(SmallestErrors(), last=("torch.nn:Identity", "torch.nn:ReLU")),
    predict=reached,
    judge=equal(),
    assumptions=(
        Assumption(
            "affine-end",
            "nothing bounds what the last layer answers",
            broken_by={"last": "torch.nn:Tanh"},
        ),
    ),
    errata=(
        Erratum(
            "nonlinearity-behind-every-layer",
            "every affine map of a perceptron is followed by a nonlinearity",
            number=74,
            predict=every_number,
            case="relu",
        ),
    ),
    proof=Proof(
        "For r = relu(a) >= 0 and t = -s < 0, (r - t)^2 - t^2 = r (r + 2s) >= 0, so no network has an error below t^2.",
        residuals,
        broken=lambda: residuals(1),
    ),
)
