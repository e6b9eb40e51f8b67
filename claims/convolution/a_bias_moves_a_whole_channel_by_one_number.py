"""A bias moves a whole channel by one number."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.convolution import Biased, BiasShifts
from dlverify.quantity import Array


def the_bias(experiment: BiasShifts, given: Biased) -> Array:
    """b_c at every pixel of channel c: the bias's input is always 1."""
    return given.biases.reshape(-1, *(1 for _ in given.picture.shape))


CLAIM = Claim(
    entry="conv-parameter-count",
    says="There is one bias for each output channel, and it is added to the response at each of its pixels, whatever the input.",
    paper="Goodfellow, Bengio & Courville 2016, section 9.5",
    experiments=(
        *vary(BiasShifts("torch.nn:Conv2d"), channels=(1, 4)),
        *vary(BiasShifts("torch.nn:Conv1d", dimensions=1), layer=("torch.nn:Conv1d",)),
    ),
    predict=the_bias,
    judge=equal(),
    assumptions=(
        Assumption(
            "before-the-activation",
            "it is the response before an activation",
            broken_by={"activation": "torch.nn:ReLU"},
        ),
    ),
)
