"""Whether the last night is there, whole and as stated: silence is red."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

from dlverify.nightly.night import Night, NightError, nights

UNITS = {"m": 60, "h": 3600, "d": 86400}


def span(text: str) -> datetime.timedelta:
    """A span of time, `26h`, `90m` or `2d`.

    Raises:
        NightError: The text is none.
    """
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?)([mhd])", text.strip())
    if not found or not float(found[1]):
        raise NightError(f"--within {text!r} is no span of time; write 26h, 90m or 2d")
    return datetime.timedelta(seconds=float(found[1]) * UNITS[found[2]])


def status(folder: Path, within: datetime.timedelta, now: datetime.datetime) -> tuple[bool, str]:
    """Whether all is well, and a sentence that says why.

    A night that is running counts as not there yet, and the one before it must be well.
    """
    found = nights(folder)
    running = [night for night in found if not night.is_over and night.is_held]
    rest = [night for night in found if night not in running]
    also = "".join(f"; the night {night.name} is running ({_share(night)})" for night in running)
    if not rest:
        return False, f"no night has reported in {folder}{also}; `python -m dlverify nightly` runs one"
    night = rest[-1]
    plan = night.plan()
    if not night.is_over:
        how = f"it was begun {_ago(plan['started'], now)} and is not being run; `python -m dlverify nightly --resume "
        return (
            False,
            f"the night {night.name} is incomplete: {_share(night)}; {how}--date {night.name}` runs the rest{also}",
        )
    end = night.end()
    ended = datetime.datetime.fromisoformat(end["ended"])
    if now - ended > within:
        return False, f"the last night, {night.name}, ended {_ago(end['ended'], now)}, which is too long ago{also}"
    red, alarms = end["red"], end["alarms"]
    total = len(plan["items"])
    if red or alarms:
        named = [*red, *alarms][:3]
        more = f" and {len(red) + len(alarms) - len(named)} more" if len(red) + len(alarms) > len(named) else ""
        return False, (
            f"the night {night.name} is red: {len(red)} of {total} parts are not as stated, {len(alarms)} detectors raised "
            f"an alarm: {', '.join(named)}{more}{also}"
        )
    missing = f", {end['not_run']} of them not run" if end["not_run"] else ""
    return (
        True,
        f"the night {night.name} ended {_ago(end['ended'], now)}, with all {total} parts as stated{missing}{also}",
    )


def _share(night: Night) -> str:
    return f"{len(night.recorded().records)} of {len(night.plan()['items'])} parts are recorded"


def _ago(moment: str, now: datetime.datetime) -> str:
    hours = (now - datetime.datetime.fromisoformat(moment)).total_seconds() / 3600
    return f"{hours:.1f} hours ago" if hours < 48 else f"{hours / 24:.0f} days ago"
