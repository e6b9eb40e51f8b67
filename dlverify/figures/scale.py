"""Scales: from values to places between 0 and 1 that stay when the values move by less than an eye sees."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlverify.figures.numbers import HUGE, Floats, number, power_of

PLACES = 500
"""Places that a panel distinguishes: two of them are about half a pixel apart."""
MOST_POINTS = 60
"""Points of a series: markers of 5 points then just do not touch."""

LEAST_SHARE = 1e-8
"""What is smaller than this share of the largest value is zero on a scale that holds zero and has decades."""


class Scale:
    """Maps values to places from 0 to 1; its ends are rounded outwards, so that they stay when values move a little."""

    def __init__(self, kind: str, values: Floats, allowed: float = 0.0) -> None:
        values = values[np.isfinite(values)]
        low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
        size, least = max(abs(low), abs(high)), float(np.min(np.abs(values[values != 0]), initial=HUGE))
        # Where symlog turns linear: below all that is not zero, unless that is noise or too many decades away.
        self.turn = max(least, size * (1e-30 if kind.startswith("log") else LEAST_SHARE), allowed)
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
        return snap(np.clip((self._bent(np.asarray(values)) - self.low) / (self.high - self.low), 0, 1))

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
        inside = values[(bent >= self.low) & (bent <= self.high)].tolist()
        write = _power_of_two if self.kind == "log2" else lambda value: number(value, digits)
        return [(float(self.places(value)), write(value)) for value in inside]


def snap(places: Any) -> Floats:
    """The nearest of the places that a panel distinguishes."""
    return np.asarray(np.round(np.asarray(places) * PLACES) / PLACES)


def spread(count: int, most: int, also: int = 0) -> list[int]:
    """At most so many of the first `count` numbers, evenly, one of them `also`."""
    even = np.linspace(0, max(count - 1, 0), min(count, most)).round().astype(int)
    if even.size:
        even[np.abs(even - also).argmin()] = also
    return [int(i) for i in even]


def thin(places: Floats, also: int = 0) -> NDArray[np.int64]:
    """Which positions to draw, from left to right: at most MOST_POINTS, evenly in the scale, and `also`."""
    order = np.argsort(places, kind="stable")
    if len(order) > MOST_POINTS:
        targets = np.linspace(places[order[0]], places[order[-1]], MOST_POINTS)
        order = order[np.unique(np.clip(np.searchsorted(places[order], targets), 0, len(order) - 1))]
        if also not in order:
            order = np.insert(order, np.searchsorted(places[order], places[also]), also)
    return order


def _power_of_two(value: float) -> str:
    exponent = round(math.log2(value))
    return str(2**exponent) if 0 <= exponent <= 13 else power_of(2, exponent)


def _nice(step: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is not below the step."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= step * (1 - 1e-9))
