"""One night on disk: what it meant to run, what it recorded, and what came of it. Append-only, readable at any moment.

    <nights>/<date>/plan.json                  what was collected, with which seed, what it promises; written before the run
    <nights>/<date>/records.<run>.<n>.part     one record a line as they come; each attempt appends to a file of its own
    <nights>/<date>/records.jsonl              the same, once nothing is missing
    <nights>/<date>/effects.jsonl              each record in a short line: all that later nights need
    <nights>/<date>/end.json                   written last: red items, alarms, where the detectors stand

A record is that of `dlverify.records` with two more fields, `OF_A_NIGHT`. A night that was killed has no end.json; what
it has recorded is read from its parts, and what is missing can be run.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlverify import records, running
from dlverify.lab.conditions import Conditions
from dlverify.nightly.detector import State, followed
from dlverify.nightly.effects import Effect, effect_of
from dlverify.nightly.matrix import Item, Machine, unloadable
from dlverify.records import Record, RecordError

OF_A_NIGHT = {"night": "the night's name, its date", "cell": "the name of the cell of the matrix"}
"""Fields of a night's records beside `records.FIELDS`."""
SCHEMA = 1
NAME = re.compile(r"\d{4}-\d{2}-\d{2}")
WINDOW = 90
"""Nights that are looked back at: a quarter of a year, so that no look takes longer than the one before it."""


class NightError(ValueError):
    """A night that cannot be begun, read or gone on with."""


def seed_of(date: datetime.date) -> int:
    """The root of a night's random numbers: its date as a number, 20261231, which no other night has.

    The everyday root has nine digits and calibrations have ten, so that no seed of theirs is used twice either.
    """
    return int(f"{date:%Y%m%d}")


@dataclass(frozen=True)
class Night:
    """A night, by its folder.

    Attributes:
        folder: `<nights>/<date>`.
    """

    folder: Path

    @property
    def name(self) -> str:
        """Its date."""
        return self.folder.name

    @property
    def path(self) -> Path:
        """Where its records are once nothing is missing."""
        return self.folder / "records.jsonl"

    @property
    def is_begun(self) -> bool:
        """Whether it has a plan."""
        return (self.folder / "plan.json").exists()

    @property
    def is_over(self) -> bool:
        """Whether all that was planned is recorded."""
        return (self.folder / "end.json").exists()

    def plan(self) -> dict[str, Any]:
        """What it meant to run.

        Raises:
            NightError: The plan cannot be read.
        """
        return self._read("plan.json")

    def end(self) -> dict[str, Any]:
        """What came of it.

        Raises:
            NightError: It is not over, or its end cannot be read.
        """
        return self._read("end.json")

    def _read(self, name: str) -> dict[str, Any]:
        path = self.folder / name
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(found, dict) or found.get("schema", SCHEMA + 1) > SCHEMA:
                raise ValueError(f"it is of no schema up to {SCHEMA}")
        except (OSError, ValueError) as error:
            raise NightError(
                f"{path} cannot be read: {error}; move {self.folder} away and begin the night anew"
            ) from None
        return found

    def begin(self, items: Sequence[Item], seed: int, tier: str, machine: Machine, promised: float) -> dict[str, Any]:
        """Write down what will be run, before anything is.

        Raises:
            RecordError: The disk does not take it.
        """
        plan = {
            "schema": SCHEMA,
            "night": self.name,
            "seed": seed,
            "run": running.new_run_id(),
            "started": _now(),
            "tier": tier,
            "machine": dataclasses.asdict(machine),
            "statistical": sum(item.alpha > 0 for item in items),
            "promised": promised,
            "items": [item.id for item in items],
        }
        self._write("plan.json", json.dumps(plan, indent=1))
        return plan

    def _write(self, name: str, text: str) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            records.replace_file(self.folder / name, text)
        except OSError as error:
            raise RecordError(
                f"{self.folder / name} cannot be written: {error.strerror or error}; free some space, or choose another "
                "place with --nights DIR"
            ) from None

    def recorded(self) -> records.Run:
        """The records so far: of two of one item the later one.

        Raises:
            RecordError: They cannot be read.
        """
        files = [self.path] if self.path.exists() else sorted(self.folder.glob("records.*.part"))
        found: dict[str, Record] = {}
        problems: list[str] = []
        for file in files:
            run = records.read(file)
            problems += run.problems
            for record in run.records:
                earlier = found.get(id_of(record))
                if earlier is None or earlier["started"] <= record["started"]:
                    found[id_of(record)] = record
        return records.Run(tuple(found.values()), tuple(problems))

    def effects(self, claim: str | None = None) -> list[Effect]:
        """What it says across nights, of one claim or of all.

        Raises:
            NightError: The file of effects is damaged.
        """
        path = self.folder / "effects.jsonl"
        if not path.exists():
            rows = self.recorded().records
            return [effect_of(row, self.name, row["cell"]) for row in rows if claim in (None, row["claim"])]
        marked = None if claim is None else f'"claim": {json.dumps(claim)}'
        try:
            *lines, rest = path.read_text(encoding="utf-8").split("\n")
            versions = dict(self.plan()["machine"]["versions"])
            found = [
                _effect(json.loads(line), self.name, versions) for line in lines if marked is None or marked in line
            ]
            problem = "its end is missing" if rest else ""
        except (OSError, ValueError, TypeError) as error:
            problem = str(error)
        if problem:
            raise NightError(f"{path} is damaged: {problem}; remove it, and it is made anew from the records")
        return found

    def close(self, plan: Mapping[str, Any], before: Mapping[str, State]) -> dict[str, Any]:
        """Bring the parts together and write down what came of the night: red items, alarms, the detectors.

        Raises:
            RecordError: The disk does not take it; nothing is lost.
        """
        if not self.path.exists():
            records.finish(self.path, plan["run"])
        effects = self.effects()
        versions = dict(plan["machine"]["versions"])
        self._write("effects.jsonl", "".join(json.dumps(_line(effect, versions)) + "\n" for effect in effects))
        states = followed(before, effects)
        end = {
            "schema": SCHEMA,
            "ended": _now(),
            "red": [effect.id for effect in effects if effect.is_red],
            "alarms": sorted(effect.id for effect in effects if effect.id in states and states[effect.id].alarm),
            "not_run": sum(effect.verdict == "NOT RUN" for effect in effects),
            "detectors": {name: dataclasses.asdict(state) for name, state in sorted(states.items())},
        }
        self._write("end.json", json.dumps(end))
        return end

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Within it no other process runs the night; the system lets go of it when this one ends, however it does.

        Raises:
            NightError: Another process runs it, or the folder cannot be made.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            file = (self.folder / "lock").open("a")
        except OSError as error:
            raise NightError(f"{self.folder} cannot be written: {error.strerror}; choose another place") from None
        with file:
            if not _lock(file):
                raise NightError(f"the night {self.name} is being run by another process; wait for it, or stop it")
            yield

    @property
    def is_held(self) -> bool:
        """Whether a process runs it at the moment."""
        path = self.folder / "lock"
        if not path.exists():
            return False
        with path.open("a") as file:
            return not _lock(file)


