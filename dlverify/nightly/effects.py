"""What one record says across nights: a line without arrays, with the size of the effect.

The effect grows with what the claim states, in all grades, so that a fall is a change for the worse of a claim and a
rise one of a control:

- statistical: by how much a seed lies beyond the margin on the claim's side, the mean over all seeds measured, with its
  standard error; in the unit of the measured values, and for booleans the share of seeds;
- rounding and certified: minus the decimal logarithm of the discrepancy in units of what is allowed: 0 is the edge, 1 a
  tenth of the budget; held within +-`DECADES`, where a discrepancy is 0 or infinite;
- exact and proof: 1 where it holds and 0 where it does not: there is no size between.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from dlverify.records import Record, decode

DECADES = 16.0
"""Beyond 10^16 budgets or below 10^-16 of one float64 tells nothing apart."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One item in one night.

    Attributes:
        night: The night's name, its date.
        cell: The name of the cell.
        claim: The claim's id.
        item: The part, as pytest shows it.
        verdict: What it came to.
        expected: What the claim states.
        grade: The grade of evidence.
        effect: The size of the effect, or None where nothing was measured.
        error: Its standard error; 0 where no seeds were drawn.
        unit: The unit of the effect.
        log_ratio: ln of the likelihood ratio of "things are not as stated" to "they are", 0 where it is not statistical.
        claim_source: sha256 of the claim file.
        experiment_source: sha256 of the experiment's file.
        message: The sentence of the judge where it is red.
        versions: Of python and of the packages.
    """

    night: str
    cell: str
    claim: str
    item: str
    verdict: str
    expected: str
    grade: str
    effect: float | None = None
    error: float = 0.0
    unit: str = ""
    log_ratio: float = 0.0
    claim_source: str = ""
    experiment_source: str = ""
    message: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """`<cell>::<claim>::<part>`."""
        return f"{self.cell}::{self.claim}::{self.item}"

    @property
    def is_red(self) -> bool:
        """Whether it ran and came to another verdict than the claim states."""
        return self.verdict not in (self.expected, "NOT RUN")


def effect_of(record: Record, night: str, cell: str) -> Effect:
    """What a record says across nights."""
    size, error, unit = _size(record)
    found = Effect(
        night,
        cell,
        record["claim"],
        record["item"],
        record["verdict"],
        record["expected"],
        record["grade"],
        size,
        error,
        unit,
        _log_ratio(record["statistics"] or {}),
        record["claim_source"],
        record["experiment_source"],
        versions=record["versions"],
    )
    return replace(found, message=record["message"]) if found.is_red else found


def _size(record: Record) -> tuple[float | None, float, str]:
    if record["verdict"] in ("NOT RUN", "ERROR"):
        return None, 0.0, ""
    if record["grade"] == "statistical":
        beyond = _beyond(record)
        spread = float(beyond.std(ddof=1)) / math.sqrt(len(beyond)) if len(beyond) > 1 else 0.0
        boolean = decode(record["measured"]).dtype == bool
        return float(beyond.mean()), spread, "share of seeds" if boolean else record["unit"] or record["quantity"]
    if record["grade"] in ("rounding", "certified"):
        ratio = float(record["high"])
        decades = DECADES if ratio <= 0 else -DECADES if math.isinf(ratio) else -math.log10(ratio)
        return max(-DECADES, min(DECADES, decades)), 0.0, "decades below what is allowed"
    return float(record["verdict"] == "HOLDS"), 0.0, "1 where it holds"


def _beyond(record: Record) -> Any:
    """How far each seed lies on the claim's side of the margin: its worst value counts, as for the judge."""
    measured = decode(record["measured"])
    margin = np.broadcast_to(decode(record["predicted"]).astype(np.float64), measured.shape)
    beyond = measured.astype(np.float64) - margin
    if record["relation"] == "below":
        beyond = -beyond
    if measured.dtype == bool:
        beyond = (beyond > 0).astype(np.float64)
    return beyond.reshape(len(beyond), -1).min(axis=1)


def _log_ratio(statistics: dict[str, Any]) -> float:
    """L at the end of the night; for a control, whose statement is the negation, with the other sign."""
    if not statistics:
        return 0.0
    last = float(statistics["path"][-1])
    return last if statistics["stated"] == "HOLDS" else -last
