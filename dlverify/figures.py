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
from matplotlib.patches import PathPatch, Polygon
from matplotlib.path import Path as Path_
from matplotlib.text import Text
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from dlverify.evidence.finding import GRADES
from dlverify.records import Record, RecordError, decode, replace_file
from dlverify.summary import is_as_stated

Floats = NDArray[np.float64]

WIDTH, EDGE = 576.0, 12.0  # points: 8 inches, which a screen shows as some 800 pixels, and the margin
PLOT, ROW = 130.0, 15.0  # heights of a panel of curves (half as high as wide) and of a row of single values
PLACES = 500  # that a panel distinguishes: two of them are about half a pixel apart
MOST_POINTS = 60  # of a series: markers of 5 points then just do not touch
MOST_LINES = 8  # that values along an axis may have; of more, a choice would say little
MOST_ROWS = 6  # parts of one kind that get a row of their own
HUGE, TINY = 1e300, 1e-300  # beyond these, differences and ratios of floats leave their range
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "dlverify",
    "text.parse_math": False,
    "font.family": "DejaVu Sans",
}
BLACK, BLUE, GREEN, SKY, PURPLE, VERMILLION = "#000000", "#0072b2", "#009e73", "#56b4e9", "#cc79a7", "#d55e00"
FONTS = "font-family: 'DejaVu Sans', Verdana, Arial, Helvetica, sans-serif"
YELLOW, GREY, LIGHT, PALE = "#f0e442", "#595959", "#b0b0b0", "#e6e6e6"
CASES = ((BLUE, "o"), (GREEN, "s"), (PURPLE, "^"), (SKY, "D"), (BLACK, "v"))
BROKEN = ((VERMILLION, "x"), (BLACK, "+"))
VERDICTS = {"HOLDS": (BLUE, "o"), "REFUTED": (VERMILLION, "x"), "INCONCLUSIVE": (BLACK, "s")}
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (7, 2, 1, 2)), (0, (2, 4)))
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
ALLOWS = {"at_least": 1, "above": 1, "at_most": -1, "below": -1}
EVIDENCE = {
    "proof": "a proof for all values",
    "exact": "exact arithmetic",
    "certified": "a certified enclosure",
    "rounding": "agreement within a rounding budget",
    "statistical": "a sequential test over seeds",
}
PARTS = {
    "proof": ("proof", "proofs"),
    "holds": ("case", "cases"),
    "refuted": ("control", "controls"),
    "erratum": ("erratum", "errata"),
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
            reasons = sorted(Counter(figure.why_partial for figure in some).items())
            since = f", since {', '.join(f'{count} {why}' for why, count in reasons)}" if partial else ""
            lines.append(f"figures: {len(some)} in {shown.as_posix()}/{since}")
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
    """Replace a file in one step, and only where it changes.

    Raises:
        RecordError: It cannot be written.
    """
    try:
        if path.exists() and path.read_bytes() == figure.encode():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, figure)
    except OSError as error:
        raise RecordError(
            f"the figure {path} cannot be written: {error.strerror or error}; choose another folder with --figures DIR, "
            "or draw none with --no-figures"
        ) from None


def draw(rows: Sequence[Record]) -> str:
    """The figure of one claim as SVG, from its records."""
    # Whatever style its user prefers, the figures are the same, and the style stays; what is no number is not drawn.
    with matplotlib.rc_context(), np.errstate(all="ignore"):
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        page, room, rows = _Page(), WIDTH - 2 * EDGE, _named(rows)
        for line in _wrap(rows[0]["says"], room, 11.5, 3):  # bold is a little wider than its size
            page.text(EDGE, page.down(15), line, 11, weight="bold")
        verdict = _verdict(rows)
        page.text(EDGE, page.down(16), verdict, 9, room=room / 1.1, badge=verdict.startswith("NOT AS"), weight="bold")
        stated = [row for row in rows if row["part"] in ("proof", "holds")]
        shown_by = [EVIDENCE[grade] for grade in GRADES if any(row["grade"] == grade for row in stated)]
        subjects = sorted({text for row in stated for text in row["subject"].values()})
        conditions = sorted({f"{row['dtype']} on {row['device']}" for row in stated if row["dtype"]})
        about = "; ".join([*[" and ".join(shown_by)] * bool(shown_by), *subjects, *conditions])
        for text in [rows[0]["claim"], *_wrap(about, room, 8, 2)]:
            page.text(EDGE, page.down(12), text, 8, room=room, color=GREY)
        page.y += 8
        _panels(page, rows)
        for statistical in (False, True):
            some = [row for row in rows if (row["grade"] == "statistical") == statistical]
            if some:
                _strip(page, some, statistical)
        fallen = [
            f"{row['item']} is {row['verdict']}, stated {row['expected']}." for row in rows if not is_as_stated(row)
        ]
        return page.svg(
            _plain(rows[0]["says"])[:1000], _plain(" ".join([verdict, f"Shown by {about}.", *fallen]))[:3000]
        )


