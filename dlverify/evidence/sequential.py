"""The capped sequential test: from one boolean outcome a seed to HOLDS or REFUTED.

A statement about a rate p has two edges, p0 < p1: its negation says p <= p0, the claim p >= p1. After n seeds with k
successes the logarithm of the likelihood ratio of p0 to p1 is

    L(n, k) = k ln(p0 / p1) + (n - k) ln((1 - p0) / (1 - p1)).

The first of these decides, with a the allowed rate of HOLDS where p <= p0 and b that of REFUTED where p >= p1:

    L <= ln(a / 2)   HOLDS          for a claim    a = beta,  b = alpha: it is red when not HOLDS
    L >= ln(2 / b)   REFUTED        for a control  a = alpha, b = beta: it is red when not REFUTED
    n = N            HOLDS if k >= c, otherwise REFUTED

Why the rates are kept: exp(L) is a martingale of mean 1 under p1, exp(-L) one under p0, so by Ville's inequality the
lines are crossed wrongly with probability at most a / 2 and b / 2. N is the smallest n for which some c has
P(k >= c | p0) <= a / 2 and P(k < c | p1) <= b / 2; a wrong verdict needs the one or the other. There is only one such
c: from n to n + 1 the smallest c that keeps the first rate and the largest that keeps the second each stay or grow by
one, so they meet before they can pass. More successes never turn HOLDS into REFUTED, so the rates hold for all p <= p0
and all p >= p1 as well; in between either verdict may come out.

Source: Wald 1945 for the two lines; the cap spends the other half of each rate so that every run ends.
"""

import functools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Verdict = Literal["HOLDS", "REFUTED"]

ALPHA = 1e-7  # P(red | things are as stated): ten thousand items together stay within the 1e-3 that a night may spend
BETA = 0.01  # P(green | the opposite is true), as the project's rules of evidence fix it
MOST_MEMBERS = 10_000  # largest cap: the recursion visits N^2 / 2 states, here 5e7, a fraction of a second


@dataclass(frozen=True)
class Plan:
    """A capped sequential test of p <= p0 against p >= p1, fixed before any outcome is seen.

    stated is "HOLDS" for a claim and "REFUTED" for a control; alpha bounds the probability that the verdict is not the
    stated one although things are as stated, beta that it is although the opposite is true.

    Raises:
        ValueError: not 0 < p0 < p1 < 1, a rate outside (0, 1/2), or another word than the two for stated.
    """

    p0: float
    p1: float
    stated: Verdict
    alpha: float = ALPHA
    beta: float = BETA

    def __post_init__(self) -> None:
        if not 0 < self.p0 < self.p1 < 1:
            edges = f"found p0 = {self.p0} (edge of the negation), p1 = {self.p1} (edge of the claim)"
            raise ValueError(f"expected 0 < p0 < p1 < 1, {edges}: move them apart, the claim above")
        if not (0 < self.alpha < 0.5 and 0 < self.beta < 0.5):
            rates = f"found alpha = {self.alpha}, beta = {self.beta}"
            raise ValueError(f"expected alpha and beta between 0 and 1/2, {rates}: at one half a coin does as well")
        if self.stated not in ("HOLDS", "REFUTED"):
            raise ValueError(f"expected stated 'HOLDS' (a claim) or 'REFUTED' (a control), found {self.stated!r}")

    @property
    def false_holds(self) -> float:
        """Allowed P(HOLDS | p <= p0): beta for a claim, alpha for a control."""
        return self.beta if self.stated == "HOLDS" else self.alpha

    @property
    def false_refuted(self) -> float:
        """Allowed P(REFUTED | p >= p1): alpha for a claim, beta for a control."""
        return self.alpha if self.stated == "HOLDS" else self.beta

    @property
    def boundaries(self) -> tuple[float, float]:
        """The two lines (ln(a / 2), ln(2 / b)): L at or below the first is HOLDS, at or above the second REFUTED."""
        return math.log(self.false_holds / 2), math.log(2 / self.false_refuted)

    @property
    def cap(self) -> int:
        """N, the number of members at which a verdict is reached at the latest; a ValueError if above MOST_MEMBERS."""
        return _final_test(self)[0]

    @property
    def critical(self) -> int:
        """The number c of successes among N from which the final test says HOLDS; ValueError as for the cap."""
        return _final_test(self)[1]

    def log_ratio(self, members: int, successes: int) -> float:
        """L(n, k), the logarithm of the likelihood ratio of p0 to p1; it falls with every success."""
        failures = members - successes
        return successes * math.log(self.p0 / self.p1) + failures * math.log((1 - self.p0) / (1 - self.p1))


