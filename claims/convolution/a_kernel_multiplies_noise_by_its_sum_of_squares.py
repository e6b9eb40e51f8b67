"""A kernel multiplies the variance of independent noise by its sum of squares: by a third for smoothing, by 2 for edges."""

from fractions import Fraction

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.convolution import Filtering, NoiseVariance


def sum_of_squares(experiment: NoiseVariance, given: Filtering) -> Fraction:
    """The variance of a sum of independent terms u(x) e(x) with var e = 1 is the sum of u(x)^2."""
    return Fraction(sum(weight**2 for weight in experiment.kernel), 100**2)


CLAIM = Claim(
    entry="smoothing-kernel-example",
    says=(
        "A kernel multiplies the variance of independent noise by its sum of squares: (0.33, 0.34, 0.33) leaves 0.3334 of it, "
        "the kernel (-1, 0, 1) doubles it."
    ),
    paper="Oppenheim & Schafer 2010",
    experiments=vary(NoiseVariance("torch.nn:Conv1d"), kernel=((33, 34, 33), (-100, 0, 100), (20, 20, 20, 20, 20))),
    predict=sum_of_squares,
    judge=equal(),
    assumptions=(
        Assumption(
            "independent",
            "the noise of neighbours is independent; averages leave common noise as it is",
            broken_by={"noise": "common"},
        ),
    ),
)
