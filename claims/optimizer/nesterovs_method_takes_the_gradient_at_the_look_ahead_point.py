"""Nesterov's method takes the gradient at the look-ahead point."""

from fractions import Fraction

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.momentum import GradientPoints, Starts
from dlverify.quantity import Array, as_array

Points = tuple[list[list[Fraction]], list[list[Fraction]]]


def path(experiment: GradientPoints, given: Starts) -> Points:
    """The points at which gradients are taken, and those that are reached next; one row a step.

    By definition v_(t+1) = b v_t - lr_t f'(x_t + b v_t) and x_(t+1) = x_t + v_(t+1), with v_0 = 0, in rational numbers.
    """
    momentum, lr = Fraction(experiment.momentum), Fraction(experiment.lr)
    x = [Fraction(value) for value in given.values]
    v = [Fraction(0)] * len(x)
    looked, reached = [], []
    for _ in range(experiment.steps):
        ahead = [place + momentum * speed for place, speed in zip(x, v, strict=True)]
        slopes = [max(Fraction(-1), min(Fraction(1), place)) for place in ahead]
        v = [momentum * speed - lr * slope for speed, slope in zip(v, slopes, strict=True)]
        x = [place + speed for place, speed in zip(x, v, strict=True)]
        looked.append(ahead)
        reached.append(x)
        lr *= Fraction(experiment.falls)
    return looked, reached


def look_ahead(experiment: GradientPoints, given: Starts) -> Array:
    """x_t + b v_t."""
    return as_array(path(experiment, given)[0])


def next_point(experiment: GradientPoints, given: Starts) -> Array:
    """x_(t+1), as printed; it differs by -lr_t times the gradient at x_t + b v_t."""
    return as_array(path(experiment, given)[1])


CLAIM = Claim(
    entry="nesterov",
    says="Nesterov's method takes its t-th gradient at x_t + b v_t, from which x_(t+1) is still one gradient step away; with "
    "constant rate and momentum torch does so, storing these points.",
    paper="Nesterov 1983; Sutskever, Martens, Dahl & Hinton 2013, section 2",
    experiments=vary(
        GradientPoints("torch.optim:SGD(nesterov=True)"),
        optimizer=("torch.optim:SGD(nesterov=True)", "torch.optim:SGD(nesterov=True, foreach=True)"),
    ),
    predict=look_ahead,
    judge=equal(),
    assumptions=(
        Assumption("looks-ahead", "the gradient is taken ahead", broken_by={"optimizer": "torch.optim:SGD"}),
        Assumption(
            "constant-rate",
            "the learning rate stays: torch's momentum adds up gradients and not, as the definition has it, steps",
            broken_by={"falls": 0.5},
        ),
    ),
    errata=(
        Erratum(
            "at-the-next-point",
            "Nesterov's method moves to t + 1 and takes the gradient there.",
            number=69,
            predict=next_point,
        ),
    ),
)