@dataclass(frozen=True)
class Decision:
    """What the outcomes read so far decide.

    verdict is None where more members are needed; used is n, the outcomes read (later ones are not counted); successes
    is k; path is L after each of the n. [low, high] is the Clopper-Pearson interval for p with tails a / 2 and b / 2,
    so that HOLDS comes with low >= p0 and REFUTED with high <= p1; its level 1 - (a + b) / 2 is that of an n fixed
    beforehand. It is shown and compared with nothing.
    """

    verdict: Verdict | None
    used: int
    successes: int
    path: tuple[float, ...]
    low: float
    high: float


@dataclass(frozen=True)
class Characteristics:
    """Exact P(HOLDS), P(REFUTED) and expected number of members read at one true rate."""

    holds: float
    refuted: float
    expected_members: float


def plan(p0: float, p1: float, *, stated: Verdict, alpha: float = ALPHA, beta: float = BETA) -> Plan:
    """The test of p <= p0 against p >= p1; arguments and ValueError are those of Plan."""
    return Plan(p0, p1, stated, alpha, beta)


def decide(plan: Plan, outcomes: Iterable[bool | np.bool_]) -> Decision:
    """Read the outcomes one by one in index order and stop at the first crossing, or at the cap.

    Raises:
        TypeError: an outcome that is read is no boolean.
    """
    verdict: Verdict | None = None
    successes = 0
    path: list[float] = []
    for members, outcome in enumerate(outcomes, start=1):
        if not isinstance(outcome, bool | np.bool_):
            found = f"found {outcome!r} from member {members - 1}"
            raise TypeError(f"expected a boolean from every member, {found}: compare it with the margin first")
        successes += bool(outcome)
        path.append(plan.log_ratio(members, successes))
        refuted_to, holds_from = _thresholds(plan)[members - 1]
        if successes >= holds_from:
            verdict = "HOLDS"
        elif successes <= refuted_to:
            verdict = "REFUTED"
        if verdict is not None:
            break
    low, high = _clopper_pearson(len(path), successes, plan.false_holds / 2, plan.false_refuted / 2)
    return Decision(verdict, len(path), successes, tuple(path), low, high)


def operating_characteristics(plan: Plan, p: float) -> Characteristics:
    """Exact behaviour of the test at the true rate p, by recursion over the undecided states (n, k).

    No term is negative, so the relative rounding error is at most 6 N u with u = 2^-53: 3 N u from the recursion
    (1 - p, product and sum at each step), 2 N u from adding up, the rest for second order.

    Raises:
        ValueError: p is outside [0, 1].
    """
    if not 0 <= p <= 1:
        raise ValueError(f"expected a true rate p from 0 to 1, found {p}")
    holds = refuted = expected = 0.0
    undecided = np.ones(1)  # (k = 0..n,): P(k successes in n, nothing decided yet)
    for refuted_to, holds_from in _thresholds(plan):
        expected += float(undecided.sum())  # E[members] is the sum over n of P(more than n are needed)
        undecided = _one_more(undecided, p)
        refuted += float(undecided[: refuted_to + 1].sum())
        holds += float(undecided[holds_from:].sum())
        undecided[: refuted_to + 1] = 0
        undecided[holds_from:] = 0
    return Characteristics(holds, refuted, expected)


