"""The summary of a run in a few lines, from its records alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from dlverify.evidence.finding import GRADES
from dlverify.records import Record


def is_as_stated(record: Record) -> bool:
    """Whether the part came to the verdict that the claim states."""
    return bool(record["verdict"] == record["expected"])


def summary(found: Iterable[Record]) -> list[str]:
    """Lines for a newcomer: what holds, which controls fell, which errors of the notes were shown, by what evidence."""
    rows = list(found)
    ran = [row for row in rows if row["verdict"] != "NOT RUN"]
    claims = {row["claim"] for row in ran}
    fallen = {row["claim"] for row in ran if not is_as_stated(row)}
    as_stated = len(claims) - len(fallen)
    lines = [
        f"{as_stated} of {len(claims)} claims came out as stated: what they say holds, and what breaks them is refuted"
        if claims
        else "nothing was run"
    ]
    for title, parts in (
        ("cases that hold", ("holds", "proof")),
        ("controls refuted", ("refuted",)),
        ("errata shown", ("erratum",)),
    ):
        of_kind = [row for row in ran if row["part"] in parts]
        good = [row for row in of_kind if is_as_stated(row)]
        grades = Counter(row["grade"] for row in good)
        by_grade = ", ".join(f"{grades[grade]} {grade}" for grade in GRADES if grades[grade])
        lines.append(f"  {title:<17} {len(good):>4} of {len(of_kind):<4} {by_grade}".rstrip())
    missing = [row for row in rows if row["verdict"] == "NOT RUN"]
    if missing:
        lines.append(
            f"  not run           {len(missing):>4}         {'; '.join(sorted({row['message'] for row in missing}))}"
        )
    for name in sorted(fallen):
        items = [f"{row['item']} is {row['verdict']}" for row in ran if row["claim"] == name and not is_as_stated(row)]
        lines.append(f"  NOT AS STATED     {name}: {', '.join(items)}")
    lines.append(f"  measured in {sum(row['seconds'] for row in rows):.1f} s")
    return lines
