"""Two record files side by side: what changed, and whether something regressed. From records alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from dlverify.records import Record, decode
from dlverify.summary import is_as_stated

Kind = Literal["regressed", "mended", "verdict", "moved"]
HEADINGS: dict[Kind, str] = {
    "regressed": "regressed: not as stated, and it was, or was not there",
    "mended": "mended: as stated, and it was not",
    "verdict": "other verdicts that changed",
    "moved": "effects that moved beyond their uncertainty",
}


@dataclass(frozen=True)
class Change:
    """A part that came out otherwise.

    Attributes:
        kind: "regressed", "mended", "verdict" (it changed in another way, to or from NOT RUN say) or "moved".
        part: `claim::item`, with its conditions where a file has the item in several.
        before: Its record in the first file; None where a part that is red is new.
        after: Its record in the second file.
        says: What changed, as a sentence with the numbers.
    """

    kind: Kind
    part: str
    before: Record | None
    after: Record
    says: str


@dataclass(frozen=True)
class Comparison:
    """What changed from one record file to another.

    Attributes:
        changes: Parts that came out otherwise, in the order of the second file.
        new: Claims, and parts of claims in both files, that only the second file has.
        missing: Those that only the first one has.
        unchanged: How many parts came out the same.
        by_verdict_alone: Of these, those whose numbers cannot be compared: other seeds, parameters or places.
        circumstances: In what the runs differed, as sentences.
    """

    changes: tuple[Change, ...]
    new: tuple[str, ...]
    missing: tuple[str, ...]
    unchanged: int
    by_verdict_alone: int
    circumstances: tuple[str, ...] = field(default=())

    def of(self, kind: Kind) -> tuple[Change, ...]:
        """The changes of a kind."""
        return tuple(change for change in self.changes if change.kind == kind)

    @property
    def regressed(self) -> bool:
        """Whether a part is not as stated that was as stated before, or was not there.

        What was not run is no evidence against the claim: it is listed, and not counted as a regression.
        """
        return bool(self.of("regressed"))


def compare(before: Sequence[Record], after: Sequence[Record]) -> Comparison:
    """Compare two runs, part by part.

    A verdict is compared whatever else changed. The effect, which is what was measured less what was predicted, is
    compared where both runs put the same experiment to the same seed: it moved where the two differ by more than both
    rounding budgets together (nothing, for exact arithmetic; for a certificate, where the enclosures are disjoint). A
    share of seeds is compared whatever the seeds are: it moved where the two confidence intervals are disjoint.
    """
    by_cell = any(len(_keyed(rows, by_cell=False)) < len(rows) for rows in (before, after))
    old, new = _keyed(before, by_cell), _keyed(after, by_cell)
    changes, unchanged, alone = [], 0, 0
    for part, row in new.items():
        earlier = old.get(part)
        change = _change(part, earlier, row)
        if change is not None:
            changes.append(change)
        elif earlier is not None:
            unchanged += 1
            alone += not _comparable(earlier, row)
    return Comparison(
        tuple(changes), _only(new, old), _only(old, new), unchanged, alone, tuple(_circumstances(before, after))
    )


def as_text(comparison: Comparison) -> list[str]:
    """What changed, as plain lines."""
    lines = list(comparison.circumstances)
    for kind, heading in HEADINGS.items():
        found = comparison.of(kind)
        if found:
            lines += ["", f"{heading} ({len(found)})", *(f"  {change.part}: {change.says}" for change in found)]
    for heading, names in (("new", comparison.new), ("missing", comparison.missing)):
        if names:
            lines += ["", f"{heading} ({len(names)})", *(f"  {name}" for name in names)]
    alone = comparison.by_verdict_alone
    note = f", {alone} of them compared by verdict alone, since experiment or seed differ" if alone else ""
    lines += ["", f"{comparison.unchanged} parts came out the same{note}"]
    return lines if lines[0] else lines[1:]


def _keyed(rows: Sequence[Record], by_cell: bool) -> dict[str, Record]:
    """Records by part; where a file has a part in several conditions, by these too, and by how often they come."""
    found: dict[str, Record] = {}
    seen: Counter[str] = Counter()
    for row in rows:
        part = f"{row['claim']}::{row['item']}"
        if by_cell:
            part += f" ({', '.join(filter(None, (row['device'], row['dtype'], row['precision'])))})"
            seen[part] += 1
            part += f" number {seen[part]}" if seen[part] > 1 else ""
        found[part] = row
    return found


def _change(part: str, before: Record | None, after: Record) -> Change | None:
    red = not is_as_stated(after) and after["verdict"] != "NOT RUN"
    if before is None:
        says = f"is new, and is {after['verdict']}, stated {after['expected']}: {after['message']}"
        return Change("regressed", part, None, after, says) if red else None
    was_red = not is_as_stated(before) and before["verdict"] != "NOT RUN"
    if (before["verdict"], before["expected"]) != (after["verdict"], after["expected"]):
        kind: Kind = "regressed" if red and not was_red else "mended" if was_red and is_as_stated(after) else "verdict"
        says = f"was {before['verdict']}, is {after['verdict']}: {after['message']}"
        if before["expected"] != after["expected"]:
            says = f"was stated {before['expected']}, is stated {after['expected']}; {says}"
        return Change(kind, part, before, after, says)
    says = _moved(before, after)
    return Change("moved", part, before, after, says) if says else None


def _comparable(before: Record, after: Record) -> bool:
    """Whether the numbers of two records can be set against each other."""
    if before["grade"] != after["grade"] or any(row["verdict"] in ("ERROR", "NOT RUN") for row in (before, after)):
        return False
    if before["statistics"] and after["statistics"]:
        return _same(before, after, "parameters", "quantity", "relation")
    if before["measured"] is None or after["measured"] is None:
        return bool(before["measured"] == after["measured"])  # proofs: the verdict is all there is
    return _same(before, after, "parameters", "quantity", "relation", "seed", "dtype", "axes") and all(
        np.shape(decode(before[name])) == np.shape(decode(after[name])) for name in ("measured", "predicted", "budget")
    )


def _same(before: Record, after: Record, *fields: str) -> bool:
    return all(before[name] == after[name] for name in fields)


def _moved(before: Record, after: Record) -> str:
    """How the effect moved beyond its uncertainty, as a sentence; empty where it did not, or nobody can tell."""
    if not _comparable(before, after) or before["measured"] is None:
        return ""
    if after["statistics"]:
        shares = [
            f"in {row['statistics']['k']} of {row['statistics']['n']} seeds, a share in [{row['low']:.3g}, {row['high']:.3g}]"
            for row in (before, after)
        ]
        apart = before["high"] < after["low"] or after["high"] < before["low"]
        return (
            f"{after['quantity']} was {after['relation']} the margin {shares[0]}, and is {shares[1]}" if apart else ""
        )
    (low, high), (new_low, new_high) = _effect(before), _effect(after)
    allowed = _budget(before) + _budget(after)
    with np.errstate(all="ignore"):
        gaps = np.maximum(new_low - high, low - new_high) - allowed
    gaps = np.where(np.isnan(gaps), -np.inf, gaps)
    if not gaps.size or not (gaps > 0).any():
        return ""
    worst = np.unravel_index(int(np.argmax(gaps)), gaps.shape)
    place = ", ".join(
        f"{axis['name']} = {axis['values'][index]}" for axis, index in zip(after["axes"], worst, strict=False)
    )
    values = [np.asarray(decode(row["measured"]))[worst] for row in (before, after)]
    was, now = (float(value) for value in values)
    uncertain = float(np.broadcast_to(allowed, gaps.shape)[worst])
    return f"{after['quantity']}{f' at {place}' if place else ''} was {was:.6g} and is {now:.6g}; {uncertain:.3g} is uncertain"


def _effect(row: Record) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """What was measured less what was predicted, as an interval: a point but for certificates."""
    low, predicted = _floats(row["measured"]), _floats(row["predicted"])
    high = low if row["upper"] is None else _floats(row["upper"])
    with np.errstate(all="ignore"):
        return low - predicted, high - predicted


def _budget(row: Record) -> np.ndarray[Any, Any]:
    return np.zeros(()) if row["budget"] is None else _floats(row["budget"])


def _floats(values: Any) -> np.ndarray[Any, Any]:
    return np.asarray(decode(values)).astype(np.float64)


def _only(here: dict[str, Record], there: dict[str, Record]) -> tuple[str, ...]:
    """What only one file has: whole claims by their name, else single parts."""
    known = {row["claim"] for row in there.values()}
    found = {part if row["claim"] in known else row["claim"]: None for part, row in here.items() if part not in there}
    return tuple(found)


def _circumstances(before: Sequence[Record], after: Sequence[Record]) -> list[str]:
    """What each file holds, and in what the runs differ."""
    lines = [f"{name:<7} {described(rows)}" for name, rows in (("before:", before), ("after:", after))]
    old, new = (_versions(rows) for rows in (before, after))
    moved = [
        f"{name} {old.get(name, 'none')} -> {new.get(name, 'none')}"
        for name in {**old, **new}
        if old.get(name) != new.get(name)
    ]
    lines += [f"versions: {', '.join(moved)}"] if moved else []
    sources: dict[str, set[str]] = {}
    for row in before:
        sources.setdefault(row["claim"], set()).add(row["claim_source"])
    changed = {
        row["claim"] for row in after if row["claim"] in sources and row["claim_source"] not in sources[row["claim"]]
    }
    return lines + ([f"sources: the files of {len(changed)} claims were edited in between"] if changed else [])


def described(rows: Sequence[Record]) -> str:
    """What a record file holds, in one line: the run, how many claims and parts, and in which conditions."""
    if not rows:
        return "no records"
    runs = sorted({row["run"] for row in rows})
    run = runs[0] if len(runs) == 1 else f"{len(runs)} runs, {runs[0]} to {runs[-1]}"
    conditions = {
        "device": sorted({row["device"] for row in rows}),
        "dtype": sorted({row["dtype"] for row in rows} - {""}),
        "precision": sorted({row["precision"] for row in rows}),
        "seed": sorted({row["seed"] for row in rows}),
    }
    said = [
        f"{name} {', '.join(map(str, values[:3]))}{', ...' * (len(values) > 3)}" for name, values in conditions.items()
    ]
    return f"run {run}, {len({row['claim'] for row in rows})} claims, {len(rows)} parts, {', '.join(said)}"


def _versions(rows: Sequence[Record]) -> dict[str, str]:
    return dict(rows[0]["versions"]) if rows else {}
