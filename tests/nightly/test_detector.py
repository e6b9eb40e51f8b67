"""The detector across nights keeps its promise, and sees what single nights let pass."""

import dataclasses
import math

import numpy as np
import pytest

from dlverify.evidence.sequential import ALPHA, Plan, decide
from dlverify.nightly.detector import PROMISE, RUN_LENGTH, State, followed, most_items, promised, updated
from dlverify.nightly.effects import Effect

NIGHT = Effect(
    night="2026-11-19",
    cell="cpu-float64-ieee-stock",
    claim="toy/coin",
    item="holds[default]",
    verdict="HOLDS",
    expected="HOLDS",
    grade="statistical",
    effect=0.5,
    error=0.1,
    claim_source="source",
)


def night(log_ratio, **changes):
    return dataclasses.replace(NIGHT, log_ratio=log_ratio, **changes)


def of(path_of_ratios, **changes):
    state = State()
    for ratio in path_of_ratios:
        state = updated(state, night(ratio, **changes))
    return state


def last_ratio(plan, outcomes):
    """L at the end of a night, signed as `effects` does."""
    path = decide(plan, outcomes).path
    return path[-1] if plan.stated == "HOLDS" else -path[-1]


def expected_ratio(plan, p):
    """E[exp of a night's ratio] at the true share p, exactly, over all ways a night can go."""
    total, undecided = 0.0, {0: 1.0}
    sign = 1 if plan.stated == "HOLDS" else -1
    for members in range(1, plan.cap + 1):
        following: dict[int, float] = {}
        for successes, weight in undecided.items():
            for more, chance in ((1, p), (0, 1 - p)):
                following[successes + more] = following.get(successes + more, 0.0) + weight * chance
        undecided = {}
        for successes, weight in following.items():
            ratio = plan.log_ratio(members, successes)
            lower, upper = plan.boundaries
            if ratio <= lower or ratio >= upper or members == plan.cap:
                total += weight * math.exp(sign * ratio)
            else:
                undecided[successes] = weight
    return total


@pytest.mark.parametrize(("p0", "p1"), [(0.5, 0.95), (0.5, 0.99), (0.8, 0.99), (0.3, 0.6)])
@pytest.mark.parametrize("stated", ["HOLDS", "REFUTED"])
def test_a_night_has_mean_ratio_at_most_one_while_things_are_as_stated(p0, p1, stated):
    """So R_t - t is a supermartingale, which is all that the average run length rests on."""
    plan = Plan(p0, p1, stated)
    edge, inside = (p1, (p1 + 1) / 2) if stated == "HOLDS" else (p0, p0 / 2)
    # 1e-9 holds the rounding of some 10^4 terms of relative error 10^-14 each
    assert expected_ratio(plan, edge) == pytest.approx(1, rel=1e-9)
    assert expected_ratio(plan, inside) < 1
    assert expected_ratio(plan, (p0 + p1) / 2) > 1


def test_the_value_follows_shiryaev_and_roberts():
    assert of([math.log(2), math.log(3)]).value == pytest.approx((1 + 2) * 3)
    assert of([1000.0]).alarm, "a ratio beyond the largest float is an alarm and no overflow"


def test_single_nights_that_pass_add_up_to_an_alarm():
    plan = Plan(0.5, 0.95, "HOLDS")
    # 31 of 44 is the least that HOLDS at the cap, spread so that no line is crossed before.
    outcomes = [i * 31 // 44 != (i + 1) * 31 // 44 for i in range(44)]
    assert decide(plan, outcomes).verdict == "HOLDS"
    bad = last_ratio(plan, outcomes)
    good = last_ratio(plan, [True] * 44)
    assert bad > 0 > good
    months = [good] * 100
    assert not of(months).alarm
    assert not of([*months, bad]).alarm
    assert of([*months, bad, bad]).alarm
    assert math.fsum([*months, bad, bad]) < math.log(RUN_LENGTH), "a product from the first night on has not seen it"


def test_no_alarm_in_ten_thousand_nights_of_truth():
    """The promise is 1e-4 for all of them together; and the mean of R_t never passes t."""
    numbers = np.random.default_rng(20261119)
    for plan, p in ((Plan(0.5, 0.95, "HOLDS"), 0.95), (Plan(0.5, 0.95, "REFUTED"), 0.5)):
        state = State()
        for _ in range(10_000):
            state = updated(state, night(last_ratio(plan, list(numbers.random(plan.cap) < p))))
            assert not state.alarm


def test_a_drift_to_the_other_edge_is_seen_in_few_nights():
    numbers = np.random.default_rng(1)
    plan = Plan(0.5, 0.95, "HOLDS")
    state = of([last_ratio(plan, [True] * 44)] * 300)
    for count in range(1, 11):  # noqa: B007 - how many it took
        state = updated(state, night(last_ratio(plan, list(numbers.random(plan.cap) < 0.5))))
        if state.alarm:
            break
    assert count <= 3  # one night ends at L >= ln(2e7) with probability .99; two such pass ln(1e8)


def test_it_starts_anew_after_an_alarm_and_after_an_edit():
    alarmed = of([100.0])
    assert alarmed.alarm
    assert updated(alarmed, night(0.0)).value == pytest.approx(1)
    assert updated(of([10.0]), night(0.0, claim_source="other")).value == pytest.approx(1)


@pytest.mark.parametrize("verdict", ["ERROR", "NOT RUN"])
def test_a_night_without_a_verdict_changes_nothing(verdict):
    assert updated(of([3.0]), night(0.0, verdict=verdict)) == of([3.0])


def test_each_item_has_its_own():
    states = followed({}, [night(1.0), night(2.0, cell="cpu-float32-ieee-stock"), night(3.0, grade="exact")])
    assert {name.partition("-ieee")[0] for name in states} == {"cpu-float64", "cpu-float32"}


def test_the_promise_counts_item_and_detector():
    assert promised([ALPHA, 0.0, ALPHA]) == pytest.approx(2 * (ALPHA + 1e-8))
    assert promised([ALPHA] * most_items()) <= PROMISE < promised([ALPHA] * (most_items() + 1))
