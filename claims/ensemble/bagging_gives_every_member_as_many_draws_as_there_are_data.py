"""Bagging gives every member as many draws as there are data."""

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.ensemble import BagContents, Sample
from dlverify.quantity import Array, as_array


def resamples(experiment: BagContents, given: Sample) -> Array:
    """n draws each; that no sample is drawn twice has the probability n! / n^n, 6e-26 at n = 60 and 3e-10 at n = 24."""
    return as_array([[experiment.samples] * experiment.members, [1] * experiment.members])


def pieces(experiment: BagContents, given: Sample) -> Array:
    """The data cut into as many pieces as there are members, as printed: n / K each, none twice."""
    return as_array([[experiment.samples // experiment.members] * experiment.members, [0] * experiment.members])


CLAIM = Claim(
    entry="bagging",
    says="Bagging fits every member to as many draws as there are data, with replacement, and not to a piece of them.",
    paper="Breiman 1996; Breiman 1999",
    experiments=vary(BagContents(), samples=(24, 60)),
    predict=resamples,
    judge=equal(),
    assumptions=(
        Assumption(
            "with-replacement",
            "draws are made with replacement",
            broken_by={"ensemble": "sklearn.ensemble:BaggingRegressor(bootstrap=False)"},
        ),
        Assumption(
            "full-size",
            "there are as many draws as data: fewer, without replacement, are pasting",
            broken_by={"ensemble": "sklearn.ensemble:BaggingRegressor(bootstrap=False, max_samples=6)"},
        ),
    ),
    errata=(Erratum("pieces", "bagging cuts the data into pieces, one for each member", number=32, predict=pieces),),
)
