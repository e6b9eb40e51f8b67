"""The minimax generator loss fades where fakes are rejected."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, at_least, equal, rounding, vary
from dlverify.experiments.adversarial import GeneratorGradients
from dlverify.quantity import Array


def pulls(experiment: GeneratorGradients, given: Array) -> Array:
    """s(a) for log(1 - D) and s(-a) for -log D, with s(a) = 1 / (1 + exp(-a)): D and 1 - D, in the ratio exp(a)."""
    return 1 / (1 + np.exp(-given if experiment.loss == "minimax" else given))


def sizes(experiment: GeneratorGradients, given: Array) -> Array:
    """s(a) is rounded relatively, with a rounding error in a itself; s(a) - 1 as a difference from 1."""
    return pulls(experiment, given) * (1 + np.abs(given)) if experiment.loss == "minimax" else 1 + 0 * given


def half(experiment: GeneratorGradients, given: Array) -> Array:
    """A half wherever the discriminator rejects, as a generator needs that learns from its failures; 0 elsewhere."""
    return np.where(given <= 0, 0.5, 0.0)


def residuals(sign: int = 1) -> dict[str, Any]:
    """With D = 1 / (1 + exp(-a)): d log(1 - D)/da = -D, d(-log D)/da = -(1 - D); the one tends to 0, the other to -1."""
    a = sympy.Symbol("a", real=True)
    d = 1 / (1 + sympy.exp(-sign * a))
    minimax, practical = sympy.diff(sympy.log(1 - d), a), sympy.diff(-sympy.log(d), a)
    answer = sympy.exp(a) / (1 + sympy.exp(a))
    return {
        "minimax": minimax + answer,
        "non-saturating": practical + 1 - answer,
        "their ratio": minimax - sympy.exp(a) * practical,
        "none where rejected": sympy.limit(answer, a, -sympy.oo),
    }


CLAIM = Claim(
    entry="gan-generator-saturation",
    says="A fake with logit a is pulled towards the real samples by s(a) under the minimax loss log(1 - D), which fades to nothing where "
    "it is firmly rejected, but by s(-a) under -log D, which tends to 1 there; at a = 0 both are 1/2, and beyond it the roles swap.",
    paper="Goodfellow et al. 2014, section 3",
    experiments=vary(GeneratorGradients(), loss=("minimax", "non-saturating")),
    predict=pulls,
    # An exponential, a sum, a quotient and a difference on either side.
    judge=equal(within=rounding(operations=12, scale=sizes)),
    assumptions=(
        Assumption(
            "log-loss",
            "answers are scored by the logarithm of their sigmoid; squared errors of logits pull the harder the further away",
            broken_by={"criterion": "torch.nn:MSELoss"},
        ),
    ),
    errata=(
        Erratum(
            "learns-from-rejection",
            "the generator is trained by descent on log(1 - D), as if that pulled rejected fakes",
            number=57,
            predict=half,
            judge=at_least(within=rounding(operations=12)),
        ),
    ),
    proof=Proof(
        "For every logit the two derivatives are -D and -(1 - D).",
        residuals,
        broken=lambda: residuals(sign=-1),
    ),
)
