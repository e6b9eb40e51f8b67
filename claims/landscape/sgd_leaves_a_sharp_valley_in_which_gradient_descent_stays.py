"""Beyond the Lyapunov boundary SGD leaves a sharp valley in which gradient descent stays at the same learning rate."""

from dlverify import Assumption, Claim, Erratum, mostly, vary
from dlverify.experiments.landscape import Starts, Walks


def a_thousandfold(experiment: Walks, given: Starts) -> float:
    """Three decades farther than at the start, log10 of the ratio.

    At the rates 0.9 and 0.95 the mean of log |1 - lr a_i| is 0.084 and 0.100 a step, so that in 600 steps a path grows
    by 50 and 60 on average, far more than the 13 that lead from 2^-20 to the valley's edge. The mean curvature 2 is the
    same for gradient descent, which stays up to 2 / 2 = 1.
    """
    return 3.0


CLAIM = Claim(
    entry="sgd-linear-stability",
    says=(
        "Where the mean of log |1 - lr a_i| is positive, SGD with single samples leaves a minimum of mean curvature a "
        "although lr < 2 / a, where gradient descent stays: it is the samples' disagreement that drives it out."
    ),
    paper="Wu, Ma & E 2018",
    experiments=vary(Walks(rates=(0.9, 0.95))),
    predict=a_thousandfold,
    # Pilot, 768 seeds of two other roots: above in 767; in every control in none, all below -1 decade.
    judge=mostly("above", p0=0.5, p1=0.95),
    assumptions=(
        Assumption("single-samples", "a step takes one of the two samples, not both", broken_by={"batch": 2}),
        Assumption("disagreement", "the samples' curvatures differ", broken_by={"curvatures": (2.0, 2.0)}),
    ),
    errata=(
        Erratum(
            "at-any-rate",
            "minibatches do not stay in sharp minima, with no condition on the step",
            number=40,
            broken_by={"rates": (0.65, 0.68)},
        ),
    ),
    why_graded="long paths can only be sampled; the boundary of the mean square is exact in another claim of the entry",
)
