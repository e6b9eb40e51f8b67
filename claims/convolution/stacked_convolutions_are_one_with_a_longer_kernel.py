"""Stacked convolutions are one with a longer kernel: the convolution of their kernels."""

from functools import reduce

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.convolution import StackResponses
from dlverify.quantity import Array


def one_layer(experiment: StackResponses, given: tuple[Array, ...]) -> Array:
    """The signal under one kernel, the convolution of all of them, of as many taps as they have, less one for each after the first.

    A layer reads z(i + x) for each weight u(x), the next one z(i + x + y) for each u(x) v(y): the weights of z(i + n) sum
    over x + y = n.
    """
    signal, *kernels = given
    from scipy.signal import convolve, correlate  # half a second to import

    return correlate(signal, reduce(convolve, kernels), mode="valid", method="direct")


CLAIM = Claim(
    entry="conv-is-linear-toeplitz",
    says=(
        "Convolution layers with nothing between them are one layer, whose kernel is the convolution of theirs: two of h and k "
        "taps are one of h + k - 1."
    ),
    paper="Goodfellow, Bengio & Courville 2016, section 9.1",
    experiments=(
        *vary(StackResponses("torch.nn:Conv1d"), taps=((3, 3), (2, 5), (3, 3, 3))),
        *vary(StackResponses("torch.nn:Conv2d", dimensions=2, size=8), layer=("torch.nn:Conv2d",)),
    ),
    predict=one_layer,
    judge=equal(),
    assumptions=(
        Assumption("nothing-between", "no activation stands between them", broken_by={"activation": "torch.nn:ReLU"}),
    ),
)
