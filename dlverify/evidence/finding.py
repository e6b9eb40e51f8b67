"""What a judge returns: a verdict with the interval and the sentence behind it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Verdict = Literal["HOLDS", "REFUTED", "INCONCLUSIVE", "ERROR", "NOT RUN"]
Grade = Literal["proof", "exact", "certified", "rounding", "statistical"]

GRADES: tuple[Grade, ...] = ("proof", "exact", "certified", "rounding", "statistical")
"""The grades of evidence, best first."""


class NotAvailable(RuntimeError):
    """A named capability is missing on this machine; the part is NOT RUN, with this reason."""


@dataclass(frozen=True)
class Finding:
    """What the evidence shows.

    Attributes:
        verdict: HOLDS, REFUTED or INCONCLUSIVE (running adds ERROR and NOT RUN).
        low: Lower end of the discrepancy in units of what is allowed (statistical: of the share of seeds).
        high: Upper end.
        message: One sentence with the numbers.
        witness: Where the discrepancy is largest, as names and values.
        statistics: The statistical fields: members, successes, cap, critical, p0, p1, alpha, beta, path.
    """

    verdict: Verdict
    low: float
    high: float
    message: str
    witness: Mapping[str, Any] = field(default_factory=dict)
    statistics: Mapping[str, Any] = field(default_factory=dict)


def verdict_of(low: float, high: float) -> Verdict:
    """HOLDS where high <= 1, REFUTED where low > 1, otherwise INCONCLUSIVE (deterministic kinds)."""
    if math.isnan(low) or math.isnan(high):
        return "ERROR"
    return "HOLDS" if high <= 1 else "REFUTED" if low > 1 else "INCONCLUSIVE"
