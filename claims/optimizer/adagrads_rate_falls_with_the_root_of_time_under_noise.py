"""Adagrad's rate falls with the root of time under noise."""

import numpy as np

from dlverify import Assumption, Claim, mostly, vary
from dlverify.experiments.optimizer import Noise, RateDecay
from dlverify.quantity import Array


def near_minus_one_half(experiment: RateDecay, given: Noise) -> Array:
    """The exponent s of the rate lr / sqrt(G_t) ~ t^s: s < -0.4 and -s < 0.6.

    G_t / t tends to the mean of (x + noise)^2, which is at least that of noise^2, 1, as the noise does not depend on x:
    s tends to -1/2, where rates that settle have s = 0 and rates lr / t have s = -1.
    """
    return np.array([-0.4, 0.6])


CLAIM = Claim(
    entry="adagrad-lr-decays-to-zero",
    says="On x^2 / 2 with persistent noise in the gradient Adagrad's rate falls like 1 / sqrt(t).",
    paper="Ward, Wu & Bottou 2019; Zeiler 2012, section 2",
    experiments=vary(RateDecay("torch.optim:Adagrad")),
    predict=near_minus_one_half,
    # Pilot, 1,024 seeds of root 1: s = -0.488 on average, standard deviation 0.031; 1,022 within, none of any control.
    judge=mostly("below", p0=0.5, p1=0.95),
    assumptions=(
        Assumption(
            "persistent", "the noise persists: as 1 / t its squares have a finite sum", broken_by={"noise": "fading"}
        ),
        Assumption(
            "never-forgets", "the denominator keeps every gradient", broken_by={"optimizer": "torch.optim:RMSprop"}
        ),
        Assumption(
            "same-rate", "the learning rate stays", broken_by={"optimizer": "torch.optim:Adagrad(lr_decay=1.0)"}
        ),
    ),
    why_graded="Noise is random; the entry's grade is that of its other claims.",
)
