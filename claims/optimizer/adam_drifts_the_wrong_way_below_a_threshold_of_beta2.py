"""Adam drifts the wrong way below a threshold of beta2 that falls with the slope."""

from fractions import Fraction

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.adaptive import LargestMemories, Numbers
from dlverify.quantity import Array, as_array


def drift(beta2: float, steep: float) -> float:
    """-C / sqrt(v_1) + 1 / sqrt(v_2) + 1 / sqrt(v_3), the way of one period in learning rates.

    The average of squares repeats itself after a period: v_1 = k (C^2 + b + b^2) after the steep loss, v_2 = k (1 + b C^2
    + b^2) and v_3 = k (1 + b + b^2 C^2) after the others, with k = (1 - b) / (1 - b^3).
    """
    ages = (0, 1, 2)
    squares = [sum(beta2 ** ((age - place) % 3) * (steep**2 if age == 2 else 1) for age in ages) for place in ages]
    return -steep / np.sqrt(squares[2]) + 1 / np.sqrt(squares[0]) + 1 / np.sqrt(squares[1])


def threshold(experiment: LargestMemories, given: Numbers) -> Array:
    """The largest multiple of 1/1024 at which the drift is positive: it falls through zero once, from 1 at beta2 = 0."""
    return as_array(
        [Fraction(max(n for n in range(1024) if drift(n / 1024, steep) > 0), 1024) for steep in experiment.slopes]
    )


CLAIM = Claim(
    entry="adam-nonconvergence",
    says="On losses C x, -x, -x in turn Adam without momentum drifts up, against the sum of the gradients, for beta2 below a "
    "threshold: 0.47 at C = 3, 0.10 at C = 10. torch's 0.999 is far above it.",
    paper="Reddi, Kale & Kumar 2018",
    experiments=vary(LargestMemories("torch.optim:Adam"))
    + vary(LargestMemories("torch.optim:Adam"), tier="full", optimizer=("torch.optim:Adam(foreach=True)",)),
    predict=threshold,
    judge=equal(),
    assumptions=(
        Assumption("no-momentum", "gradients are not averaged", broken_by={"beta1": 0.5}),
        Assumption(
            "forgets", "the steep gradient is forgotten", broken_by={"optimizer": "torch.optim:Adam(amsgrad=True)"}
        ),
    ),
)
