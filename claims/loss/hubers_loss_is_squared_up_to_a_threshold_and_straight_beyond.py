"""Huber's loss is squared up to a threshold and straight beyond."""

from fractions import Fraction
from typing import Any

import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.loss import LossesOfResiduals, Residuals
from dlverify.quantity import Array, as_array


def clipped(experiment: LossesOfResiduals, given: Residuals) -> Array:
    """The slope c is the residual r clipped to [-d, d], the loss c (r - c / 2), the area under it; both over beta where d is beta."""
    arguments = dict(experiment.loss.arguments)
    threshold = Fraction(arguments.get("delta", arguments.get("beta", 1.0)))
    unit = threshold if "beta" in arguments else Fraction(1)
    residuals = [Fraction(p) - Fraction(t) for p, t in zip(given.predictions, given.targets, strict=True)]
    slopes = [min(max(r, -threshold), threshold) for r in residuals]
    return as_array(
        [[c * (r - c / 2) / unit for r, c in zip(residuals, slopes, strict=True)], [c / unit for c in slopes]]
    )


def residuals(power: int = 1) -> dict[str, Any]:
    """For r from d on the loss d r - d^2 / 2 has the value and the slope of r^2 / 2 at r = d, and goes on with that slope."""
    r, d = sympy.symbols("r d", positive=True)
    near, far = r**2 / 2, d**power * (r - d / 2)
    return {
        "value at the threshold": (near - far).subs(r, d),
        "slope at the threshold": sympy.diff(near - far, r).subs(r, d),
        "straight beyond": sympy.diff(far, r) - d,
    }


CLAIM = Claim(
    entry="l1-vs-l2-robustness",
    says="Huber's loss is r^2 / 2 for residuals up to delta and delta (|r| - delta / 2) beyond, so that no residual pulls harder than "
    "delta; smooth absolute error is that over beta, its threshold, so that none pulls harder than 1.",
    paper="Huber 1964; Girshick 2015, equation 3",
    experiments=vary(
        LossesOfResiduals("torch.nn:HuberLoss(delta=2.0)"),
        loss=(
            "torch.nn:HuberLoss(delta=2.0)",
            "torch.nn:HuberLoss(delta=0.5)",
            "torch.nn:HuberLoss",
            "torch.nn:SmoothL1Loss(beta=2.0)",
            "torch.nn:SmoothL1Loss(beta=0.5)",
            "torch.nn:SmoothL1Loss",
        ),
    ),
    predict=clipped,
    judge=equal(),
    assumptions=(
        Assumption("straight-beyond", "far residuals count as they are", broken_by={"loss": "torch.nn:MSELoss"}),
        Assumption("squared-near", "near residuals are squared", broken_by={"loss": "torch.nn:L1Loss"}),
    ),
    proof=Proof(
        "For every threshold the two parts meet with one value and one slope, and the second is straight.",
        residuals,
        broken=lambda: residuals(power=2),
    ),
)
