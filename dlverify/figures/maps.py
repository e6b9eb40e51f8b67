"""Maps: values over two axes as pictures, measured, predicted and their difference side by side.

A map reads better than curves where a line would have no direction to run in: yes or no over two axes; labels by labels;
places of one kind by places of another (pixels, entries of a matrix, queries and keys); and a diagram over two numbers
that were varied, where curves would be more than can be told apart. Which it is follows from the record alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlverify.figures.numbers import Floats, floats, number
from dlverify.figures.page import BLUE, GREY, PALE, SKY, VERMILLION, YELLOW, Page, Table, fit, width_of, wrap
from dlverify.figures.scale import Scale, spread
from dlverify.figures.series import ALLOWS, MOST_LINES, is_numeric, joined, places_of, read_values, title_of, with_unit
from dlverify.records import Record

LEAST = 4
"""Places along each axis of a map; where there are fewer, curves say as much."""
PAIRS = (("row", "column"), ("output", "input"), ("output", "signal"), ("query", "key"))
"""How the names of two axes begin along which places of one kind meet places of another."""
MOST_MAPS = 3
"""Small multiples on each side."""
MOST_CELLS, LONGEST = 576, 60
"""Cells of a map, 24 by 24 (of 3 points), and along one axis."""
MOST_EDGES = 1300
"""Cells of a figure that differ from their neighbour on the left: 26 kB."""
GAP, CELL, FLATTEST, TALLEST = 8.0, 9.0, 45.0, 72.0
"""Points: between two maps, a cell at most, and how high a map should be and may be; one with labels for rows, 130."""
NOTHING: dict[str, Any] = {"name": "", "unit": "", "scale": "linear", "values": [""]}
"""The other axis of a list."""
LONGEST_LIST = 14
"""Labels of a list from top to bottom; of more, it runs from left to right."""
LEVELS = 17
"""Colours of a map: few enough to find one in the bar, and an odd number, so that zero is the middle of one."""
DARK, MIDDLE = "#00263d", "#999999"
RISING = ((0.0, PALE), (1 / 3, SKY), (2 / 3, BLUE), (1.0, DARK))
"""Colours from low to high. The lightness falls evenly, so that they read in grey."""
SIGNED = ((0.0, YELLOW), (0.5, MIDDLE), (0.75, BLUE), (1.0, DARK))
"""Colours from negative over zero to positive. The lightness falls all the way."""
YES_NO, DIFFERS = (PALE, BLUE), (PALE, VERMILLION)


@dataclass(frozen=True)
class Map:
    """What was measured and predicted over two axes, at one place along the others.

    Attributes:
        record: Where the values come from.
        label: The case, control or erratum, and the place along the other axes.
        labels: Those of the rows and of the columns that are drawn.
        measured: Shape `(rows, columns)`.
        predicted: The same.
        difference: Measured less predicted where that is more than is allowed, else zero: the rest is noise. For yes or
            no, whether they differ.
        finding: Where the two agree, in words.
        share: How much of the record is drawn, "4 of 13 maps"; empty where all is.
    """

    record: Record
    label: str
    labels: tuple[list[str], list[str]]
    measured: Floats
    predicted: Floats
    difference: Floats
    finding: str
    share: str


@dataclass(frozen=True)
class Colours:
    """How values become colours: a scale, and colours from its low to its high end."""

    scale: Scale
    colours: tuple[str, ...]

    def levels(self, values: Floats) -> NDArray[np.int64]:
        """Which of the colours each value has; -1 where it is no number."""
        places = np.nan_to_num(self.scale.places(values), nan=-1.0)
        return np.where(places < 0, -1, np.round(places * (len(self.colours) - 1))).astype(np.int64)


def reads_as_map(record: Record) -> bool:
    """Whether the values of a record are seen better in pictures than along curves."""
    if record["measured"] is None or record["statistics"] or record["upper"] is not None:
        return False
    axes = _across(record)
    if len(axes) < 2 or not all(axis["values"] for axis in record["axes"]):
        return False
    few, many = sorted(len(axis["values"]) for axis in axes)
    numeric = [is_numeric(axis) for axis in axes]
    if _is_boolean(record):
        return many >= LEAST
    if _are_a_pair(*(axis["name"] for axis in axes)) or not any(numeric) or _is_one_of_two(record):
        return few >= LEAST
    return few > MOST_LINES and all(numeric) and all(map(_is_even, axes)) and not all(map(_counts, axes))


def _across(record: Record) -> list[dict[str, Any]]:
    """The last two of the axes along which anything varies; where only labels do and the values are yes or no, a list."""
    axes = [axis for axis in record["axes"] if len(axis["values"]) > 1][-2:]
    if len(axes) == 1 and _is_boolean(record) and not is_numeric(axes[0]):
        return [axes[0], NOTHING] if len(axes[0]["values"]) <= LONGEST_LIST else [NOTHING, axes[0]]
    return axes


def _drawn(record: Record) -> list[dict[str, Any]]:
    """The axes down and across: the longer labels stand down, where they have room."""
    axes = _across(record)
    return axes if NOTHING in axes else sorted(axes, key=lambda axis: -_widest(axis))


def _widest(axis: dict[str, Any]) -> int:
    return 0 if is_numeric(axis) else max(len(str(value)) for value in axis["values"])


def _is_boolean(record: Record) -> bool:
    return np.asarray(record["measured"]).dtype == bool


def _is_one_of_two(record: Record) -> bool:
    """Whether values are to be equal, and all are one of two integers, which is yes or no in other words."""
    values = {item for field in ("measured", "predicted") for item in np.asarray(record[field], dtype=object).ravel()}
    return record["relation"] == "equal" and len(values) <= 2 and all(type(item) is int for item in values)


def _are_a_pair(one: str, other: str) -> bool:
    """Whether the names are those of places of one kind and of places of another: row and column, place and other place."""
    pair = any(one.startswith(first) and other.startswith(second) for first, second in PAIRS)
    return pair or "other" in other.split()


def _is_even(axis: dict[str, Any]) -> bool:
    """Whether the positions along an axis are evenly spaced in its scale, as the cells of a map are."""
    places = Scale(axis["scale"], floats(axis["values"])).places(floats(axis["values"]))
    return bool(np.ptp(np.diff(places)) <= 0.5 / len(places))


def _counts(axis: dict[str, Any]) -> bool:
    """Whether an axis counts, as samples and coordinates do, and is no number that was varied."""
    return axis["scale"] == "linear" and bool((np.diff(floats(axis["values"])) == 1).all())


def kind(record: Record) -> tuple[Any, ...]:
    """What two records must share to stand below each other in maps."""
    names = [axis["name"] for axis in _across(record)]
    return record["quantity"], record["unit"], record["scale"], _is_boolean(record), *names


def choose_maps(cases: Sequence[Record], others: Sequence[Record]) -> list[list[Map]]:
    """Maps of the claim and of what was broken: as many small multiples as fit, fewer where they are full of detail."""
    alike = [row for row in others if kind(row) == kind([*cases, *others][0])] or list(filter(reads_as_map, others))
    for most in range(MOST_MAPS, 0, -1):
        sides = [some for some in (_multiples(cases, most, most), _multiples(alike, most, 2)) if some]
        tables = [table for some in sides for one in some for table in _levels(one, colours_of([one]))]
        if sum(np.count_nonzero(np.diff(table, axis=1)) for table in tables) <= MOST_EDGES:
            break
    return sides


def _multiples(found: Sequence[Record], most: int, records: int) -> list[Map]:
    """Maps of the records that are like the first: for some places along its other axes, or of several records."""
    if not found:
        return []
    found = [row for row in found if kind(row) == kind(found[0])]
    across = math.prod(len(axis["values"]) for axis in _across(found[0]))
    places = math.prod(len(axis["values"]) for axis in found[0]["axes"]) // across
    some = [found[i] for i in spread(len(found), min(records, max(1, most // places)))]
    return [one for row in some for one in maps_of(row, most // len(some), len(found) > 1)]


def maps_of(record: Record, most: int, several: bool) -> list[Map]:
    """Maps of a record for some of the places along its other axes, the worst one among them."""
    (measured, _, predicted, *_), excess = read_values(record)
    shape = -1, *(len(axis["values"]) for axis in _across(record))
    others = [axis for axis in record["axes"] if len(axis["values"]) > 1][:-2]
    axes, is_turned = _drawn(record), _drawn(record) != _across(record)
    measured, predicted, beyond = (
        values.reshape(shape).swapaxes(1, 2) if is_turned else values.reshape(shape)
        for values in (measured, predicted, excess > 1)
    )
    places = [joined(*place) for place in product(*map(places_of, others))]
    kept = spread(len(places), most, int(beyond.sum(axis=(1, 2)).argmax()))
    rows, columns = _thinned(*beyond[0].shape)
    share = f"{len(kept)} of {len(places)} maps" if len(kept) < len(places) else ""
    if len(rows) * len(columns) < beyond[0].size:
        share = joined(share, f"{len(rows)} × {len(columns)} of {len(beyond[0])} × {len(beyond[0].T)} places")
    label = record["name"] if several or record["part"] != "holds" else ""
    drawn = np.ix_(kept, rows, columns)
    difference = np.where(beyond, measured - predicted, 0.0)[drawn]
    if _is_boolean(record):
        difference = np.abs(difference)
    return [
        Map(
            record,
            joined(label, places[k]),
            (_labels(axes[0], rows), _labels(axes[1], columns)),
            measured[drawn][i],
            predicted[drawn][i],
            difference[i],
            _finding(record, beyond[k]),
            share,
        )
        for i, k in enumerate(kept)
    ]


def _thinned(rows: int, columns: int) -> tuple[list[int], list[int]]:
    """Which rows and columns are drawn, evenly chosen where there are too many."""
    across = min(columns, LONGEST, max(24, MOST_CELLS // rows))
    return spread(rows, min(LONGEST, MOST_CELLS // across)), spread(columns, across)


def _labels(axis: dict[str, Any], kept: Sequence[int]) -> list[str]:
    values = [axis["values"][i] for i in kept]
    return [value if isinstance(value, str) else number(value, 3) for value in values]


def _finding(record: Record, is_beyond: NDArray[np.bool_]) -> str:
    """Where measured and predicted agree, in words."""
    count, beyond = is_beyond.size, int(is_beyond.sum())
    good, bad = ("within", "beyond") if record["relation"] in ALLOWS else ("equal", "differ")
    return f"{beyond if beyond < count else 'all'} of {count} {bad}" if beyond else f"all {count} {good}"


def draw_maps(page: Page, sides: Sequence[Sequence[Map]], boxes: Sequence[tuple[float, float]], cases: int) -> None:
    """The claim and what was broken, each in its box (left end and width), in the same colours where both can be seen."""
    page.y = max([_draw_key(page, some, *box, cases) for some, box in zip(sides, boxes, strict=False)]) + 14
    titles = [wrap(title_of(some[0].record), boxes[0][1], 8, 2) for some in sides]
    page.room_for(titles)
    ends, tables = [], list[Table]()
    for some, title, box in zip(sides, titles, boxes, strict=False):
        page.title(box[0], title, box[1])
        joint = _joint([one for side in sides for one in side if kind(side[0].record) == kind(some[0].record)])
        ends.append(_draw_side(page, tables, some, joint, *box))
    page.pictures(tables)
    page.y = max(ends) + 14


def _joint(some: Sequence[Map]) -> tuple[Colours, Colours] | None:
    """Colours for all of some maps, if they leave enough of what there is to see on each."""
    joint = colours_of(some)
    for one in some:
        together, alone = (np.ptp(colours.levels(_values([one]))) for colours in (joint[0], colours_of([one])[0]))
        if together < alone / 3:
            return None
    return joint


def _levels(one: Map, colours: tuple[Colours, Colours]) -> list[NDArray[np.int64]]:
    """The colours of what was measured and predicted, and of the difference."""
    return [colours[0].levels(one.measured), colours[0].levels(one.predicted), colours[1].levels(one.difference)]


def _values(some: Sequence[Map]) -> Floats:
    return np.concatenate([np.append(one.measured, one.predicted) for one in some])


def colours_of(some: Sequence[Map]) -> tuple[Colours, Colours]:
    """The colours of values and of differences that some maps need."""
    if _is_boolean(some[0].record):
        scale = Scale("boolean", np.array([0.0, 1.0]))
        return Colours(scale, YES_NO), Colours(scale, DIFFERS)
    scale = some[0].record["scale"]
    size = max(float(np.abs(one.difference[np.isfinite(one.difference)]).max(initial=0)) for one in some)
    apart = _faded(scale if scale == "linear" else "log", np.array([-size, 0.0, size]))
    return _faded(scale, _values(some)), apart if size else Colours(apart.scale, (PALE,))


def _faded(scale: str, values: Floats) -> Colours:
    """Colours for values, from light to dark; zero is a middle grey where there are values of both signs."""
    values = values[np.isfinite(values)]
    low, high = values.min(initial=0), values.max(initial=0)
    is_signed = low < 0 < high
    if is_signed:
        values = np.append(values, [-max(high, -low), max(high, -low)])
    fade = SIGNED if is_signed else RISING
    parts = [[int(colour[i : i + 2], 16) for _, colour in fade] for i in (1, 3, 5)]
    at = np.linspace(0, 1, LEVELS)
    mixed = np.stack([np.interp(at, [place for place, _ in fade], part) for part in parts], axis=1)
    return Colours(Scale(scale, values), tuple("#{:02x}{:02x}{:02x}".format(*map(round, colour)) for colour in mixed))


def _draw_key(page: Page, some: Sequence[Map], left: float, width: float, cases: int) -> float:
    """What the maps show; returns where it ends."""
    y, record = page.y + 10, some[0].record
    is_claim, drawn = record["part"] == "holds", len({one.record["item"] for one in some})
    page.text(left, page.y + 9, "The claim" if is_claim else "Broken on purpose", 9, weight="bold")
    words = [
        f"{side}: {with_unit(axis['name'], axis['unit'])}" * (axis is not NOTHING)
        for side, axis in zip(("down", "across"), _drawn(record), strict=True)
    ]
    words += [f"{drawn} of {cases} cases" * (is_claim and drawn < cases), some[0].share]
    for line in wrap("; ".join(filter(None, words)), width, 7.5, 2):
        y += 10
        page.text(left, y, line, 7.5, color=GREY)
    return y


def _draw_side(
    page: Page,
    tables: list[Table],
    some: Sequence[Map],
    joint: tuple[Colours, Colours] | None,
    left: float,
    width: float,
) -> float:
    """Maps below each other, with the colour bars at the end or, where colours are not shared, below each map."""
    most = 0.4 if NOTHING in _drawn(some[0].record)[1:] else 0.3
    gutter = min(5 + max(width_of(text, 7) for one in some for text in one.labels[0]), most * width)
    room = (width - gutter - 2 * GAP) / 3
    lefts = [left + gutter + (room + GAP) * i for i in range(3)]
    heads = "measured", "bound" if some[0].record["relation"] in ALLOWS else "predicted", "difference"
    for x, text in zip(lefts, heads, strict=True):
        page.text(x, page.y + 12, text, 7.5, room=room)
    y = page.y + 12
    for i, one in enumerate(some):
        about = {"refuted": f", broken: {one.record['about']}", "erratum": f", as printed: {one.record['about']}"}
        is_first = i == 0 or some[i - 1].record["item"] != one.record["item"]
        name = one.label + about.get(one.record["part"], "") * is_first
        for line in wrap(": ".join(filter(None, (name, one.finding))), width, 7.5, 3):
            y += 10
            page.text(left, y, line, 7.5, room=width)
        colours = joint or colours_of([one])
        y = _draw_map(page, tables, one, colours, lefts, y + 4, room, gutter)
        if joint is None or one is some[-1]:
            _draw_bar(page, tables, colours[0], lefts[0], y + 4, 2 * room + GAP)
            _draw_bar(page, tables, colours[1], lefts[2], y + 4, room)
            y += 24
    return y


def _draw_map(
    page: Page,
    tables: list[Table],
    one: Map,
    colours: tuple[Colours, Colours],
    lefts: Sequence[float],
    y: float,
    room: float,
    gutter: float,
) -> float:
    """What was measured and predicted, and the difference, beside each other; returns where they end."""
    across, down = _cell(one, room)
    rows, columns = one.labels
    for left, levels, own in zip(lefts, _levels(one, colours), (colours[0], *colours), strict=True):
        tables.append(Table(levels, own.colours, left, y, across, down))
        for k, text in _spaced(columns, across):
            half = max(width_of(text, 7), across) / 2  # so that none begins before its map or ends behind it
            middle = np.clip(across * (k + 0.5), half, across * len(columns) - half)
            page.text(left + middle, y + down * len(rows) + 8, text, 7, ha="center")
    for k in range(0, len(rows), math.ceil(8 / down)):
        page.text(lefts[0] - 3, y + down * (k + 0.5) + 2.5, rows[k], 7, room=gutter - 5, ha="right")
    return y + down * len(rows) + 11


def _spaced(labels: list[str], size: float) -> list[tuple[int, str]]:
    """Labels of some of the cells of this size, evenly, each with the room that it needs, or that a large cell has."""
    widest = max(width_of(text, 7) for text in labels)
    needed = widest + 3 + max(widest - size, 0) * (len(labels) > 1)
    step = 1 if size >= 24 else math.ceil(needed / size)
    return [(k, fit(labels[k], size * min(step, len(labels)), 7)) for k in range(0, len(labels), step)]


def _cell(one: Map, room: float) -> tuple[float, float]:
    """Width and height of a cell: square unless a map would be too flat or high, or has labels; in fifths of a point."""
    down, across = (is_numeric(axis) for axis in _drawn(one.record))
    rows, columns = one.measured.shape
    widest = CELL if across else CELL + max(width_of(text, 7) for text in one.labels[1])
    width = min(widest, room / columns)
    height = min(CELL, max(width, FLATTEST / rows), (TALLEST if down else 130.0) / rows)
    width = min(width, max(height, FLATTEST / columns)) if across else width
    return math.floor(width * 5) / 5, math.floor(height * 5) / 5


def _draw_bar(page: Page, tables: list[Table], colours: Colours, left: float, top: float, width: float) -> None:
    """Which value has which colour; nothing where there is only one."""
    count = len(colours.colours)
    if count == 1:
        return
    if colours.scale.kind == "boolean":
        words = ("same", "differs") if colours.colours == DIFFERS else ("no", "yes")
        left = min(left, left + width - sum(width_of(text, 7) + 17 for text in words))
        for k, text in enumerate(words):
            tables.append(Table(np.array([[k]]), colours.colours, left, top, 8, 8))
            page.text(left + 11, top + 7, text, 7)
            left += width_of(text, 7) + 17
        return
    tables.append(Table(np.arange(count)[None], colours.colours, left, top, width / count, 6))
    end = -np.inf
    for place, text in sorted(colours.scale.ticks()):
        start = left + width * place - width_of(text, 7) / 2
        if start > end + 3:
            page.tick(left + width * place, top + 6, text)
            end = start + width_of(text, 7)
