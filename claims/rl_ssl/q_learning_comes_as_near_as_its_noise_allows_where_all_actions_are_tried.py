"""Q-learning in a table comes as near to the true values as its noise allows, where all actions are tried."""

import numpy as np

from dlverify import Assumption, Claim, mostly, vary
from dlverify.experiments.reinforcement import QLearning, Sweeps
from dlverify.quantity import Array


def start_and_noise(experiment: QLearning, given: Sweeps) -> Array:
    """What is left of the start after k sweeps, and four standard deviations of the noise.

    Sweep k contracts the error towards what it would be for the expected target: by 1 - a (1 - discount) at least, with
    a = 1 / (1 + (1 - discount) k), so that |Q*| / (1 + (1 - discount) k) is left of a start at zero. Near Q* the target is
    linear, discount P Q for the best policy's transitions P, and the next state adds noise of variance S = discount^2 Var V:
    its covariance follows C <- M C M^T + a^2 S with M = 1 - a (1 - discount P).
    """
    discount, best = experiment.discount, given.best
    entries = len(best)
    reached = given.transitions.reshape(entries, -1)
    states = reached.shape[1]
    table = best.reshape(states, -1)
    policy = np.zeros((states, entries))
    policy[np.arange(states), np.arange(states) * table.shape[1] + table.argmax(1)] = 1
    noise = np.diag(discount**2 * (reached @ table.max(1) ** 2 - (reached @ table.max(1)) ** 2))
    covariance, left, margins = np.zeros((entries, entries)), np.abs(best).max(), []
    for sweep in range(1, experiment.recorded[-1] + 1):
        rate = 1 / (1 + (1 - discount) * sweep)
        step = np.eye(entries) - rate * (np.eye(entries) - discount * reached @ policy)
        covariance = step @ covariance @ step.T + rate**2 * noise
        left *= 1 - rate * (1 - discount)
        if sweep in experiment.recorded:
            margins.append(left + 4 * np.sqrt(np.diag(covariance)))
    return np.stack(margins)


CLAIM = Claim(
    entry="dqn",
    says="With learning rates that fall as 1 / k and all actions tried in all states, the error of tabular Q-learning stays within "
    "what contraction leaves of its start and four standard deviations of its noise, which falls as the root of 1 / k.",
    paper="Watkins & Dayan 1992; Jaakkola, Jordan & Singh 1994",
    experiments=vary(QLearning()) + vary(QLearning(), recorded=((64, 1024, 16384),), tier="full"),
    predict=start_and_noise,
    # Pilot, 400 seeds of another root: 400 below; constant rate 6, best action 0. To 16,384 sweeps 24 of 24.
    judge=mostly("below", p0=0.5, p1=0.95),
    assumptions=(
        Assumption("falling", "the learning rate falls to zero", broken_by={"rate": "constant"}),
        Assumption(
            "explores",
            "every action is tried for ever; who only takes what is best so far never learns what the others are worth",
            broken_by={"explore": "best action"},
        ),
    ),
    why_graded="Where chance leads in finitely many sweeps is no theorem; the contraction behind it is proved in another claim.",
)
