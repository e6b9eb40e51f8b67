"""The best discriminator value measures the divergence of the fakes from the real samples."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.adversarial import BestDiscriminators, Samples
from dlverify.quantity import Array


def divergence(experiment: BestDiscriminators, given: Samples) -> Array:
    """-log 4 + 2 JSD(p, q), where 2 JSD is KL(p | m) + KL(q | m), m half of the sum."""
    from scipy.special import rel_entr

    real, fake = (counts / counts.sum(axis=1, keepdims=True) for counts in (given.real, given.fake))
    middle = (real + fake) / 2
    return -np.log(4) + (rel_entr(real, middle) + rel_entr(fake, middle)).sum(axis=1)


def logarithms(experiment: BestDiscriminators, given: Samples) -> Array:
    """log 4 + 2: the logarithms of the best answers weigh at most log 4 in all, and rounded answers move them by 2 at most.

    An answer D with a relative error of u moves p log D by p u, and q log(1 - D) by q u D / (1 - D), which is p u too at
    the best answer; over all points 2 u. Another rounded answer is worth no more than the best one.
    """
    return np.log(4) + 2


def residuals(times: int = 2) -> dict[str, Any]:
    """Term by term: p log(p/(p+q)) + q log(q/(p+q)) is p log(p/m) + q log(q/m) - (p+q) log 2 with m = (p+q)/2; sum p + q = 2."""
    p, q = sympy.symbols("p q", positive=True)
    m = (p + q) / 2
    best = p * sympy.log(p / (p + q)) + q * sympy.log(q / (p + q))
    twice_jsd = p * sympy.log(p / m) + q * sympy.log(q / m)
    return {"each point": sympy.expand_log(sympy.expand(best - twice_jsd), force=True) + (p + q) * sympy.log(times)}


CLAIM = Claim(
    entry="gan-objective",
    says="The largest value that any discriminator reaches is -log 4 + 2 JSD(p, q): -log 4 where fakes are distributed as real samples, "
    "and nowhere less; it rises with their Jensen-Shannon divergence.",
    paper="Goodfellow et al. 2014, theorem 1",
    experiments=vary(BestDiscriminators(report="value")),
    predict=divergence,
    # Two logarithms, products and a sum for each of 13 points on either side.
    judge=equal(within=rounding(operations=2 * (13 + 6), scale=logarithms)),
    assumptions=(
        Assumption(
            "unrestricted",
            "the discriminator can tell any two points apart",
            broken_by={"shared": 13},
            effect=lambda experiment, given: np.log(4) + divergence(experiment, given),
        ),
        Assumption("as-many-fakes", "there is one fake for each real sample", broken_by={"fakes": 4}),
    ),
    proof=Proof(
        "For all p, q > 0 the value of the best answer is the Jensen-Shannon term less (p + q) log 2.",
        residuals,
        broken=lambda: residuals(times=4),
    ),
)
