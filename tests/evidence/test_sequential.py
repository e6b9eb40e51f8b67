"""The capped sequential test keeps its promises: everything here is exact, nothing is simulated."""

import functools
import itertools
import math
import random
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np
import pytest

from dlverify.evidence.sequential import (
    ALPHA,
    BETA,
    MOST_MEMBERS,
    Decision,
    Plan,
    decide,
    detectable,
    operating_characteristics,
    plan,
    seeds_needed,
)

Rule = Callable[[int, int], str | None]  # (members, successes) -> verdict, or None for "go on"

CLAIMS = [(0.5, 0.95, 44, 31), (0.5, 0.99, 26, 20), (0.8, 0.99, 95, 86)]
CONTROLS = [(0.5, 0.95, 52, 45, "7.6"), (0.5, 0.99, 34, 32, "4.4"), (0.8, 0.99, 133, 128, "15.0")]
EDGES = [(0.02, 0.2), (0.05, 0.5), (0.2, 0.8), (0.3, 0.55), (0.5, 0.75), (0.5, 0.999), (0.8, 0.95), (0.9, 0.99)]
SMALL = [  # loose rates, so that all 2^N sequences can be written down
    Plan(0.25, 0.75, "HOLDS", alpha=0.1, beta=0.2),
    Plan(0.25, 0.75, "REFUTED", alpha=0.1, beta=0.2),
    Plan(0.1, 0.6, "HOLDS", alpha=0.05, beta=0.15),
    Plan(0.5, 0.9, "REFUTED", alpha=0.15, beta=0.2),
]


# --- the slow and obvious engine: rationals, written from the text of the rules and not from the module ---


def decimal(number: float) -> Fraction:
    """The number as it is written: 0.95 is 19/20, not the nearest binary fraction."""
    return Fraction(repr(number))


def sequential_rule(p0: Fraction, p1: Fraction, holds: Fraction, refuted: Fraction, cap: int, critical: int) -> Rule:
    """HOLDS when the likelihood ratio p0 : p1 is at most `holds`, REFUTED at `refuted` or more, at the cap k >= c."""

    def rule(members: int, successes: int) -> str | None:
        ratio = (p0 / p1) ** successes * ((1 - p0) / (1 - p1)) ** (members - successes)
        if ratio <= holds:
            return "HOLDS"
        if ratio >= refuted:
            return "REFUTED"
        if members < cap:
            return None
        return "HOLDS" if successes >= critical else "REFUTED"

    return rule


def rule_of(plan: Plan, convert: Callable[[float], Fraction] = decimal) -> Rule:
    alpha, beta = convert(plan.alpha), convert(plan.beta)
    lines = (beta / 2, 2 / alpha) if plan.stated == "HOLDS" else (alpha / 2, 2 / beta)
    return sequential_rule(convert(plan.p0), convert(plan.p1), *lines, plan.cap, plan.critical)


def decided(rule: Rule, cap: int) -> Counter[tuple[str, int, int]]:
    """How many sequences of outcomes end with each (verdict, members, successes); the counts are exact integers."""
    ends: Counter[tuple[str, int, int]] = Counter()
    going = Counter({0: 1})
    for members in range(1, cap + 1):
        reached: Counter[int] = Counter()
        for successes, ways in going.items():
            reached[successes] += ways
            reached[successes + 1] += ways
        going = Counter()
        for successes, ways in reached.items():
            verdict = rule(members, successes)
            if verdict is None:
                going[successes] = ways
            else:
                ends[verdict, members, successes] = ways
    assert not going, "the rule must decide at the cap"
    return ends


def chance(ends: Counter[tuple[str, int, int]], p: Fraction, value: Callable[[str, int], int]) -> Fraction:
    """Expected value(verdict, members) at the true rate p."""
    return sum(
        (
            ways * value(verdict, members) * p**successes * (1 - p) ** (members - successes)
            for (verdict, members, successes), ways in ends.items()
        ),
        Fraction(0),
    )


