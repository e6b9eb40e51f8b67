"""Label smoothing caps the gap between logits."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.regularization import BestGaps, Inputs
from dlverify.quantity import Array


def smoothed(experiment: BestGaps, given: Inputs) -> Array:
    """t = (1 - e) p + e / K, for strengths e and probabilities p, shape `(smoothing, probabilities)`."""
    strengths = np.array(experiment.smoothing)[:, None]
    return np.asarray((1 - strengths) * given.values + strengths / experiment.classes)


def log_odds_or_entropy(experiment: BestGaps, given: Inputs) -> Array:
    """The softmax fits t: the gap is log(t (K - 1) / (1 - t)), log((K (1 - e) + e) / e) for p = 1; the loss is t's entropy."""
    t, others = smoothed(experiment, given), experiment.classes - 1
    if experiment.report == "gap":
        return np.log(t * others / (1 - t))
    return np.asarray(-t * np.log(t) - (1 - t) * np.log((1 - t) / others))


def roundings(experiment: BestGaps, given: Inputs) -> float:
    """K exponentials, their sum, the logarithm, K products with labels of four roundings, their sum; and the gap itself."""
    return 4 * experiment.classes + 24


def magnified(experiment: BestGaps, given: Inputs) -> Array:
    """The slope t - softmax has errors of its terms, at most 1; its own slope t (1 - t) turns them into an error of the gap."""
    t = smoothed(experiment, given)
    gap = np.abs(np.log(t * (experiment.classes - 1) / (1 - t)))
    return 1 / (t * (1 - t)) + gap if experiment.report == "gap" else 1 + np.log(experiment.classes) + gap


def residuals(missing: int = 0) -> dict[str, Any]:
    """For p = 1: at the gap the softmax is 1 - e + e / K, where the slope of the convex loss in the gap vanishes."""
    classes, e = sympy.symbols("K e", positive=True)
    z = sympy.Symbol("z", real=True)
    t = 1 - e + e / (classes - missing)
    loss = sympy.log(sympy.exp(z) + classes - 1) - t * z
    gap = sympy.log((classes * (1 - e) + e) / e)
    share = sympy.exp(z) / (sympy.exp(z) + classes - 1)
    return {
        "slope at the gap": sympy.simplify(sympy.diff(loss, z).subs(z, gap)),
        "curvature is positive": sympy.diff(loss, z, 2) - share * (1 - share),
    }


CLAIM = Claim(
    entry="label-smoothing",
    says="With label smoothing e among K classes a certain class is fitted best by logits log((K (1 - e) + e) / e) above the others, "
    "not infinitely far, and the loss stays above the entropy of the smoothed labels.",
    paper="Szegedy, Vanhoucke, Ioffe, Shlens & Wojna 2016, section 7; Muller, Kornblith & Hinton 2019",
    experiments=vary(BestGaps(), report=("gap", "loss")),
    predict=log_odds_or_entropy,
    judge=equal(within=rounding(operations=roundings, scale=magnified)),
    assumptions=(
        Assumption(
            "smoothed",
            "labels are smoothed; certain ones drive the logits apart without end",
            broken_by={"loss": "torch.nn:CrossEntropyLoss(label_smoothing=0.0)"},
        ),
    ),
    proof=Proof(
        "For all K and e the convex loss of a certain class is least at the gap log((K (1 - e) + e) / e).",
        residuals,
        broken=lambda: residuals(missing=1),
    ),
)
