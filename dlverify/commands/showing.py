"""The command show: all about one claim, for a reader."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dlverify import catalog, running
from dlverify.claim import Assumption, Claim, Erratum
from dlverify.commands.shared import (
    as_typed,
    changes_as_typed,
    command_line,
    find,
    name_of,
    pytest_line,
    say,
    shown,
    wrapped,
)
from dlverify.evidence.judges import Certifies, Compares, Judge
from dlverify.evidence.rounding import Budget
from dlverify.experiment import Experiment, fields


def show(name: str, folder: Path) -> int:
    """Print all about one claim for a reader."""
    loaded, folder = find(name, folder)
    claim, register = loaded.claim, catalog.read_register(folder) or {"entry": {}, "erratum": {}}
    _section(loaded.id, [claim.says])
    if claim.entry:
        entry = register["entry"][claim.entry]
        said = f"the notes say ({', '.join(entry['where'])}): {entry['says']}"
        _section(f"entry {claim.entry} ({entry['status']})", [said, f"what is true: {entry['truth']}"])
    _section("paper", [claim.paper])
    for kind in dict.fromkeys(type(case.experiment) for case in claim.experiments):
        _section(f"experiment {kind.__name__}, in {shown(Path(inspect.getfile(kind)))}", _doc(kind))
        _section("cases", _cases(claim, kind))
    _section(f"theory {name_of(claim.predict)}", _doc(claim.predict))
    _section("judge", _judge_in_words(claim.judge))
    _section("grade of evidence", [claim.grade + (f": {claim.why_graded}" if claim.why_graded else "")])
    if claim.proof:
        _section(
            "proof", [claim.proof.says, *_doc(claim.proof.residuals), "control: the same proof with one term changed"]
        )
    _section("assumptions", [line for assumption in claim.assumptions for line in _assumption_in_words(assumption)])
    _section("errata", [line for erratum in claim.errata for line in _erratum_in_words(erratum, register["erratum"])])
    first = {unit.part: unit.item for unit in reversed(running.units(loaded, folder, "nightly"))}
    items = ["", *(f"::{item}" for item in reversed(first.values()))]
    _section("run it, or one part of it", [pytest_line(folder, loaded.path, item) for item in items])
    broken = next(assumption for assumption in claim.assumptions if assumption.broken_by)
    changes = [f"{field}={as_typed(value)}" for field, value in (broken.broken_by or {}).items()]
    case = [] if broken.case is None else ["--case", broken.case]
    _section(f"play with it: without {broken.slug} it falls", [command_line(folder, "try", loaded.id, *changes, *case)])
    return 0


def _section(title: str, lines: Sequence[str]) -> None:
    """Print a title and wrapped lines, indented; nothing where there are none."""
    if not any(lines):
        return
    say(title, "bold")
    for line in lines:
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        is_command = line.startswith(("pytest ", "python "))
        for part in [line] if is_command else wrapped(line.strip(), len(indent)):
            print(indent + part)
    print()


def _doc(thing: Any) -> list[str]:
    """The docstring's paragraphs, one a line; in its lists each entry is one."""
    found: list[str] = []
    for line in (inspect.getdoc(thing) or "(it has no docstring)").split("\n"):
        depth, last = len(line) - len(line.lstrip()), found[-1] if found else ""
        start = len(last) - len(last.lstrip())
        if line and last and not last.endswith(":") and (depth == start == 0 or depth > start > 0):
            found[-1] = f"{last} {line.strip()}"
        elif line or last:
            found.append(line)
    return found


def _cases(claim: Claim, kind: type[Experiment]) -> list[str]:
    """Each case with the parameters in which the cases differ, then those that they share."""
    cases = [case for case in claim.experiments if type(case.experiment) is kind]
    values = {case.name: {name: as_typed(getattr(case.experiment, name)) for name in fields(kind)} for case in cases}
    shared = {name for name in fields(kind) if len({own[name] for own in values.values()}) == 1}
    lines = []
    for case in cases:
        own = ", ".join(f"{name}={value}" for name, value in values[case.name].items() if name not in shared)
        tier = "" if case.tier == "quick" else f" (from the {case.tier} tier on)"
        lines.append(f"{case.name}{tier}{':' * bool(own)} {own}".rstrip())
    both = ", ".join(f"{name}={value}" for name, value in values[cases[0].name].items() if name in shared)
    return [*lines, f"in {'all of them' if len(cases) > 1 else 'it'}: {both}" if both else ""]


def _judge_in_words(judge: Judge) -> list[str]:
    relation = judge.relation.replace("_", " ") + (" to" if judge.relation == "equal" else "")
    if isinstance(judge, Compares):
        if judge.within is None:
            return [f"every measured value must be {relation} the predicted one, exactly"]
        lines = [f"every measured value must be {relation} the predicted one, within a budget for rounding"]
        if not isinstance(judge.within, Budget):
            return [*lines, *_doc(judge.within)]
        parts = {
            "operations": judge.within.operations,
            "condition": judge.within.condition,
            "scale": judge.within.scale,
        }
        words = {name: " ".join(filter(None, _doc(part))) if callable(part) else part for name, part in parts.items()}
        return lines + [f"  {name}: {word}" for name, word in words.items() if word != 1]
    if isinstance(judge, Certifies):
        return [
            f"every value in an interval that holds the true one for certain must be {relation} the predicted bound"
        ]
    return [
        f"the measured value must lie {relation} the margin that the theory gives in at least {judge.p1:.0%} of all seeds; "
        f"to hold, the claim must reject that it does so in at most {judge.p0:.0%}",
        f"seeds are measured until that is decided; P(false alarm) <= {judge.alpha:g}, P(false pass) <= {judge.beta:g}",
    ]


def _assumption_in_words(assumption: Assumption) -> list[str]:
    control = (
        f"control refuted[{assumption.slug}]: with {changes_as_typed(assumption.broken_by)} the judge must say REFUTED"
        if assumption.broken_by
        else f"kept: {assumption.why_kept}"
    )
    return [f"{assumption.slug}: {assumption.says}", f"  {control}"]


def _erratum_in_words(erratum: Erratum, register: Mapping[Any, Mapping[str, Any]]) -> list[str]:
    lines = [f"{erratum.slug}: {erratum.says}"]
    if erratum.number in register:
        row = register[erratum.number]
        lines[0] = f"{erratum.slug}, number {erratum.number} ({', '.join(row['where'])}): {erratum.says}"
        lines += [f"  printed: {row['printed']}", f"  correct: {row['correct']}"]
    how = [f"with {changes_as_typed(erratum.broken_by)}"] if erratum.broken_by else []
    how += [f"by the theory {name_of(erratum.predict)}"] if erratum.predict else []
    how += [f"by the relation {erratum.judge.relation}"] if erratum.judge else []
    return [*lines, f"  erratum[{erratum.slug}]: {' and '.join(how)} the judge must say REFUTED"]