def rates(rule: Rule, cap: int, p0: Fraction, p1: Fraction) -> tuple[Fraction, Fraction]:
    """P(HOLDS | p0) and P(REFUTED | p1), the two errors."""
    ends = decided(rule, cap)
    return chance(ends, p0, lambda v, n: v == "HOLDS"), chance(ends, p1, lambda v, n: v == "REFUTED")


def tail(members: int, at_least: int, p: Fraction) -> Fraction:
    return sum(
        (math.comb(members, k) * p**k * (1 - p) ** (members - k) for k in range(at_least, members + 1)), Fraction(0)
    )


# --- the table of the rules of evidence ---


@pytest.mark.parametrize(("p0", "p1", "cap", "critical"), CLAIMS)
def test_table_of_claims(p0: float, p1: float, cap: int, critical: int) -> None:
    test = plan(p0, p1, stated="HOLDS")
    assert (test.cap, test.critical) == (cap, critical)
    assert seeds_needed(p0, p1, stated="HOLDS") == cap
    assert 9 <= round(operating_characteristics(test, p1).expected_members) <= 30


@pytest.mark.parametrize(("p0", "p1", "cap", "critical", "expected"), CONTROLS)
def test_table_of_controls(p0: float, p1: float, cap: int, critical: int, expected: str) -> None:
    test = plan(p0, p1, stated="REFUTED")
    assert (test.cap, test.critical) == (cap, critical)
    assert seeds_needed(p0, p1, stated="REFUTED") == cap
    assert f"{operating_characteristics(test, p0).expected_members:.1f}" == expected


@pytest.mark.parametrize("stated", ["HOLDS", "REFUTED"])
@pytest.mark.parametrize(("p0", "p1"), [(0.5, 0.95), (0.5, 0.99), (0.05, 0.5)])
def test_cap_is_the_smallest_in_exact_arithmetic(p0: float, p1: float, stated: str) -> None:
    test = plan(p0, p1, stated=stated)
    alpha, beta = decimal(ALPHA), decimal(BETA)
    a, b = (beta, alpha) if stated == "HOLDS" else (alpha, beta)
    for members in range(1, test.cap + 1):
        kept = [
            c
            for c in range(members + 2)
            if tail(members, c, decimal(p0)) <= a / 2 and 1 - tail(members, c, decimal(p1)) <= b / 2
        ]
        assert kept == ([test.critical] if members == test.cap else [])  # none before the cap, only one at it


# --- the promised rates ---


@pytest.mark.parametrize("stated", ["HOLDS", "REFUTED"])
@pytest.mark.parametrize(("p0", "p1"), [row[:2] for row in CLAIMS] + EDGES)
def test_promised_rates_are_kept_beyond_both_edges(p0: float, p1: float, stated: str) -> None:
    test = plan(p0, p1, stated=stated)
    a, b = (BETA, ALPHA) if stated == "HOLDS" else (ALPHA, BETA)
    below = [operating_characteristics(test, p).holds for p in (0.0, p0 / 2, 0.99 * p0, p0)]
    above = [operating_characteristics(test, p).refuted for p in (p1, 0.01 + 0.99 * p1, (1 + p1) / 2, 1.0)]
    assert below == sorted(below)
    assert below[-1] <= a
    assert above == sorted(above, reverse=True)
    assert above[0] <= b


@pytest.mark.parametrize("stated", ["HOLDS", "REFUTED"])
@pytest.mark.parametrize(("p0", "p1"), [(0.5, 0.95), (0.5, 0.99), (0.05, 0.5)])
def test_recursion_agrees_with_rationals(p0: float, p1: float, stated: str) -> None:
    test = plan(p0, p1, stated=stated)
    ends = decided(rule_of(test, convert=Fraction), test.cap)
    for p in (p0, (p0 + p1) / 2, p1):
        assert_agrees(test, p, lambda value, p=p: chance(ends, Fraction(p), value))


