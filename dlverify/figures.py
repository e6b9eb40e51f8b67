"""Figures drawn from records alone: one SVG a claim, the same bytes for the same records. The only importer of matplotlib.

A figure shows, from the top: the statement and what came of it; what was measured against what was predicted, the claim
on the left and on the right what was broken on purpose, on the same scales where that leaves something to see; and every
part of the claim as one row. There is one design for all claims; what is drawn follows from what their records hold.

Places are computed here, in points, and snapped to 1/500 of their panel in its own scale; the ends of a scale are rounded
outwards. So two runs that differ by less than an eye sees give the same bytes. Shapes and line styles differ wherever
colours do, which are those of Okabe & Ito (2008), told apart by the colour-blind.
"""

from __future__ import annotations

import html
import io
import math
import os
import re
import textwrap
import unicodedata
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from matplotlib.text import Text
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from dlverify.evidence.finding import GRADES
from dlverify.records import Record, RecordError, decode
from dlverify.summary import is_as_stated

Floats = NDArray[np.float64]

WIDTH, EDGE = 576.0, 12.0  # points: 8 inches, which a screen shows as some 800 pixels, and the margin
PLOT = 130.0  # height of a panel of curves: with its labels half as high as wide
PLACES = 500  # that a panel distinguishes: two of them are about half a pixel apart
HUGE, TINY = 1e300, 1e-300  # beyond these, differences and ratios of floats leave their range
MOST_ROWS = 6  # parts of one kind that get a row of their own
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "dlverify",
    "text.parse_math": False,
    "font.family": ["DejaVu Sans", "sans-serif"],
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "Helvetica"],
}
BLACK, BLUE, GREEN, SKY, PURPLE, VERMILLION = "#000000", "#0072b2", "#009e73", "#56b4e9", "#cc79a7", "#d55e00"
YELLOW, GREY, LIGHT, PALE = "#f0e442", "#595959", "#b0b0b0", "#e6e6e6"
CASES = ((BLUE, "o"), (GREEN, "s"), (PURPLE, "^"), (SKY, "D"), (BLACK, "v"))
BROKEN = ((VERMILLION, "x"), (BLACK, "+"))
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (7, 2, 1, 2)), (0, (2, 4)))
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
VERDICTS = {"HOLDS": (BLUE, "o"), "REFUTED": (VERMILLION, "x"), "INCONCLUSIVE": (BLACK, "s")}
EVIDENCE = {
    "proof": "a proof for all values",
    "exact": "exact arithmetic",
    "certified": "a certified enclosure",
    "rounding": "agreement within a derived rounding budget",
    "statistical": "a sequential test over independent seeds",
}
PARTS = {
    "proof": ("proof", "proofs", "go through"),
    "holds": ("case", "cases", "hold"),
    "refuted": ("control", "controls", "refuted"),
    "erratum": ("erratum", "errata", "refuted"),
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
        why = why_partial(rows)
        path = (other if why else folder) / f"{claim}.svg"
        _write(path, draw(rows))
        drawn.append(Drawn(claim, path, why))
    return drawn


def report(drawn: Sequence[Drawn]) -> list[str]:
    """Where the figures are, and why some are not among the complete ones."""
    lines = []
    for partial in (False, True):
        some = [figure for figure in drawn if bool(figure.why_partial) == partial]
        if some:
            folder = some[0].path.parents[some[0].claim.count("/")]
            shown = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
            reasons = Counter(figure.why_partial for figure in some)
            since = ", ".join(f"{count} {why}" for why, count in sorted(reasons.items()))
            lines.append(f"figures: {len(some)} in {shown.as_posix()}/{f', since {since}' if partial else ''}")
    return lines


def why_partial(rows: Sequence[Record]) -> str:
    """Why these are not all quick parts of a claim with a verdict in default conditions; empty where they are."""
    if not all(row["default"] for row in rows):
        return "ran in other conditions"
    if any(row["verdict"] in ("NOT RUN", "ERROR") for row in rows):
        return "came to no verdict in some part"
    if any(row["tier"] != "quick" for row in rows):
        return "ran in a larger tier"
    return "" if len({row["item"] for row in rows}) == len(rows) == rows[0]["parts"] else "ran in part"


def _write(path: Path, figure: str) -> None:
    """Replace a file in one step, and only where it changes."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        if path.exists() and path.read_bytes() == figure.encode():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(figure.encode())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise RecordError(
            f"the figure {path} cannot be written: {error.strerror or error}; choose another folder with --figures DIR, "
            "or draw none with --no-figures"
        ) from None


def draw(rows: Sequence[Record]) -> str:
    """The figure of one claim as SVG, from its records."""
    with matplotlib.rc_context():  # whatever style its user prefers, the figures are the same, and his style stays
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        return _draw(rows)


def _draw(rows: Sequence[Record]) -> str:
    page = _Page()
    says, verdict = _plain(rows[0]["says"]), _verdict(rows)
    for line in _wrap(says, WIDTH - 2 * EDGE, 11, 3):
        page.text(EDGE, page.down(15), line, 11, weight="bold")
    good = all(is_as_stated(row) or row["verdict"] == "NOT RUN" for row in rows)
    page.text(EDGE, page.down(15), verdict, 9, badge=not good, weight="bold")
    grades = [EVIDENCE[g] for g in GRADES if any(row["grade"] == g and row["expected"] == "HOLDS" for row in rows)]
    subjects = sorted({text for row in rows if row["part"] == "holds" for text in row["subject"].values()})
    conditions = sorted({f"{row['dtype']} on {row['device']}" for row in rows if row["dtype"]})
    for text in (": ".join([rows[0]["claim"], *[" and ".join(grades)] * bool(grades)]), ", ".join(subjects + conditions)):
        if text:
            page.text(EDGE, page.down(12), text, 8, room=WIDTH - 2 * EDGE, color=GREY)
    page.y += 8
    _panels(page, rows)
    for statistical in (False, True):
        some = [row for row in rows if (row["grade"] == "statistical") == statistical]
        if some:
            _strip(page, some, statistical)
    return page.svg(says, f"{verdict} {'; '.join(row['item'] + ' ' + row['verdict'] for row in rows)}")


def _verdict(rows: Sequence[Record]) -> str:
    """What came of a claim, in one sentence."""
    counts = []
    for part, (_, kind, word) in PARTS.items():
        some = [row for row in rows if row["part"] == part]
        if some:
            counts.append(f"{sum(map(is_as_stated, some))} of {len(some)} {kind} {word}")
    missing = sum(row["verdict"] == "NOT RUN" for row in rows)
    fallen = sum(not is_as_stated(row) for row in rows) - missing
    head = "NOT AS STATED" if fallen else "NOT RUN" if missing == len(rows) else "As stated"
    return f"{head}: {', '.join(counts)}{f' ({missing} not run)' if missing else ''}"


# ---------------------------------------------------------------------------------------------------------- the panels


@dataclass(frozen=True)
class _Series:
    """Values of a record along one axis, or as rows where it has no numeric axis.

    Attributes:
        record: Where they come from.
        label: The case, control or erratum, and which slice of it.
        along: The positions; None for rows.
        names: The labels of the rows.
        values: Shape `(5, positions)`: measured, its upper end, predicted, predicted less and plus what is allowed.
        worst: The position of the largest discrepancy, which thinning keeps.
        total: How many slices, or rows, the record has.
    """

    record: Record
    label: str
    along: Floats | None
    names: tuple[str, ...]
    values: Floats
    worst: int
    total: int

    @property
    def x_axis(self) -> tuple[str, str]:
        """Label and scale of the positions."""
        if self.record["grade"] == "statistical":
            return "share of the seeds, sorted", "linear"
        axis = _numeric_axis(self.record["axes"])
        return ("", "linear") if axis is None else (_with_unit(axis["name"], axis["unit"]), axis["scale"])

    @property
    def kind(self) -> tuple[Any, ...]:
        """What two series must share to stand in one panel."""
        return self.record["quantity"], self.record["unit"], self.x_axis, self.along is None, self.is_boolean

    @property
    def is_boolean(self) -> bool:
        """Whether the values are yes or no."""
        leaf = self.record["measured"]
        while isinstance(leaf, list):
            leaf = leaf[0]
        return isinstance(leaf, bool)

    @property
    def allows(self) -> int:
        """1 where values may lie above the prediction, -1 where below, 0 where neither."""
        return {"at_least": 1, "above": 1, "at_most": -1, "below": -1}.get(self.record["relation"], 0)


def _series(record: Record, slices: int, several: bool) -> list[_Series]:
    """The series of a record, `slices` of them across its longest numeric axis, the worst among them."""
    axes, measured = record["axes"], _floats(record["measured"])
    if not measured.size or measured.shape != tuple(len(axis["values"]) for axis in axes):
        return []
    upper = measured if record["upper"] is None else _floats(record["upper"])
    predicted, budget = _floats(record["predicted"]), _floats(0 if record["budget"] is None else record["budget"])
    stack = np.stack(np.broadcast_arrays(measured, upper, predicted, predicted - budget, predicted + budget))
    label = "measured" if record["name"] == "default" else record["name"]
    whole = _Series(record, label, None, (), stack, 0, 1)
    gap = whole.allows * (predicted - measured) if whole.allows else np.abs(measured - predicted)
    excess = np.nan_to_num(gap / np.where(budget > 0, budget, 1.0), nan=HUGE)
    if record["grade"] == "statistical" and axes:
        read = slice(record["statistics"].get("n"))  # later members were not counted
        stack, excess = (array.reshape(*array.shape[: array.ndim - len(axes) + 1], -1) for array in (stack, excess))
        lines = stack[:, read][:, np.arange(len(excess[read])), excess[read].argmax(axis=1)]
        lines = lines[:, np.argsort(lines[0] - lines[2], kind="stable")]
        seeds = (np.arange(lines.shape[1]) + 0.5) / lines.shape[1]
        return [_Series(record, label, seeds, (), lines, 0, 1)]
    long = _numeric_axis(axes)
    others = [axis for axis in axes if axis is not long and len(axis["values"]) > 1]
    places = [
        ", ".join(_place(axis, i) for axis, i in zip(others, index, strict=True))
        for index in np.ndindex(*(len(axis["values"]) for axis in others))
    ]
    if long is None:
        kept = _spread(len(places), 3 if several else 8, int(excess.argmax()))
        names = tuple(": ".join([label] * (several or not places[k]) + [places[k]] * bool(places[k])) for k in kept)
        return [_Series(record, label, None, names, stack.reshape(5, -1)[:, kept], 0, len(places))]
    lines = np.moveaxis(stack, axes.index(long) + 1, -1).reshape(5, len(places), -1)
    excess = np.moveaxis(excess, axes.index(long), -1).reshape(len(places), -1)
    return [
        _Series(
            record,
            ": ".join([label] * (several or not places[k]) + [places[k]] * bool(places[k])),
            _floats(long["values"]),
            (),
            lines[:, k],
            int(excess[k].argmax()),
            len(places),
        )
        for k in _spread(len(places), slices, int(excess.max(axis=1).argmax()))
    ]


def _chosen(found: Sequence[Record], most: int, slices: int) -> list[_Series]:
    """Series of some of the records, all such as can stand in one panel with the first."""
    some = [found[i] for i in _spread(len(found), most)]
    series = [one for record in some for one in _series(record, max(1, slices // len(some)), len(some) > 1)]
    return [one for one in series if one.kind == series[0].kind]


def _panels(page: _Page, rows: Sequence[Record]) -> None:
    """The claim, and beside it the first controls and errata: what the same theory predicts there and what happened."""
    measured = [row for row in rows if row["measured"] is not None]
    cases = sorted((row for row in measured if row["part"] == "holds"), key=is_as_stated)
    errata = [row for row in measured if row["part"] == "erratum"]
    controls = [row for row in measured if row["part"] == "refuted"][: 1 if errata else 2]
    claim, broken = _chosen(cases, 4, 5), _chosen([*controls, *errata[: 2 - len(controls)]], 2, 2)
    shown = [some for some in (claim, broken) if some]
    if not shown:
        return
    gap = 26.0
    width = (WIDTH - 2 * EDGE - gap * (len(shown) - 1)) / len(shown)
    scales, note = [_scales(some) for some in shown], ""
    if claim and broken and claim[0].kind == broken[0].kind:
        joint, values = _scales([*claim, *broken]), np.concatenate([one.values[0] for one in claim])
        if joint[1].extent(values) < 0.1 and scales[0][1].extent(values) > 0.3:
            note = " (another scale)"  # what was broken went so far that it would press the claim flat
        else:
            scales = [joint, joint]
    lefts = [EDGE + i * (width + gap) for i in range(len(shown))]
    top = page.y
    page.y = max(_key(page, some, left, top, width, len(cases)) for some, left in zip(shown, lefts, strict=True))
    ends = []
    for some, left, (x, y) in zip(shown, lefts, scales, strict=True):
        name = _with_unit(some[0].record["quantity"], some[0].record["unit"]) + note * (some is broken)
        page.text(left, page.y + 9, name, 8, room=width, style="italic")
        ends.append((_rows if some[0].along is None else _curves)(page, some, left, page.y + 15, width, x, y))
    page.y = max(ends) + 14


def _style(one: _Series, index: int) -> tuple[str, str]:
    """Colour and marker of a series."""
    return CASES[index] if one.record["part"] == "holds" else BROKEN[index % 2]


def _key(page: _Page, some: list[_Series], left: float, top: float, width: float, cases: int) -> float:
    """What a panel shows, and its series by marker and line; returns where it ends."""
    first, is_claim = some[0], some[0].record["part"] == "holds"
    page.text(left, top + 9, "The claim" if is_claim else "Broken on purpose", 9, weight="bold")
    drawn = len({one.record["item"] for one in some})
    counts = [f"{drawn} of {cases} cases"] * (is_claim and drawn < cases)
    pieces = sum(1 if one.along is not None else len(one.names) for one in some if one.record is first.record)
    counts += [f"{pieces} of {first.total} {'lines' if first.along is not None else 'values'}"] * (pieces < first.total)
    mark = "bars: enclosed for certain" if first.record["upper"] is not None else "marks: measured"
    theory = "margin" if first.record["grade"] == "statistical" else "bound" if first.allows else "predicted"
    words = [mark, f"lines: {theory}", *["grey: the wrong side of it"] * (first.allows != 0), *counts]
    page.text(left, top + 20, "; ".join(words), 7.5, room=width, color=GREY)
    y = top + 31
    if is_claim and (first.along is None or len(some) == 1):
        return y
    for i, one in enumerate(some):
        colour, marker = _style(one, i)
        if first.along is not None:
            page.line([left, left + 20], [y - 3, y - 3], style=DASHES[i])
        page.marks([left + 10], [y - 3], colour, marker)
        word = {"holds": "", "refuted": f", broken: {one.record['about']}", "erratum": f", as printed: {one.record['about']}"}
        for line in _wrap(one.label + word[one.record["part"]], width - 26, 7.5, 1 if is_claim else 2):
            page.text(left + 26, y, line, 7.5)
            y += 10
    return y


def _scales(some: Sequence[_Series]) -> tuple[_Scale, _Scale]:
    """The scales of positions and of values that a panel needs for some series."""
    along = np.concatenate([np.zeros(0) if one.along is None else one.along for one in some])
    rows = [one.values if one.allows == 0 else one.values[:3] for one in some]
    floor = max(float(np.nan_to_num((one.values[4] - one.values[2]), posinf=0).max()) for one in some)
    kind = "boolean" if some[0].is_boolean else some[0].record["scale"]
    return _Scale(some[0].x_axis[1], along), _Scale(kind, np.concatenate([row.ravel() for row in rows]), floor)


def _curves(page: _Page, some: list[_Series], left: float, top: float, width: float, xs: _Scale, ys: _Scale) -> float:
    """Series along a numeric axis; returns where the panel ends."""
    left, width, bottom = left + 38, width - 42, top + PLOT
    shown = []
    for i, one in enumerate(some):
        assert one.along is not None
        places = xs.places(one.along)
        kept = _thin(places, 60, one.worst)
        measured, upper, predicted, low, high = (bottom - PLOT * ys.places(row[kept]) for row in one.values)
        x, allows = left + width * places[kept], one.allows
        shown.append((i, one, x, measured, upper, predicted, kept))
        if allows:
            far = np.full_like(x, bottom if allows > 0 else top)
            near = predicted + allows * 5  # several bounds: a wall at each, so that none hides another
            page.area(x, predicted, far if len(some) == 1 else np.clip(near, top, bottom))
        elif np.max(np.abs(high - low), initial=0) > PLOT / 60:
            page.area(x, low, high)
    for i, one, x, measured, upper, predicted, kept in shown:
        turns = np.diff(predicted)
        if len(x) > 3 and np.mean(turns[1:] * turns[:-1] < 0) > 1 / 3:  # no curve, but a prediction for each point
            page.marks(x, predicted, BLACK, "_", size=7)
        else:
            page.line(x, predicted, style=DASHES[i])
        colour, marker = _style(one, i)
        if one.record["upper"] is not None:
            for at, low, high in zip(x, measured, upper, strict=True):
                page.line([at, at], [low, high], colour, 2)
            continue
        some_points = np.isin(np.arange(len(x)), np.arange(i, len(x), len(some))) | (kept == one.worst)
        if one.record["grade"] == "statistical":
            some_points[:] = True
        beyond = (measured < predicted) if one.allows > 0 else (measured > predicted)
        filled = beyond if one.record["grade"] == "statistical" else np.zeros(len(x), dtype=bool)
        for mask in (some_points & filled, some_points & ~filled):
            page.marks(x[mask], measured[mask], colour, marker, filled=bool(filled[mask].any()))
    page.line([left, left, left + width], [top, bottom, bottom], GREY, 0.6)
    for place, text in ys.ticks():
        page.line([left - 3, left], [bottom - PLOT * place] * 2, GREY, 0.6)
        page.text(left - 5, bottom - PLOT * place + 2.5, text, 7, ha="right")
    for place, text in xs.ticks():
        page.line([left + width * place] * 2, [bottom, bottom + 3], GREY, 0.6)
        page.text(left + width * place, bottom + 11, text, 7, ha="center")
    page.text(left + width, bottom + 21, some[0].x_axis[0], 7.5, room=width, ha="right", style="italic")
    return bottom + 22


def _rows(page: _Page, some: list[_Series], left: float, top: float, width: float, _: _Scale, xs: _Scale) -> float:
    """Single values, one a row; returns where the panel ends."""
    gutter = 96.0
    x0, wide, y = left + gutter, width - gutter - 6, top
    for i, one in enumerate(some):
        colour, marker = _style(one, 0 if one.record["part"] == "holds" else i)
        for name, row in zip(one.names, (x0 + wide * xs.places(one.values)).T, strict=True):
            measured, upper, predicted, low, high = row
            y += 15
            far = x0 + wide if one.allows < 0 else x0
            if one.allows or high - low > wide / 60:
                ends = [predicted, far] if one.allows else [low, high]
                page.area(np.array(ends), np.full(2, y - 6), np.full(2, y + 6))
            page.line([x0, x0 + wide], [y, y], LIGHT, 0.5, style=DASHES[2])
            page.line([predicted, predicted], [y - 6, y + 6], width=1.2)
            if one.record["upper"] is not None:
                page.line([measured, max(upper, measured + 1)], [y, y], colour, 4)
            else:
                page.marks([measured], [y], colour, marker, size=6)
            page.text(x0 - 6, y + 2.5, name, 7.5, room=gutter - 6, ha="right")
    bottom = y + 11
    page.line([x0, x0 + wide], [bottom, bottom], GREY, 0.6)
    for place, text in xs.ticks():
        page.line([x0 + wide * place] * 2, [bottom, bottom + 3], GREY, 0.6)
        page.text(x0 + wide * place, bottom + 11, text, 7, ha="center")
    return bottom + 12


# ----------------------------------------------------------------------------------------------------------- the strip


def _strip(page: _Page, rows: Sequence[Record], statistical: bool) -> None:
    """Every part as a row: its discrepancy in units of what is allowed, or the share of seeds with its interval."""
    title = "Share of the seeds that show it" if statistical else "Discrepancy in units of what is allowed"
    left, width, text_at, end = (126.0, 130.0, 268.0, 384.0) if statistical else (160.0, 216.0, 388.0, WIDTH - EDGE)
    page.text(EDGE, page.down(10), f"{title}, part by part", 9, weight="bold")
    page.y += 14
    top = page.y
    for kind, (one, many, _) in PARTS.items():
        for group in _grouped([row for row in rows if row["part"] == kind]):
            y = page.down(14) - 5
            name = f"{one} {group[0]['name']}".removesuffix(" default") if len(group) == 1 else f"and {len(group)} more {many}"
            page.text(EDGE, y + 2.5, name, 7.5, room=left - EDGE - 8)
            page.line([left, left + width], [y, y], LIGHT, 0.5, DASHES[2])
            for row in group:
                _mark(page, row, left, width, y)
            ran = [row for row in group if row["verdict"] != "NOT RUN"]
            fallen = sum(not is_as_stated(row) for row in ran)
            text = _finding(group[0]) if len(group) == 1 else f"{fallen} not as stated" if fallen else "all as stated"
            page.text(text_at, y + 2.5, text, 7.5, room=end - text_at, badge=fallen > 0, color=BLACK if ran else GREY)
    heads, ticks, lines = [(0.25, "allowed"), (0.75, "beyond")], LADDER, [0.5]
    if statistical:
        lines = sorted({row["statistics"][edge] for row in rows for edge in ("p0", "p1") if row["statistics"]})
        heads, ticks = [(edge, f"{edge:.0%}") for edge in lines], [(0.0, "none"), (0.5, "half"), (1.0, "all")]
    page.line([left, left + width], [page.y, page.y], GREY, 0.6)
    for place, text in ticks:
        page.line([left + width * place] * 2, [page.y, page.y + 3], GREY, 0.6)
        page.text(left + width * place, page.y + 11, text, 7, ha="center")
    for place, text in heads:
        page.text(left + width * place, top - 3, text, 7, ha="center", color=GREY)
    for place in lines:
        page.line([left + width * place] * 2, [top - 1, page.y], GREY, 0.8)
    if statistical:
        page.y = max(page.y, top + 76)
        _paths(page, [row for row in rows if row["statistics"]], 420.0, top, WIDTH - EDGE - 420.0, page.y - top)
    page.y += 24


def _grouped(rows: Sequence[Record]) -> list[list[Record]]:
    """A row for each part, or for MOST_ROWS of them, those that are not as stated first, and one for all others."""
    if len(rows) <= MOST_ROWS + 1:
        return [[row] for row in rows]
    own = sorted(sorted(range(len(rows)), key=lambda i: is_as_stated(rows[i]))[:MOST_ROWS])
    return [*([rows[i]] for i in own), [row for i, row in enumerate(rows) if i not in own]]


def _mark(page: _Page, row: Record, left: float, width: float, y: float) -> None:
    """A verdict at its discrepancy, or at its share of seeds, with the interval around it."""
    if row["verdict"] not in VERDICTS:
        return
    colour, marker = VERDICTS[row["verdict"]]
    ends = [float(row["low"]), float(row["high"])]
    counts = row["statistics"]
    places = [_snap(end) if counts else _rung(end) for end in ends]
    middle = _snap(counts["k"] / counts["n"]) if counts else sum(places) / 2 if row["verdict"] == "INCONCLUSIVE" else places[0]
    if places[0] < places[1]:
        page.line([left + width * place for place in places], [y, y], colour, 1.2)
    page.marks([left + width * middle], [y], colour, marker, filled=marker == "o")


LADDER = [(0.5 + step / 9, text) for step, text in zip(
    (-4.4, -3.6, -3, -2, -1, 0, 1, 2, 3, 3.6, 4.4), ("0", "<", "10⁻³", "", "0.1", "1", "10", "", "10³", ">", "∞"), strict=True
)]  # fmt: skip


def _rung(ratio: float) -> float:
    """The place of a discrepancy on the ladder from 0 over 1e-3, 1 and 1e3 to infinity."""
    if ratio <= 0 or math.isinf(ratio):
        return LADDER[0][0] if ratio <= 0 else LADDER[-1][0]
    decade = math.log10(ratio)
    return _snap(0.5 + (math.copysign(3.6, decade) if abs(decade) > 3 else decade) / 9)


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
        for digits in range(2, 7):
            measured, predicted = (_number(witness[name], digits) for name in ("measured", "predicted"))
            if measured != predicted:
                return f"{word}: {measured}, not {dict(at_most='≤ ', at_least='≥ ').get(row['relation'], '')}{predicted}"
    return word


def _paths(page: _Page, rows: Sequence[Record], left: float, top: float, width: float, height: float) -> None:
    """How the sequential test came to its verdicts: the log likelihood ratio, in units of the boundary it runs to."""
    most = max((row["statistics"]["n"] for row in rows), default=0)
    for side, text in ((-1, "HOLDS"), (0, ""), (1, "REFUTED")):
        y = top + height * (0.5 + 0.4 * side)
        page.line([left, left + width], [y, y], GREY, 0.8 if side else 0.5, DASHES[0 if side else 2])
        page.text(left, y - 2.5 if side < 0 else y + 7.5, text, 7, color=GREY)
    for row in rows:
        numbers = row["statistics"]
        rates = (numbers["beta"], numbers["alpha"]) if numbers["stated"] == "HOLDS" else (numbers["alpha"], numbers["beta"])
        path = np.concatenate([[0.0], _floats(numbers["path"])])
        units = np.where(path < 0, -math.log(rates[0] / 2), math.log(2 / rates[1]))
        kept = _thin(np.arange(len(path)) / max(1, most), 60, 0)
        colour = VERDICTS.get(row["verdict"], (BLACK, ""))[0]
        ys = top + height * (0.5 + 0.4 * _snap(np.clip(path / units, -1.2, 1.2)))
        style = DASHES[0 if row["part"] == "holds" else 1]
        page.line(left + width * _snap(kept / max(1, most)), ys[kept], colour, 1.1, style)
    page.text(left, top + height + 11, "0", 7, ha="center")
    page.text(left + width, top + height + 11, f"{most} seeds read", 7, ha="right")


# ------------------------------------------------------------------------------------------------------ scale and page


class _Scale:
    """Maps values to places from 0 to 1; the ends are rounded outwards, so that they stay when the values move a little."""

    def __init__(self, kind: str, values: Floats, floor: float = 0.0) -> None:
        values = values[np.isfinite(values)]
        low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
        size, least = max(abs(low), abs(high)), float(np.min(np.abs(values[values != 0]), initial=HUGE))
        # Where symlog turns linear: below all that is not zero, unless that is noise or eight decades away.
        self.turn = max(least, size * 1e-8, floor)
        if kind in ("log", "log2") and low <= 0:
            kind = "symlog"
        near = high < 3 * low if kind in ("log", "log2") else size < 10 * self.turn
        self.kind = "linear" if near and kind != "boolean" else kind
        self.whole = bool(np.all(values == np.round(values)))
        low, high = self._bent(np.array([low, high])).tolist()
        if high - low <= 1e-4 * size:
            pad = 1e-4 * size if high > low else 0.5 * size or 1.0
            low, high = low - pad, high + pad
        step = _nice((high - low) / 20)
        self.low, self.high = step * math.floor(low / step - 0.5), step * math.ceil(high / step + 0.5)

    def _bent(self, values: Floats) -> Floats:
        if self.kind == "symlog":
            return np.asarray(np.sign(values) * np.log10(1 + np.abs(values) / self.turn))
        with np.errstate(divide="ignore", invalid="ignore"):
            return {"log": np.log10, "log2": np.log2}.get(self.kind, np.asarray)(values)

    def places(self, values: Any) -> Floats:
        """Places from 0 to 1, those of infinite values at the ends."""
        return _snap(np.clip((self._bent(np.asarray(values)) - self.low) / (self.high - self.low), 0, 1))

    def extent(self, values: Floats) -> float:
        """How much of the scale the values take."""
        return float(np.ptp(self.places(values)))

    def ticks(self) -> list[tuple[float, str]]:
        """A handful of places with their labels."""
        if self.kind == "boolean":
            return [(float(self.places(value)), text) for value, text in ((0.0, "no"), (1.0, "yes"))]
        digits, span = 3, self.high - self.low
        if self.kind == "linear":
            step = max(_nice(span / 5), 1.0 if self.whole else 0.0)
            values = step * np.arange(math.ceil(self.low / step), math.floor(self.high / step) + 1)
            digits = 1 + math.floor(math.log10(max(np.abs(values).max(), step))) - math.floor(math.log10(step))
        elif self.kind == "symlog":
            top, turn = max(abs(self.low), abs(self.high)), math.log10(self.turn)
            decades = 10.0 ** np.arange(math.floor(turn + top), turn, -max(1, round(top / (2 if self.low < 0 else 5))))
            values = np.concatenate([-decades, [0.0], decades[::-1]])
        else:
            base = 10.0 if self.kind == "log" else 2.0
            powers = base ** np.arange(math.floor(self.low), self.high, max(1, round(span / 5)))
            values = powers if base == 2 or span > 2 else np.outer(powers, (1, 2, 5) if span < 1.3 else (1, 3)).ravel()
        bent = self._bent(values)
        inside = values[(bent >= self.low) & (bent <= self.high)]
        return [(float(self.places(value)), _number(float(value), digits)) for value in inside]


class _Page:
    """A drawing in points from the top left corner down; its height is known in the end."""

    def __init__(self) -> None:
        self.figure = Figure(figsize=(WIDTH / 72, 1), dpi=72)
        self.downwards = Affine2D()
        self.y = EDGE

    def down(self, step: float) -> float:
        """Move down and return the new place."""
        self.y += step
        return self.y

    def _add(self, artist: Any) -> None:
        artist.set_transform(self.downwards)
        self.figure.add_artist(artist)

    def line(self, xs: Any, ys: Any, colour: str = BLACK, width: float = 0.9, style: Any = "-") -> None:
        """A line through points."""
        self._add(Line2D(xs, ys, color=colour, linewidth=width, linestyle=style))

    def marks(self, xs: Any, ys: Any, colour: str, marker: str, *, filled: bool = False, size: float = 5) -> None:
        """A marker at each point that is a number."""
        xs, ys = np.asarray(xs), np.asarray(ys)
        keep = np.isfinite(ys)
        if keep.any():
            face = colour if filled else "none"
            style = {"markeredgecolor": colour, "markerfacecolor": face, "markersize": size, "markeredgewidth": 1.1}
            self._add(Line2D(xs[keep], ys[keep], linestyle="none", marker=marker, **style))

    def area(self, xs: Floats, low: Floats, high: Floats) -> None:
        """What lies between two lines, in light grey."""
        keep = np.isfinite(low) & np.isfinite(high)
        around = np.concatenate([xs[keep], xs[keep][::-1]]), np.concatenate([low[keep], high[keep][::-1]])
        self._add(Polygon(np.stack(around, axis=1), facecolor=PALE, edgecolor="none"))

    def text(
        self, x: float, y: float, text: str, size: float, *, room: float = WIDTH, badge: bool = False, **style: Any
    ) -> None:
        """One line of text on the baseline y, shortened in its middle to the room; as a warning on a yellow badge."""
        box = {"facecolor": YELLOW, "edgecolor": BLACK, "linewidth": 0.6, "pad": 1.5} if badge else None
        self._add(Text(x, y, _fit(text, room, size), size=size, bbox=box, va="baseline", **style))

    def svg(self, title: str, description: str) -> str:
        """The page as SVG with a title and a description for those who do not see it."""
        height = self.y + EDGE
        self.figure.set_size_inches(WIDTH / 72, height / 72)
        self.downwards.clear().scale(1, -1).translate(0, height)
        buffer = io.StringIO()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # the reader's font may have it
            FigureCanvasSVG(self.figure).print_svg(buffer, metadata={"Date": None, "Creator": None, "Title": title})
        text = re.sub(r"<[^>]*>", lambda tag: re.sub(r"\d+\.\d{3,}", _shorter, tag[0]), buffer.getvalue())
        end = text.index("</title>") + len("</title>")
        return f"{text[:end]}\n <desc>{html.escape(description)}</desc>{text[end:]}"


def _shorter(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _plain(text: str) -> str:
    """One line of text without the characters that XML cannot hold."""
    kept = ("\ufffd" if unicodedata.category(c) in ("Cc", "Cs", "Cn", "Co") else c for c in re.sub(r"\s+", " ", text))
    return "".join(kept).strip()


def _fits(text: str, room: float, size: float) -> int:
    """How many characters of such a text fit, by widths in em a little above those of DejaVu Sans, a wide font."""
    ems = [1.0 if unicodedata.east_asian_width(c) in "WF" or c in "mwMW@%—" else 0.72 if c.isupper() else 0.58 for c in text]
    return max(4, int(room / size * len(ems) / sum(ems))) if ems else 4


def _fit(text: str, room: float, size: float) -> str:
    """The text, shortened in its middle where it is longer than the room: its two ends tell most."""
    text = _plain(text)
    most = _fits(text, room, size)
    return text if len(text) <= most else f"{text[: most * 2 // 3]}…{text[len(text) - (most - most * 2 // 3 - 1) :]}"


def _wrap(text: str, room: float, size: float, lines: int) -> list[str]:
    """The text in at most so many lines."""
    text = _plain(text)
    return textwrap.wrap(text, _fits(text, room, size), max_lines=lines, placeholder=" …")


def _floats(value: Any) -> Floats:
    """The numbers of a record as floats: fractions and huge integers too, as near as floats come."""
    try:
        found = np.asarray(value, dtype=np.float64)
    except (ValueError, OverflowError):
        exact = decode(value)
        found = np.array([_float(item) for item in exact.ravel()]).reshape(exact.shape)
    found = np.where(np.abs(found) < TINY, 0.0, found)
    return np.where(np.isfinite(found), np.clip(found, -HUGE, HUGE), found)


def _float(item: Any) -> float:
    try:
        return float(item)
    except OverflowError:
        return math.copysign(HUGE, item)


def _numeric_axis(axes: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The longest axis of numbers that has more than one; None where there is none."""
    numeric = []
    for axis in axes:
        try:
            if len(axis["values"]) > 1 and not any(isinstance(value, bool) for value in axis["values"]):
                _floats(axis["values"])
                numeric.append(axis)
        except ValueError:  # labels
            continue
    return max(numeric, key=lambda axis: len(axis["values"]), default=None)


def _place(axis: dict[str, Any], index: int) -> str:
    """A position in words: a label alone, a number with its axis."""
    value = axis["values"][index]
    return value if isinstance(value, str) else f"{axis['name']} {_number(value, 3)}"


def _with_unit(name: str, unit: str) -> str:
    return f"{name} [{unit}]" if unit else name


def _number(value: Any, digits: int) -> str:
    """A number as a reader writes it: 1/3, 0.25, 1.2×10⁻⁷; exact ones whole while they are short."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, (int, float)) or (isinstance(value, int) and abs(value) < 10**9):
        return str(value)
    if not abs(value) < HUGE:
        return f"{_float(value):.0e}" if isinstance(value, int) else str(value)
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    if value == 0 or -4 <= int(power) < 5:
        return f"{float(f'{mantissa}e{power}'):.10f}".rstrip("0").rstrip(".")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    exponent = f"10{str(int(power)).translate(SUPERSCRIPTS)}"
    return exponent if mantissa == "1" else f"{mantissa}×{exponent}".replace("-1×", "-")


def _spread(count: int, most: int, also: int = 0) -> list[int]:
    """At most so many of the first `count` numbers, evenly, one of them `also`."""
    if count <= most:
        return list(range(count))
    even = np.unique(np.linspace(0, count - 1, most).round().astype(int))
    even[np.abs(even - also).argmin()] = also
    return [int(i) for i in even]


def _thin(places: Floats, most: int, also: int) -> NDArray[np.int64]:
    """Which positions to draw, in order: at most so many, evenly in the scale, and `also`."""
    order = np.argsort(places, kind="stable")
    if len(order) > most:
        targets = np.linspace(places[order[0]], places[order[-1]], most)
        order = order[np.unique(np.clip(np.searchsorted(places[order], targets), 0, len(order) - 1))]
    if also not in order:
        order = np.insert(order, np.searchsorted(places[order], places[also]), also)
    return order


def _snap(places: Any) -> Any:
    return np.round(np.asarray(places) * PLACES) / PLACES


def _nice(step: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is not below the step."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= step * (1 - 1e-9))
