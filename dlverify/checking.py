"""The claims as an entrance exam for an implementation of one's own: without pytest, or inside one's own tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlverify import catalog, running
from dlverify.lab.conditions import Conditions
from dlverify.lab.subjects import Subject, SubjectError
from dlverify.records import Record
from dlverify.summary import explained, is_as_stated, summary

if TYPE_CHECKING:
    import pytest


@dataclass(frozen=True)
class Examination:
    """What came of putting an implementation in a subject's place; printed, it is the summary with every law that broke.

    Attributes:
        records: One for each part of a claim that measures the subject, as `pytest claims/` writes them.
    """

    records: tuple[Record, ...]

    @property
    def passed(self) -> bool:
        """Whether every part that could be run came to the verdict that its claim states."""
        return not self.failures

    @property
    def failures(self) -> tuple[Record, ...]:
        """Records of the parts that came to another verdict."""
        return tuple(row for row in self.records if row["verdict"] != "NOT RUN" and not is_as_stated(row))

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    def __str__(self) -> str:
        return "\n".join([*summary(self.records), *(f"\n{explained(row)}" for row in self.failures)])


def check(
    subject: str,
    replacement: Any,
    *,
    conditions: Conditions = Conditions(),
    claims: Path | None = None,
    executor: Executor | None = None,
) -> Examination:
    """Run all claims that exercise a subject, with another implementation in its place.

    Args:
        subject: The dotted path of what is replaced, "torch.optim.Adagrad"; `python -m dlverify subjects` lists them.
        replacement: What takes its place: a class or function, or the text "module:Name(argument=literal)". It is
            called as the subject would be, with the same arguments.
        conditions: Device, dtype, precision, seed and tier.
        claims: The claim folder; None, the one that dlverify ships.
        executor: Where the parts run, a process pool say, to which the replacement must then be known by its path;
            None, here, one after the other.

    Returns:
        The records, with a readable summary.

    Raises:
        SubjectError: No claim exercises the subject, or the replacement is none.
    """
    units, conditions = _exam(subject, replacement, conditions, claims)
    return Examination(tuple(running.run(units, conditions, executor)))


def parametrize_with_claims(
    subject: str, replacement: Any, *, conditions: Conditions = Conditions(), claims: Path | None = None
) -> pytest.MarkDecorator:
    """Make one test of one's own suite for each part of a claim that exercises a subject.

    The decorated test has an argument `check`, which it calls. It fails with the law that broke, for which parameters,
    what was expected and found, and skips what this machine cannot run::

        @dlverify.parametrize_with_claims("torch.optim.Adagrad", MyAdagrad)
        def test_my_adagrad(check):
            check()

    Args:
        subject: As for `check`.
        replacement: As for `check`.
        conditions: As for `check`.
        claims: As for `check`.

    Raises:
        SubjectError: As for `check`.
    """
    import pytest

    units, conditions = _exam(subject, replacement, conditions, claims)
    run = running.new_run_id()
    items = [
        pytest.param(_item(unit, conditions, run), id=f"{catalog.claim_id(unit.path, unit.folder)}::{unit.item}")
        for unit in units
    ]
    return pytest.mark.parametrize("check", items)


def _exam(
    subject: str, replacement: Any, conditions: Conditions, claims: Path | None
) -> tuple[Sequence[running.Unit], Conditions]:
    """The parts to run, and the conditions with the replacement among them.

    Raises:
        SubjectError: No claim exercises the subject, or the replacement cannot be called.
    """
    new = Subject.parse(replacement) if isinstance(replacement, str) else Subject.of(replacement)
    if not callable(new.load()):
        raise SubjectError(f"{replacement!r} cannot be called; give a class, a function, or its path as a text")
    path = Subject.parse(subject).path
    folder = (claims or catalog.shipped()).resolve()
    files = catalog.claim_files([folder])
    units = [
        unit
        for _, file in files
        for unit in running.exercising(catalog.load(file, folder), folder, [path], conditions.tier)
    ]
    if not units:
        hint = catalog.did_you_mean(path, catalog.subjects(folder))
        raise SubjectError(
            f"none of the {len(files)} claims in {folder} exercises {path}{hint}; `python -m dlverify subjects` lists "
            "what can be replaced"
        )
    return units, replace(conditions, subjects=(*conditions.subjects, (path, new)))


def _item(unit: running.Unit, conditions: Conditions, run: str) -> Callable[[], None]:
    def check() -> None:
        import pytest

        record = running.run_unit(unit, conditions, run)
        if record["verdict"] == "NOT RUN":
            pytest.skip(f"NOT RUN: {record['message']}")
        if not is_as_stated(record):
            raise AssertionError(explained(record))

    return check