def assert_agrees(test: Plan, p: float, exact: Callable[[Callable[[str, int], int]], Fraction]) -> None:
    found = operating_characteristics(test, p)
    budget = Fraction(6 * test.cap, 2**53)  # 6 N u, derived in operating_characteristics; relative
    for measured, value in (
        (found.holds, lambda verdict, members: verdict == "HOLDS"),
        (found.refuted, lambda verdict, members: verdict == "REFUTED"),
        (found.expected_members, lambda verdict, members: members),
    ):
        expected = exact(value)
        assert abs(Fraction(measured) - expected) <= budget * expected


@pytest.mark.parametrize("stated", ["HOLDS", "REFUTED"])
@pytest.mark.parametrize(("p0", "p1"), [row[:2] for row in CLAIMS] + EDGES[:3])
def test_detectable_is_the_nearest_rate_with_the_promise(p0: float, p1: float, stated: str) -> None:
    test = plan(p0, p1, stated=stated)
    edge = detectable(test)
    if stated == "HOLDS":
        assert p0 <= edge < p1
        assert operating_characteristics(test, edge).holds <= BETA
        assert operating_characteristics(test, math.nextafter(edge, 1)).holds > BETA
    else:
        assert p0 < edge <= p1
        assert operating_characteristics(test, edge).refuted <= BETA
        assert operating_characteristics(test, math.nextafter(edge, 0)).refuted > BETA


@pytest.mark.parametrize("stated", ["HOLDS", "REFUTED"])
@pytest.mark.parametrize(("p0", "p1"), [row[:2] for row in CLAIMS] + EDGES)
def test_final_test_contradicts_no_line(p0: float, p1: float, stated: str) -> None:
    test = plan(p0, p1, stated=stated)
    lower, upper = test.boundaries
    assert test.log_ratio(test.cap, test.critical) < upper
    assert test.log_ratio(test.cap, test.critical - 1) > lower


# --- broken engines are caught by the same computation ---


def broken_engines(cap: int, critical: int) -> Iterator[tuple[str, int, Rule]]:
    # all for the claim .5/.95, and all look right
    p0, p1, alpha, beta = Fraction(1, 2), Fraction(19, 20), decimal(ALPHA), decimal(BETA)
    right = functools.partial(sequential_rule, p0, p1, beta / 2, 2 / alpha, cap)
    opposite = {"HOLDS": "REFUTED", "REFUTED": "HOLDS", None: None}
    yield "verdicts swapped", cap, lambda n, k: opposite[right(critical)(n, k)]
    yield "rates swapped", cap, sequential_rule(p0, p1, alpha / 2, 2 / beta, cap, critical)
    yield "one success too few is enough at the cap", cap, right(critical - 1)
    yield "one success too many is asked at the cap", cap, right(critical + 1)
    loose = plan(0.5, 0.95, stated="HOLDS", alpha=2 * ALPHA, beta=2 * BETA)
    yield "rates not halved", loose.cap, sequential_rule(p0, p1, beta, 1 / alpha, loose.cap, loose.critical)

    def looks(members: int, successes: int) -> str | None:  # a test of fixed size at 0.05, after every member
        if tail(members, successes, p0) <= Fraction(1, 20):
            return "HOLDS"
        if 1 - tail(members, successes + 1, p1) <= Fraction(1, 20):
            return "REFUTED"
        return None if members < cap else "REFUTED"

    yield "repeated looks at 0.05", cap, looks


def test_rational_engine_keeps_the_promise_that_broken_engines_break() -> None:
    p0, p1, test = Fraction(1, 2), Fraction(19, 20), plan(0.5, 0.95, stated="HOLDS")
    holds, refuted = rates(rule_of(test), test.cap, p0, p1)
    assert holds <= decimal(BETA)
    assert refuted <= decimal(ALPHA)
    for name, cap, rule in broken_engines(test.cap, test.critical):
        holds, refuted = rates(rule, cap, p0, p1)
        assert holds > decimal(BETA) or refuted > decimal(ALPHA), f"{name}: {float(holds):.2g}, {float(refuted):.2g}"


