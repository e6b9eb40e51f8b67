"""Certificates of separability: each is checked here again, by hand."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from dlverify.evidence.separability import Undecided, certificate


def corners(inputs):
    return np.array(list(itertools.product((0.0, 1.0), repeat=inputs)))


def is_right(points, labels, found):
    columns = [
        [Fraction(x) * (1 if y else -1) for x in (*point, 1.0)]
        for point, y in zip(points.tolist(), labels, strict=True)
    ]
    if found.separable:
        return all(sum(w * x for w, x in zip(found.hyperplane, column, strict=True)) > 0 for column in columns)
    weights = found.weights
    meets = all(sum(weight * columns[i][row] for i, weight in weights.items()) == 0 for row in range(len(columns[0])))
    return meets and sum(weights.values()) == 1 and min(weights.values()) > 0


@pytest.mark.parametrize(("inputs", "separable"), [(1, 4), (2, 14), (3, 104)])
def test_counts_the_separable_boolean_functions(inputs, separable):
    points = corners(inputs)
    functions = list(itertools.product((False, True), repeat=len(points)))
    found = [certificate(points, function) for function in functions]
    assert all(is_right(points, function, one) for function, one in zip(functions, found, strict=True))
    assert sum(one.separable for one in found) == separable


def test_the_exclusive_or_fails_on_all_four_points():
    assert certificate(corners(2), [0, 1, 1, 0]).weights == dict.fromkeys(range(4), Fraction(1, 4))


@pytest.mark.parametrize("shift", [0.0, 1e-3, -1e-3])
def test_finds_what_a_small_gap_decides(shift):
    numbers = np.random.default_rng(0)
    labels = np.arange(200) % 2 == 0
    points = numbers.uniform(-1, 1, (200, 3))
    points[:, 0] = np.where(labels, np.abs(points[:, 0]), -np.abs(points[:, 0])) + np.where(labels, shift, -shift)
    found = certificate(points, labels)
    assert is_right(points, labels, found)
    assert found.separable or shift < 0


def test_touching_hulls_are_not_separable():
    points = np.array([[0.0], [1.0], [1.0], [2.0]])
    assert certificate(points, [0, 0, 1, 1]).weights == {1: Fraction(1, 2), 2: Fraction(1, 2)}


def test_says_so_where_rounding_hides_the_answer():
    points = np.array([[0.0, 0.0], [1.0, 1e-40], [0.5, 1e-41]])
    with pytest.raises(Undecided, match="up to rounding"):
        certificate(points, [0, 0, 1])


def test_refuses_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match="expected points"):
        certificate(np.zeros((3, 2)), [0, 1])
