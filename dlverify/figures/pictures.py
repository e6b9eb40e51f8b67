"""Pictures: what measurements hand out beside their values, which no judge sees, as rows of small grey images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlverify.figures.numbers import Floats, floats, number
from dlverify.figures.page import BLACK, EDGE, GREY, ROOM, Page, Table, wrap
from dlverify.figures.scale import spread
from dlverify.records import Record

GAP, BETWEEN, PIXEL, HIGH = 26.0, 4.0, 3.8, 30.0
"""Points: between two sides and two images; a pixel at most, unless an image is lower than `HIGH` then, twice if alone."""
MOST_EDGES = 2000
"""Pixels of a figure that differ from their neighbour on the left: 36 kB."""
SHADES = tuple("#" + f"{round(255 * (1 - i / 8)):02x}" * 3 for i in range(9))
"""From the smallest value of a picture to its largest."""


@dataclass(frozen=True)
class Shown:
    """A picture of a record as it is drawn.

    Attributes:
        name: What it shows.
        details: What else there is to know, and which values are white and black.
        images: Those that are drawn, shape `(images, height, width)`.
        ends: The smallest and the largest value of all its images.
    """

    name: str
    details: str
    images: Floats
    ends: tuple[float, float]


def draw_pictures(page: Page, rows: Sequence[Record]) -> None:
    """The pictures of the first case that has some, and beside them those of the first control or erratum."""
    parts = ("holds",), ("refuted", "erratum")
    found = [[row for row in rows if row["part"] in some and row["pictures"]] for some in parts]
    sides = [some[0] for some in found if some]
    if not sides:
        return
    for most in (12, 8, 6, 4, 3, 2, 1):
        shown = [[_shown(picture, most) for picture in row["pictures"]] for row in sides]
        if sum(_edges(one) for side in shown for one in side) <= MOST_EDGES:
            break
    width = (ROOM - GAP) / 2
    lefts = [EDGE + i * (width + GAP) for i in range(len(sides))]
    y = page.y = max([_draw_head(page, row, left, width) for row, left in zip(sides, lefts, strict=True)])
    tables: list[Table] = []
    for i in range(max(map(len, shown))):
        both = [(side[i], left) for side, left in zip(shown, lefts, strict=True) if i < len(side)]
        texts = [
            [
                (line, colour)
                for text, colour in ((one.name, BLACK), (one.details, GREY))
                for line in _lines(text, width)
            ]
            for one, _ in both
        ]
        top = y + 10 * max(map(len, texts))
        for (one, left), lines in zip(both, texts, strict=True):
            for k, (line, colour) in enumerate(lines):
                page.text(left, top - 10 * (len(lines) - 1 - k), line, 7.5, room=width, color=colour)
            y = max(y, _add_images(tables, one, left, top + 4, width))
        y += 6
    page.pictures(tables)
    page.y = y + 10


def _shown(picture: dict[str, Any], most: int) -> Shown:
    images = floats(picture["values"])
    kept = spread(len(images), min(most, len(images)))
    low, high = float(images.min()), float(images.max())
    ends = f"white {number(low, 2)}, black {number(high, 2)}" if low < high else f"all {number(low, 2)}"
    share = f"{len(kept)} of {len(images)} images" if len(kept) < len(images) else ""
    return Shown(picture["name"], "; ".join(filter(None, (picture["caption"], share, ends))), images[kept], (low, high))


def _lines(text: str, width: float) -> list[str]:
    """The text in at most two lines, with room for one that is wider than its share."""
    return wrap(text, width / 1.06, 7.5, 2)


def _levels(one: Shown) -> Any:
    """Which of the shades each pixel has."""
    low, high = one.ends
    return np.rint((one.images - low) / ((high - low) or 1) * (len(SHADES) - 1)).astype(np.int64)


def _edges(one: Shown) -> int:
    """How many pixels differ from their neighbour on the left."""
    return int(np.count_nonzero(np.diff(_levels(one), axis=2)))


def _draw_head(page: Page, row: Record, left: float, width: float) -> float:
    """Whose pictures these are; returns where that ends."""
    y, is_claim = page.y + 9, row["part"] == "holds"
    whose = " of the first seed" if row["statistics"] else ""
    page.text(left, y, f"Pictures{whose}{'' if is_claim else ', broken on purpose'}", 9, weight="bold")
    word = "as printed" if row["part"] == "erratum" else "broken"
    text = row["name"] * (row["name"] != "default") if is_claim else f"{row['name']}, {word}: {row['about']}"
    for line in _lines(text, width):
        y += 10
        page.text(left, y, line, 7.5, room=width, color=GREY)
    return y + 2


def _add_images(tables: list[Table], one: Shown, left: float, top: float, width: float) -> float:
    """The images beside each other; returns where they end."""
    count, height, across = map(int, one.images.shape)
    room = (width - BETWEEN * (count - 1)) / (count * across)
    most = max(PIXEL, (HIGH if count > 1 else 2 * HIGH) / max(height, across))
    pixel = math.floor(5 * min(room, most)) / 5
    for k, levels in enumerate(_levels(one)):
        tables.append(Table(levels, SHADES, left + k * (across * pixel + BETWEEN), top, pixel, pixel))
    return top + height * pixel
