"""The numbers of records: as floats, however exact or huge they are, and as a reader writes them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlverify.records import decode

Floats = NDArray[np.float64]

HUGE, TINY = 1e300, 1e-300
"""Beyond these, differences and ratios of floats leave their range."""
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def floats(value: Any) -> Floats:
    """The numbers of a record as floats: fractions and huge integers too, as near as floats come."""
    try:
        found = np.asarray(value, dtype=np.float64)
    except (ValueError, OverflowError):
        found = np.vectorize(_float, otypes=[np.float64])(decode(value))
    found = np.where(np.abs(found) < TINY, 0.0, found)
    return np.where(np.isfinite(found), np.clip(found, -HUGE, HUGE), found)


def _float(item: Any) -> float:
    try:
        return float(item)
    except OverflowError:
        return HUGE if item > 0 else -HUGE


def number(value: Any, digits: int) -> str:
    """A number as one writes it: 1/3, 0.25, 1.2×10⁻⁷; exact ones whole while they are short."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and len(value) > 12 and re.fullmatch(r"-?\d+/\d+", value):
        value = float(floats(value))
    if not isinstance(value, (int, float)) or (isinstance(value, int) and abs(value) < 10**9):
        return str(value)
    rounded = Decimal(f"{_float(value) + 0.0:.{digits}g}")
    power = rounded.adjusted()
    if -4 <= power < 5:
        return f"{rounded:f}"
    mantissa = f"{rounded.scaleb(-power).normalize():f}"
    return {"1": "", "-1": "-"}.get(mantissa, f"{mantissa}×") + power_of(10, power)


def power_of(base: int, exponent: int) -> str:
    """A power as one writes it: 10⁻⁷."""
    return f"{base}{str(exponent).translate(SUPERSCRIPTS)}"
