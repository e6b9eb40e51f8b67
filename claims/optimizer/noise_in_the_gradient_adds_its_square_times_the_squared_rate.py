"""Noise in the gradient adds its variance times the squared rate at every step, so a falling rate lowers the floor."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.schedules import NoisyParabola
from dlverify.quantity import Array


def rates(experiment: NoisyParabola, factor: float) -> Array:
    """The staircase of two drops or of one after each quarter, or lr (f + (1 - f) (1 + cos(pi t / T)) / 2)."""
    t, steps = np.arange(experiment.steps), experiment.steps
    if experiment.schedule == "cosine":
        return np.asarray(experiment.lr * (factor + (1 - factor) * (1 + np.cos(np.pi * t / steps)) / 2))
    drops = 1 * (t >= steps // 2) + (t >= 3 * steps // 4) if experiment.schedule == "two drops" else t // (steps // 4)
    return np.asarray(experiment.lr * factor**drops)


def second_moments(experiment: NoisyParabola, given: Any) -> Array:
    """m_t = (1 - lr_t)^2 m_(t-1) + lr_t^2 s^2 from m_0 = 25, for curvature 1 and noise of standard deviation s."""
    rows = []
    for factor in experiment.factors:
        moment, row = 25.0, []
        for rate in rates(experiment, factor):
            moment = (1 - rate) ** 2 * moment + rate**2 * experiment.noise**2
            row.append(moment)
        rows.append(row)
    return np.array(rows)


def roundings(experiment: NoisyParabola, given: Any) -> Array:
    """Of t steps each rounds a rate (3), a product and a difference, on a value not much smaller than its terms: 7 in all.

    Squares count them twice; then t + 1 squares are summed. The prediction rounds 8 a step. torch's cosine makes each rate
    from the last one, so that at step t it is off by 4 t roundings of the first; over the rate that is 4 t / f at most for
    the factor f, in a noise term twice, and 2 lr 4 t at each of t steps in what is left of earlier ones.
    """
    t = np.arange(1, experiment.steps + 1)
    operations = 2 * 7 * t + (experiment.steps + 2) + 8 * t
    if experiment.schedule != "cosine":
        return operations
    return operations + 8 * t / np.array(experiment.factors)[:, None] + 8 * experiment.lr * t**2


def residuals(share: int = 2) -> dict[str, Any]:
    """The floor f = lr s^2 / (a (2 - lr a)) stays, and what m is above it is multiplied by (1 - lr a)^2 a step."""
    rate, a, s, m = sympy.symbols("lr a s m", positive=True)
    floor = rate * s**2 / (a * (share - rate * a))
    following = (1 - rate * a) ** 2 * m + rate**2 * s**2
    return {
        "floor": following.subs(m, floor) - floor,
        "height above it": following - floor - (1 - rate * a) ** 2 * (m - floor),
    }


CLAIM = Claim(
    entry="step-decay-schedule",
    says="On a parabola of curvature a with independent noise of variance s^2 in the gradients, E x^2 falls to the floor "
    "lr s^2 / (a (2 - lr a)), at a rate (1 - lr a)^2 a step: a large rate comes down sooner, a small one comes down lower.",
    paper="Bottou, Curtis & Nocedal 2018, theorem 4.6; schedule of He et al. 2016, section 4.2",
    experiments=vary(NoisyParabola("torch.optim:SGD"), lr=(0.1, 0.03))
    + vary(NoisyParabola("torch.optim:SGD"), steps=(2000,), optimizer=("torch.optim:SGD(foreach=True)",))
    + vary(NoisyParabola("torch.optim:SGD", schedule="even drops"), scheduler=("torch.optim.lr_scheduler:StepLR",))
    + vary(
        NoisyParabola("torch.optim:SGD", schedule="cosine"), scheduler=("torch.optim.lr_scheduler:CosineAnnealingLR",)
    ),
    predict=second_moments,
    judge=equal(within=rounding(operations=roundings, scale=second_moments)),
    assumptions=(
        Assumption("independent", "the noise of each step is drawn afresh", broken_by={"lasting": True}),
        Assumption(
            "gradient-alone",
            "a step goes by the gradient alone",
            broken_by={"optimizer": "torch.optim:SGD(momentum=0.5)"},
        ),
        Assumption(
            "half-and-three-quarters",
            "the rate falls at a half and three quarters of the steps",
            broken_by={"scheduler": "torch.optim.lr_scheduler:MultiStepLR(milestones=[200])"},
        ),
    ),
    proof=Proof(
        "For every rate, curvature and noise the floor stays, and the height above it is multiplied by (1 - lr a)^2.",
        residuals,
        broken=lambda: residuals(share=1),
    ),
)