DEFAULTS = {
    field.name: field.default for field in dataclasses.fields(Effect) if field.default is not dataclasses.MISSING
}


def _line(effect: Effect, versions: Mapping[str, str]) -> dict[str, Any]:
    """An effect on disk: the night's own name and versions go unsaid, and so do defaults, since there are many lines."""
    found = {name: value for name, value in dataclasses.asdict(effect).items() if value != DEFAULTS.get(name, ())}
    del found["night"]
    if effect.versions == versions:
        del found["versions"]
    return found


def _effect(row: Mapping[str, Any], night: str, versions: Mapping[str, str]) -> Effect:
    """An effect from disk; its texts are kept once, since many effects share them."""
    kept: dict[str, Any] = {"night": night, "versions": versions}
    for name, value in row.items():
        kept[name] = sys.intern(value) if isinstance(value, str) else value
    return Effect(**kept)


def _lock(file: Any) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def nights(folder: Path) -> list[Night]:
    """The nights of a folder, the earliest first."""
    if not folder.is_dir():
        return []
    found = [Night(path) for path in sorted(folder.iterdir()) if NAME.fullmatch(path.name)]
    return [night for night in found if night.is_begun]


def detectors_before(folder: Path, name: str) -> dict[str, State]:
    """Where the detectors stand before a night: at the last end before it, and what incomplete nights since then add."""
    earlier = [night for night in nights(folder) if night.name < name]
    over = [index for index, night in enumerate(earlier) if night.is_over]
    states: dict[str, State] = {}
    if over:
        rows = earlier[over[-1]].end()["detectors"]
        states = {item: State(**row) for item, row in rows.items()}
    for night in earlier[over[-1] + 1 if over else 0 :]:
        states = followed(states, night.effects())
    return states


def id_of(record: Record) -> str:
    """`<cell>::<claim>::<part>` of a night's record."""
    return f"{record['cell']}::{record['claim']}::{record['item']}"


def missing(night: Night, plan: Mapping[str, Any], items: Iterable[Item]) -> list[Item]:
    """What a night was to run and has not recorded.

    A record of a claim file that was edited since counts as none: it speaks of another statement.

    Raises:
        NightError: Something that was planned is no longer there.
    """
    known = {item.id: item for item in items}
    gone = [name for name in plan["items"] if name not in known]
    if gone:
        raise NightError(
            f"the claims changed since the night {night.name} began: {len(gone)} of its {len(plan['items'])} parts are "
            f"gone, {gone[0]} for one; bring them back, or wait for the next night"
        )
    done = {
        id_of(row)
        for row in night.recorded().records
        if id_of(row) in known and row["claim_source"] in ("", running.source_hash(known[id_of(row)].unit.path))
    }
    return [known[name] for name in plan["items"] if name not in done]


def run_items(items: Sequence[Item], night: str, run_id: str, executor: Executor) -> Iterator[Record]:
    """Run items and yield a night's records as they come.

    Raises:
        CancelledError: The executor was shut down, or lost its cluster.
    """
    for item in items:
        if item.problem:
            yield {**unloadable(item, run_id), "night": night, "cell": item.cell}
    good = [item for item in items if not item.problem]
    for index, record in running.run_as_they_end([item.unit for item in good], Conditions(), executor, run_id):
        yield {**record, "night": night, "cell": good[index].cell}


def record_items(
    night: Night, run_id: str, items: Sequence[Item], executor: Executor, seen: Callable[[Record], None]
) -> None:
    """Run items and append each record to the night before anybody sees it.

    Args:
        night: The night.
        run_id: The id of its run, of its plan.
        items: What to run.
        executor: Where.
        seen: Called with each record once it is written.

    Raises:
        RecordError: The disk is full; what was written stays readable.
        CancelledError: The executor was shut down, or lost its cluster.
    """
    attempt = len(list(night.folder.glob(f"records.{run_id}.*.part")))
    writer = records.Writer(night.path, run_id, f"{attempt:03d}")
    try:
        for record in run_items(items, night.name, run_id, executor):
            writer.write(record)
            seen(record)
    finally:
        writer.close()


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
