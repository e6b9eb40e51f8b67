"""Adam's weight decay goes through its averages, as a penalty in the loss does."""

import numpy as np

from dlverify import Assumption, Claim, equal, gamma, vary
from dlverify.experiments.optimizer import correction_roundings
from dlverify.experiments.regularization import DecayedPaths, Path
from dlverify.quantity import Array

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
"""torch's defaults."""


def path(experiment: DecayedPaths, given: Path, decoupled: bool, unit: float, scalars: float) -> tuple[Array, Array]:
    """Adam's path with lambda w in the gradient, or taken off apart; beside it a bound of what rounding by `unit` adds up to.

    A running error analysis (Higham 2002, section 3.3): errors of w enter g by lambda, those of g both averages, those of the
    averages the step m' / (sqrt(v') + eps), each with the roundings of its own line, 4 at most and 8 of a step. The
    corrections of m' and v' are numbers of Python, rounded by `scalars`, or tensors of an optimizer that counts in float32.
    """
    lr, strength = experiment.lr, experiment.strength
    w = given.weights.copy()
    m, v, size, w_off, m_off, v_off = (np.zeros_like(w) for _ in range(6))
    weights, bounds = [w], [w_off]
    for t, gradient in enumerate(given.gradients, start=1):
        penalty = 0.0 if decoupled else strength
        g, g_size = gradient + penalty * w, np.abs(gradient) + penalty * np.abs(w)
        g_off = penalty * w_off + gamma(4, unit) * g_size
        m, size = BETA1 * m + (1 - BETA1) * g, BETA1 * size + (1 - BETA1) * g_size
        v = BETA2 * v + (1 - BETA2) * g**2
        m_off = BETA1 * m_off + (1 - BETA1) * g_off + gamma(4, unit) * size
        v_off = BETA2 * v_off + (1 - BETA2) * (2 * np.abs(g) + g_off) * g_off + gamma(4, unit) * v
        mean, root = m / (1 - BETA1**t), np.sqrt(v / (1 - BETA2**t))
        corrections = [gamma(float(correction_roundings(beta, np.array(t))), scalars) for beta in (BETA1, BETA2)]
        root_off = root * np.minimum(v_off / v + corrections[1], 1)  # |sqrt(v + d) - sqrt(v)| <= d / sqrt(v)
        lowest = np.maximum(root - root_off, 0) + EPSILON
        step = mean / (root + EPSILON)
        step_off = (m_off / (1 - BETA1**t) + np.abs(step) * root_off) / lowest
        step_off += (corrections[0] + gamma(8, unit)) * np.abs(step)
        w_off = w_off + lr * step_off + gamma(4, unit) * (np.abs(w) + lr * np.abs(step))
        w = w * (1 - lr * strength * decoupled) - lr * step
        weights, bounds = [*weights, w], [*bounds, w_off]
    return np.stack(weights), np.stack(bounds)


def coupled(experiment: DecayedPaths, given: Path) -> Array:
    """Adam (Kingma & Ba 2015, algorithm 1) on the gradient of the loss with lambda |w|^2 / 2 in it."""
    return path(experiment, given, False, 0.0, 0.0)[0]


def allowed(experiment: DecayedPaths, given: Path, unit_roundoff: float) -> Array:
    """What the subject's roundings and those of the theory in float64 add up to."""
    scalars = max(2.0**-53, experiment.optimizer.unit_roundoff)
    subject, theory = (
        path(experiment, given, False, unit_roundoff, scalars),
        path(experiment, given, False, 2.0**-53, 2.0**-53),
    )
    return subject[1] + theory[1]


def half_the_way_to_adamw(experiment: DecayedPaths, given: Path) -> Array:
    """Half the distance to the path of decoupled decay, so that what reaches it is out of reach of the budget."""
    return (path(experiment, given, True, 0.0, 0.0)[0] - coupled(experiment, given)) / 2


CLAIM = Claim(
    entry="weight-decay-equals-l2",
    says="Adam's weight_decay adds lambda w to the gradient, as the penalty lambda |w|^2 / 2 in the loss does, and averages it and "
    "divides it with the rest; AdamW's does not.",
    paper="Loshchilov & Hutter 2019, algorithm 2",
    experiments=vary(
        DecayedPaths("torch.optim:Adam", lr=0.0625),
        optimizer=("torch.optim:Adam", "torch.optim:Adam(foreach=True)"),
        decay=("argument", "penalty"),
    ),
    predict=coupled,
    judge=equal(within=allowed),
    assumptions=(
        Assumption(
            "coupled",
            "decay is added to the gradient, not taken off the weights",
            broken_by={"optimizer": "torch.optim:AdamW"},
            effect=half_the_way_to_adamw,
        ),
    ),
)
