"""Records: JSON lines, one a part, from which verdict, figure and report follow without running anything again.

Schema 1. Each line is an object; the fields of `FIELDS` are all there, but for those of `ADDED`, which older records
lack and a reader fills in. Values are JSON with three conventions: a number
that is not finite is the text "inf", "-inf" or "nan"; a fraction is the text "3/4"; an array whose text is longer than
256 kB is `{"file": "<sha256>.json"}`, a file in the folder `<name>.arrays` beside `<name>.jsonl`.

A run writes each record before it reports the verdict, to `<name>.<run>.<worker>.part` beside the record file; in the end
the parts of all workers become one file in a single replacement. A run that was killed leaves its parts, which can be
read like any record file; a torn last line is reported and skipped.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, TextIO

import numpy as np

SCHEMA = 1
SIDE_FILE_FROM = 256_000
"""Characters from which an array goes to a file of its own, so that a line stays readable."""

Record = dict[str, Any]

FIELDS = {
    "schema": "version of this list",
    "run": "id of the run: its start in UTC and four random letters",
    "started": "when this part started, ISO 8601 in UTC",
    "seconds": "how long it took",
    "claim": "family/statement",
    "path": "the claim file as given to the run",
    "says": "the statement",
    "paper": "the literature",
    "entry": "id in notes.toml, or null",
    "part": "holds, refuted, erratum or proof",
    "name": "slug of the case, assumption or erratum",
    "item": "part and name as pytest shows them",
    "index": "place of the part in its claim: proof, cases, controls and errata in the order of the claim file",
    "parts": "how many parts the claim has in the quick tier",
    "default": "whether it was measured in the conditions of the committed figures",
    "about": "the assumption or the printed version in words",
    "number": "an erratum's number in notes.toml, or null",
    "case": "slug of the case",
    "tier": "smallest tier that runs the case",
    "verdict": "HOLDS, REFUTED, INCONCLUSIVE, ERROR or NOT RUN",
    "expected": "the verdict that the claim states",
    "grade": "proof, exact, certified, rounding or statistical",
    "message": "one sentence with the numbers",
    "low": "lower end of the discrepancy in units of what is allowed; statistical: of the share of seeds",
    "high": "upper end",
    "relation": "equal, at_most, at_least, above, below, or null for a proof",
    "quantity": "what was measured, in words",
    "unit": "its unit",
    "scale": "how a figure spaces it",
    "axes": "its axes: name, unit, scale, values",
    "measured": "the measured values, whole",
    "upper": "upper ends of a certified enclosure, or null",
    "predicted": "the predicted values",
    "budget": "what is allowed, in the unit of the values, or null",
    "pictures": "what illustrates it, judged by nobody: name, caption and values (images, height, width) to three digits",
    "witness": "the worst place and its values",
    "statistics": "n, k, cap, critical, p0, p1, alpha, beta, stated and the path of the log likelihood ratio, or empty",
    "seed": "root of all random numbers",
    "members": "how many seeds were measured",
    "experiment": "name of the experiment",
    "parameters": "its fields",
    "subject": "the subjects it exercised, by field",
    "device": "cpu, cuda or mps",
    "dtype": "floating dtype",
    "precision": "ieee or tf32",
    "versions": "of python and the packages",
    "claim_source": "sha256 of the claim file",
    "experiment_source": "sha256 of the experiment's file",
    "replay": "the line that runs this part again",
    "traceback": "where an ERROR came from, or empty",
}

ADDED: Record = {"pictures": []}
"""Fields that came later, with what they are in records that were written before."""


class RecordError(ValueError):
    """A record file that cannot be read or written."""


@dataclass(frozen=True)
class Run:
    """What a record file holds.

    Attributes:
        records: The records in order.
        problems: Sentences about what was skipped.
    """

    records: tuple[Record, ...]
    problems: tuple[str, ...] = ()


def encode(value: Any) -> Any:
    """A value as JSON, arrays as nested lists, by the conventions of this module."""
    if isinstance(value, np.ndarray):
        return encode(value.tolist())
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, Fraction):
        return str(value) if value.denominator != 1 else int(value)
    if isinstance(value, (int, np.integer)) or value is None:
        return value if value is None else int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else str(float(value))
    return str(value)


def decode(value: Any) -> Any:
    """Nested lists back to an array: exact where the values were exact."""
    if isinstance(value, list):
        array = np.asarray(value, dtype=object)
        flat = [_number(item) for item in array.ravel()]
        if all(isinstance(item, bool) for item in flat):
            return np.array(flat, dtype=bool).reshape(array.shape)
        if all(isinstance(item, (int, Fraction)) for item in flat):
            exact = np.empty(len(flat), dtype=object)
            exact[:] = flat
            return exact.reshape(array.shape)
        return np.array([float(item) for item in flat]).reshape(array.shape)
    return np.asarray(_number(value))


def _number(item: Any) -> Any:
    if isinstance(item, str):
        return Fraction(item) if "/" in item else float(item)
    return item


class Writer:
    """Appends records to a part file; `Writer.finish` makes one record file of the parts of all workers."""

    def __init__(self, path: Path, run: str, worker: str) -> None:
        self.path = path
        self.part = path.with_name(f"{path.stem}.{run}.{worker}.part")
        self._file: TextIO | None = None

    def write(self, record: Record) -> None:
        """Append one record; it is in the operating system's hands when this returns.

        Raises:
            RecordError: The folder or the disk does not take it.
        """
        try:
            if self._file is None:
                self.part.parent.mkdir(parents=True, exist_ok=True)
                self._file = self.part.open("a", encoding="utf-8")
            row = dict(record)
            for field in ("measured", "upper", "predicted", "budget"):
                row[field] = self._aside(row[field])
            self._file.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")
            self._file.flush()
        except OSError as error:
            raise RecordError(_cannot_write(self.part, error)) from None

    def _aside(self, value: Any) -> Any:
        text = json.dumps(value, allow_nan=False)
        if len(text) <= SIDE_FILE_FROM:
            return value
        name = f"{hashlib.sha256(text.encode()).hexdigest()}.json"
        folder = _side_folder(self.path)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / name).exists():
            replace_file(folder / name, text)
        return {"file": name}

    def close(self) -> None:
        """Close the part file."""
        if self._file is not None:
            with contextlib.suppress(OSError):  # what a full disk did not take, as `write` has said, is tried once more
                self._file.close()
            self._file = None


def finish(path: Path, run: str) -> Run:
    """Merge the parts of a run into `path` in one replacement, sorted by claim and part, and remove the parts.

    Raises:
        RecordError: A part cannot be read, or the file cannot be written; the parts stay.
    """
    parts = sorted(path.parent.glob(f"{path.stem}.{run}.*.part"))
    rows: list[Record] = []
    problems: list[str] = []
    for part in parts:
        found = _read_lines(part)
        rows += found.records
        problems += found.problems
    rows.sort(key=lambda row: (row["claim"], row["index"]))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, "".join(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in rows))
        for part in parts:
            part.unlink()
        used = {value["file"] for row in rows for value in row.values() if isinstance(value, dict) and "file" in value}
        if not interrupted(path):
            for side in _side_folder(path).glob("*.json"):
                if side.name not in used:
                    side.unlink()
    except OSError as error:
        raise RecordError(_cannot_write(path, error)) from None
    return Run(tuple(_with_arrays(row, path) for row in rows), tuple(problems))


def interrupted(path: Path) -> list[Path]:
    """The parts that runs left which did not end."""
    return sorted(path.parent.glob(f"{path.stem}.*.part"))


def read(path: Path) -> Run:
    """Read a record file or a part of one, arrays included.

    Raises:
        RecordError: It is missing, damaged or of a newer schema.
    """
    found = _read_lines(path)
    return Run(tuple(_with_arrays(row, path) for row in found.records), found.problems)


def _read_lines(path: Path) -> Run:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        raise RecordError(
            f"there is no record file {path}; `pytest claims/` writes build/records/latest.jsonl"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(f"the record file {path} cannot be read: {error}") from None
    rows: list[Record] = []
    problems: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if not isinstance(row, dict) or not isinstance(row.get("schema"), int):
                raise ValueError("it is no record")
        except ValueError as error:
            if number == len(lines):
                problems.append(f"{path}: the last line is torn and was skipped; the run was stopped while it wrote")
                continue
            raise RecordError(
                f"the record file {path} is damaged at line {number}: {error}. Run `pytest claims/` again, or remove the line"
            ) from None
        if row["schema"] > SCHEMA:
            raise RecordError(
                f"the record file {path} has schema {row['schema']}, and this dlverify reads up to {SCHEMA}; "
                "install the newer dlverify that wrote it"
            )
        row = {**ADDED, **row}
        missing = [field for field in FIELDS if field not in row]
        if missing:
            raise RecordError(f"the record file {path} is damaged at line {number}: {', '.join(missing)} missing")
        rows.append(row)
    return Run(tuple(rows), tuple(problems))


def _with_arrays(row: Record, path: Path) -> Record:
    row = dict(row)
    for field in ("measured", "upper", "predicted", "budget"):
        value = row[field]
        if isinstance(value, dict):
            side = _side_folder(path) / Path(str(value.get("file"))).name
            try:
                row[field] = json.loads(side.read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                raise RecordError(f"{path} names the array {side}, which cannot be read: {error}") from None
    return row


def _side_folder(path: Path) -> Path:
    return path.with_name(f"{path.name.split('.')[0]}.arrays")


def replace_file(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old one or the new one, and never half of it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _cannot_write(path: Path, error: OSError) -> str:
    is_file = isinstance(error, (FileExistsError, NotADirectoryError))
    reason = f"{path.parent} is a file, not a folder" if is_file else error.strerror or error
    return f"{path} cannot be written: {reason}; choose another place with --records FILE, or free some space"