@pytest.mark.parametrize(("p0", "p1"), [row[:2] for row in CLAIMS])
def test_a_control_judged_as_a_claim_breaks_the_rate_of_false_alarms(p0: float, p1: float) -> None:
    assert operating_characteristics(plan(p0, p1, stated="HOLDS"), p0).holds > ALPHA
    assert operating_characteristics(plan(p0, p1, stated="REFUTED"), p1).refuted > ALPHA


# --- decide ---


@pytest.mark.parametrize("test", SMALL, ids=lambda test: f"{test.p0}-{test.p1}-{test.stated}")
def test_decide_agrees_with_every_sequence(test: Plan) -> None:
    assert test.cap <= 14
    rule = functools.cache(rule_of(test, convert=Fraction))
    ends: Counter[tuple[str, int, int]] = Counter()  # of whole sequences: (verdict, members used, successes of all)
    for sequence in itertools.product((False, True), repeat=test.cap):
        found = decide(test, sequence)
        counts = itertools.accumulate(sequence)
        first = next((n, k, rule(n, k)) for n, k in enumerate(counts, start=1) if rule(n, k) is not None)
        assert (found.used, found.successes, found.verdict) == first
        assert found.low >= test.p0 or found.verdict == "REFUTED"
        assert found.high <= test.p1 or found.verdict == "HOLDS"
        ends[found.verdict, found.used, sum(sequence)] += 1
    for p in (test.p0, 0.5, test.p1):
        weight = [Fraction(p) ** k * (1 - Fraction(p)) ** (test.cap - k) for k in range(test.cap + 1)]
        assert_agrees(
            test, p, lambda value, w=weight: sum(ways * value(v, n) * w[k] for (v, n, k), ways in ends.items())
        )


def sequences(test: Plan, number: int = 40) -> Iterator[list[bool]]:
    # fixed ones of all kinds, twice the cap long, around both edges and between
    source = random.Random(0)
    for p in (0.0, test.p0 / 2, test.p0, (test.p0 + test.p1) / 2, test.p1, 1.0):
        for _ in range(number):
            yield [source.random() < p for _ in range(2 * test.cap)]


PLANS = [plan(0.5, 0.95, stated="HOLDS"), plan(0.8, 0.99, stated="REFUTED"), SMALL[0]]


@pytest.mark.parametrize("test", PLANS)
def test_verdict_is_that_of_the_first_crossing_whatever_the_batch_size(test: Plan) -> None:
    for sequence in sequences(test, number=10):
        whole = decide(test, sequence)
        for batch in (1, 3, 8, len(sequence)):
            grown = (decide(test, sequence[:end]) for end in range(batch, len(sequence) + batch, batch))
            assert next(found for found in grown if found.verdict) == whole


@pytest.mark.parametrize("test", PLANS)
def test_outcomes_after_the_decision_change_nothing(test: Plan) -> None:
    for sequence in sequences(test, number=10):
        found = decide(test, sequence)
        read = sequence[: found.used]
        assert decide(test, read) == found
        assert decide(test, [*read, *(not outcome for outcome in sequence[found.used :])]) == found
        assert all(decide(test, read[:end]).verdict is None for end in range(found.used))
    rest = iter(read + ["never read"])
    assert decide(test, rest) == found
    assert list(rest) == ["never read"]


@pytest.mark.parametrize("test", [*PLANS, Plan(0.25, 0.75, "HOLDS", alpha=2 / 27, beta=2 / 9)])
def test_verdict_can_be_read_off_the_recorded_path(test: Plan) -> None:
    lower, upper = test.boundaries  # in the last plan both lie on values of L, up to rounding: ln(1 / 9) and ln(27)
    for sequence in sequences(test):
        found = decide(test, sequence)
        assert len(found.path) == found.used <= test.cap
        assert all(lower < level < upper for level in found.path[:-1])
        assert found.successes == sum(sequence[: found.used])
        assert found.path[-1] == test.log_ratio(found.used, found.successes)
        if found.path[-1] <= lower:
            assert found.verdict == "HOLDS"
        elif found.path[-1] >= upper:
            assert found.verdict == "REFUTED"
        else:
            assert found.used == test.cap
            assert found.verdict == ("HOLDS" if found.successes >= test.critical else "REFUTED")