def seeds_needed(p0: float, p1: float, *, stated: Verdict, alpha: float = ALPHA, beta: float = BETA) -> int:
    """N, the members that suffice for a verdict whatever the outcomes; arguments and ValueError are those of Plan."""
    return Plan(p0, p1, stated, alpha, beta).cap


def detectable(plan: Plan) -> float:
    """The smallest departure from what is stated that the test promises to see, as a rate between p0 and p1.

    For a claim the largest p with P(REFUTED | p) >= 1 - beta, for a control the smallest with P(HOLDS | p) >= 1 - beta.
    Both are monotone in p; bisection ends at two neighbouring floats and returns the one that keeps the promise.
    """
    kept, broken = (plan.p0, plan.p1) if plan.stated == "HOLDS" else (plan.p1, plan.p0)
    while (middle := (kept + broken) / 2) not in (kept, broken):
        found = operating_characteristics(plan, middle)
        missed = found.holds if plan.stated == "HOLDS" else found.refuted  # the small one of the two: no cancellation
        kept, broken = (middle, broken) if missed <= plan.beta else (kept, middle)
    return kept


def _one_more(row: NDArray[np.float64], p: float) -> NDArray[np.float64]:
    """P(k in n + 1) = (1 - p) P(k in n) + p P(k - 1 in n), for k = 0..n + 1."""
    longer = np.zeros(row.size + 1)
    longer[:-1] = (1 - p) * row
    longer[1:] += p * row
    return longer


@functools.cache
def _final_test(plan: Plan) -> tuple[int, int]:
    """N and c: c follows the first rate upward, the second says when to stop.

    Raises:
        ValueError: N would exceed MOST_MEMBERS.
    """
    at_p0 = at_p1 = np.ones(1)
    critical = 1
    for members in range(1, MOST_MEMBERS + 1):
        at_p0, at_p1 = _one_more(at_p0, plan.p0), _one_more(at_p1, plan.p1)
        if at_p0[critical:].sum() > plan.false_holds / 2:
            critical += 1  # once is enough: P(k >= c + 1 in n + 1) <= P(k >= c in n)
        if at_p1[:critical].sum() <= plan.false_refuted / 2:
            return members, critical
    raise ValueError(
        f"expected edges that {MOST_MEMBERS} members can tell apart, found p0 = {plan.p0}, p1 = {plan.p1} at "
        f"alpha = {plan.alpha}, beta = {plan.beta}: pool several seeds into one outcome or strengthen the setting"
    )


@functools.cache
def _thresholds(plan: Plan) -> tuple[tuple[int, int], ...]:
    """For n = 1..N the largest k that is REFUTED (-1 if none) and the smallest that HOLDS (n + 1 if none).

    Every operation in log_ratio is monotone after rounding too: L as computed falls with k and rises with n, so these
    integers say what comparing the floats of the path would. At N the final test never contradicts a line:
    L(N, c - 1) <= ln(a / 2) would give P(k >= c - 1 | p0) <= a / 2, and c is the smallest that does; so for REFUTED.
    """
    lower, upper = plan.boundaries
    refuted_to, holds_from = -1, 0
    rows = []
    for members in range(1, plan.cap):
        while plan.log_ratio(members, refuted_to + 1) >= upper:
            refuted_to += 1
        while holds_from <= members and plan.log_ratio(members, holds_from) > lower:
            holds_from += 1
        rows.append((refuted_to, holds_from))
    return (*rows, (plan.critical - 1, plan.critical))


def _clopper_pearson(members: int, successes: int, below: float, above: float) -> tuple[float, float]:
    """The p at which P(at least k of n) = below and the p at which P(at most k of n) = above; 0 and 1 where none is."""
    from scipy.special import betainccinv, betaincinv  # 0.2 s to import, so not at the door

    failures = members - successes
    low = float(betaincinv(successes, failures + 1, below)) if successes else 0.0
    high = float(betainccinv(successes + 1, failures, above)) if failures else 1.0
    return low, high
