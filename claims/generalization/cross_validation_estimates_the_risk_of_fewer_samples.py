"""Cross-validation estimates the risk of fewer samples."""

from fractions import Fraction

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.generalization import CrossValidated, Targets
from dlverify.quantity import Array, as_array


def risk_of_fewer(experiment: CrossValidated, given: Targets) -> Array:
    """1 + 1/m with m = n (k - 1) / k: a new coin has variance 1, and the mean of m others 1/m; they are independent."""
    n = experiment.samples
    return as_array([1 + Fraction(folds, n * (folds - 1)) for folds in experiment.folds])


CLAIM = Claim(
    entry="k-fold-cross-validation",
    says="Over all training sets the mean of k-fold cross-validation is the risk of a fit to n (k - 1) / k samples, "
    "unless the fits have seen the samples that they are tested on.",
    paper="Hastie, Tibshirani & Friedman 2009, section 7.10",
    experiments=vary(CrossValidated(worlds="all"), samples=(8,))
    + vary(CrossValidated(worlds="all", folds=(2, 3, 6)), samples=(6,)),
    predict=risk_of_fewer,
    judge=equal(),
    assumptions=(
        Assumption(
            "no-leak", "no sample is repeated in another fold, where the fit has seen it", broken_by={"repeated": True}
        ),
        Assumption("equal-folds", "the folds are of equal size", broken_by={"folds": (3,)}),
    ),
)