def _named(rows: Sequence[Record]) -> list[Record]:
    """The records in one order, whoever ran them first, and cases named by the one parameter in which they differ."""
    order = list(PARTS)
    rows = sorted(rows, key=lambda row: (order.index(row["part"]), _by_number(row["name"])))
    cases = [row["parameters"] for row in rows if row["part"] == "holds"]
    names = [name for name in (cases[0] if cases else ()) if any(case.get(name) != cases[0][name] for case in cases)]
    one = names[0] + " " if len(names) == 1 else ""
    return [{**row, "name": one + row["name"]} if row["part"] == "holds" else row for row in rows]


def _by_number(name: str) -> list[tuple[float, str]]:
    """A key that puts depth-2 before depth-16."""
    return [(float(digits or "inf"), text) for digits, text in re.findall(r"(\d*\.?\d+|)(\D*)", name)]


def _verdict(rows: Sequence[Record]) -> str:
    """What came of a claim, in one sentence."""
    counts: dict[str, list[str]] = {"HOLDS": [], "REFUTED": []}
    for part, (_, many) in PARTS.items():
        some = [row for row in rows if row["part"] == part]
        if some:
            counts[some[0]["expected"]].append(f"{sum(map(is_as_stated, some))} of {len(some)} {many}")
    outcomes = zip(counts.values(), ("hold", "are refuted"), strict=True)
    says = ", ".join(f"{' and '.join(some)} {word}" for some, word in outcomes if some)
    missing = sum(row["verdict"] == "NOT RUN" for row in rows)
    fallen = sum(not is_as_stated(row) for row in rows) - missing
    head = "NOT AS STATED" if fallen else "NOT RUN" if missing == len(rows) else "As stated"
    return f"{head}: {says}{f'; {missing} not run' if missing else ''}."


# ---------------------------------------------------------------------------------------------------------- the panels


@dataclass(frozen=True)
class _Series:
    """Measured and predicted values of a record as a panel draws them.

    Attributes:
        record: Where they come from.
        label: The case, control or erratum, and which slice of it.
        x_name: What the positions are; empty for rows.
        x_scale: How they are spaced.
        along: The positions.
        values: Shape `(5, positions)`: measured, its upper end, predicted, predicted less and plus what is allowed.
        worst: The position of the largest discrepancy, which thinning keeps.
        rows: The labels of rows; empty for curves.
        share: How many of the record's slices are drawn, "5 of 64 lines"; empty where all are.
    """

    record: Record
    label: str
    x_name: str
    x_scale: str
    along: Floats
    values: Floats
    worst: int = 0
    rows: tuple[str, ...] = ()
    share: str = ""

    @property
    def scale(self) -> str:
        """How the values are spaced; those that are yes or no have a scale of their own."""
        leaf = self.record["measured"]
        while isinstance(leaf, list):
            leaf = leaf[0]
        return "boolean" if isinstance(leaf, bool) else str(self.record["scale"])

    @property
    def kind(self) -> tuple[str, str, str, str]:
        """What two series must share to stand in one panel."""
        return self.record["quantity"], self.record["unit"], self.x_name, self.scale

    @property
    def allows(self) -> int:
        """1 where values may lie above the prediction, -1 where below, 0 where neither."""
        return ALLOWS.get(self.record["relation"], 0)


