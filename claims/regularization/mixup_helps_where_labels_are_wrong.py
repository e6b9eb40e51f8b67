"""Mixup helps where labels are wrong."""

from dlverify import Assumption, Claim, mostly, vary
from dlverify.experiments.augmentation import DigitsWithWrongLabels, LabelledDigits


def three_points(experiment: DigitsWithWrongLabels, given: LabelledDigits) -> float:
    """Three percentage points of test accuracy; other minibatches alone move it by 1.6, one standard deviation."""
    return 3.0


CLAIM = Claim(
    entry="mixup",
    says="A perceptron trained on 200 digits, 30 % of them with wrong labels, classifies better where each minibatch is mixed with "
    "itself. Conditional on scikit-learn's digits; with right labels only, mixup gains hardly anything here.",
    paper="Zhang, Cisse, Dauphin & Lopez-Paz 2018, section 3.3",
    experiments=vary(DigitsWithWrongLabels(method="mixup")),
    predict=three_points,
    # Pilot, 224 seeds of another root: all above; mean gain 9.0, deviation 2.3. Other minibatches alone:
    # 0.036 above, mean 0.1. Right labels only: 0.085 above, mean 0.8.
    judge=mostly("above", p0=0.5, p1=0.95),
    assumptions=(
        Assumption("wrong-labels", "some labels are wrong", broken_by={"wrong": 0.0}),
        Assumption(
            "something-is-mixed",
            "inputs and labels are mixed; other minibatches alone are no help",
            broken_by={"method": "nothing"},
        ),
    ),
)
