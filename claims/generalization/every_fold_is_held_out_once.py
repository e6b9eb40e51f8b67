"""Every fold is held out once."""

from fractions import Fraction

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.generalization import CrossValidated, Targets
from dlverify.quantity import Array, as_array


def held_out(samples: int, folds: int) -> list[range]:
    """Consecutive blocks of samples / folds samples."""
    size = samples // folds
    return [range(fold * size, (fold + 1) * size) for fold in range(folds)]


def charged(targets: list[Fraction], block: range) -> Fraction:
    """Mean squared error of the mean of all other targets on a block, by (sum - sum of the block) / (n - size)."""
    others = [target for place, target in enumerate(targets) if place not in block]
    rest = sum(others, Fraction(0)) / (len(targets) - len(block))
    return sum(((targets[place] - rest) ** 2 for place in block), Fraction(0)) / len(block)


def every_block(experiment: CrossValidated, given: Targets) -> Array:
    """The mean over all blocks: every sample is charged once, with the error of a fit that has not seen it."""
    targets = [Fraction(value) for value in given.clean]
    return as_array(
        [
            sum((charged(targets, block) for block in held_out(experiment.samples, folds)), Fraction(0)) / folds
            for folds in experiment.folds
        ]
    )


def last_block(experiment: CrossValidated, given: Targets) -> Array:
    """The error on one block, of a fit to all others, as printed."""
    targets = [Fraction(value) for value in given.clean]
    return as_array([charged(targets, held_out(experiment.samples, folds)[-1]) for folds in experiment.folds])


CLAIM = Claim(
    entry="k-fold-cross-validation",
    says="Cross-validation in k folds holds out each of them once, fits to the others, and averages the k errors.",
    paper="Stone 1974; Hastie, Tibshirani & Friedman 2009, section 7.10",
    experiments=vary(CrossValidated(), samples=(8,)) + vary(CrossValidated(folds=(2, 3, 4, 6, 12)), samples=(12,)),
    predict=every_block,
    judge=equal(),
    assumptions=(
        Assumption(
            "each-once",
            "every sample is held out once: random splits leave some out and repeat others",
            broken_by={"split": "sklearn.model_selection:ShuffleSplit(test_size=0.5, random_state=0)", "folds": (2,)},
        ),
        Assumption(
            "mean-of-others",
            "what is fitted is the mean of the other targets, not their median",
            broken_by={"fit": "sklearn.dummy:DummyRegressor(strategy='median')"},
        ),
    ),
    errata=(Erratum("one-fold", "k - 1 parts train and one tests, once", number=67, predict=last_block),),
)