def _series(record: Record, slices: int, several: bool) -> list[_Series]:
    """A record as series: slices along its longest axis of numbers if the prediction is a curve there; or a few rows.

    Otherwise all values by their prediction, or by their distance from it where it is one for all and slices are asked.
    A seed is one value, the one that is least on the right side of the margin.
    """
    axes, measured, label = record["axes"], _floats(record["measured"]), record["name"]
    if not measured.size or measured.shape != tuple(len(axis["values"]) for axis in axes):
        return []
    upper = measured if record["upper"] is None else _floats(record["upper"])
    predicted, budget = _floats(record["predicted"]), _floats(0 if record["budget"] is None else record["budget"])
    if record["statistics"] and (predicted != predicted.ravel()[0]).any():  # one margin for all: zero
        record = {**record, "quantity": f"{record['quantity']} less the margin", "scale": "linear"}
        measured, upper, predicted = measured - predicted, upper - predicted, np.zeros_like(predicted)
    stack = np.stack(np.broadcast_arrays(measured, upper, predicted, predicted - budget, predicted + budget))
    sign = ALLOWS.get(record["relation"], 0)
    gap = sign * (predicted - measured) if sign else np.abs(measured - predicted)
    excess = np.nan_to_num(gap / np.where(budget > 0, budget, TINY), nan=HUGE)
    if excess.max() <= 1 and not record["statistics"]:
        excess = np.zeros_like(excess)  # which of the allowed errors is the largest is noise
    if record["statistics"] and axes:
        read = np.arange(min(record["statistics"]["n"], len(measured)))  # later seeds were not counted
        worst = excess.reshape(len(measured), -1)[read].argmax(axis=1)
        return [
            _sorted(record, label, stack.reshape(5, len(measured), -1)[:, read, worst], "share of the seeds, sorted")
        ]
    long = _longest(axes)
    others = [axis for axis in axes if axis is not long and len(axis["values"]) > 1]
    places = [
        ", ".join(_place(axis, i) for axis, i in zip(others, index, strict=True))
        for index in np.ndindex(*(len(axis["values"]) for axis in others))
    ]
    if long is not None and slices:
        lines = np.moveaxis(stack, axes.index(long) + 1, -1).reshape(5, len(places), -1)
        far = np.moveaxis(excess, axes.index(long), -1).reshape(len(places), -1)
        kept = _spread(len(places), slices, int(far.max(axis=1).argmax()))
        if len(places) <= MOST_LINES and not any(_is_jagged(lines[2, k]) for k in kept):
            axis = _with_unit(long["name"], long["unit"]), long["scale"], _floats(long["values"])
            share = f"{len(kept)} of {len(places)} lines" if len(kept) < len(places) else ""
            named = several or record["part"] != "holds"  # a single case needs no name
            labels = [", ".join([label] * named + [places[k]] * bool(places[k])) for k in kept]
            return [
                _Series(record, labels[i], *axis, lines[:, k], int(far[k].argmax()), share=share)
                for i, k in enumerate(kept)
            ]
    flat = stack.reshape(5, -1)
    if long is None and slices and measured.size <= (2 if several else 8):
        label = "measured" if label == "default" else label
        rows = tuple(", ".join([label] * (several or not place) + [place] * bool(place)) for place in places)
        return [_Series(record, label, "", "linear", np.arange(len(rows), dtype=np.float64), flat, rows=rows)]
    if slices and (flat[2] == flat[2, 0]).all():
        return [_sorted(record, label, flat, "share of the values, sorted")]
    return [
        _Series(
            record, label, "bound" if sign else "predicted", str(record["scale"]), flat[2], flat, int(excess.argmax())
        )
    ]


def _sorted(record: Record, label: str, values: Floats, name: str) -> _Series:
    """Values by their distance from the prediction, so that the share on either side of it can be read off."""
    values = values[:, np.argsort(values[0] - values[2], kind="stable")]
    values = np.pad(values, ((0, 0), (1, 1)), mode="edge")  # so that the line runs from 0 to 1; no marks there
    values[:2, [0, -1]] = np.nan
    count = values.shape[1] - 2
    return _Series(record, label, name, "linear", np.clip((np.arange(count + 2) - 0.5) / count, 0, 1), values, 1)


def _is_jagged(predicted: Floats) -> bool:
    """Whether a prediction is one value for each position rather than a curve: it is long, and turns at every third."""
    steps = np.diff(predicted)
    steps[np.abs(steps) < 1e-6 * np.abs(predicted).max()] = 0
    return len(steps) > 24 and float(np.mean(steps[1:] * steps[:-1] < 0)) > 1 / 3


