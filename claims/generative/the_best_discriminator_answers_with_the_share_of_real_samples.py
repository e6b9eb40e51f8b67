"""The best discriminator answers with the share of real samples."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, vary
from dlverify.experiments.adversarial import BestDiscriminators, Samples
from dlverify.quantity import Array


def share(experiment: BestDiscriminators, given: Samples) -> Array:
    """p / (p + q) at each point, in parts of 1/144: p log D + q log(1 - D) rises below it and falls above."""
    real, fake = (np.vectorize(Fraction, otypes=[object])(counts.astype(object)) for counts in (given.real, given.fake))
    return 144 * real / (real + fake)


def residuals(times: int = 1) -> dict[str, Any]:
    """The derivative of p log D + q log(1 - D) vanishes at D = p / (p + q) alone, and the second one is negative there."""
    p, q, d = sympy.symbols("p q D", positive=True)
    value = p * sympy.log(d) + times * q * sympy.log(1 - d)
    best = p / (p + q)
    return {
        "slope": sympy.diff(value, d) - (p - (p + q) * d) / (d * (1 - d)),
        "stationary": sympy.diff(value, d).subs(d, best),
        "concave": sympy.diff(value, d, 2).subs(d, best) + (p + q) ** 3 / (p * q),
    }


CLAIM = Claim(
    entry="gan-objective",
    says="The expected objective E log D(real) + E log(1 - D(fake)) is largest where D answers at every point with p / (p + q), the "
    "share of real ones among the samples there.",
    paper="Goodfellow et al. 2014, proposition 1",
    experiments=vary(BestDiscriminators()),
    predict=share,
    judge=equal(),
    assumptions=(
        Assumption("as-many-fakes", "there is one fake for each real sample", broken_by={"fakes": 2}),
        Assumption("unrestricted", "the discriminator can tell any two points apart", broken_by={"shared": 2}),
        Assumption(
            "proper-score",
            "answers are scored by a loss that is smallest, on average, at the true probability",
            broken_by={"loss": "torch.nn:L1Loss"},
        ),
    ),
    errata=(
        Erratum(
            "one-pair",
            "the objective is written for a single real sample and a single fake",
            number=57,
            broken_by={"objective": "one pair"},
        ),
    ),
    proof=Proof(
        "For all p, q > 0 the only stationary point is p / (p + q), and it is a maximum.",
        residuals,
        broken=lambda: residuals(times=2),
    ),
)
