"""The two panels: measured against predicted, the claim on the left and what was broken on purpose on the right.

They have the same scales where that leaves something to see. Shapes and line styles differ wherever colours do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlverify.figures.maps import choose_maps, draw_maps, reads_as_map
from dlverify.figures.numbers import HUGE, Floats
from dlverify.figures.page import (
    BLACK,
    BLUE,
    DASHES,
    EDGE,
    GREEN,
    GREY,
    LIGHT,
    PURPLE,
    ROOM,
    SKY,
    VERMILLION,
    Page,
    wrap,
)
from dlverify.figures.scale import LEAST_SHARE, MOST_POINTS, PLACES, Scale, spread, thin
from dlverify.figures.series import Series, series_of, title_of
from dlverify.records import Record
from dlverify.summary import is_as_stated

PLOT, ROW, GAP = 130.0, 15.0, 26.0
"""Heights of a panel of curves (half as high as wide) and of a row of single values, and the gap between two panels."""
CASES = ((BLUE, "o"), (GREEN, "s"), (PURPLE, "^"), (SKY, "D"), (BLACK, "v"))
BROKEN = ((VERMILLION, "x"), (BLACK, "+"))


@dataclass(frozen=True)
class Panel:
    """A plot: curves run in it from left to right, rows of single values from top to bottom.

    Attributes:
        series: What it shows, of one quantity.
        xs: The scale of positions.
        ys: The scale of values.
        left: Where its box begins; names of rows, or numbers, stand before it.
        top: Where its box begins.
        width: Of the box.
    """

    series: list[Series]
    xs: Scale
    ys: Scale
    left: float
    top: float
    width: float

    @property
    def names(self) -> list[str]:
        """The labels of rows; none for curves."""
        return [name for one in self.series for name in one.rows]

    @property
    def height(self) -> float:
        """Of the box."""
        return ROW * len(self.names) or PLOT

    def at(self, along: Any, across: Any) -> tuple[Any, Any]:
        """Where on the page a position and a value are, both given as places from 0 to 1."""
        if self.names:
            return self.left + self.width * across, self.top + self.height * along
        return self.left + self.width * along, self.top + self.height * (1 - across)

    def bars(self, along: Floats, low: Floats, high: Floats) -> tuple[Any, Any]:
        """The ends of a bar at each position, with a gap after each."""
        return self.at(np.repeat(along, 3), np.stack([low, high, np.full(len(along), np.nan)], axis=1).ravel())

    def places(self, index: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Positions and values of a series as places, thinned to what can be told apart, and which is the worst."""
        one, before = self.series[index], sum(len(one.rows) for one in self.series[:index])
        along = (before + one.along + 0.5) / len(self.names) if self.names else self.xs.places(one.along)
        kept = thin(along, one.worst)
        return along[kept], self.ys.places(one.values[:, kept]), kept == one.worst


def draw_panels(page: Page, rows: Sequence[Record]) -> None:
    """The claim, and beside it the first controls and errata: what the same theory predicts there and what happened."""
    measured = [row for row in rows if row["measured"] is not None]
    cases = sorted((row for row in measured if row["part"] == "holds"), key=is_as_stated)
    controls, errata = ([row for row in measured if row["part"] == part] for part in ("refuted", "erratum"))
    others = [*controls[:1], *errata[:1], *controls[1:3], *errata[1:3]]
    if any(reads_as_map(row) for row in [*cases, *others][:1]):
        width = (ROOM - GAP) / 2
        draw_maps(page, choose_maps(cases, others), [(EDGE, width), (EDGE + width + GAP, width)], len(cases))
        return
    claim = _chosen(cases, 4, 5)
    broken = _chosen(_alike(others, claim)[:2], 2, 2)
    shown = [some for some in (claim, broken) if some]
    if not shown:
        return
    scales, note = [_scales(some) for some in shown], ""
    if claim and broken and claim[0].kind == broken[0].kind:
        joint = _scales([*claim, *broken])
        if all(_is_seen(some, joint, own) for some, own in zip(shown, scales, strict=True)):
            scales = [joint, joint]
        else:
            note = " (another scale)"
    width = (ROOM - GAP * (len(shown) - 1)) / len(shown)
    boxes = [(some, *pair, EDGE + i * (width + GAP)) for i, (some, pair) in enumerate(zip(shown, scales, strict=True))]
    page.y = max([_draw_key(page, some, ys, left, width, len(cases)) for some, _, ys, left in boxes]) + 14
    titles = [wrap(title_of(some[0].record) + note * (some is broken), width, 8, 2) for some in shown]
    page.room_for(titles)
    ends = []
    for (some, xs, ys, left), title in zip(boxes, titles, strict=True):
        page.title(left, title, width)
        gutter = 104.0 if some[0].rows else 38.0
        ends.append(_draw_panel(page, Panel(some, xs, ys, left + gutter, page.y + 7, width - gutter - 4)))
    page.y = max(ends) + 14