def _chosen(found: Sequence[Record], most: int, slices: int) -> list[_Series]:
    """Series of some of the records that can stand in one panel: the values by their prediction where else none can."""
    found = [row for row in found if (row["quantity"], row["unit"]) == (found[0]["quantity"], found[0]["unit"])]
    some = [found[i] for i in _spread(len(found), most)]
    series = [one for record in some for one in _series(record, max(1, slices // len(some)), len(some) > 1)]
    if len({one.kind for one in series}) > 1:
        series = [one for record in some for one in _series(record, 0, True)]
    return [one for one in series if one.kind == series[0].kind]


def _alike(found: Sequence[Record], claim: Sequence[_Series]) -> list[Record]:
    """The records that are drawn like the claim, or else like the first of them."""
    kinds = [[one.kind for one in _series(row, 1, True)][:1] for row in found]
    wanted = [kind for kind in kinds if kind and claim and kind[0] == claim[0].kind] or [kind for kind in kinds if kind]
    return [row for row, kind in zip(found, kinds, strict=True) if kind in wanted[:1]]


def _panels(page: _Page, rows: Sequence[Record]) -> None:
    """The claim, and beside it the first controls and errata: what the same theory predicts there and what happened."""
    measured = [row for row in rows if row["measured"] is not None]
    cases = sorted((row for row in measured if row["part"] == "holds"), key=is_as_stated)
    controls, errata = ([row for row in measured if row["part"] == part] for part in ("refuted", "erratum"))
    claim = _chosen(cases, 4, 5)
    broken = _chosen(_alike([*controls[:1], *errata[:1], *controls[1:3], *errata[1:3]], claim)[:2], 2, 2)
    shown = [some for some in (claim, broken) if some]
    if not shown:
        return
    gap = 26.0
    width = (WIDTH - 2 * EDGE - gap * (len(shown) - 1)) / len(shown)
    scales, note = [_scales(some) for some in shown], ""
    if claim and broken and claim[0].kind == broken[0].kind:
        joint = _scales([*claim, *broken])
        seen = [(_seen(some, *joint), _seen(some, *own)) for some, own in zip(shown, scales, strict=True)]
        if any(together < min(0.1, alone / 3) for pair in seen for together, alone in zip(*pair, strict=True)):
            note = " (another scale)"
        else:
            scales = [joint, joint]
    lefts = [EDGE + i * (width + gap) for i in range(len(shown))]
    top = page.y
    panels = list(zip(shown, lefts, scales, strict=True))
    page.y = max(_key(page, some, left, top, width, ys, len(cases)) for some, left, (_, ys) in panels) + 14
    ends = []
    for some, left, (xs, ys) in panels:
        name = _with_unit(some[0].record["quantity"], some[0].record["unit"]) + note * (some is broken)
        page.text(left, page.y, name, 8, room=width, style="italic")
        ends.append(_plot(page, some, left, page.y + 7, width, xs, ys))
    page.y = max(ends) + 14


def _scales(some: Sequence[_Series]) -> tuple[_Scale, _Scale]:
    """The scales of positions and of values that a panel needs for some series."""
    values = np.concatenate([one.values for one in some], axis=1)
    shown = values[:3][np.isfinite(values[:3])]
    bounds, allowed = values[2][np.isfinite(values[2])], values[3:] - values[2]
    allowed = allowed[np.isfinite(allowed)]
    if not some[0].allows and bounds.size:  # show what is allowed, unless it is far more than there is to see
        reach = np.ptp(bounds) or np.abs(bounds).max() or HUGE
        band = np.clip(values[3:].ravel(), bounds.min() - reach, bounds.max() + reach)
        shown = np.append(shown, band if shown.min() <= 0 else band[band > shown.min() / 10])
    return (
        _Scale(some[0].x_scale, np.concatenate([one.along for one in some])),
        _Scale(some[0].scale, shown, float(allowed.max(initial=0))),
    )


def _seen(some: Sequence[_Series], xs: _Scale, ys: _Scale) -> tuple[float, float]:
    """The shares of two scales on which a panel has its message: where it is, and what the claim says or breaks."""
    along = np.concatenate([xs.places(one.along) for one in some])
    measured, predicted = (np.concatenate([ys.places(one.values[i]) for one in some]) for i in (0, 2))
    is_claim = some[0].record["part"] == "holds"
    message = np.append(measured, predicted) if is_claim else np.append(np.abs(measured - predicted), 0)
    finite = [places[np.isfinite(places)] for places in (along, message)]
    return float(np.ptp(finite[0])) if finite[0].size else 0.0, float(np.ptp(finite[1])) if finite[1].size else 0.0


def _look(one: _Series, index: int) -> tuple[str, str]:
    """Colour and marker of a series; cases in rows share theirs, since each has its label."""
    return CASES[0 if one.rows else index] if one.record["part"] == "holds" else BROKEN[index]


def _band(one: _Series, ys: _Scale) -> bool:
    """Whether what is allowed is wide enough to be seen: two points."""
    low, high = ys.places(one.values[3:])
    return bool(np.nanmax(np.abs(high - low), initial=0) > 2 / PLOT)


def _key(page: _Page, some: list[_Series], left: float, top: float, width: float, ys: _Scale, cases: int) -> float:
    """What a panel shows, and its series by marker and line; returns where it ends."""
    first, is_claim = some[0], some[0].record["part"] == "holds"
    page.text(left, top + 9, "The claim" if is_claim else "Broken on purpose", 9, weight="bold")
    drawn = len({one.record["item"] for one in some})
    words = [
        "bars: enclosed for certain" if first.record["upper"] is not None else "marks: measured",
        "line: margin" if first.record["statistics"] else "line: bound" if first.allows else "line: predicted",
        *["grey: wrong side" if first.allows else "grey: allowed"]
        * bool(first.allows or any(_band(one, ys) for one in some)),
        *[f"{drawn} of {cases} cases"] * (is_claim and drawn < cases),
        *[first.share] * bool(first.share),
    ]
    y = top + 10
    for text in _wrap("; ".join(words), width, 7.5, 2):
        y += 10
        page.text(left, y, text, 7.5, color=GREY)
    if is_claim and (first.rows or len(some) == 1):
        return y
    for i, one in enumerate(some):
        about = {"refuted": f", broken: {one.record['about']}", "erratum": f", as printed: {one.record['about']}"}
        text = one.label + about.get(one.record["part"], "")
        page.line([left, left + 20], [y + 7, y + 7], style="-" if one.rows else DASHES[i])
        page.marks([left + 10], [y + 7], *_look(one, i))
        for line in [text] if is_claim else _wrap(text, width - 26, 7.5, 2):
            y += 10
            page.text(left + 26, y, line, 7.5, room=width - 26)
    return y


def _plot(page: _Page, some: list[_Series], left: float, top: float, width: float, xs: _Scale, ys: _Scale) -> float:
    """The plot of a panel: curves from left to right, or single values as rows from top to bottom; returns its end."""
    names = [name for one in some for name in one.rows]
    gutter, height = (104.0, ROW * len(names)) if names else (38.0, PLOT)
    left, width, bottom = left + gutter, width - gutter - 4, top + height

    def at(along: Any, across: Any) -> tuple[Any, Any]:
        """Where a position and a value, both as places from 0 to 1, are on the page."""
        return (
            (left + width * across, top + height * along) if names else (left + width * along, bottom - height * across)
        )

    bounds = np.concatenate([one.values[2] for one in some])
    wall = 1.0 if names or len(some) == 1 or (bounds == bounds[0]).all() else 0.04  # walls of several bounds are thin
    parts, done = [], 0
    for i, one in enumerate(some):
        places = (done + one.along + 0.5) / len(names) if names else xs.places(one.along)
        done += len(one.rows)
        kept = _thin(places, MOST_POINTS, one.worst)
        places, across = places[kept], ys.places(one.values[:, kept])
        parts.append((i, one, places, across, kept == one.worst))
        low, high = across[3:]
        if one.allows:
            low, high = across[2], np.clip(across[2] - one.allows * wall, 0, 1)
        if one.x_name == "predicted" and _band(one, ys):  # neighbours there have nothing to do with each other
            ends = np.stack([low, high, np.full(len(places), np.nan)], axis=1).ravel()
            page.line(*at(np.repeat(places, 3), ends), LIGHT, 2.5)
        elif one.allows or _band(one, ys):
            for k in range(len(places)) if names else [slice(None)]:
                around = places[k] + np.array([-0.4, 0.4]) / len(names) if names else places
                page.area(*at(around, low[k] + 0 * around), *at(around, high[k] + 0 * around))
    for i, one, places, across, is_worst in parts:
        if names:
            page.marks(*at(places, across[2]), BLACK, "|", size=11)
        else:
            page.line(*at(places, across[2]), style=DASHES[i])
        colour, marker = _look(one, i)
        if one.record["upper"] is not None:
            across[1] = np.maximum(across[1], across[0])
            beside = places + (0 if names else 0.012 * (i - (len(some) - 1) / 2))  # so that bars do not hide each other
            ends = np.stack([across[0], across[1], np.full(len(places), np.nan)], axis=1).ravel()
            page.line(*at(np.repeat(beside, 3), ends), colour, 1.5)
            page.marks(*at(np.repeat(beside, 3), ends), colour, marker, size=3.5)
            continue
        counted = one.record["statistics"]
        crowd = len(some) if len(places) > MOST_POINTS / 2 and not counted else 1
        shown = is_worst | (
            np.arange(len(places)) % crowd == i % crowd
        )  # series take turns, so that none hides another
        filled = (one.allows * (across[0] - across[2]) > 0) & bool(counted)
        for is_filled in (False, True):
            mask = shown & (filled == is_filled)
            page.marks(
                *at(places[mask], across[0, mask]),
                colour,
                marker,
                filled=is_filled,
                size=5 + (crowd == 1) * (len(some) - 1 - i),
            )
    page.line([left, left, left + width], [bottom if names else top, bottom, bottom], GREY, 0.6)
    for place, text in (ys if names else xs).ticks():
        page.tick(left + width * place, bottom, text)
    for k, name in enumerate(names):
        page.text(left - 6, top + ROW * (k + 0.5) + 2.5, name, 7.5, room=gutter - 8, ha="right")
    for place, text in [] if names else ys.ticks():
        page.line([left - 3, left], [bottom - height * place] * 2, GREY, 0.6)
        page.text(left - 5, bottom - height * place + 2.5, text, 7, ha="right")
    page.text(left + width, bottom + 21, some[0].x_name, 7.5, room=width, ha="right", style="italic")
    return bottom + (12 if names else 22)


# ----------------------------------------------------------------------------------------------------------- the strip


def _strip(page: _Page, rows: Sequence[Record], statistical: bool) -> None:
    """Every part as a row: its discrepancy in units of what is allowed, or the share of seeds with its interval."""
    left, width, text_at, end = (148.0, 108.0, 268.0, 388.0) if statistical else (150.0, 206.0, 368.0, WIDTH - EDGE)
    title = (
        "Share of the seeds that show it" if statistical else "Discrepancy in units of what is allowed, part by part"
    )
    page.text(EDGE, page.down(10), title, 9, weight="bold")
    page.y += 14
    top = page.y
    for kind, (word, many) in PARTS.items():
        for group in _grouped([row for row in rows if row["part"] == kind]):
            y = page.down(14) - 5
            ran = [row for row in group if row["verdict"] != "NOT RUN"]
            fallen = sum(not is_as_stated(row) for row in ran)
            name, text = group[0]["name"], _finding(group[0])
            name = f"{word} {name}" if kind != "holds" else word if name == "default" else name
            if len(group) > 1:
                name = f"and {len(group)} more {many}"
                text = f"{fallen} not as stated" if fallen else "all as stated"
            page.text(EDGE, y + 2.5, name, 7.5, room=left - EDGE - 8)
            page.line([left, left + width], [y, y], LIGHT, 0.5, DASHES[2])
            for row in {
                (r["verdict"], _rung(r["low"]), _rung(r["high"]), str(r["statistics"])): r for r in group
            }.values():
                _mark(page, row, left, width, y)
            page.text(text_at, y + 2.5, text, 7.5, room=end - text_at, badge=fallen > 0, color=BLACK if ran else GREY)
    heads, ticks, lines = [(0.25, "allowed"), (0.75, "beyond")], LADDER, [0.5]
    if statistical:
        lines = sorted({row["statistics"][edge] for row in rows for edge in ("p0", "p1") if row["statistics"]})
        heads, ticks = [(edge, f"{edge:.0%}") for edge in lines], [(0.0, "none"), (0.5, "half"), (1.0, "all")]
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
        _paths(page, [row for row in rows if row["statistics"]], 434.0, top, WIDTH - EDGE - 434.0, page.y - top)
    page.y += 22


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
    counts = row["statistics"]
    ends = [float(_snap(row[end])) if counts else _rung(row[end]) for end in ("low", "high")]
    middle = float(_snap(counts["k"] / counts["n"])) if counts else sum(ends) / 2
    page.line([left + width * place for place in ends], [y, y], colour, 1.2)
    page.marks([left + width * middle], [y], colour, marker, filled=marker == "o")


RUNGS = {
    -4.4: "0",
    -3.7: "<",
    -3.0: "10⁻³",
    -2.0: "",
    -1.0: "0.1",
    0.0: "1",
    1.0: "10",
    2.0: "",
    3.0: "10³",
    3.7: ">",
    4.4: "∞",
}
LADDER = [(0.5 + rung / 9, text) for rung, text in RUNGS.items()]


def _rung(discrepancy: float | str) -> float:
    """The place of a discrepancy on the ladder from 0 over 1e-3, 1 and 1e3 to infinity."""
    ratio = float(discrepancy)
    if not 0 < ratio < math.inf:
        return LADDER[0][0] if ratio <= 0 else LADDER[-1][0]
    decade = math.log10(ratio)
    tenths = math.ceil(abs(decade) * 10) / 10  # less than a marker, and away from 1
    return 0.5 + math.copysign(tenths if tenths <= 3 else 3.7, decade) / 9


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
            measured, predicted = (_number(witness[name], digits) for name in ("measured", "predicted"))
            if measured != predicted:
                return f"{word}: {measured}, not {relation}{predicted}"
    return word


def _paths(page: _Page, rows: Sequence[Record], left: float, top: float, width: float, height: float) -> None:
    """How the sequential test came to its verdicts: the log likelihood ratio, in units of the boundary it runs to."""
    most = max((row["statistics"]["n"] for row in rows), default=1)
    for side, text in ((-1, "HOLDS"), (0, ""), (1, "REFUTED")):
        y = top + height * (0.5 + 0.38 * side)
        page.line([left, left + width], [y, y], GREY, 0.8 if side else 0.5, DASHES[0 if side else 2])
        page.text(left - 4, y + 2.5, text, 7, ha="right", color=GREY)
    for row in rows:
        counts = row["statistics"]
        wrong = (counts["beta"], counts["alpha"]) if counts["stated"] == "HOLDS" else (counts["alpha"], counts["beta"])
        path = np.concatenate([[0.0], _floats(counts["path"])])
        share = path / np.where(path < 0, math.log(2 / wrong[0]), math.log(2 / wrong[1]))  # Ville: evidence/sequential
        kept = _thin(np.arange(len(path)) / most, MOST_POINTS, 0)
        ys = top + height * _snap(0.5 + 0.38 * np.clip(share[kept], -1.3, 1.3))
        colour = VERDICTS.get(row["verdict"], (BLACK, ""))[0]
        page.line(left + width * _snap(kept / most), ys, colour, 1.1, DASHES[0 if row["part"] == "holds" else 1])
    page.tick(left, top + height, "0")
    page.text(left + width, top + height + 11, f"{most} seeds read", 7, ha="right")


# ------------------------------------------------------------------------------------------------------ scale and page


class _Scale:
    """Maps values to places from 0 to 1; its ends are rounded outwards, so that they stay when the values move a little."""

    def __init__(self, kind: str, values: Floats, allowed: float = 0.0) -> None:
        values = values[np.isfinite(values)]
        low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
        size, least = max(abs(low), abs(high)), float(np.min(np.abs(values[values != 0]), initial=HUGE))
        # Where symlog turns linear: below all that is not zero, unless that is noise or too many decades away.
        self.turn = max(least, size * (1e-30 if kind.startswith("log") else 1e-8), allowed)
        if kind in ("log", "log2") and low <= 0:
            kind = "symlog"
        near = high < 3 * low if kind in ("log", "log2") else size < 10 * self.turn
        self.kind = "linear" if near and kind != "boolean" else kind
        self.whole = high > low and bool(np.all(values == np.round(values)))
        self.signs = [sign for sign in (-1, 1) if sign * (low if sign < 0 else high) > 0]
        low, high = self._bent(np.array([low, high])).tolist()
        if high - low <= 1e-4 * size and self.kind in ("linear", "boolean"):
            pad = 1e-4 * size if high > low else 0.5 * size or 1.0
            low, high = low - pad, high + pad
        step = _nice((high - low) / 20)
        self.low, self.high = step * math.floor(low / step - 0.5), step * math.ceil(high / step + 0.5)

    def _bent(self, values: Floats) -> Floats:
        if self.kind == "symlog":
            return np.asarray(np.sign(values) * np.log10(1 + np.abs(values) / self.turn))
        return np.log10(values) if self.kind == "log" else np.log2(values) if self.kind == "log2" else values

    def places(self, values: Any) -> Floats:
        """Places from 0 to 1, those of infinite values at the ends."""
        return np.asarray(_snap(np.clip((self._bent(np.asarray(values)) - self.low) / (self.high - self.low), 0, 1)))

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
            decades = 10.0 ** np.arange(math.floor(turn + top), turn + 0.5, -max(1, round(top * len(self.signs) / 5)))
            values = np.concatenate([[0.0], *(sign * decades for sign in self.signs)])
        else:
            base = 10.0 if self.kind == "log" else 2.0
            powers = base ** np.arange(math.floor(self.low), self.high, max(1, round(span / 5)))
            values = powers if base == 2 or span > 2 else np.outer(powers, (1, 2, 5) if span < 1.3 else (1, 3)).ravel()
        bent = self._bent(values)
        inside = values[(bent >= self.low) & (bent <= self.high)]
        if self.kind == "log2":
            return [(float(self.places(value)), _power_of_two(round(math.log2(value)))) for value in inside]
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
        self._add(PathPatch(_path(xs, ys), fill=False, edgecolor=colour, linewidth=width, linestyle=style))

    def marks(self, xs: Any, ys: Any, colour: str, marker: str, *, filled: bool = False, size: float = 5) -> None:
        """A marker at each point that is a number."""
        keep = np.isfinite(xs) & np.isfinite(ys)
        if keep.any():
            marks = Line2D(np.asarray(xs)[keep], np.asarray(ys)[keep], linestyle="none", marker=marker, markersize=size)
            marks.set(markeredgecolor=colour, markerfacecolor=colour if filled else "none", markeredgewidth=1.1)
            self._add(marks)

    def area(self, xs: Floats, ys: Floats, other_xs: Floats, other_ys: Floats) -> None:
        """What lies between two lines, in light grey."""
        there, back = (np.asarray(path.vertices)[:-1] for path in (_path(xs, ys), _path(other_xs, other_ys)))
        self._add(Polygon(np.concatenate([there, back[::-1]]), facecolor=PALE, linewidth=0))

    def tick(self, x: float, y: float, text: str) -> None:
        """A tick below a horizontal axis, with its label."""
        self.line([x, x], [y, y + 3], GREY, 0.6)
        self.text(x, y + 11, text, 7, ha="center")

    def text(
        self, x: float, y: float, text: str, size: float, *, room: float = WIDTH, badge: bool = False, **style: Any
    ) -> None:
        """One line of text on the baseline y, shortened in its middle to the room; a warning has a yellow badge."""
        box = {"facecolor": YELLOW, "edgecolor": BLACK, "linewidth": 0.6, "pad": 1.5} if badge else None
        if text:
            self._add(Text(x, y, _fit(text, room, size), size=size, bbox=box, va="baseline", **style))

    def svg(self, title: str, description: str) -> str:
        """The page as SVG, with a title and a description for those who do not see it."""
        height = self.y + EDGE
        self.figure.set_size_inches(WIDTH / 72, height / 72)
        self.downwards.clear().scale(1, -1).translate(0, height)
        buffer = io.StringIO()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # the reader's font may have it
            canvas: Any = FigureCanvasSVG(self.figure)
            canvas.print_svg(buffer, metadata={"Date": None, "Creator": None, "Title": title})
        text = re.sub(r"<[^>]*>", _slim, buffer.getvalue())
        text = text.replace("<svg ", '<svg role="img" ', 1).replace(
            "<style", f"<style>text{{{FONTS}}}</style>\n  <style", 1
        )
        end = text.index("</title>") + len("</title>")
        return f"{text[:end]}\n <desc>{html.escape(description)}</desc>{text[end:]}"


def _path(xs: Any, ys: Any) -> Path_:
    """A line that is broken where a point is no number, without the points that are not needed to see it."""
    path = Path_(np.stack(np.broadcast_arrays(xs, ys), axis=1).astype(np.float64))
    path.should_simplify, path.simplify_threshold = len(path) > 2, 0.5  # points: a place or two
    return path.cleaned(remove_nans=True, simplify=True)


def _slim(tag: re.Match[str]) -> str:
    """A tag in half the bytes: in tenths of a point, and without what every text repeats."""
    text = re.sub(r' transform="rotate\(-0 [^"]*"|font-family: [^;"]*; ', "", tag[0])
    return re.sub(r"\d+\.\d{2,}", lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), text)


def _plain(text: str) -> str:
    """One line of text without the characters that XML cannot hold."""
    text = " ".join(str(text).split())
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cs", "Cn") else c for c in text)


def _ems(text: str) -> float:
    """The width of a text in units of its size, not below that of DejaVu Sans, which is a wide font."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" or c in "mwMW@%—\ufffd" for c in text)
    narrow = sum(c in "fijlrtI .,:;'|!()[]/-" for c in text)
    return 1.04 * wide + 0.41 * narrow + 0.635 * (len(text) - wide - narrow) + 0.08 * sum(map(str.isupper, text))


def _fit(text: str, room: float, size: float) -> str:
    """The text, shortened in its middle where it is wider than the room: its two ends tell most."""
    text = short = _plain(text)
    most = min(len(text), 300)
    while _ems(short) * size > room and most > 3:
        most -= 1
        short = f"{text[: most * 2 // 3]}…{text[len(text) - most // 3 :]}"
    return short


def _wrap(text: str, room: float, size: float, lines: int) -> list[str]:
    """The text in at most so many lines."""
    text = _plain(text)
    most = int(room / size * len(text) / _ems(text)) if text else 1
    return textwrap.wrap(text, most, max_lines=lines, placeholder=" …")


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
        return HUGE if item > 0 else -HUGE


def _longest(axes: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The longest axis of numbers that has more than one; None where there is none."""
    numeric = []
    for axis in axes:
        try:
            if len(axis["values"]) > 1 and not isinstance(axis["values"][0], bool) and _floats(axis["values"]).size:
                numeric.append(axis)
        except ValueError:  # labels
            continue
    return max(numeric, key=lambda axis: len(axis["values"]), default=None)


def _place(axis: dict[str, Any], index: int) -> str:
    """A position in words: a label alone, a number with the name of its axis."""
    value = axis["values"][index]
    return value if isinstance(value, str) else f"{axis['name']} {_number(value, 4)}"


def _with_unit(name: str, unit: str) -> str:
    return f"{name} [{unit}]" if unit else name


def _number(value: Any, digits: int) -> str:
    """A number as one writes it: 1/3, 0.25, 1.2×10⁻⁷; exact ones whole while they are short."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and len(value) > 12 and re.fullmatch(r"-?\d+/\d+", value):
        value = float(_floats(value))
    if not isinstance(value, (int, float)) or (isinstance(value, int) and abs(value) < 10**9):
        return str(value)
    mantissa, _, power = f"{_float(value) + 0.0:.{digits - 1}e}".partition("e")
    if not power or -4 <= int(power) < 5:
        return f"{float(f'{mantissa}e{power or 0}'):.10f}".rstrip("0").rstrip(".") if power else mantissa
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}×10{str(int(power)).translate(SUPERSCRIPTS)}".replace("1×", "", mantissa in ("1", "-1"))


def _power_of_two(exponent: int) -> str:
    return str(2**exponent) if 0 <= exponent <= 13 else f"2{str(exponent).translate(SUPERSCRIPTS)}"


def _spread(count: int, most: int, also: int = 0) -> list[int]:
    """At most so many of the first `count` numbers, evenly, one of them `also`."""
    even = np.unique(np.linspace(0, max(count - 1, 0), min(count, most)).round().astype(int))
    if even.size:
        even[np.abs(even - also).argmin()] = also
    return [int(i) for i in even]


def _thin(places: Floats, most: int, also: int) -> NDArray[np.int64]:
    """Which positions to draw, from left to right: at most so many, evenly in the scale, and `also`."""
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
