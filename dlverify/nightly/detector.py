"""A detector across nights for each statistical item: do its seeds of many nights, taken together, speak against it?

Shiryaev and Roberts: R_0 = 0, R_t = (1 + R_{t-1}) E_t, where E_t is the night's likelihood ratio of "things are not as
stated" to "they are" (p0 to p1 for a claim, p1 to p0 for a control) over the seeds that the judge has read, and an alarm
is R_t >= A. Afterwards it starts anew.

What it promises. While things are as stated, E_t has mean at most 1 given all nights before: within a night exp(L) is a
supermartingale for every p >= p1, and the judge stops at a bounded time. So R_t - t is a supermartingale, the expected
number of nights to an alarm, the average run length, is at least A, and P(an alarm within N nights) <= N / A (Ville).
A night's share of that, 1 / A, is counted in what the night promises.

What it sees. Under p <= p0 (of a claim) one night already ends with L near ln(2 / alpha), and is red by itself. Beyond
that it adds up what single nights let pass: nights that come out as stated at the cap, with L on the wrong side, which a
product from the first night on would drown in the many good ones before. A drift inside the gap between p0 and p1 it
does not see: that is what the steps of `history` are for.

Sources: Roberts 1966; Pollak 1985; for stopped likelihood ratios, Shin, Ramdas and Rinaldo 2022 (e-detectors).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dlverify.evidence.sequential import ALPHA
from dlverify.nightly.effects import Effect

RUN_LENGTH = 1e8
"""A: nights to a false alarm, at least, of one item; thousands of items then cost a night a tenth of its 1e-3."""
PROMISE = 1e-3
"""The most false alarms that a night may promise, over its whole matrix."""


@dataclass(frozen=True)
class State:
    """Where the detector of one item stands.

    Attributes:
        value: R_t.
        source: sha256 of the claim file that it speaks of.
        alarm: Whether the last night raised one.
    """

    value: float = 0.0
    source: str = ""
    alarm: bool = False


def updated(state: State, night: Effect) -> State:
    """The state after one more night.

    An edited claim starts anew: what was measured of another statement does not count. So does one whose alarm was
    raised the night before. A night without a verdict leaves it where it was.
    """
    before = 0.0 if state.alarm or state.source != night.claim_source else state.value
    if night.verdict in ("ERROR", "NOT RUN"):
        return State(before, night.claim_source or state.source)
    value = math.exp(min(night.log_ratio + math.log1p(before), 700.0))  # exp(709) is the largest float
    return State(value, night.claim_source, value >= RUN_LENGTH)


def followed(states: Mapping[str, State], night: Iterable[Effect]) -> dict[str, State]:
    """The states of all statistical items after one more night; those that it did not run keep theirs."""
    found = dict(states)
    for effect in night:
        if effect.grade == "statistical":
            found[effect.id] = updated(found.get(effect.id, State()), effect)
    return found


def promised(alphas: Iterable[float]) -> float:
    """The probability of a false alarm in one night: that of each statistical item and of its detector."""
    return math.fsum(alpha + 1 / RUN_LENGTH for alpha in alphas if alpha)


def most_items() -> int:
    """How many statistical items a night may have in all its cells."""
    return int(PROMISE / (ALPHA + 1 / RUN_LENGTH))
