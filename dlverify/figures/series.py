"""Series: the measured and predicted values of a record, cut into what one panel can show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from dlverify.figures.numbers import HUGE, TINY, Floats, floats, number
from dlverify.figures.scale import spread
from dlverify.records import Record

MOST_LINES = 8
"""Lines that values along an axis may have; of more, a choice would say little."""
EXACT = re.compile(r"-?\d+/\d+|-?inf|nan")
"""The numbers that records write as text."""
ALLOWS = {"at_least": 1, "above": 1, "at_most": -1, "below": -1}


@dataclass(frozen=True)
class Series:
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
        return "boolean" if np.asarray(self.record["measured"]).dtype == bool else str(self.record["scale"])

    @property
    def kind(self) -> tuple[str, str, str, str]:
        """What two series must share to stand in one panel."""
        return self.record["quantity"], self.record["unit"], self.x_name, self.scale

    @property
    def allows(self) -> int:
        """1 where values may lie above the prediction, -1 where below, 0 where neither."""
        return ALLOWS.get(self.record["relation"], 0)


def series_of(record: Record, slices: int, several: bool) -> list[Series]:
    """A record as series: slices along its longest axis of numbers if the prediction is a curve there; or a few rows.

    Otherwise all values by their prediction, or by their distance from it where it is one for all and slices are asked.
    A seed is one value, the one that is least on the right side of the margin.
    """
    values, excess = read_values(record)
    if not excess.size:
        return []
    if record["statistics"]:
        return [_seeds(record, values, excess)]
    long = _longest(record["axes"])
    others = [axis for i, axis in enumerate(record["axes"]) if i != long and len(axis["values"]) > 1]
    places = [", ".join(place) for place in product(*map(places_of, others))]
    flat, label = values.reshape(5, -1), record["name"]
    if slices and long is not None:
        lines = _lines(record, long, values, excess, places, slices, several)
        if lines:
            return lines
    elif slices and excess.size <= (2 if several else 8):
        label = "measured" if label == "default" else label
        rows = tuple(joined(label if several or not place else "", place) for place in places)
        return [Series(record, label, "", "linear", np.arange(excess.size, dtype=np.float64), flat, rows=rows)]
    if slices and (flat[2] == flat[2, 0]).all():
        return [_sorted(record, flat, "share of the values, sorted")]
    name = "bound" if record["relation"] in ALLOWS else "predicted"
    return [Series(record, label, name, record["scale"], flat[2], flat, int(excess.argmax()))]


def read_values(record: Record) -> tuple[Floats, Floats]:
    """The values of a series for all places, and how far beyond what is allowed each is."""
    measured, predicted = floats(record["measured"]), floats(record["predicted"])
    upper = measured if record["upper"] is None else floats(record["upper"])
    budget, sign = floats(record["budget"] or 0), ALLOWS.get(record["relation"], 0)
    gap = sign * (predicted - measured) if sign else np.abs(measured - predicted)
    excess = np.nan_to_num(gap / np.where(budget > 0, budget, TINY), nan=HUGE)
    if excess.size and excess.max() <= 1 and not record["statistics"]:
        excess = np.zeros_like(excess)  # which of the allowed errors is the largest is noise
    values = np.stack(np.broadcast_arrays(measured, upper, predicted, predicted - budget, predicted + budget))
    return values, excess


def _lines(
    record: Record, long: int, values: Floats, excess: Floats, places: list[str], most: int, several: bool
) -> list[Series]:
    """A curve along one axis for some of the places, the worst one among them; none where too much would be hidden."""
    axis, count = record["axes"][long], len(places)
    values = np.moveaxis(values, long + 1, -1).reshape(5, count, -1)
    excess = np.moveaxis(excess, long, -1).reshape(count, -1)
    kept = spread(count, most, int(excess.max(axis=1).argmax()))
    if count > MOST_LINES or any(_is_jagged(values[2, k]) for k in kept):
        return []
    share = f"{len(kept)} of {count} lines" if len(kept) < count else ""
    label = record["name"] if several or record["part"] != "holds" else ""  # a single case needs no name
    x = with_unit(axis["name"], axis["unit"]), axis["scale"], floats(axis["values"])
    worst = excess.argmax(axis=1)
    return [Series(record, joined(label, places[k]), *x, values[:, k], worst[k], share=share) for k in kept]


def _is_jagged(predicted: Floats) -> bool:
    """Whether a prediction is one value for each position rather than a curve: it is long, and turns at every third."""
    steps = np.diff(predicted)
    steps[np.abs(steps) < 1e-6 * np.abs(predicted).max()] = 0
    return len(steps) > 24 and float(np.mean(steps[1:] * steps[:-1] < 0)) > 1 / 3


def _seeds(record: Record, values: Floats, excess: Floats) -> Series:
    """The seeds that were read, each by the value that is least on the right side of the margin."""
    if (values[2] != values[2].flat[0]).any():  # one margin for all: zero
        record = {**record, "quantity": f"{record['quantity']} less the margin", "scale": "linear"}
        values = np.concatenate([values[:2] - values[2], np.zeros_like(values[2:])])
    read = np.arange(min(record["statistics"]["n"], len(excess)))
    worst = excess.reshape(len(excess), -1)[read].argmax(axis=1)
    return _sorted(record, values.reshape(5, len(excess), -1)[:, read, worst], "share of the seeds, sorted")


def _sorted(record: Record, values: Floats, name: str) -> Series:
    """Values by their distance from the prediction, so that the share on either side of it can be read off."""
    values = values[:, np.argsort(values[0] - values[2], kind="stable")]
    values = np.pad(values, ((0, 0), (1, 1)), mode="edge")  # so that the line runs from 0 to 1; no marks there
    values[:2, [0, -1]] = np.nan
    count = values.shape[1] - 2
    along = np.clip((np.arange(count + 2) - 0.5) / count, 0, 1)
    return Series(record, record["name"], name, "linear", along, values, 1)


def _longest(axes: Sequence[dict[str, Any]]) -> int | None:
    """Which axis of numbers is the longest and has more than one; None where there is none."""
    lengths = {i: len(axis["values"]) for i, axis in enumerate(axes) if len(axis["values"]) > 1 and is_numeric(axis)}
    return max(lengths, key=lambda i: lengths[i], default=None)


def is_numeric(axis: dict[str, Any]) -> bool:
    """Whether the positions along an axis are numbers, and no labels."""
    if any(isinstance(value, str) and not EXACT.fullmatch(value) for value in axis["values"]):
        return False  # also "01" and "1000", which are words in digits
    try:
        return not isinstance(axis["values"][0], bool) and bool(floats(axis["values"]).size)
    except (ValueError, ZeroDivisionError):  # an axis of nothing, or 1/0
        return False


def places_of(axis: dict[str, Any]) -> list[str]:
    """The positions along an axis in words: labels alone, numbers with the name of the axis."""
    return [value if isinstance(value, str) else f"{axis['name']} {number(value, 4)}" for value in axis["values"]]


def joined(*words: str) -> str:
    """The words that are not empty, with commas."""
    return ", ".join(filter(None, words))


def title_of(record: Record) -> str:
    """What was measured, with its unit."""
    return with_unit(record["quantity"], record["unit"])


def with_unit(name: str, unit: str) -> str:
    """A name as it stands at an axis."""
    return f"{name} [{unit}]" if unit else name
