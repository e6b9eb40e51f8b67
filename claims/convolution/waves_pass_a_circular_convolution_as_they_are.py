"""Waves pass a circular convolution as they are, each times a number: the Fourier transform diagonalises it."""

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.convolution import CircularResponses, Filtering
from dlverify.quantity import Array


def multiplied_waves(experiment: CircularResponses, given: Filtering) -> Array:
    """The wave w^(k i), w = sqrt(-1), times the sum over x of u(x) w^(k x), x = -1, 0, 1; real and imaginary parts."""
    powers = np.array([1, 1j, -1, -1j])
    k, i, x = np.ogrid[:4, :4, -1:2]
    factors = (powers[k * x % 4] * given.kernel).sum(axis=2)
    waves = factors * powers[k * i % 4][:, :, 0]
    return np.stack([waves.real, waves.imag], axis=1)


CLAIM = Claim(
    entry="conv-is-linear-toeplitz",
    says=(
        "A convolution with circular padding multiplies each wave by a number, the Fourier transform of its kernel; with zeros "
        "at the borders it does not."
    ),
    paper="Gray 2006, chapter 3",
    experiments=vary(CircularResponses("torch.nn:Conv1d(padding=1, padding_mode='circular')")),
    predict=multiplied_waves,
    judge=equal(),
    assumptions=(
        Assumption(
            "circular",
            "the first node follows the last; zeros there cut the waves off",
            broken_by={"layer": "torch.nn:Conv1d(padding=1, padding_mode='zeros')"},
        ),
    ),
)
