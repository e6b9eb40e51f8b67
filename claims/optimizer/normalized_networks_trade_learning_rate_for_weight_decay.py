"""Normalized networks trade learning rate for weight decay: c times the one and 1/c of the other train the same functions."""

from typing import Any

import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.descent import SmallNetwork, TradedRates


def unchanged(experiment: TradedRates, given: SmallNetwork) -> float:
    """0: weights root(c) times as large have gradients 1 / root(c) times as large, and so stay root(c) times as large.

    c is a power of four, by which and by whose root floating-point numbers are multiplied without rounding, so that not a
    single bit differs.
    """
    return 0.0


def residuals(power: int = 1) -> dict[str, Any]:
    """With v = root(c) w, a function of the direction of w alone has the gradient g / root(c) at v, g that at w."""
    rate, decay, c, w, g = sympy.symbols("lr decay c w g", positive=True)
    root = sympy.sqrt(c)
    before = w - rate * (g + decay * w)
    after = root * w - c * rate * (g / root + decay / c**power * root * w)
    return {"next weights": sympy.expand(after - root * before)}


CASE = TradedRates("torch.optim:SGD")

CLAIM = Claim(
    entry="hyperparameter-list",
    says="Hyperparameters interact: where batch normalization takes out the scale of the weights, c times the learning rate with "
    "1/c of the weight decay and initial weights times root c trains the same functions.",
    paper="van Laarhoven 2017",
    experiments=vary(
        CASE, optimizer=("torch.optim:SGD", "torch.optim:SGD(momentum=0.5)", "torch.optim:SGD(foreach=True)")
    ),
    predict=unchanged,
    judge=equal(),
    assumptions=(
        Assumption(
            "normalized",
            "the scale of the weights does not count",
            broken_by={"normalization": "torch.nn:Identity"},
        ),
        Assumption(
            "no-epsilon",
            "nothing that counts is added to the variances",
            broken_by={"normalization": "torch.nn:BatchNorm1d(affine=False)"},
        ),
        Assumption("start-too", "initial weights are multiplied too", broken_by={"start": "same"}),
        Assumption(
            "steps-as-gradients",
            "steps are proportional to gradients",
            broken_by={"optimizer": "torch.optim:Adam"},
        ),
    ),
    proof=Proof(
        "If v = root(c) w before a step of descent with the rate c lr and the decay 1/c, then after it too.",
        residuals,
        broken=lambda: residuals(power=2),
    ),
)