def _chosen(found: Sequence[Record], most: int, slices: int) -> list[Series]:
    """Series of some of the records that can stand in one panel: the values by their prediction where else none can."""
    found = [row for row in found if (row["quantity"], row["unit"]) == (found[0]["quantity"], found[0]["unit"])]
    some = [found[i] for i in spread(len(found), most)]
    series = [one for record in some for one in series_of(record, max(1, slices // len(some)), len(some) > 1)]
    if len({one.kind for one in series}) > 1:
        series = [one for record in some for one in series_of(record, 0, True)]
    return [one for one in series if one.kind == series[0].kind]


def _alike(found: Sequence[Record], claim: Sequence[Series]) -> list[Record]:
    """The records that are drawn like the claim, or else like the first of them."""
    drawn = [(series[0].kind, row) for row in found if (series := series_of(row, 1, True))]
    kinds = [kind for kind, _ in drawn]
    wanted = claim[0].kind if claim and claim[0].kind in kinds else kinds[:1] and kinds[0]
    return [row for kind, row in drawn if kind == wanted]


def _scales(some: Sequence[Series]) -> tuple[Scale, Scale]:
    """The scales of positions and of values that a panel needs for some series."""
    values = np.concatenate([one.values for one in some], axis=1)
    shown, bounds = _finite(values[:3]), _finite(values[2])
    if bounds.size:  # show what is allowed, unless it is far more than there is to see
        reach = np.ptp(bounds) or np.abs(bounds).max() or HUGE
        edges = {0: values[3:], 1: values[3], -1: values[4]}[some[0].allows]
        band = np.clip(edges.ravel(), bounds.min() - reach, bounds.max() + reach)
        shown = np.append(shown, band if shown.min() <= 0 else band[band > shown.min() / 10])
    allowed = float(_finite(values[3:] - values[2]).max(initial=0))
    kind = "symlog" if some[0].scale == "linear" and _is_dwarfed(some, allowed) else some[0].scale
    return Scale(some[0].x_scale, np.concatenate([one.along for one in some])), Scale(kind, shown, allowed)


def _is_dwarfed(some: Sequence[Series], allowed: float) -> bool:
    """Whether on a linear scale a whole series would lie on zero, since another is that much larger, but on no other."""
    sizes = np.array([np.abs(_finite(one.values[:3])).max(initial=0) for one in some])
    sizes = sizes[sizes > allowed]
    is_diagonal = some[0].x_name == "predicted"  # which a bent scale would bend
    return bool(sizes.size and PLACES < sizes.max() / sizes.min() < 1 / LEAST_SHARE and not is_diagonal)


def _is_seen(some: Sequence[Series], joint: tuple[Scale, Scale], own: tuple[Scale, Scale]) -> bool:
    """Whether scales that are shared with the other panel leave enough of what this one has to say."""
    pairs = zip(_extent(some, *joint), _extent(some, *own), strict=True)
    return all(together >= min(0.1, alone / 3) for together, alone in pairs)


def _extent(some: Sequence[Series], xs: Scale, ys: Scale) -> list[float]:
    """The shares of two scales on which a panel has its message: where it is, and what the claim says or breaks."""
    along = np.concatenate([xs.places(one.along) for one in some])
    measured, predicted = (np.concatenate([ys.places(one.values[i]) for one in some]) for i in (0, 2))
    is_claim = some[0].record["part"] == "holds"
    message = np.append(measured, predicted) if is_claim else np.append(np.abs(measured - predicted), 0)
    return [float(np.ptp(places)) if places.size else 0.0 for places in map(_finite, (along, message))]


def _finite(values: Floats) -> Floats:
    return values[np.isfinite(values)]


def _look(one: Series, index: int) -> tuple[str, str]:
    """Colour and marker of a series; cases in rows share theirs, since each has its label."""
    return CASES[0 if one.rows else index] if one.record["part"] == "holds" else BROKEN[index]


def _has_band(one: Series, ys: Scale) -> bool:
    """Whether what is allowed is wide enough to be seen: two points."""
    low, high = ys.places(one.values[3:])
    return bool(np.nanmax(np.abs(high - low), initial=0) > 2 / PLOT)


def _draw_key(page: Page, some: Sequence[Series], ys: Scale, left: float, width: float, cases: int) -> float:
    """What a panel shows, and its series by marker and line; returns where it ends."""
    y = page.y + 10
    first, is_claim = some[0], some[0].record["part"] == "holds"
    page.text(left, page.y + 9, "The claim" if is_claim else "Broken on purpose", 9, weight="bold")
    drawn = len({one.record["item"] for one in some})
    grey = "grey: allowed" if any(_has_band(one, ys) for one in some) else ""
    words = (
        "bars: enclosed for certain" if first.record["upper"] is not None else "marks: measured",
        "line: margin" if first.record["statistics"] else "line: bound" if first.allows else "line: predicted",
        "grey: wrong side" if first.allows else grey,
        f"{drawn} of {cases} cases" if is_claim and drawn < cases else "",
        first.share,
    )
    for line in wrap("; ".join(filter(None, words)), width, 7.5, 2):
        y += 10
        page.text(left, y, line, 7.5, color=GREY)
    if is_claim and (first.rows or len(some) == 1):
        return y
    for i, one in enumerate(some):
        about = {"refuted": f", broken: {one.record['about']}", "erratum": f", as printed: {one.record['about']}"}
        text = one.label + about.get(one.record["part"], "")
        page.line([left, left + 20], [y + 7, y + 7], style="-" if one.rows else DASHES[i])
        page.marks([left + 10], [y + 7], *_look(one, i))
        for line in [text] if is_claim else wrap(text, width - 26, 7.5, 2):
            y += 10
            page.text(left + 26, y, line, 7.5, room=width - 26)
    return y


def _draw_panel(page: Page, panel: Panel) -> float:
    """What is allowed, what was predicted and measured, and the axes; returns where it ends."""
    for i in range(len(panel.series)):
        _draw_allowed(page, panel, i)
    for i in range(len(panel.series)):
        _draw_values(page, panel, i)
    names, left, right, bottom = panel.names, panel.left, panel.left + panel.width, panel.top + panel.height
    page.line([left, left, right], [bottom if names else panel.top, bottom, bottom], GREY, 0.6)
    for place, text in (panel.ys if names else panel.xs).ticks():
        page.tick(left + panel.width * place, bottom, text)
    for k, name in enumerate(names):
        page.text(left - 6, panel.top + ROW * (k + 0.5) + 2.5, name, 7.5, room=96, ha="right")
    for place, text in [] if names else panel.ys.ticks():
        page.line([left - 3, left], [bottom - panel.height * place] * 2, GREY, 0.6)
        page.text(left - 5, bottom - panel.height * place + 2.5, text, 7, ha="right")
    page.text(right, bottom + 21, panel.series[0].x_name, 7.5, room=panel.width, ha="right", style="italic")
    return bottom + (12 if names else 22)


def _draw_allowed(page: Page, panel: Panel, index: int) -> None:
    """In grey what is allowed around the prediction of a series, or the wrong side of a bound."""
    one, (along, across, _) = panel.series[index], panel.places(index)
    (low, high), has_band = across[3:], _has_band(one, panel.ys)
    if one.allows:
        bounds = np.concatenate([one.values[2] for one in panel.series])
        is_wide = panel.names or len(panel.series) == 1 or (bounds == bounds[0]).all()
        edge = across[3 if one.allows > 0 else 4]
        low, high = edge, np.clip(edge - one.allows * (1.0 if is_wide else 0.04), 0, 1)
    elif not has_band:
        return
    if one.x_name == "predicted" and has_band:  # neighbours there have nothing to do with each other
        page.line(*panel.bars(along, low, high), LIGHT, 2.5)
    elif panel.names:
        for k, place in enumerate(along):
            around = place + np.array([-0.4, 0.4]) / len(panel.names)
            page.area(*panel.at(around, low[[k, k]]), *panel.at(around, high[[k, k]]))
    else:
        page.area(*panel.at(along, low), *panel.at(along, high))


def _draw_values(page: Page, panel: Panel, index: int) -> None:
    """What was predicted as a line, and what was measured as marks or bars."""
    one, count, (along, across, is_worst) = panel.series[index], len(panel.series), panel.places(index)
    measured, upper, predicted = across[:3]
    colour, marker = _look(one, index)
    if panel.names:
        page.marks(*panel.at(along, predicted), BLACK, "|", size=11)
    else:
        page.line(*panel.at(along, predicted), style=DASHES[index])
    if one.record["upper"] is not None:
        beside = along + (0 if panel.names else 0.012 * (index - (count - 1) / 2))  # so that no bar hides another
        ends = panel.bars(beside, measured, np.maximum(upper, measured))
        page.line(*ends, colour, 1.5)
        page.marks(*ends, colour, marker, size=3.5)
        return
    counted = bool(one.record["statistics"])
    turns = count if len(along) > MOST_POINTS / 2 and not counted else 1  # where marks take turns, none hides another
    shown = is_worst | (np.arange(len(along)) % turns == index % turns)
    filled = (one.allows * (measured - predicted) > 0) & counted
    size = 5 + (turns == 1) * (count - 1 - index)
    for is_filled in (False, True):
        mask = shown & (filled == is_filled)
        page.marks(*panel.at(along[mask], measured[mask]), colour, marker, filled=is_filled, size=size)
