"""Figures drawn from records alone: one SVG a claim, the same bytes for the same records.

A figure shows, from the top: the statement and what came of it; what was measured against what was predicted, the claim
on the left and on the right what was broken on purpose; below them pictures, if the measurements handed some out; and every part of the claim as one row. There is one design for
all claims; whether values are drawn as curves, rows or maps follows from what their records hold.

Places are computed in points, and snapped to 1/500 of their panel in its own scale; the ends of a scale are rounded
outwards. So two runs that differ by less than an eye sees give the same bytes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dlverify.evidence.finding import GRADES
from dlverify.figures.page import EDGE, GREY, ROOM, blank_page, wrap
from dlverify.figures.panels import draw_panels
from dlverify.figures.pictures import draw_pictures
from dlverify.figures.strip import PARTS, draw_strips
from dlverify.records import Record, RecordError, replace_file
from dlverify.summary import is_as_stated

EVIDENCE = {
    "proof": "a proof for all values",
    "exact": "exact arithmetic",
    "certified": "a certified enclosure",
    "rounding": "agreement within a rounding budget",
    "statistical": "a sequential test over seeds",
}


@dataclass(frozen=True)
class Drawn:
    """A figure that was drawn.

    Attributes:
        claim: The claim's id.
        path: Where the figure is.
        why_partial: Why it does not show the whole claim in default conditions; empty where it does.
    """

    claim: str
    path: Path
    why_partial: str


def draw_all(records: Iterable[Record], folder: Path, other: Path) -> list[Drawn]:
    """Draw `<family>/<statement>.svg` for each claim: into `folder` where it is complete, otherwise into `other`.

    Raises:
        RecordError: A figure cannot be written, or a claim's name is no family/statement.
    """
    claims: dict[str, list[Record]] = {}
    for record in records:
        claims.setdefault(record["claim"], []).append(record)
    drawn = []
    for claim, rows in sorted(claims.items()):
        if not re.fullmatch(r"\w[\w.-]*(/\w[\w.-]*)+", claim):
            raise RecordError(f"a record names the claim {claim!r}, which is no family/statement; run the claims again")
        why = _why_partial(rows)
        drawn.append(Drawn(claim, (other if why else folder) / f"{claim}.svg", why))
        write(rows, drawn[-1].path)
    return drawn


def report(drawn: Sequence[Drawn]) -> list[str]:
    """Where the figures are, and why some are not among the complete ones."""
    lines = []
    for partial in (False, True):
        some = [figure for figure in drawn if bool(figure.why_partial) == partial]
        if some:
            folder = some[0].path.parents[some[0].claim.count("/")]
            shown = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
            reasons = sorted(Counter(figure.why_partial for figure in some).items())
            since = f", since {', '.join(f'{count} {why}' for why, count in reasons)}" if partial else ""
            lines.append(f"figures: {len(some)} in {shown.as_posix()}/{since}")
    return lines


def _why_partial(rows: Sequence[Record]) -> str:
    """Why these are not all quick parts of a claim with a verdict in default conditions; empty where they are."""
    if not all(row["default"] for row in rows):
        return "ran in other conditions"
    if any(row["verdict"] in ("NOT RUN", "ERROR") for row in rows):
        return "came to no verdict in some part"
    if any(row["tier"] != "quick" for row in rows):
        return "ran in a larger tier"
    return "" if len({row["item"] for row in rows}) == len(rows) == rows[0]["parts"] else "ran in part"


def write(rows: Sequence[Record], path: Path) -> None:
    """Draw the figure of one claim into a file, which is replaced in one step, and only where it changes.

    Raises:
        RecordError: It cannot be written.
    """
    figure = draw(rows)
    try:
        if not path.exists() or path.read_bytes() != figure.encode():
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, figure)
    except OSError as error:
        raise RecordError(
            f"the figure {path} cannot be written: {error.strerror or error}; make room for it there, or choose another "
            "folder: `pytest claims/` and `python -m dlverify figures` take --figures DIR"
        ) from None


def draw(rows: Sequence[Record]) -> str:
    """The figure of one claim as SVG, from its records."""
    rows = _named(sorted(rows, key=lambda row: row["index"]))
    verdict, about, says = _verdict(rows), _about(rows), rows[0]["says"]
    fallen = [f"{row['item']} is {row['verdict']}, stated {row['expected']}." for row in rows if not is_as_stated(row)]
    with blank_page() as page, np.errstate(all="ignore"):  # what is no number is not drawn
        for line in wrap(says, ROOM, 11.5, 4):  # bold is a little wider than its size
            page.text(EDGE, page.down(15), line, 11, weight="bold")
        page.text(EDGE, page.down(16), verdict, 9, room=ROOM / 1.1, badge=verdict.startswith("NOT AS"), weight="bold")
        for line in [rows[0]["claim"], *wrap(about, ROOM, 8, 2)]:
            page.text(EDGE, page.down(12), line, 8, room=ROOM, color=GREY)
        page.y += 8
        draw_panels(page, rows)
        draw_pictures(page, rows)
        draw_strips(page, rows)
        return page.svg(says, " ".join([verdict, f"Shown by {about}.", *fallen]))


def _named(rows: Sequence[Record]) -> list[Record]:
    """The records, with cases named by the one parameter in which they differ."""
    cases = [row["parameters"] for row in rows if row["part"] == "holds"]
    names = [name for name in (cases[0] if cases else ()) if any(case.get(name) != cases[0][name] for case in cases)]
    if len(names) != 1:
        return list(rows)
    return [{**row, "name": f"{names[0]} {row['name']}"} if row["part"] == "holds" else row for row in rows]


def _verdict(rows: Sequence[Record]) -> str:
    """What came of a claim, in one sentence."""
    outcomes = []
    for word, parts in (("hold", ("proof", "holds")), ("are refuted", ("refuted", "erratum"))):
        found = {part: [row for row in rows if row["part"] == part] for part in parts}
        some = [f"{sum(map(is_as_stated, of))} of {len(of)} {PARTS[part][1]}" for part, of in found.items() if of]
        outcomes += [f"{' and '.join(some)} {word}"] * bool(some)
    missing = sum(row["verdict"] == "NOT RUN" for row in rows)
    fallen = sum(not is_as_stated(row) for row in rows) - missing
    head = "NOT AS STATED" if fallen else "NOT RUN" if missing == len(rows) else "As stated"
    return f"{head}: {', '.join(outcomes)}{f'; {missing} not run' if missing else ''}."


def _about(rows: Sequence[Record]) -> str:
    """What the claim rests on: the kinds of evidence, the subjects and the conditions."""
    stated = [row for row in rows if row["part"] in ("proof", "holds")]
    shown_by = [EVIDENCE[grade] for grade in GRADES if any(row["grade"] == grade for row in stated)]
    subjects = {text for row in stated for text in row["subject"].values()}
    conditions = {f"{row['dtype']} on {row['device']}" for row in stated if row["dtype"]}
    return "; ".join(filter(None, [" and ".join(shown_by), *sorted(subjects), *sorted(conditions)]))
