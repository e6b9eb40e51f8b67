"""No step of Adam exceeds seven and a third learning rates."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, at_most, rounding, vary
from dlverify.experiments.adaptive import AfterSilence, Numbers
from dlverify.quantity import Array

BETA1, BETA2 = 0.9, 0.999
"""torch's defaults."""


def bound(experiment: AfterSilence, given: Numbers) -> Array:
    """(1 - b1) / (1 - b1^t) sqrt((1 - b2^t) / (1 - b2)) sqrt((1 - r^n) / (1 - r)) at step t, r = b1^2 / b2, n from the first g on.

    By the inequality of Cauchy and Schwarz (sum b1^k g)^2 <= (sum r^k) (sum b2^k g^2), with equality where g grows by
    b2 / b1 a step. It grows with t and n to (1 - b1) / sqrt(1 - b2) / sqrt(1 - r), at the defaults 7.270.
    """
    n = np.arange(1, experiment.steps + 1)
    t, ratio = experiment.silence + n, BETA1**2 / BETA2
    corrections = np.sqrt(1 - BETA2**t) / (1 - BETA1**t)
    return (1 - BETA1) / np.sqrt(1 - BETA2) * corrections * np.sqrt((1 - ratio**n) / (1 - ratio))


def largest_single(experiment: AfterSilence, given: Numbers) -> float:
    """(1 - b1) / sqrt(1 - b2), 3.16 at the defaults: what one gradient after many zeros does, called an upper bound there."""
    return (1 - BETA1) / float(np.sqrt(1 - BETA2))


def roundings(experiment: AfterSilence, given: Numbers) -> Array:
    """4 n in m, half of 3 n + 1 in v, 10 for the rest, relative to averages of |g|, which keep the bound too; twice."""
    n = np.arange(1, experiment.steps + 1)
    return 2 * (4 * n + (3 * n + 1) / 2 + 10)


def residuals(power: int = 1) -> dict[str, Any]:
    """If S^2 <= P Q, one more term keeps it: (P + a^2 / b) (Q + b g^2) - (S + a g)^2 is a sum of three that are not negative.

    They are P Q - S^2, a square, and 2 a g (sqrt(P Q) - S). P and Q have the roots p and q.
    """
    p, q, a, b, g = sympy.symbols("p q a b g", positive=True)
    total = sympy.Symbol("S", real=True)
    b1, b2, n = sympy.symbols("b1 b2 n", positive=True)
    more = (p**2 + a**2 / b) * (q**2 + b * g**2) - (total + a * g) ** 2
    parts = (
        (p**2 * q**2 - total**2) + (sympy.sqrt(b) * p * g - a * q / sympy.sqrt(b)) ** 2 + 2 * a * g * (p * q - total)
    )
    weight, ratio = ((1 - b1) * b1) ** 2 / ((1 - b2) * b2), b1 ** (2 * power) / b2
    series = (1 - ratio**n) / (1 - ratio)
    return {
        "one more gradient": sympy.expand(more - parts),
        "a^2 / b falls by b1^2 / b2 a step of age": weight / ((1 - b1) ** 2 / (1 - b2)) - ratio,
        "their sum": sympy.expand_power_base(series.subs(n, n + 1) - (ratio * series + 1)),
    }


CASE = AfterSilence("torch.optim:Adam(eps=1e-30)", growth=BETA2 / BETA1)

CLAIM = Claim(
    entry="adam",
    says="Whatever the gradients, no step of Adam is longer than (1 - b1) / sqrt((1 - b2) (1 - b1^2 / b2)) learning rates, 7.27 "
    "at the defaults; gradients that grow by b2 / b1 a step after a long silence come as near to it as one likes.",
    paper="Kingma & Ba 2015, section 2.1, where the bound is 3.16",
    experiments=vary(CASE)
    + vary(CASE, gradients=("single", "random"), silence=(1024,))
    + vary(CASE, optimizer=("torch.optim:AdamW(eps=1e-30)",), gradients=("constant",), silence=(0,))
    + vary(CASE, tier="full", optimizer=("torch.optim:Adam(eps=1e-30, foreach=True)",), silence=(20000,)),
    predict=bound,
    judge=at_most(within=rounding(operations=roundings, scale=bound)),
    assumptions=(
        Assumption(
            "momentum-before-division",
            "gradients are averaged first and divided then",
            broken_by={"optimizer": "torch.optim:RMSprop(alpha=0.999, momentum=0.9, eps=1e-30)"},
            case="single-1024",
        ),
        Assumption(
            "stated-betas",
            "the averages forget as fast as stated",
            broken_by={"optimizer": "torch.optim:Adam(betas=(0.5, 0.999), eps=1e-30)"},
            case="single-1024",
        ),
    ),
    errata=(
        Erratum(
            "bound-of-one-gradient",
            "Adam's paper: no step is longer than (1 - b1) / sqrt(1 - b2) learning rates, 3.16 at the defaults.",
            predict=largest_single,
        ),
    ),
    proof=Proof(
        "For any gradients (sum b1^k g)^2 <= (sum r^k) (sum b2^k g^2) with r = b1^2 / b2, by induction over their number.",
        residuals,
        broken=lambda: residuals(power=2),
    ),
)
