"""The summary of a run in a few lines, from its records alone."""

from __future__ import annotations

import textwrap
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
        red = [row for row in ran if row["claim"] == name and not is_as_stated(row)]
        items = Counter(f"{row['item']} is {row['verdict']}" for row in red)
        said = [f"{text} in {times} cells" if times > 1 else text for text, times in items.items()]
        lines.append(f"  NOT AS STATED     {name}: {', '.join(said)}")
    lines.append(f"  measured in {sum(row['seconds'] for row in rows):.1f} s")
    return lines


def explained(record: Record) -> str:
    """Why a part is red, for somebody who did not write it."""
    part = {
        "holds": "The claim should hold, and does not.",
        "proof": "The proof should go through, and does not.",
        "refuted": "This control breaks an assumption, so the same judge should refute the claim, and does not: the control "
        "breaks nothing, or the judge allows too much.",
        "erratum": "The printed version is wrong and should be refuted, and is not.",
    }[record["part"]]
    if record["verdict"] == "ERROR":
        part = "It could not be judged."
    if record["verdict"] == "INCONCLUSIVE":
        part = "The evidence does not decide."
    rows = [
        (f"{record['claim']}::{record['item']}", f"is {record['verdict']}, expected {record['expected']}. {part}"),
        ("claim", record["says"]),
        ("about", "" if record["about"] == record["says"] else record["about"]),
        ("found", record["message"]),
        ("with", ", ".join(f"{name}={value}" for name, value in record["parameters"].items())),
        ("replay", record["replay"]),
    ]
    lines: list[str] = []
    for name, text in rows:
        if name == "replay":
            lines.append(f"{name}: {text}")
        elif text:
            row = f"{name}: {text}" if lines else f"{name} {text}"
            lines += textwrap.wrap(row, 116, subsequent_indent="    ")
    if record["traceback"]:
        lines += ["", *record["traceback"].rstrip().splitlines()]
    return "\n".join(lines)
