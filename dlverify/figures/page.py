"""A page in points from the top left corner down, written as SVG: the same bytes for the same drawing.

The only importer of matplotlib. Colours are those of Okabe & Ito (2008), told apart by the colour-blind.
"""

from __future__ import annotations

import html
import io
import re
import textwrap
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Polygon
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from dlverify.figures.numbers import Floats

WIDTH, EDGE = 576.0, 12.0
"""Points: 8 inches, which a screen shows as some 800 pixels, and the margin."""
ROOM = WIDTH - 2 * EDGE
BLACK, BLUE, GREEN, SKY, PURPLE, VERMILLION = "#000000", "#0072b2", "#009e73", "#56b4e9", "#cc79a7", "#d55e00"
YELLOW, GREY, LIGHT, PALE, WHITE = "#f0e442", "#595959", "#b0b0b0", "#e6e6e6", "#ffffff"
LEAST_GRID = 4.0
"""Points: a cell of a picture from which on white lines set it off from its neighbours."""
LEVEL: Any = "bevel"
"""How level lines would be joined if they turned anywhere: their mark, by which they are written in half the bytes."""
BREAK = (np.nan, np.nan)
"""A point that breaks a line."""
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (7, 2, 1, 2)), (0, (2, 4)))
FONTS = "font-family: 'DejaVu Sans', Verdana, Arial, Helvetica, sans-serif"
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "dlverify",
    "text.parse_math": False,
    "font.family": "DejaVu Sans",
}


class Table(NamedTuple):
    """Cells, each in a colour.

    Attributes:
        levels: Which of the colours each cell has, -1 for none; shape `(rows, columns)`.
        colours: The colours.
        left: Where it begins.
        top: Where it begins.
        across: How wide a cell is.
        down: How high a cell is.
    """

    levels: NDArray[np.int64]
    colours: tuple[str, ...]
    left: float
    top: float
    across: float
    down: float


class Page:
    """A drawing whose height is known in the end."""

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

    def pictures(self, tables: Sequence[Table]) -> None:
        """Tables of coloured cells, each in a frame: as few lines as possible, each as thick as a row of cells."""
        grounds: dict[tuple[str, float], list[Any]] = {}
        runs: dict[tuple[str, float], list[Any]] = {}
        for table in tables:
            levels, colours, left, top, across, down = table
            common = int(np.bincount(levels[levels >= 0], minlength=1).argmax())  # drawn in one piece
            right, bottom = left + across * levels.shape[1], top + down * len(levels)
            if (levels >= 0).all():
                grounds.setdefault((colours[common], bottom - top), []).append([left, right, (top + bottom) / 2])
            for row, cells in enumerate(levels):
                starts = np.flatnonzero(np.diff(cells, prepend=-2))
                for start, end in zip(starts, np.append(starts[1:], len(cells)), strict=True):
                    if cells[start] >= 0 and (cells[start] != common or (levels < 0).any()):
                        ends = left + across * start, left + across * end, top + down * (row + 0.5)
                        runs.setdefault((colours[cells[start]], down), []).append(ends)
        for (colour, thickness), lines in [*grounds.items(), *runs.items()]:
            starts, ends, ys = np.array(lines).T
            points = np.stack([starts, ys, ends, ys], axis=1).reshape(-1, 2)
            path = Path(points, np.tile([Path.MOVETO, Path.LINETO], len(lines)))
            self._add(PathPatch(path, fill=False, edgecolor=colour, linewidth=thickness, joinstyle=LEVEL))
        grid: list[Any] = []
        frames: list[Any] = []
        for levels, _, left, top, across, down in tables:
            rows, columns = levels.shape
            right, bottom = left + across * columns, top + down * rows
            if min(across, down) >= LEAST_GRID and levels.size > 1:
                grid += [
                    point for x in left + across * np.arange(1, columns) for point in ((x, top), (x, bottom), BREAK)
                ]
                grid += [point for y in top + down * np.arange(1, rows) for point in ((left, y), (right, y), BREAK)]
            frames += [(left, top), (right, top), (right, bottom), (left, bottom), (left, top), BREAK]
        for corners, colour, width in ((grid, WHITE, 0.4), (frames, GREY, 0.5)):
            if corners:
                xs, ys = np.array(corners).T
                self.line(xs, ys, colour, width)

    def room_for(self, titles: Sequence[list[str]]) -> None:
        """Move down by as many lines as the longest of some titles has more than one."""
        self.y += 10 * (max(map(len, titles)) - 1)

    def title(self, left: float, lines: list[str], room: float) -> None:
        """The title of a panel, whose last line ends here."""
        for i, line in enumerate(lines):
            self.text(left, self.y - 10 * (len(lines) - 1 - i), line, 8, room=room, style="italic")

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
            self._add(Text(x, y, fit(text, room, size), size=size, bbox=box, va="baseline", **style))

    def svg(self, title: str, description: str) -> str:
        """The page as SVG, with a title and a description for those who do not see it."""
        height = self.y + EDGE
        self.figure.set_size_inches(WIDTH / 72, height / 72)
        self.downwards.clear().scale(1, -1).translate(0, height)
        buffer = io.StringIO()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # the reader's font may have it
            canvas: Any = FigureCanvasSVG(self.figure)
            canvas.print_svg(buffer, metadata={"Date": None, "Creator": None, "Title": _plain(title)[:1000]})
        text = re.sub(r"<[^>]*>", _slim, buffer.getvalue())
        for mark, new in {
            "<svg ": '<svg role="img" ',
            "<style": f"<style>text{{{FONTS}}}</style>\n  <style",
            "</title>": f"</title>\n <desc>{html.escape(_plain(description)[:3000])}</desc>",
        }.items():
            text = text.replace(mark, new, 1)
        return text


