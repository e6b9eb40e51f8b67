"""The evidence lower bound falls short of the log evidence by the divergence from the posterior."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.variational import EvidenceBounds
from dlverify.quantity import Array


def evidence_less_divergence(experiment: EvidenceBounds, given: tuple[Array, Array]) -> Array:
    """log N(x; 0, w^2 + s^2) - KL(q | posterior), the latter a Gaussian with variance v = s^2/(w^2 + s^2) and mean w x v/s^2.

    KL of Gaussians is ((mean - m)^2 + deviation^2) / (2 v) - 1/2 - log(deviation / sqrt(v)).
    """
    (mean, deviation), w, s, x = given, experiment.slope, experiment.noise, experiment.observed
    total = w**2 + s**2
    variance = s**2 / total
    away = (mean - w * x / total) ** 2 + deviation**2
    divergence = away / (2 * variance) - 0.5 - np.log(deviation / np.sqrt(variance))
    return -(x**2) / (2 * total) - np.log(2 * np.pi * total) / 2 - divergence


def terms(experiment: EvidenceBounds, given: tuple[Array, Array]) -> Array:
    """The squares before they cancel, with every sign made plus, of x - w z over s and of z, and the logarithms."""
    (mean, deviation), w, s, x = given, experiment.slope, experiment.noise, experiment.observed
    farthest = np.abs(mean) + deviation
    return (
        ((np.abs(x) + np.abs(w) * farthest) / s) ** 2 + farthest**2 + np.abs(np.log(deviation)) + np.abs(np.log(s)) + 4
    )


def residuals(weight: int = 1) -> dict[str, Any]:
    """Term by term for any model: q log(j / q) + q log(q / (j / e)) = q log e, with j = p(x, z), e = p(x), j / e = p(z | x).

    The divergence is 0 or more: its terms q log(q / r) - q + r are r (t log t - t + 1), t = q / r, convex and 0 at t = 1.
    The last step: the divergence of a Gaussian from the standard normal prior is its cross-entropy less its entropy.
    """
    q, j, e, t, r = sympy.symbols("q j e t r", positive=True)
    m, d = sympy.symbols("m d", positive=True)
    excess = t * sympy.log(t) - t + 1
    gaussian = (m**2 + d**2 - 1 - 2 * weight * sympy.log(d)) / 2
    cross = (m**2 + d**2 + sympy.log(2 * sympy.pi)) / 2
    entropy = sympy.Rational(1, 2) + sympy.log(2 * sympy.pi) / 2 + sympy.log(d)
    return {
        "each term": sympy.expand_log(q * sympy.log(j / q) + q * sympy.log(q * e / j) - q * sympy.log(e)),
        "the gap": sympy.expand_log(q * sympy.log(q / r) - q + r - r * excess.subs(t, q / r)),
        "none at q = p": excess.subs(t, 1) + sympy.diff(excess, t).subs(t, 1),
        "convex": sympy.diff(excess, t, 2) - 1 / t,
        "of Gaussians": sympy.expand(gaussian - (cross - entropy)),
    }


CLAIM = Claim(
    entry="variational-autoencoder",
    says="For every q the evidence lower bound, E log p(x | z) - KL(q | prior), is log p(x) - KL(q | posterior): it reaches the log "
    "evidence at the posterior and nowhere else.",
    paper="Kingma & Welling 2014, equation 1 and appendix B",
    experiments=vary(EvidenceBounds(), slope=(4.0, 0.0)),
    predict=evidence_less_divergence,
    # Some ten products, squares, sums and logarithms in each of the likelihoods and the divergence.
    judge=equal(within=rounding(operations=24, scale=terms)),
    assumptions=(
        Assumption(
            "from-q",
            "the divergence is that from q to the prior, not the other way round",
            broken_by={"penalty": "from the prior to q"},
        ),
        Assumption("penalised", "the divergence is subtracted at all", broken_by={"penalty": "none"}, case="0"),
        Assumption(
            "gaussian",
            "likelihood, prior and q are Gaussian, as the prediction has them",
            broken_by={"distribution": "torch.distributions:Laplace"},
        ),
    ),
    proof=Proof(
        "For all models and all q, term by term; and for Gaussians the divergence from the prior is (m^2 + d^2 - 1 - log d^2) / 2.",
        residuals,
        broken=lambda: residuals(weight=2),
    ),
)
