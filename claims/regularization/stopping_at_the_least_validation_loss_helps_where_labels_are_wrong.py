"""Stopping at the least validation loss helps where labels are wrong."""

from dlverify import Assumption, Claim, mostly, vary
from dlverify.experiments.augmentation import DigitsWithWrongLabels, LabelledDigits


def one_point(experiment: DigitsWithWrongLabels, given: LabelledDigits) -> float:
    """One percentage point of test accuracy, four digits of 400."""
    return 1.0


CLAIM = Claim(
    entry="early-stopping",
    says="A perceptron trained on 200 digits, 30 % of them with wrong labels, classifies better as it was when the loss on validation "
    "data was least than at the end. Conditional on scikit-learn's digits; with right labels only it does not.",
    paper="Prechelt 1998; Goodfellow, Bengio & Courville 2016, section 7.8",
    experiments=vary(DigitsWithWrongLabels(method="stopping")),
    predict=one_point,
    # Pilot, 192 seeds of another root: 0.927 above, standard error 0.019; mean gain 9.5, deviation 5.5. Right labels only:
    # 0.021 of 192 above, mean -0.4.
    judge=mostly("above", p0=0.5, p1=0.88),
    assumptions=(
        Assumption("wrong-labels", "some labels are wrong", broken_by={"wrong": 0.0}),
        Assumption("it-fits-them", "training goes on until the wrong labels are fitted", broken_by={"steps": 20}),
    ),
)
