"""Judges accept what they promise to accept, and reject the smallest discrepancy that they promise to see."""

from fractions import Fraction

import numpy as np
import pytest

from dlverify import Axis, Quantity, at_least, at_most, certainly_at_least, certainly_at_most, equal, gamma, rounding
from dlverify.evidence.judges import BudgetError

PLACES = Axis("place", (0, 1, 2))


def verdict(judge, measured, predicted, budget=None, upper=None):
    return judge.find(Quantity(measured, "m", axes=(PLACES,), upper=upper), predicted, budget).verdict


@pytest.mark.parametrize(
    ("judge", "accepted", "rejected"),
    [
        (equal(), [1, 2, 3], [1, 2, 4]),
        (at_most(), [1, 1, 3], [1, 3, 3]),
        (at_least(), [1, 5, 3], [0, 2, 3]),
    ],
)
def test_exact_relations(judge, accepted, rejected):
    assert judge.grade == "exact"
    assert verdict(judge, accepted, [1, 2, 3]) == "HOLDS"
    assert verdict(judge, rejected, [1, 2, 3]) == "REFUTED"


def test_exact_comparison_sees_the_last_bit():
    values = np.array([0.1, 0.2, 0.3])
    assert verdict(equal(), values, values) == "HOLDS"
    assert verdict(equal(), np.nextafter(values, 1), values) == "REFUTED"


def test_floats_are_compared_with_fractions_exactly():
    assert verdict(equal(), [0.5, 0.25, 0.75], np.array([Fraction(1, 2), Fraction(1, 4), Fraction(3, 4)])) == "HOLDS"
    tenths = np.array([Fraction(1, 10)] * 3)
    assert verdict(equal(), [0.1, 0.1, 0.1], tenths) == "REFUTED", "the double 0.1 is no tenth"


def test_booleans():
    assert verdict(equal(), [True, False, True], [True, False, True]) == "HOLDS"
    assert verdict(equal(), [True, False, True], True) == "REFUTED"


@pytest.mark.parametrize(
    ("judge", "sign"),
    [(equal(lambda *_: 0), 1), (equal(lambda *_: 0), -1), (at_most(lambda *_: 0), 1), (at_least(lambda *_: 0), -1)],
)
def test_budget_is_the_edge(judge, sign):
    assert judge.grade == "rounding"
    assert verdict(judge, [1.0, 2.0, 3.0 + sign * 0.5], [1.0, 2.0, 3.0], np.array(0.5)) == "HOLDS"
    assert verdict(judge, [1.0, 2.0, 3.0 + sign * 0.5000001], [1.0, 2.0, 3.0], np.array(0.5)) == "REFUTED"


def test_a_budget_of_zero_is_exact_and_an_infinite_one_allows_everything():
    judge = equal(lambda *_: 0)
    assert verdict(judge, [1.0, 2.0, 3.0], [1.0, 2.0, 3.0], np.array(0.0)) == "HOLDS"
    assert verdict(judge, [1.0, 2.0, np.nextafter(3.0, 4)], [1.0, 2.0, 3.0], np.array(0.0)) == "REFUTED"
    assert verdict(judge, [1.0, 2.0, 9.0], [1.0, 2.0, 3.0], np.array(np.inf)) == "HOLDS"


def test_a_prediction_that_is_no_number_is_an_error():
    assert verdict(equal(lambda *_: 0), [1.0, 2.0, 3.0], [1.0, np.nan, 3.0], np.array(1.0)) == "ERROR"


def test_the_witness_is_the_worst_place():
    quantity = Quantity([[1.0, 2.0], [3.0, 9.0]], "m", axes=(Axis("row", ("a", "b")), Axis("column", (10, 20))))
    finding = equal(lambda *_: 0).find(quantity, [[1.0, 2.5], [3.0, 4.0]], np.array(1.0))
    assert finding.witness == {"row": "b", "column": 20, "measured": 9.0, "predicted": 4.0}
    assert "the worst of 4 values at row = b, column = 20 is 9 against 4, off by 5" in finding.message
    assert finding.high == 5


@pytest.mark.parametrize(
    ("judge", "low", "high", "expected"),
    [
        (certainly_at_most(), [0.1] * 3, [0.2, 0.9, 1.0], "HOLDS"),
        (certainly_at_most(), [0.1] * 3, [0.2, 0.9, 1.1], "INCONCLUSIVE"),
        (certainly_at_most(), [0.1, 1.01, 0.1], [0.2, 1.02, 0.9], "REFUTED"),
        (certainly_at_least(), [1.0] * 3, [1.1] * 3, "HOLDS"),
        (certainly_at_least(), [0.9] * 3, [1.1] * 3, "INCONCLUSIVE"),
        (certainly_at_least(), [0.8] * 3, [0.9] * 3, "REFUTED"),
    ],
)
def test_enclosures(judge, low, high, expected):
    quantity = Quantity(low, "m", axes=(PLACES,), upper=high)
    finding = judge.find(quantity, 1.0, None)
    assert finding.verdict == expected
    assert ("a finer subdivision, more bits" in finding.message) == (expected == "INCONCLUSIVE")


def test_gamma_bounds_a_chain_of_roundings():
    # The worst case of n roundings up is (1 + u)^n - 1, below gamma_n, and gamma_n exceeds it by no more than (n u)^2 / (1 - n u).
    unit = 2.0**-11
    for n in (1, 7, 100):
        worst = float((1 + Fraction(1, 2**11)) ** n - 1)
        assert worst <= gamma(n, unit) <= worst + (n * unit) ** 2 / (1 - n * unit)
    assert gamma(2**11, unit) == np.inf
    assert gamma(0, unit) == 0


def test_a_budget_takes_numbers_and_functions():
    budget = rounding(operations=2, condition=lambda experiment, given: 3, scale=lambda experiment, given: given)
    assert budget(None, np.array([1.0, 10.0]), 0.01) == pytest.approx(3 * 0.02 / 0.98 * np.array([1, 10]), rel=2**-50)


@pytest.mark.parametrize("values", [5, Fraction(1, 3), 0.5, True])
def test_a_number_has_no_axes(values):
    assert equal().find(Quantity(values, "m"), values, None).verdict == "HOLDS"
    assert equal().find(Quantity(values, "m"), not values if values is True else values + 1, None).verdict == "REFUTED"


@pytest.mark.parametrize("budget", [-1.0, np.nan])
def test_a_budget_that_is_no_size_is_refused(budget):
    with pytest.raises(BudgetError, match="a budget is a size, 0 or more"):
        equal(lambda *_: 0).find(Quantity([1.0, 2.0, 3.0], "m", axes=(PLACES,)), 1.0, np.array(budget))
