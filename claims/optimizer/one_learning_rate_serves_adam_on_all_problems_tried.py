"""One learning rate serves Adam on all problems tried."""

from dlverify import Assumption, Claim, Erratum, mostly, vary
from dlverify.experiments.adaptive import CommonRates, Tasks


def three_fifths(experiment: CommonRates, given: Tasks) -> float:
    """Three fifths of all that there is to gain: so much more the rival misses in its worst problem than Adam in its worst.

    So Adam misses at most two fifths in any problem, and the rival at least three in one.
    """
    return 0.6


CLAIM = Claim(
    entry="adam-works-well-generally",
    says="On five unlike problems there is one learning rate at which Adam misses at most two fifths of what can be gained in "
    "any, while plain descent misses three fifths in some problem at every rate: a safe choice where rates are not tuned.",
    paper="Schmidt, Schneider & Hennig 2021",
    experiments=vary(CommonRates("torch.optim:Adam", "torch.optim:SGD")),
    predict=three_fifths,
    # Pilot, 384 seeds of root 1: 0.990 above, standard error 0.005, with a median of 0.89; momentum alone none, at a rate for
    # each problem 0.049, against RMSprop none.
    judge=mostly("above", p0=0.5, p1=0.95),
    assumptions=(
        Assumption(
            "divides",
            "steps are divided by the size of gradients: momentum alone is not enough",
            broken_by={"optimizer": "torch.optim:SGD(momentum=0.9)"},
        ),
        Assumption("untuned", "the rate is not tuned to each problem", broken_by={"tuned": "a rate for each"}),
    ),
    errata=(
        Erratum(
            "best-of-all",
            "Adam is the best optimizer. But what it gains over plain descent it does not gain over RMSprop.",
            broken_by={"rival": "torch.optim:RMSprop"},
        ),
    ),
    why_graded="problems and starts are random; the entry's other claims are exact",
)
