"""Weights of variance 2 / n keep the mean square of the signal from one ReLU layer to the next."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, mostly, vary
from dlverify.experiments.initialization import SignalGrowth, Signals
from dlverify.quantity import Array


def nothing_but_a_quarter(experiment: SignalGrowth, given: Signals) -> Array:
    """The exponent 0 lies above -1/4 and so does its negative: a quarter of what a layer without the 2 would lose."""
    return np.array([-0.25, -0.25])


def residuals(gain: int = 2) -> dict[str, Any]:
    """For weights of mean 0 and variance gain / n, independent of each other and of the signal h, and symmetric.

    Then z = sum of w_j h_j has E z^2 = n (gain / n) E h^2 and is symmetric, and relu(z)^2 + relu(-z)^2 = z^2.
    """
    n, square = sympy.symbols("n q", positive=True)
    z = sympy.Symbol("z", real=True)

    def relu(z: Any) -> Any:
        return (z + sympy.Abs(z)) / 2

    entering = n * (sympy.Integer(gain) / n) * square
    return {
        "the two signs share the square": sympy.expand(relu(z) ** 2 + relu(-z) ** 2) - z**2,
        "half of what enters leaves": entering / 2 - square,
    }


CLAIM = Claim(
    entry="weight-initialisation-variance",
    says="Independent symmetric weights of variance 2 / n, as He's initialisation draws them, keep the expected square of "
    "the signal through ReLU layers of n inputs without bias, at any depth and for any number of outputs.",
    paper="He, Zhang, Ren & Sun 2015, equation 10",
    experiments=vary(SignalGrowth(), start=("torch.nn.init:kaiming_normal_", "torch.nn.init:kaiming_uniform_"))
    + vary(SignalGrowth(depth=4), ratio=(2.0,), start=("torch.nn.init:kaiming_normal_",)),
    predict=nothing_but_a_quarter,
    # Pilot, 200 seeds of another root: exponents with mean -0.016 and standard deviation 0.058 (normal), -0.020 and 0.061
    # (uniform), none beyond 0.183, so that 200 of 200 lie within 1/4; the controls' are -1.016 (0.058) and 0.998 (0.016).
    # Twice as many outputs as inputs: -0.004 and 0.028, none beyond 0.075.
    judge=mostly("above", p0=0.5, p1=0.95),
    assumptions=(
        Assumption("variance-two", "the variance is 2 / n", broken_by={"start": "torch.nn.init:xavier_normal_"}),
        Assumption("half-is-cut", "half of the signal is cut off", broken_by={"activation": "torch.nn:Identity"}),
    ),
    proof=Proof(
        "The expected square is kept by a ReLU layer with independent symmetric weights of variance 2 / n, for any n.",
        residuals,
        broken=lambda: residuals(gain=1),
    ),
)
