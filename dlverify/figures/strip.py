"""The strip: every part of a claim as a row, with what came of it; for a sequential test also its way there."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dlverify.figures.numbers import floats, number
from dlverify.figures.page import BLACK, BLUE, DASHES, EDGE, GREY, LIGHT, VERMILLION, WIDTH, Page
from dlverify.figures.scale import snap, thin
from dlverify.records import Record
from dlverify.summary import is_as_stated

PARTS = {
    "proof": ("proof", "proofs"),
    "holds": ("case", "cases"),
    "refuted": ("control", "controls"),
    "erratum": ("erratum", "errata"),
}
"""The parts of a claim in words, one and many."""
VERDICTS = {"HOLDS": (BLUE, "o"), "REFUTED": (VERMILLION, "x"), "INCONCLUSIVE": (BLACK, "s")}
MOST_ROWS = 6
"""Parts of one kind that get a row of their own."""
RUNGS = {-4.4: "0", -3.7: "<", -3: "10⁻³", -2: "", -1: "0.1", 0: "1", 1: "10", 2: "", 3: "10³", 3.7: ">", 4.4: "∞"}
LADDER = [(0.5 + rung / 9, text) for rung, text in RUNGS.items()]
"""The scale of discrepancies, from 0 over 1e-3, 1 and 1e3 to infinity."""


def draw_strips(page: Page, rows: Sequence[Record]) -> None:
    """A strip of the parts that have a discrepancy, and one of those that are tests over seeds."""
    for statistical in (False, True):
        some = [row for row in rows if (row["grade"] == "statistical") == statistical]
        if some:
            _draw_strip(page, some, statistical)


def _draw_strip(page: Page, rows: Sequence[Record], statistical: bool) -> None:
    """Every part as a row: its discrepancy in units of what is allowed, or the share of seeds with its interval."""
    tests = [row for row in rows if row["statistics"]]
    if statistical:
        title, left, width, text_at, end = "Share of the seeds that show it", 148.0, 108.0, 268.0, 388.0
        lines = sorted({row["statistics"][edge] for row in tests for edge in ("p0", "p1")})
        heads, ticks = [(edge, f"{edge:.0%}") for edge in lines], [(0.0, "none"), (0.5, "half"), (1.0, "all")]
    else:
        title = "Discrepancy in units of what is allowed, part by part"
        left, width, text_at, end = 150.0, 206.0, 368.0, WIDTH - EDGE
        lines, heads, ticks = [0.5], [(0.25, "allowed"), (0.75, "beyond")], LADDER
    page.text(EDGE, page.down(10), title, 9, weight="bold")
    top = page.down(14)
    for part in PARTS:
        for group in _grouped([row for row in rows if row["part"] == part]):
            y = page.down(14) - 5
            name, text = _in_words(group)
            has_run = any(row["verdict"] != "NOT RUN" for row in group)
            warns = any(row["verdict"] != "NOT RUN" and not is_as_stated(row) for row in group)
            page.text(EDGE, y + 2.5, name, 7.5, room=left - EDGE - 8)
            page.line([left, left + width], [y, y], LIGHT, 0.5, DASHES[2])
            for verdict, low, middle, high in dict.fromkeys(_mark(row) for row in group if row["verdict"] in VERDICTS):
                colour, marker = VERDICTS[verdict]
                page.line([left + width * low, left + width * high], [y, y], colour, 1.2)
                page.marks([left + width * middle], [y], colour, marker, filled=marker == "o")
            page.text(text_at, y + 2.5, text, 7.5, room=end - text_at, badge=warns, color=BLACK if has_run else GREY)
    page.line([left, left + width], [page.y, page.y], GREY, 0.6)
    for place, text in ticks:
        page.tick(left + width * place, page.y, text)
    for place, text in heads:
        page.text(left + width * place, top - 3, text, 7, ha="center", color=GREY)
    for place in lines:
        page.line([left + width * place] * 2, [top - 1, page.y], GREY, 0.8)
    if statistical:
        page.text(434, top - 14, "The test, seed by seed", 9, weight="bold")
        page.y = max(page.y, top + 70)
        _draw_paths(page, tests, 434.0, top, WIDTH - EDGE - 434.0, page.y - top)
    page.y += 22


def _grouped(rows: Sequence[Record]) -> list[list[Record]]:
    """A row for each part, or for MOST_ROWS of them, those that are not as stated first, and one for all others."""
    if len(rows) <= MOST_ROWS + 1:
        return [[row] for row in rows]
    own = sorted(sorted(range(len(rows)), key=lambda i: is_as_stated(rows[i]))[:MOST_ROWS])
    return [*([rows[i]] for i in own), [row for i, row in enumerate(rows) if i not in own]]


def _in_words(group: Sequence[Record]) -> tuple[str, str]:
    """The name of a part, or of several, and what came of it."""
    row, (one, many) = group[0], PARTS[group[0]["part"]]
    if len(group) > 1:
        fallen = sum(row["verdict"] != "NOT RUN" and not is_as_stated(row) for row in group)
        return f"and {len(group)} more {many}", f"{fallen} not as stated" if fallen else "all as stated"
    if row["part"] == "holds":
        return one if row["name"] == "default" else row["name"], _finding(row)
    return f"{one} {row['name']}", _finding(row)


def _finding(row: Record) -> str:
    """The verdict on a part in a few words."""
    if row["verdict"] in ("ERROR", "NOT RUN"):
        return f"{row['verdict']}: {row['message']}"
    word = row["verdict"] if is_as_stated(row) else f"{row['verdict']}, stated {row['expected']}"
    witness, counts = row["witness"], row["statistics"]
    if row["grade"] == "proof":
        return f"{word}: residual {'=' if row['verdict'] == 'HOLDS' else '≠'} 0"
    if counts:
        return f"{word}: {counts['k']} of {counts['n']}"
    if row["verdict"] == "REFUTED" and {"measured", "predicted"} <= set(witness):
        relation = {"at_most": "≤ ", "at_least": "≥ "}.get(row["relation"], "")
        for digits in range(2, 7):
            measured, predicted = number(witness["measured"], digits), number(witness["predicted"], digits)
            if measured != predicted:
                return f"{word}: {measured}, not {relation}{predicted}"
    return word


def _mark(row: Record) -> tuple[str, float, float, float]:
    """A verdict and its place: the discrepancy or the share of seeds, between the ends of its interval."""
    counts = row["statistics"]
    if counts:
        low, middle, high = snap([row["low"], counts["k"] / counts["n"], row["high"]]).tolist()
        return row["verdict"], low, middle, high
    low, high = rung(row["low"]), rung(row["high"])
    return row["verdict"], low, (low + high) / 2, high


def rung(discrepancy: float | str) -> float:
    """The place of a discrepancy on the ladder."""
    ratio = float(discrepancy)
    if not 0 < ratio < math.inf:
        return LADDER[0][0] if ratio <= 0 else LADDER[-1][0]
    decade = math.log10(ratio)
    tenths = math.ceil(abs(decade) * 10) / 10  # less than a marker, and away from 1
    return 0.5 + math.copysign(tenths if tenths <= 3 else 3.7, decade) / 9


def _draw_paths(page: Page, rows: Sequence[Record], left: float, top: float, width: float, height: float) -> None:
    """How the sequential test came to its verdicts: the log likelihood ratio, in units of the boundary it runs to."""
    most = max((row["statistics"]["n"] for row in rows), default=1)
    for side, text in ((-1, "HOLDS"), (0, ""), (1, "REFUTED")):
        y = top + height * (0.5 + 0.38 * side)
        page.line([left, left + width], [y, y], GREY, 0.8 if side else 0.5, DASHES[0 if side else 2])
        page.text(left - 4, y + 2.5, text, 7, ha="right", color=GREY)
    for row in rows:
        counts = row["statistics"]
        wrong = (counts["beta"], counts["alpha"]) if counts["stated"] == "HOLDS" else (counts["alpha"], counts["beta"])
        path = np.concatenate([[0.0], floats(counts["path"])])
        share = path / np.where(path < 0, math.log(2 / wrong[0]), math.log(2 / wrong[1]))  # Ville: evidence/sequential
        kept = thin(np.arange(len(path)) / most)
        ys = top + height * snap(0.5 + 0.38 * np.clip(share[kept], -1.3, 1.3))
        colour = VERDICTS.get(row["verdict"], (BLACK, ""))[0]
        page.line(left + width * snap(kept / most), ys, colour, 1.1, DASHES[0 if row["part"] == "holds" else 1])
    page.tick(left, top + height, "0")
    page.text(left + width, top + height + 11, f"{most} seeds read", 7, ha="right")
