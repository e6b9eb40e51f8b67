"""Many nights of the statistical items at once: how often would each have been red, and how near did it come?"""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dlverify import running
from dlverify.evidence.sequential import Plan, operating_characteristics
from dlverify.nightly.matrix import Item
from dlverify.nightly.night import Night, id_of
from dlverify.records import Record

ROOT = 1_000_000_000
"""Roots of calibrations: ten digits, where a night's, its date, has eight and the everyday one nine."""

HEALTH = {
    "crashed": "an exception, a value that is not finite, or a process that was lost",
    "same in all seeds": "identical measured values over all seeds of a night",
    "same in two nights": "identical measured values, other than counts, in two nights of a claim whose seeds should differ",
    "state changed": "global state left changed",
    "inside the gap": "the share of seeds lies between p0 and p1 at the cap; a note, not red",
}
"""The health checks of a calibration, by name."""


def statistical(items: Iterable[Item]) -> list[Item]:
    """What a calibration runs: statistical items in the dtype of their experiment, with stock subjects."""
    return [item for item in items if item.alpha and item.unit.conditions and not _differs(item)]


def _differs(item: Item) -> bool:
    conditions = item.unit.conditions
    return conditions is not None and (conditions.dtype is not None or bool(conditions.subjects))


def current(night: Night, items: Sequence[Item]) -> dict[str, Record]:
    """The records of a night that speak of the claims as they are now, by id."""
    known = {item.id: item for item in items}
    return {
        id_of(row): row
        for row in night.recorded().records
        if id_of(row) in known and row["claim_source"] == running.source_hash(known[id_of(row)].unit.path)
    }


@dataclass(frozen=True)
class Line:
    """One item over all nights.

    Attributes:
        item: `<claim>::<part>`.
        stated: The verdict that the claim states.
        nights: In how many nights it ran.
        red: In how many of them it came to another verdict.
        seeds: How many seeds it used in the mean.
        most: How many at most.
        expected: How many it would use in the mean if things were just as stated: p = p1 of a claim, p0 of a control.
        share: The share of all seeds read that show the effect.
        edge: p1 of a claim, p0 of a control.
        margin: How near it came to red: the smallest distance of L from the line on the wrong side, in units of that
            line; 1 means that it never moved there, 0 that it arrived.
        health: Names of `HEALTH` with the number of nights.
    """

    item: str
    stated: str
    nights: int
    red: int
    seeds: float
    most: int
    expected: float
    share: float
    edge: float
    margin: float
    health: Mapping[str, int]


def lines(found: Mapping[str, Sequence[Record]]) -> list[Line]:
    """A line for each item, those that came nearest to red first.

    Args:
        found: The records of all nights by the item's id.
    """
    rows = [_line(name.partition("::")[2], rows) for name, rows in found.items() if rows]
    return sorted(rows, key=lambda line: (-line.red, line.margin, line.item))


def _line(name: str, rows: Sequence[Record]) -> Line:
    judged = [row for row in rows if row["statistics"]]
    red = sum(row["verdict"] not in (row["expected"], "NOT RUN") for row in rows)
    stated = rows[0]["expected"]
    if not judged:
        return Line(name, stated, len(rows), red, 0.0, 0, 0.0, 0.0, 0.0, 0.0, _health(rows))
    numbers = judged[-1]["statistics"]
    plan = Plan(numbers["p0"], numbers["p1"], stated, numbers["alpha"], numbers["beta"])
    edge = plan.p1 if stated == "HOLDS" else plan.p0
    used = [row["statistics"]["n"] for row in judged]
    return Line(
        name,
        stated,
        len(rows),
        red,
        statistics.fmean(used),
        max(used),
        operating_characteristics(plan, edge).expected_members,
        sum(row["statistics"]["k"] for row in judged) / sum(used),
        edge,
        min(margin(plan, row["statistics"]["path"]) for row in judged),
        _health(rows),
    )


def margin(plan: Plan, path: Sequence[float]) -> float:
    """How far L stayed from the line that would have made it red, in units of that line: 1 is the start."""
    holds, refuted = plan.boundaries
    worst = max([0.0, *path]) / refuted if plan.stated == "HOLDS" else min([0.0, *path]) / holds
    return max(0.0, 1 - worst)


def _health(rows: Sequence[Record]) -> dict[str, int]:
    errors = [row["message"] for row in rows if row["verdict"] == "ERROR"]
    same = sum("is the same in all" in text for text in errors)
    state = sum("left global state changed" in text for text in errors)
    # Counts, and yes or no, are often the same twice in few seeds, and a control may leave no room for chance.
    measured = [
        json.dumps(row["measured"])
        for row in rows
        if row["expected"] == "HOLDS" and row["measured"] and not isinstance(_first(row["measured"]), int)
    ]
    gap = sum(
        row["statistics"]["n"] == row["statistics"]["cap"]
        and row["statistics"]["p0"] < row["statistics"]["k"] / row["statistics"]["n"] < row["statistics"]["p1"]
        for row in rows
        if row["statistics"]
    )
    counts = (len(errors) - same - state, same, len(measured) - len(set(measured)), state, gap)
    return {name: count for name, count in zip(HEALTH, counts, strict=True) if count}


def _first(values: Any) -> Any:
    while isinstance(values, list):
        values = values[0]
    return values


def table(found: Sequence[Line], nights: int, versions: Mapping[str, str]) -> str:
    """The page `docs/calibration.md`.

    Args:
        found: A line for each item.
        nights: How many nights were asked for.
        versions: Of python and of the packages.
    """
    claims = [line for line in found if line.stated == "HOLDS"]
    controls = [line for line in found if line.stated == "REFUTED"]
    least = min((line.nights for line in found), default=0)
    health = {name: sum(line.health.get(name, 0) for line in found) for name in HEALTH}
    text = [
        "<!-- Generated by `python -m dlverify calibrate`: run it anew, do not edit. -->",
        "# Calibration",
        "",
        f"Every statistical item of the quick tier on a CPU, in {nights} night{'s' * (nights != 1)} with fresh seeds, each night by itself as "
        f"`python -m dlverify nightly` runs it ({least} of them whole). Versions: "
        f"{', '.join(f'{name} {version}' for name, version in versions.items())}.",
        "",
        f"- Claims: {len(claims)} items, red in {sum(line.red for line in claims)} of "
        f"{sum(line.nights for line in claims)} runs.",
        f"- Controls and errata: {len(controls)} items, red in {sum(line.red for line in controls)} of "
        f"{sum(line.nights for line in controls)} runs: otherwise refuted every time.",
        f"- Health checks: {', '.join(f'{name} {count}' for name, count in health.items())}.",
        "",
        "*Seeds* are those that the sequential test read, the mean and the most; *expected* is its mean if the true share "
        "were just the *edge* (p1 of a claim, p0 of a control). *Share* is that of all seeds read that show the effect. "
        "*Margin* says how near an item came to red in its worst night: 1, the log likelihood ratio never moved towards "
        "the wrong line; 0, it arrived there.",
        "",
        "Health checks: " + "; ".join(f"*{name}*: {what}" for name, what in HEALTH.items()) + ".",
        "",
        "| item | stated | nights | red | seeds | expected | share | edge | margin | health |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for line in found:
        health_words = ", ".join(f"{name} {count}" for name, count in line.health.items())
        text.append(
            f"| `{line.item}` | {line.stated} | {line.nights} | {line.red} | {line.seeds:.1f}, {line.most} | "
            f"{line.expected:.1f} | {line.share:.3f} | {line.edge:g} | {line.margin:.2f} | {health_words} |"
        )
    return "\n".join(text) + "\n"
