"""A variance output learns where the noise is large."""

from dlverify import Assumption, Claim, mostly, vary
from dlverify.experiments.likelihood import LearnedNoise, NoisyCurves


def twice(experiment: LearnedNoise, given: NoisyCurves) -> float:
    """Twice the noise at the ends, of a true ratio of 6; the ratio is 1 where the noise is even or the variance fixed."""
    return 2.0


CLAIM = Claim(
    entry="unit-variance-gives-no-uncertainty",
    says="A network with an output for the variance, trained on the Gaussian likelihood, reports more noise where there is more.",
    paper="Nix & Weigend 1994; Kendall & Gal 2017",
    experiments=vary(LearnedNoise()),
    predict=twice,
    # Pilot, 256 seeds of root 1: 256 above, the smallest 2.24; even noise and fixed variance 0, the largest 1.45 and 1.
    judge=mostly("above", p0=0.5, p1=0.95),
    assumptions=(
        Assumption("variance-is-learned", "the variance is an output, not fixed at 1", broken_by={"variance": "fixed"}),
        Assumption(
            "noise-varies",
            "the noise is larger at the ends: the placebo has the same everywhere",
            broken_by={"noise": "even"},
        ),
    ),
    why_graded="A comparison over random data and weights; the entry's proof is that of its other claim.",
)
