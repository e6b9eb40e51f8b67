"""The command try: a claim with other parameters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dlverify import catalog, records, running
from dlverify.claim import Claim
from dlverify.commands.shared import (
    UsageError,
    as_typed,
    busy,
    find,
    print_table,
    say,
    wrapped,
)
from dlverify.experiment import Experiment, fields
from dlverify.lab.conditions import Conditions
from dlverify.lab.subjects import SubjectError

TRIED = Path("build/try")
ROWS = 10
"""Rows of the table of numbers that `try` prints: a glance, half a screen."""


def try_claim(name: str, folder: Path, changes: Sequence[str], case: str | None, conditions: Conditions) -> int:
    """Run a case with some fields changed; print verdict and numbers, draw the figure; 0 where it HOLDS.

    Raises:
        UsageError: The claim, the case, a field, a value, the device or a subject does not exist.
    """
    loaded, folder = find(name, folder)
    claim = loaded.claim
    if case is not None and case not in claim.names:
        hint = catalog.did_you_mean(case, claim.names)
        raise UsageError(f"{loaded.id} has no case {case!r}{hint}; its cases are {', '.join(claim.names)}")
    unit = running.Unit(folder, loaded.path, "holds", claim.case(case).name)
    part = running.select(claim, unit, conditions)
    changed = _changed(part.experiment, changes)
    conditions.check()
    fields_changed = {field: getattr(changed, field) for field in fields(type(changed))}
    with busy(f"running {loaded.id}"):
        record = running.run_unit(unit, conditions, running.new_run_id(), fields_changed)
    style = {"HOLDS": "bold green", "REFUTED": "bold red"}.get(record["verdict"], "bold yellow")
    title = f"{record['verdict']}: {loaded.id}, case {unit.name}{', with ' * bool(changes)}{' '.join(changes)}"
    say(title, style)
    for title, text in {
        "claim": claim.says,
        "found": record["message"],
        "why": _why(claim, changed, record["verdict"]),
        "with": ", ".join(f"{field}={as_typed(getattr(changed, field))}" for field in fields(type(changed))),
        "on": f"{record['device']}, {record['dtype']}, {record['precision']}, seed {record['seed']}",
    }.items():
        for number, line in enumerate(wrapped(text, 8, hanging="")):
            print(f"  {'' if number else title:<5} {line}")
    if record["traceback"] and not record["traceback"].rstrip().rpartition("\n")[2].startswith("dlverify."):
        say(record["traceback"], "dim")
    _print_numbers(record)
    if record["measured"] is not None:
        from dlverify import figures

        path = TRIED / f"{loaded.path.stem}.svg"
        figures.write([record], path)
        print(f"\nfigure: {path}")
    return int(record["verdict"] != "HOLDS")


def _changed(experiment: Experiment, changes: Sequence[str]) -> Experiment:
    texts: dict[str, str] = {}
    for change in changes:
        field, equals, text = change.partition("=")
        if not equals or not field.isidentifier():
            raise UsageError(f"{change!r} is no change; write field=value, as in lr=0.1")
        if field in texts:
            raise UsageError(f"{field} is given twice, as {texts[field]!r} and as {text!r}; give it once")
        texts[field] = text
    try:
        changed = experiment.parsed(**texts)
    except (ValueError, TypeError) as error:  # an experiment of the user's own may refuse in words of its own
        raise UsageError(str(error)) from None
    for field in texts:
        if field in changed.subjects:
            try:
                changed.subjects[field].load()
            except SubjectError:
                raise
            except Exception as error:  # what the module of the user's own raises when it is imported
                raise UsageError(f"{field}={texts[field]} cannot be used: {type(error).__name__}: {error}") from None
    return changed


def _why(claim: Claim, changed: Experiment, verdict: str) -> str:
    """What a verdict means for somebody who played with the parameters."""
    for assumption in claim.assumptions:
        if assumption.broken_by and changed == claim.case(assumption.case).experiment.changed(**assumption.broken_by):
            falls = "so the claim must fall, and does" if verdict == "REFUTED" else "so the claim should have fallen"
            return f"this breaks the assumption {assumption.slug} ({assumption.says}), {falls}"
    if verdict == "REFUTED":
        resting = "; ".join(f"{assumption.slug} ({assumption.says})" for assumption in claim.assumptions)
        return f"the claim rests on: {resting}"
    return {
        "HOLDS": "",
        "INCONCLUSIVE": "the evidence does not decide; more of it, or a higher precision, may",
        "NOT RUN": "it was not run, so nothing is shown",
    }.get(verdict, "it could not be judged, so nothing is shown")


def _print_numbers(record: records.Record) -> None:
    """A few measured values beside the predicted ones, spread over the axes, the worst among them."""
    if record["measured"] is None:
        return
    measured, predicted, axes = records.decode(record["measured"]), records.decode(record["predicted"]), record["axes"]
    if record["statistics"]:  # the seeds that the judge has read; the last batch may hold more
        measured, predicted = measured[: record["statistics"]["n"]], predicted[: record["statistics"]["n"]]
    columns = {"measured": measured}
    if record["upper"] is not None:
        columns = {"certainly from": measured, "to": records.decode(record["upper"])}
    columns["margin" if record["grade"] == "statistical" else "predicted"] = predicted
    if record["grade"] in ("exact", "rounding") and measured.dtype != bool:
        columns["difference"] = measured - predicted
    if record["budget"] is not None:
        columns["allowed"] = records.decode(record["budget"])
    columns = {title: np.broadcast_to(values, measured.shape) for title, values in columns.items()}
    places = _spread(measured.shape, axes[0]["scale"] if axes else "linear")
    worst = None
    if axes and all(record["witness"].get(axis["name"]) in axis["values"] for axis in axes):
        worst = tuple(axis["values"].index(record["witness"][axis["name"]]) for axis in axes)
        places = sorted({*places, worst})
    named = [number for number, axis in enumerate(axes) if len(axis["values"]) > 1]
    rows = [
        (
            *(_number(axes[number]["values"][place[number]]) for number in named),
            *(_number(values[place]) for values in columns.values()),
            "worst" if place == worst and len(places) > 1 else "",
        )
        for place in places
    ]
    unit = f" in {record['unit']}" if record["unit"] else ""
    print(f"\n{record['quantity']}{unit}: {len(places)} of {measured.size} values")
    print_table([*(axes[number]["name"] for number in named), *columns, ""], rows)


def _spread(shape: tuple[int, ...], scale: str) -> list[tuple[int, ...]]:
    """Up to `ROWS` places of an array: evenly, or by ratio where its first axis is logarithmic."""
    size = int(np.prod(shape))
    if scale.startswith("log") and size > ROWS:
        flat = np.unique(np.geomspace(1, size, ROWS).round().astype(int) - 1)
    else:
        flat = np.unique(np.linspace(0, size - 1, min(ROWS, size)).round().astype(int))
    return [tuple(int(index) for index in np.unravel_index(place, shape)) for place in flat] if size else []


def _number(value: Any) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 20 else f"{text[:17]}..."
