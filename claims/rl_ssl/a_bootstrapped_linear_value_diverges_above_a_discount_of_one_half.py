"""A bootstrapped linear value diverges above a discount of one half, with a target network too."""

import numpy as np

from dlverify import Assumption, Claim, equal, rounding, vary
from dlverify.experiments.reinforcement import BootstrappedValue, Weights
from dlverify.quantity import Array


def products(experiment: BootstrappedValue, given: Weights) -> Array:
    """In a period of n steps on one copy w' the weight is (1 - a)^j w' + (1 - (1 - a)^j) 2 discount w', with a = 2 lr.

    So each period multiplies it by 1 + (1 - (1 - a)^n) (2 discount - 1): more than one above a discount of one half,
    however rarely the target is copied. Without a target network, n = 1, that is (1 + a (2 discount - 1))^t.
    """
    periods, places = np.divmod(np.arange(experiment.steps + 1), experiment.every)
    excess = 2 * experiment.discount - 1

    def within(steps: Array) -> Array:
        return 1 + (1 - (1 - 2 * experiment.lr) ** steps) * excess

    return given.start * within(experiment.every) ** periods * within(places)


def without_sharing(experiment: BootstrappedValue, given: Weights) -> Array:
    """How far the first state's own weight, w + (1 - (1 - a)^t) (2 discount - 1) w on a target that stays, is from that."""
    steps = np.arange(experiment.steps + 1)
    own = given.start * (1 + (1 - (1 - 2 * experiment.lr) ** steps) * (2 * experiment.discount - 1))
    return products(experiment, given) - own


def carried(experiment: BootstrappedValue, given: Weights) -> Array:
    """Sum of the sizes of all that a step rounds, carried to the last step by the same recursion as the weight.

    A step adds a times the difference of target and prediction, a (2 discount w' + w) in size, to w. To it comes what the
    prediction rounds, once for every power in it.
    """
    a, pull = 2 * experiment.lr, 2 * experiment.discount
    values, errors = [float(given.start)], [0.0]
    for step in range(experiment.steps):
        if step % experiment.every == 0:
            copied, copied_error = values[-1], errors[-1]
        values.append((1 - a) * values[-1] + a * pull * copied)
        errors.append((1 - a) * errors[-1] + a * pull * (copied_error + copied) + a * values[-2] + values[-1])
    return np.array(errors) + np.array(values) * np.arange(experiment.steps + 1)


CLAIM = Claim(
    entry="dqn",
    says="Where one weight makes the values w and 2 w of two states and the first is trained towards the second, the true value "
    "being zero, w grows without bound for every discount above one half; a target network slows that and does not stop it.",
    paper="Tsitsiklis & Van Roy 1996, section 3; Mnih et al. 2015, Methods",
    experiments=vary(BootstrappedValue(), discount=(0.9, 0.4), every=(1, 10)),
    predict=products,
    # Discount, twice; its product; the difference; the loss's two factors; learning rate, its product, the sum: eight.
    judge=equal(within=rounding(operations=10, scale=carried)),
    assumptions=(
        Assumption(
            "shared",
            "the two values share a weight, as they do in no table",
            broken_by={"weights": "own"},
            effect=without_sharing,
        ),
        Assumption(
            "target-kept",
            "the target is kept fixed as if it were a label; with its gradient too the loss falls, and w to zero",
            broken_by={"gradient": "through both"},
        ),
    ),
)