def test_nothing_read_decides_nothing() -> None:
    assert decide(PLANS[0], []) == Decision(None, used=0, successes=0, path=(), low=0.0, high=1.0)


def test_booleans_of_numpy_and_of_python_read_alike() -> None:
    sequence = next(sequences(PLANS[0]))
    assert decide(PLANS[0], np.array(sequence)) == decide(PLANS[0], sequence)


@pytest.mark.parametrize("successes", [0, 1, 3, 5, 6])
def test_interval_solves_the_equations_of_clopper_and_pearson(successes: int) -> None:
    # too few outcomes, in an undecided order, of a plan with a long way to go
    test = plan(0.4, 0.6, stated="REFUTED")
    found = decide(test, [index < successes for index in range(6)])
    assert found.verdict is None
    finer = Fraction(1, 10**9)  # of the end itself: a thousand times finer than a figure or a message shows
    a, b = decimal(ALPHA), decimal(BETA)
    low, high = Fraction(found.low), Fraction(found.high)
    if successes:
        assert tail(6, successes, low * (1 - finer)) < a / 2 < tail(6, successes, low * (1 + finer))
    else:
        assert low == 0
    if successes < 6:
        above = [1 - tail(6, successes + 1, high * (1 + sign * finer)) for sign in (-1, 1)]
        assert above[1] < b / 2 < above[0]
    else:
        assert high == 1


# --- errors at the door ---


@pytest.mark.parametrize(("p0", "p1"), [(0.9, 0.5), (0.5, 0.5), (0.0, 0.5), (0.5, 1.0), (-0.1, 0.5), (math.nan, 0.5)])
def test_bad_edges(p0: float, p1: float) -> None:
    message = (
        rf"expected 0 < p0 < p1 < 1, found p0 = {p0} \(edge of the negation\), p1 = {p1} \(edge of the claim\): move"
    )
    with pytest.raises(ValueError, match=message):
        plan(p0, p1, stated="HOLDS")
    with pytest.raises(ValueError, match=message):
        seeds_needed(p0, p1, stated="REFUTED")


@pytest.mark.parametrize(("alpha", "beta"), [(0.0, 0.01), (1e-7, 0.5), (0.7, 0.01), (1e-7, -1.0), (math.nan, 0.01)])
def test_bad_rates(alpha: float, beta: float) -> None:
    message = f"expected alpha and beta between 0 and 1/2, found alpha = {alpha}, beta = {beta}: at one half a coin"
    with pytest.raises(ValueError, match=message):
        plan(0.5, 0.95, stated="HOLDS", alpha=alpha, beta=beta)


def test_bad_stated_verdict() -> None:
    with pytest.raises(
        ValueError, match=r"expected stated 'HOLDS' \(a claim\) or 'REFUTED' \(a control\), found 'holds'"
    ):
        plan(0.5, 0.95, stated="holds")


def test_edges_too_near_say_what_to_do() -> None:
    near = plan(0.5, 0.53, stated="HOLDS")  # would need some 17,000
    message = f"expected edges that {MOST_MEMBERS} members can tell apart, found p0 = 0.5, p1 = 0.53 at alpha = 1e-07"
    with pytest.raises(
        ValueError, match=message + r", beta = 0\.01: pool several seeds into one outcome or strengthen"
    ):
        _ = near.cap


@pytest.mark.parametrize("outcome", [0.5, 1, None, math.nan, "HOLDS"])
def test_an_outcome_that_is_no_boolean(outcome: object) -> None:
    with pytest.raises(
        TypeError, match=f"expected a boolean from every member, found {outcome!r} from member 2: compare"
    ):
        decide(PLANS[0], [True, True, outcome])


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
def test_a_true_rate_outside_the_unit_interval(p: float) -> None:
    with pytest.raises(ValueError, match=f"expected a true rate p from 0 to 1, found {p}"):
        operating_characteristics(PLANS[0], p)
