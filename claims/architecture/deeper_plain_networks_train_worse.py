"""Deeper plain networks train worse."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, mostly, vary
from dlverify.experiments.architecture import DeepTraining, Digits
from dlverify.quantity import Array


def clearly_worse(experiment: DeepTraining, given: Digits) -> float:
    """15 percentage points, on training and on test images: between what depth does and what chance does.

    Pilot on other seeds: +27 to +70 points in 208 of 208 with 26 layers, median +47 (test images,
    112 of these seeds: +26 to +67). With 4 layers
    against 4 it is -6 to +12 (test: -8 to +15), with 4 layers four times as wide -19 to -3, in 64 seeds each; with residual
    blocks -24 to -1 (208). The learning rate is the one of six, 0.0005 to 0.01, at which the deep network itself ends
    lowest, at 58 % mean training error; at 0.01 the median difference is +76 points, after 20 passes of 50 layers +66.
    """
    return 0.15


def smaller_training_error(experiment: DeepTraining, given: Digits) -> Array:
    """What is printed: the difference of training errors lies below 0; nothing is asked of the test error."""
    return np.array([0.0, np.inf])


# Conditional on the digits of scikit-learn: seeds are samples of 256 of them, initial weights and minibatch orders.
CLAIM = Claim(
    entry="degradation-is-not-overfitting",
    says="After the same ten passes over 256 digits a plain ReLU network of 26 layers has a training error, and a test error, "
    "at least 15 points above those of one with 4 layers: what depth costs is not overfitting.",
    paper="He, Zhang, Ren & Sun 2016 (CVPR), section 1 and figure 1",
    experiments=vary(DeepTraining(depth=26))
    + vary(DeepTraining(depth=26), lr=(0.01,), tier="full")
    + vary(DeepTraining(depth=50), epochs=(20,), tier="full"),
    predict=clearly_worse,
    judge=mostly("above", p0=0.5, p1=0.95),
    assumptions=(
        Assumption("plain", "no way leads around the layers", broken_by={"residual": True}),
        Assumption(
            "deeper",
            "the network is deeper: equal depth and independent draws differ by chance",
            broken_by={"depth": 4},
        ),
        Assumption("by-depth", "it is larger by depth, not by width", broken_by={"depth": 4, "width": 128}),
    ),
    errata=(
        Erratum(
            "overfits",
            "Deeper networks are said to have the smaller training error, and the larger test error.",
            number=26,
            predict=smaller_training_error,
            judge=mostly("below", p0=0.5, p1=0.95),
        ),
    ),
    why_graded="That deeper networks do train worse is a fact of runs; that they need not is exact, in a claim of its own.",
)
