"""Reparameterised gradients are right on average, and scatter less than score gradients."""

import math

from dlverify import Assumption, Claim, mostly, vary
from dlverify.experiments.variational import GradientEstimates


def two_standard_errors(experiment: GradientEstimates, given: None) -> list[float]:
    """Lower bounds of the estimate and of its negative: the derivative, and 4 / sqrt(samples) to either side of it.

    E z^2 is mean^2 + 1, with the derivative 2 mean; a sample's own is 2 z, of standard deviation 2, so that an average of
    independent ones is Gaussian and lies within two standard errors of 2 mean in 95.45 % of seeds. The chance to be above
    the mean as it is has the derivative 1 / sqrt(2 pi) there.
    """
    derivative = 2 * experiment.mean if experiment.function == "square" else 1 / math.sqrt(2 * math.pi)
    near = 4 / math.sqrt(experiment.samples)
    return [derivative - near, -derivative - near]


CLAIM = Claim(
    entry="variational-autoencoder",
    says="The derivative of z^2 through z = mean + noise estimates that of E z^2 without bias and with standard deviation 2: averages lie "
    "within two standard errors of 2 mean. Score gradients scatter more, and for a step the way through the noise shows no slope.",
    paper="Kingma & Welling 2014, section 2.4; Mohamed et al. 2020, sections 4 and 5",
    experiments=vary(GradientEstimates()),
    predict=two_standard_errors,
    # 0.9545 by theory. Score gradients have variance mean^4 + 14 mean^2 + 15 = 495 at mean 4: 0.14 of them are as near.
    judge=mostly("above", p0=0.5, p1=0.9),
    assumptions=(
        Assumption("through-the-noise", "the derivative goes through the samples", broken_by={"estimator": "score"}),
        Assumption("smooth", "the function is differentiable", broken_by={"function": "step"}),
    ),
    why_graded="that an estimate is right on average shows in averages only; the bound itself is proved by another claim",
)