@contextmanager
def blank_page() -> Iterator[Page]:
    """A page in the style of the figures, whatever style its user prefers; theirs stays."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield Page()


def _path(xs: Any, ys: Any) -> Path:
    """A line that is broken where a point is no number, without the points that are not needed to see it."""
    path = Path(np.stack(np.broadcast_arrays(xs, ys), axis=1).astype(np.float64))
    path.should_simplify, path.simplify_threshold = len(path) > 2, 0.5  # points: a place or two
    return path.cleaned(remove_nans=True, simplify=True)


def _slim(tag: re.Match[str]) -> str:
    """A tag in half the bytes: in tenths of a point, and without what every text repeats."""
    text = re.sub(r' transform="rotate\(-0 [^"]*"|font-family: [^;"]*; ', "", tag[0])
    text = re.sub(r"\d+\.\d{2,}", lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), text)
    return re.sub(r"M (\S+ \S+) \nL (\S+) \S+ \n", r"M\1H\2", text) if f"linejoin: {LEVEL}" in text else text


def _plain(text: str) -> str:
    """One line of text without the characters that XML cannot hold."""
    text = " ".join(text.split())
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cs", "Cn") else c for c in text)


def _ems(text: str) -> float:
    """The width of a text in units of its size, not below that of DejaVu Sans, which is a wide font."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" or c in "mwMW@%—\ufffd" for c in text)
    narrow = sum(c in "fijlrtI .,:;'|!()[]/-" for c in text)
    return 1.04 * wide + 0.41 * narrow + 0.635 * (len(text) - wide - narrow) + 0.08 * sum(map(str.isupper, text))


def width_of(text: str, size: float) -> float:
    """How wide a text is, in points; not less than it is in DejaVu Sans."""
    return _ems(_plain(text)) * size


def fit(text: str, room: float, size: float) -> str:
    """The text, shortened in its middle where it is wider than the room: its two ends tell most."""
    text = short = _plain(text)
    most = min(len(text), 300)
    while _ems(short) * size > room and most > 3:
        most -= 1
        short = f"{text[: most * 2 // 3]}…{text[len(text) - most // 3 :]}"
    return short


def wrap(text: str, room: float, size: float, lines: int) -> list[str]:
    """The text in at most so many lines."""
    text = _plain(text)
    most = int(room / size * len(text) / _ems(text)) if text else 1
    return textwrap.wrap(text, most, max_lines=lines, placeholder=" …")
