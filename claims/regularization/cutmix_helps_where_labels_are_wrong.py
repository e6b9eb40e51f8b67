"""CutMix helps where labels are wrong."""

from dlverify import Assumption, Claim, mostly, vary
from dlverify.experiments.augmentation import DigitsWithWrongLabels, LabelledDigits


def three_points(experiment: DigitsWithWrongLabels, given: LabelledDigits) -> float:
    """Three percentage points of test accuracy; other minibatches alone move it by 1.6, one standard deviation."""
    return 3.0


CLAIM = Claim(
    entry="cutmix",
    says="A perceptron trained on 200 digits, 30 % of them with wrong labels, classifies better where boxes of other digits are pasted "
    "into each minibatch. Conditional on scikit-learn's digits; with right labels only, CutMix gains hardly anything here.",
    paper="Yun, Han, Oh, Chun, Choe & Yoo 2019",
    experiments=vary(DigitsWithWrongLabels(method="cutmix")),
    predict=three_points,
    # Pilot, 224 seeds of another root: all above; mean gain 13.3, deviation 2.9. Other minibatches alone:
    # 0.036 above, mean 0.1. Right labels only: 0.040 above, mean 0.6.
    judge=mostly("above", p0=0.5, p1=0.95),
    assumptions=(
        Assumption("wrong-labels", "some labels are wrong", broken_by={"wrong": 0.0}),
        Assumption(
            "something-is-pasted",
            "boxes are pasted; other minibatches alone are no help",
            broken_by={"method": "nothing"},
        ),
    ),
)
