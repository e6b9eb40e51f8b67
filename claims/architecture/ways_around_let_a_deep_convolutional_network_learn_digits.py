"""Ways around let a deep convolutional network learn digits that it does not learn without them."""

from dlverify import Assumption, Claim, mostly, vary
from dlverify.experiments.connectivity import ConvolutionalDepth, Digits


def half(experiment: ConvolutionalDepth, given: Digits) -> float:
    """50 percentage points of test error.

    Pilot on other seeds: +61 to +84 points, median +77, in 200 of 200: without ways around networks stay at chance, 90 %,
    and with them errors are 9 to 21 % (16 seeds). With one block -4 to +18, median +4 (64 seeds); without ways around in
    both -3 to +1 (32).
    """
    return 0.5


# Conditional on the digits of scikit-learn: seeds are samples of 256 of them, initial weights and minibatch orders.
CLAIM = Claim(
    entry="skip-add-vs-concat",
    says="From torch's own initial weights a convolutional network of 18 layers learns 256 digits in ten passes, at least 50 "
    "points of test error below the same network without its added skips.",
    paper="He, Zhang, Ren & Sun 2016 (CVPR)",
    experiments=vary(ConvolutionalDepth()) + vary(ConvolutionalDepth(), blocks=(16,), tier="full"),
    predict=half,
    judge=mostly("above", p0=0.5, p1=0.95),
    assumptions=(
        Assumption("deep", "the network is deep: with one block both learn", broken_by={"blocks": 1}),
        Assumption(
            "ways-around",
            "the one network has ways around: without them the two differ by minibatch orders alone",
            broken_by={"block": "dlverify.lab.architectures.residual:basic_block(shortcut='none')"},
        ),
    ),
    why_graded="That deep networks learn with added skips is a fact of runs; what addition does is exact, in another claim.",
)
