"""How much faster is the certificate than mpmath's interval arithmetic? `make bench`; no time is asserted.

Each certifies that a sigmoid network of 64 units lies within a stated distance of sin(2 pi x) on [0, 1], and returns an
upper bound of the largest error that exceeds it by at most 1e-3.
"""

import mpmath
import numpy as np
import pytest

from dlverify.evidence.certified import OneHiddenLayer, sup_error

GAP = 1e-3


def network():
    """Hidden weights drawn, outer ones fitted: off by 7.6e-4, with outer weights of sum 19."""
    numbers = np.random.default_rng(0)
    inner = numbers.normal(0, 8, 64)
    bias = -inner * numbers.uniform(0, 1, 64)
    grid = np.linspace(0, 1, 2001)
    features = np.append(1 / (1 + np.exp(-(np.outer(grid, inner) + bias))), np.ones((len(grid), 1)), axis=1)
    fitted = np.linalg.solve(features.T @ features + 1e-4 * np.eye(65), features.T @ np.sin(2 * np.pi * grid))
    return OneHiddenLayer(inner[:, None], bias, fitted[:-1], float(fitted[-1]), "sigmoid")


def taylor_in_arb(given):
    """Ours: cells halved where they matter."""
    return sup_error(given, lambda x: (2 * x).sin_pi(), [(0.0, 1.0)], gap=GAP).high


def points_and_curvature_in_mpmath(given):
    """Point values, and between them h^2 / 8 times a bound on the second derivative, in `mpmath.iv`."""
    iv = mpmath.iv
    units = [
        tuple(map(iv.mpf, map(float, unit))) for unit in zip(given.inner[:, 0], given.bias, given.outer, strict=True)
    ]
    # |sigmoid''| <= 1 / (6 sqrt 3) and |sin(2 pi x)''| <= 4 pi^2
    curvature = sum(abs(v) * w * w for w, _, v in units) / (6 * iv.sqrt(3)) + 4 * iv.pi**2
    cells = int(np.ceil(np.sqrt(float(curvature.b) / (8 * GAP))))
    largest = 0.0
    for index in range(cells + 1):
        x = iv.mpf(index) / cells
        value = iv.mpf(given.constant) + sum(v / (1 + iv.exp(-(w * x + b))) for w, b, v in units)
        largest = max(largest, float(abs(value - iv.sin(2 * iv.pi * x)).b))
    return largest + float((curvature / (8 * iv.mpf(cells) ** 2)).b)


def mean_values_in_mpmath(given):
    """Mean-value form over intervals, halved where they matter, in `mpmath.iv`."""
    iv = mpmath.iv
    units = [
        tuple(map(iv.mpf, map(float, unit))) for unit in zip(given.inner[:, 0], given.bias, given.outer, strict=True)
    ]

    def error(x):
        return iv.mpf(given.constant) + sum(v / (1 + iv.exp(-(w * x + b))) for w, b, v in units) - iv.sin(2 * iv.pi * x)

    def slope(x):
        total = -2 * iv.pi * iv.cos(2 * iv.pi * x)
        for w, b, v in units:
            tail = iv.exp(-(w * x + b))
            total += v * w * tail / (1 + tail) ** 2
        return total

    cells, low, settled = [(i / 64, (i + 1) / 64) for i in range(64)], 0.0, 0.0
    while cells:
        left, right = cells.pop()
        middle = (left + right) / 2
        at_middle = abs(error(iv.mpf(middle)))
        low = max(low, float(at_middle.a))
        high = float((at_middle + abs(slope(iv.mpf([left, right]))) * iv.mpf([0, (right - left) / 2])).b)
        if high > low + GAP:
            cells += [(left, middle), (middle, right)]
        else:
            settled = max(settled, high)
    return settled


CONTESTANTS = {
    "Taylor cells in Arb (ours)": (taylor_in_arb, 20),
    "points and curvature in mpmath.iv": (points_and_curvature_in_mpmath, 3),
    "mean values in mpmath.iv": (mean_values_in_mpmath, 1),
}


@pytest.mark.parametrize("name", CONTESTANTS)
def test_width_64_against_a_sine(benchmark, name):
    contestant, rounds = CONTESTANTS[name]
    benchmark.group = "certificate, width 64, gap 1e-3"
    given = network()
    found = benchmark.pedantic(contestant, (given,), rounds=rounds, warmup_rounds=1 if rounds > 1 else 0)
    truth = sup_error(given, lambda x: (2 * x).sin_pi(), [(0.0, 1.0)], gap=1e-9)
    assert truth.low <= found <= truth.high + GAP + 1e-9  # equally right, and as narrow as asked
