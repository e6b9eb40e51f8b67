"""A hidden layer reads digits better than softmax regression."""

from statistics import NormalDist

from dlverify import Assumption, Claim, mostly, vary
from dlverify.experiments.images import Advantage, Sample

NETWORK = "dlverify.lab.architectures.small_images:perceptron"


def beyond_chance(experiment: Advantage, given: Sample) -> float:
    """1.645: of two equally good networks one in twenty is so far ahead on one set of test images, by McNemar's test.

    On MNIST a linear classifier is published with 12.0 % of 10,000 wrong, 300 hidden units with 4.7 %: at most 1,670 images
    tell them apart, so that the statistic is 730 / sqrt(1670) = 17.9 or more. No run on MNIST stands behind the figure here.
    """
    return NormalDist().inv_cdf(0.95)


# Conditional on the digits of scikit-learn: seeds are draws of 600 of them, initial weights and minibatch orders. Pilot, 200
# seeds of other roots: beyond 1.645 in 193 (0.965, standard error 0.013), 3.4 on average, 0.9 to 6; softmax regression errs 4.4 in
# 100 at its best of five rates, with 30 to 40 passes, the perceptron 3.2. Of 60 seeds each beyond it were 11 with linear labels, 6
# with shuffled labels and 4 without the ReLU, where 30 would be the edge.
CLAIM = Claim(
    entry="mnist-softmax-mlp",
    says="On handwritten digits, and in the nightly tier on MNIST, a perceptron with one hidden layer of ReLU errs less often than "
    "softmax regression, beyond what the choice of test images explains; where a linear map separates the classes it does not.",
    paper="LeCun, Bottou, Bengio & Haffner 1998, section III.C; McNemar 1947",
    experiments=vary(
        Advantage(
            f"{NETWORK}(pixels=64, hidden=256)",
            f"{NETWORK}(pixels=64, hidden=0)",
            samples=600,
            tested=1197,
            epochs=30,
            lr=0.005,
        ),
    )
    + vary(
        Advantage(
            f"{NETWORK}(hidden=300)",
            f"{NETWORK}(hidden=0)",
            samples=60_000,
            tested=10_000,
            batch=100,
            epochs=3,
            lr=0.001,
        ),
        data=("mnist",),
        tier="nightly",
    ),
    predict=beyond_chance,
    judge=mostly("above", p0=0.5, p1=0.93),
    assumptions=(
        Assumption(
            "not-linearly-separable",
            "no linear map of the pixels tells the classes apart, as it does where one has made them",
            broken_by={"labels": "linear"},
        ),
        Assumption(
            "nonlinearity",
            "there is a ReLU behind the hidden layer",
            broken_by={"network": f"{NETWORK}(pixels=64, hidden=256, nonlinear=False)"},
        ),
        Assumption("true-labels", "labels belong to their images", broken_by={"labels": "shuffled"}),
    ),
    why_graded="What training reaches is a fact of runs; the parameters are counted exactly in another claim.",
)
