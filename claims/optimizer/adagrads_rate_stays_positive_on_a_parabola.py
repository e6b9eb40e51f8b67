"""Adagrad's rate stays positive on a parabola."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, at_least, at_most, rounding, vary
from dlverify.experiments.optimizer import Noise, Parabola
from dlverify.quantity import Array


def floor(experiment: Parabola, given: Noise) -> Array:
    """At least lr / S with S = (1 + lr^2) / (2 lr) >= 1, for every step, where x = 1 at first and lr <= 1.

    By induction sqrt(G_s) <= S up to step t. The rate h is then between lr / S and lr, where h (2 - h) grows, so that
    x_s^2 - x_(s+1)^2 = x_s^2 h (2 - h) >= x_s^2 (lr / S) (2 - lr / S) = x_s^2 / S^2. Summed up to t this is
    1 - x_(t+1)^2 >= G_t / S^2, hence G_(t+1) <= S^2 - (S^2 - 1) x_(t+1)^2 <= S^2.
    """
    rates = np.array(experiment.rates)[:, None]
    return 2 * rates**2 / (1 + rates**2)


def zero(experiment: Parabola, given: Noise) -> float:
    """What the rate ends up at, as printed."""
    return 0.0


def roundings(experiment: Parabola, given: Noise) -> float:
    """In units of u: h carries k = (t + 1) / 2 + 5 and x one more, so that 1 / S^2 above is smaller by k + 2 S^2 of itself.

    The root of G is larger by half of that, the rate smaller by 3 k / 2 + S^2; its reading costs two quotients and the
    rounding of x, which is 1 / h of the rate at most. S^2 <= 1 / h, and h <= 1: in all at most (3 k / 2 + 4) / h of h.
    """
    return 1.5 * ((experiment.steps + 1) / 2 + 5) + 4


def residuals(root: Any = None) -> dict[str, Any]:
    """The steps of the induction with h = 1 - q, lr / S = 1 - p - q, v = x_(t+1)^2 and G_t = S^2 (1 - v) - w."""
    lr = sympy.Symbol("lr", positive=True)
    p, q, v, w = sympy.symbols("p q v w", nonnegative=True)
    more, room = p * (p + 2 * q), w + v * (1 - lr) ** 2 / (2 * lr) * (2 + (1 - lr) ** 2 / (2 * lr))
    root = root or (1 + lr**2) / (2 * lr)
    return {
        "x^2 falls by x^2 / S^2 at the rate lr / S": lr / root * (2 - lr / root) - 1 / root**2,
        "it falls by more at a larger rate": (1 - q) * (1 + q) - (1 - p - q) * (1 + p + q) - more,
        "the next sum is S^2 less something": root**2 - (root**2 * (1 - v) - w + v) - room,
        "more and something are not negative": sympy.Abs(more) - more + sympy.Abs(room) - room,
    }


CLAIM = Claim(
    entry="adagrad-lr-decays-to-zero",
    says="Descending x^2 / 2 from 1 Adagrad's rate never falls below 2 lr^2 / (1 + lr^2): the gradients fade fast enough.",
    paper="Ward, Wu & Bottou 2019",
    experiments=vary(Parabola("torch.optim:Adagrad(eps=0)")),
    predict=floor,
    judge=at_least(within=rounding(operations=roundings)),
    assumptions=(
        Assumption("no-noise", "the gradient is that of the parabola alone", broken_by={"noise": 1.0}),
        Assumption("start-at-one", "the first gradient is 1", why_kept="x, lr and the gradient can be scaled together"),
        Assumption(
            "same-rate", "the learning rate stays", broken_by={"optimizer": "torch.optim:Adagrad(eps=0, lr_decay=0.1)"}
        ),
    ),
    proof=Proof(
        "If sqrt(G) <= (1 + lr^2) / (2 lr) up to a step, so it is after it: for every lr in (0, 1].",
        residuals,
        broken=lambda: residuals(root=sympy.Integer(1)),
    ),
    errata=(
        Erratum(
            "ends-at-zero",
            "If training goes on the learning rate always ends up at zero.",
            number=14,
            predict=zero,
            broken_by={"first": 64},
            judge=at_most(within=rounding(operations=roundings)),
        ),
    ),
)
