"""Running parts of claims: draw, predict, measure, judge, record. Knows no pytest."""

from __future__ import annotations

import datetime
import functools
import hashlib
import importlib.metadata
import inspect
import math
import platform
import random
import shlex
import string
import time
import traceback
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError, Executor, Future, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from dlverify import catalog
from dlverify.claim import Assumption, Claim, ClaimError, Erratum, Predict
from dlverify.evidence.finding import Finding, NotAvailable
from dlverify.evidence.judges import BudgetError, Compares, Judge, Mostly
from dlverify.evidence.proof import prove
from dlverify.evidence.sequential import Plan, operating_characteristics
from dlverify.experiment import Experiment, ExperimentError, fields
from dlverify.lab.conditions import TIERS, Conditions, HealthError, Lab, torch_state
from dlverify.lab.memory import is_out_of_memory, release_memory
from dlverify.lab.subjects import OutcomeRead, Subject, SubjectError, outcomes_forbidden
from dlverify.quantity import Array, Axis, Picture, Quantity
from dlverify.records import FIELDS, SCHEMA, Record, encode

Part = Literal["holds", "refuted", "erratum", "proof"]


class PartLost(RuntimeError):
    """A part that was tried elsewhere never came back."""


SENTENCES = (
    ClaimError,
    ExperimentError,
    SubjectError,
    OutcomeRead,
    FloatingPointError,
    BudgetError,
    HealthError,
    NotImplementedError,
    PartLost,
)
"""Errors that say all there is to say; any other is shown with its traceback."""

KERNELS = frozenset({"foreach", "fused", "capturable"})
"""Keywords of torch's optimizers that say how a step is computed, and not which."""

PACKAGES = ("dlverify", "torch", "numpy", "scipy", "sympy", "scikit-learn", "python-flint")


@dataclass(frozen=True)
class Unit:
    """The smallest piece of work: one part of one claim file.

    Attributes:
        folder: The claim folder.
        path: The claim file.
        part: "holds", "refuted", "erratum" or "proof".
        name: The slug of the case, the assumption or the erratum; empty for a proof.
        conditions: Its own, or None for those of the run.
    """

    folder: Path
    path: Path
    part: Part
    name: str
    conditions: Conditions | None = None

    @property
    def item(self) -> str:
        """How pytest shows it."""
        return f"{self.part}[{self.name}]" if self.name else self.part


def units(loaded: catalog.Loaded, folder: Path, tier: str = "quick") -> list[Unit]:
    """All parts of a claim that a tier runs: proof, cases, controls, errata."""
    claim = loaded.claim
    parts: list[tuple[Part, str]] = [("proof", "")] if claim.proof else []
    parts += [("holds", case.name) for case in claim.experiments if TIERS.index(case.tier) <= TIERS.index(tier)]
    parts += [("refuted", assumption.slug) for assumption in claim.assumptions if assumption.broken_by]
    parts += [("refuted", "proof")] if claim.proof else []
    parts += [("erratum", erratum.slug) for erratum in claim.errata]
    return [Unit(folder, loaded.path, part, name) for part, name in parts]


@dataclass(frozen=True)
class Trial:
    """A part with all that it needs to run.

    Attributes:
        experiment: The experiment, changed where the part is a control.
        predict: The theory, or the printed one.
        judge: The relation.
        case: The slug of the case.
        tier: The smallest tier that runs it.
        expected: The verdict that the claim states.
        about: What is put to the test, in words.
        effects: The assumptions whose effect the budget must not hide.
        number: An erratum's number in the register.
    """

    experiment: Experiment
    predict: Predict
    judge: Judge
    case: str
    tier: str
    expected: Literal["HOLDS", "REFUTED"]
    about: str
    effects: tuple[Assumption, ...]
    number: int | None = None


def select(claim: Claim, unit: Unit, conditions: Conditions = Conditions()) -> Trial:
    """The experiment, theory and judge of a part.

    Raises:
        ClaimError: The claim has no such part.
    """

    def subjects(experiment: Experiment) -> Experiment:
        return with_subjects(experiment, conditions.subjects)

    if unit.part == "holds":
        case = claim.names.get(unit.name)
        if case is None:
            raise ClaimError(f"{unit.path} has no case {unit.name!r}; it has {', '.join(claim.names)}")
        breakable = tuple(assumption for assumption in claim.assumptions if assumption.broken_by)
        return Trial(
            subjects(case.experiment), claim.predict, claim.judge, case.name, case.tier, "HOLDS", claim.says, breakable
        )
    found: list[Assumption | Erratum] = [*claim.assumptions] if unit.part == "refuted" else [*claim.errata]
    for change in found:
        if change.slug == unit.name:
            case = claim.case(change.case)
            experiment = subjects(case.experiment).changed(**(change.broken_by or {}))
            if isinstance(change, Erratum):
                theory, judge = change.predict or claim.predict, change.judge or claim.judge
                effect = Assumption(change.slug, change.says, effect=_gap(claim.predict, change.predict))
                return Trial(
                    experiment, theory, judge, case.name, "quick", "REFUTED", change.says, (effect,), change.number
                )
            return Trial(experiment, claim.predict, claim.judge, case.name, "quick", "REFUTED", change.says, (change,))
    raise ClaimError(
        f"{unit.path} has no {unit.part}[{unit.name}]; it has {', '.join(c.slug for c in found) or 'none'}"
    )


def _gap(right: Predict, printed: Predict | None) -> Predict | None:
    """How far the printed theory is from the right one; None, the size of the predicted values, where a setting is printed."""
    if printed is None:
        return None

    def gap(experiment: Any, given: Any) -> Array:
        values = [
            np.asarray(getattr(found, "values", found), dtype=np.float64)
            for found in (right(experiment, given), printed(experiment, given))
        ]
        return np.asarray(values[1] - values[0])

    return gap


def with_subjects(experiment: Experiment, replacements: Iterable[tuple[str, Subject]]) -> Experiment:
    """The experiment with replacements in the place of its subjects; the arguments of both are kept, the new ones last.

    But for those that choose among torch's own kernels, which nobody else has.
    """
    changes = {}
    for path, new in replacements:
        for name, old in experiment.subjects.items():
            if old.path == path:
                kept = {name: value for name, value in old.arguments if name not in KERNELS}
                arguments = {**kept, **dict(new.arguments)}
                changes[name] = replace(new, arguments=tuple(arguments.items()), stands_for=old.role)
    return experiment.changed(**changes)


def exercising(loaded: catalog.Loaded, folder: Path, paths: Collection[str], tier: str = "quick") -> list[Unit]:
    """The parts of a claim that measure one of these subjects, by their dotted paths.

    A proof measures none. Cases that differ in torch's kernels alone are one case for whoever takes its place.
    """
    if not set(paths) & set(loaded.claim.subjects):
        return []
    found: list[Unit] = []
    cases: list[Experiment] = []
    replacements = [(path, Subject.parse(path)) for path in paths]
    for unit in units(loaded, folder, tier):
        if not is_proof(unit):
            experiment = select(loaded.claim, unit).experiment
            if any(subject.path in paths for subject in experiment.subjects.values()):
                replaced = with_subjects(experiment, replacements)
                found += [unit] if unit.part != "holds" or replaced not in cases else []
                cases += [replaced] if unit.part == "holds" else []
    return found


def is_proof(unit: Unit) -> bool:
    """Whether the part is the proof of a claim, or the control of the proof."""
    return unit.part == "proof" or (unit.part, unit.name) == ("refuted", "proof")


def run(
    parts: Iterable[Unit],
    conditions: Conditions = Conditions(),
    executor: Executor | None = None,
) -> Iterator[Record]:
    """Run parts and yield their records in order, here or on any `concurrent.futures` executor.

    A part that an executor lost, since its process died or took too long, is an ERROR like any other; one that was
    cancelled was not run, and ends the run with the executor's `CancelledError`.
    """
    run_id = new_run_id()
    if executor is None:
        yield from (run_unit(unit, conditions, run_id) for unit in parts)
    else:
        early: dict[int, Record] = {}
        following = 0
        for index, record in run_as_they_end(parts, conditions, executor, run_id):
            early[index] = record
            while following in early:
                yield early.pop(following)
                following += 1


def run_as_they_end(
    parts: Iterable[Unit], conditions: Conditions, executor: Executor, run_id: str
) -> Iterator[tuple[int, Record]]:
    """Run parts on an executor and yield each record as soon as it is there, with the place of its part among them.

    Raises:
        CancelledError: The executor was shut down, or lost its cluster.
    """
    submitted = ((executor.submit(run_unit, unit, conditions, run_id), index, unit) for index, unit in enumerate(parts))
    waiting = {future: (index, unit) for future, index, unit in submitted}
    try:
        for future in as_completed(list(waiting)):
            index, unit = waiting.pop(future)
            yield index, _result(future, unit, conditions, run_id)
    finally:
        for future in waiting:
            future.cancel()


def _result(future: Future[Record], unit: Unit, conditions: Conditions, run_id: str) -> Record:
    """The record of a part, or that of its loss.

    Raises:
        CancelledError: The part was cancelled.
    """
    try:
        return future.result()
    except CancelledError:
        raise
    except Exception as error:  # whatever an executor says of a call that it could not finish
        lost = f"it came to no end: {type(error).__name__}: {error}"
        try:
            return run_unit(unit, conditions, run_id, lost=lost)
        except ClaimError:  # its file was changed under the run
            return unjudged(unit, conditions, run_id, lost)


def unjudged(unit: Unit, conditions: Conditions, run_id: str, message: str) -> Record:
    """The record of a part whose claim cannot be loaded: an ERROR, with what is known without it."""
    conditions = unit.conditions or conditions
    return {
        **dict.fromkeys(FIELDS, ""),
        **_quantity_fields(None, None, None),
        **_finding_fields(Finding("ERROR", math.nan, math.nan, message)),
        "schema": SCHEMA,
        "run": run_id,
        "started": datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds"),
        "seconds": 0.0,
        "claim": catalog.claim_id(unit.path, unit.folder),
        "path": _shown(unit.path),
        "entry": None,
        "part": unit.part,
        "name": unit.name,
        "item": unit.item,
        "index": 0,
        "parts": 1,
        "default": False,
        "number": None,
        "tier": "quick",
        "expected": "HOLDS" if unit.part in ("holds", "proof") else "REFUTED",
        "grade": "exact",
        "relation": None,
        "seed": conditions.seed,
        "members": 0,
        "parameters": {},
        "subject": {},
        "device": conditions.device,
        "dtype": conditions.dtype or "",
        "precision": conditions.precision,
        "versions": versions(),
        "replay": replay(f"{_shown(unit.path)}::{unit.item}", conditions),
    }


def new_run_id() -> str:
    """The start in UTC and four random letters: sorts by time, and two runs in one second differ."""
    letters = "".join(random.SystemRandom().choices(string.ascii_lowercase, k=4))
    return f"{datetime.datetime.now(datetime.UTC):%Y%m%dT%H%M%SZ}-{letters}"


def run_unit(
    unit: Unit,
    conditions: Conditions,
    run_id: str,
    changes: Mapping[str, Any] | None = None,
    lost: str | None = None,
) -> Record:
    """Run one part and return its record; whatever goes wrong in it becomes the verdict ERROR or NOT RUN.

    Args:
        unit: The part.
        conditions: Device, dtype, precision, seed, tier and subjects, where the part has none of its own.
        run_id: The run that the record belongs to.
        changes: Fields of the experiment to change, by someone who plays with the claim.
        lost: Why the part was tried elsewhere and never came back; its record is made without running it.
    """
    conditions = unit.conditions or conditions
    started = datetime.datetime.now(datetime.UTC)
    clock = time.perf_counter()
    loaded = catalog.load(unit.path, unit.folder)
    if is_proof(unit):
        record = _proof_record(loaded, unit, lost)
    else:
        trial = select(loaded.claim, unit, conditions)
        trial = replace(trial, experiment=trial.experiment.changed(**(changes or {})))
        record = _measured_record(loaded, trial, conditions, lost)
    shown = _shown(unit.path)
    return {
        "schema": SCHEMA,
        "run": run_id,
        "started": started.isoformat(timespec="milliseconds"),
        "seconds": round(time.perf_counter() - clock, 4),
        "claim": loaded.id,
        "path": shown,
        "says": loaded.claim.says,
        "paper": loaded.claim.paper,
        "entry": loaded.claim.entry,
        "part": unit.part,
        "name": unit.name,
        "item": unit.item,
        "index": [part.item for part in units(loaded, unit.folder, TIERS[-1])].index(unit.item),
        "parts": len(units(loaded, unit.folder)),
        "default": conditions.are_default and not changes,
        **record,
        "seed": conditions.seed,
        "versions": versions(),
        "claim_source": source_hash(unit.path),
        "replay": replay(f"{shown}::{unit.item}", conditions),
    }


def replay(node: str, conditions: Conditions) -> str:
    """The line that runs an item again under the same conditions."""
    words = ["pytest", node, "--seed", str(conditions.seed)]
    for option, value, default in (
        ("--device", conditions.device, "cpu"),
        ("--dtype", conditions.dtype, None),
        ("--precision", conditions.precision, "ieee"),
        ("--tier", conditions.tier, "quick"),
    ):
        if value != default:
            words += [option, str(value)]
    for path, subject in conditions.subjects:
        words += ["--subject", f"{path}={subject}"]
    return shlex.join(words)


@functools.cache
def versions() -> dict[str, str]:
    """The versions of python and of the packages that measurements depend on, read without importing them."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def _proof_record(loaded: catalog.Loaded, unit: Unit, lost: str | None) -> Record:
    proof = loaded.claim.proof
    assert proof is not None
    trace = ""
    try:
        if lost is not None:
            raise PartLost(lost)
        finding = prove(proof.residuals if unit.part == "proof" else proof.broken)
    except Exception as error:  # a proof that crashes has proved and refuted nothing
        finding, trace = _error(error), _traceback(error)
    return {
        **_finding_fields(finding),
        "grade": "proof",
        "about": proof.says if unit.part == "proof" else "the same proof with one term changed",
        "number": None,
        "case": "",
        "tier": "quick",
        "expected": "HOLDS" if unit.part == "proof" else "REFUTED",
        "relation": None,
        **_quantity_fields(None, None, None),
        "pictures": [],
        "members": 0,
        "experiment": "",
        "parameters": {},
        "subject": {},
        "device": "cpu",
        "dtype": "",
        "precision": "ieee",
        "experiment_source": "",
        "traceback": trace,
    }


def _measured_record(loaded: catalog.Loaded, part: Trial, conditions: Conditions, lost: str | None) -> Record:
    experiment, judge = part.experiment, part.judge
    # What is exact, and what knows one dtype (scikit-learn's estimators), has one cell and ignores the dtype asked for.
    rounded = judge.grade in ("rounding", "statistical") and len(experiment.dtypes) > 1
    dtype = conditions.dtype if rounded and conditions.dtype else experiment.dtypes[0]
    lab = Lab(loaded.id, conditions.seed, dtype, conditions.device, conditions.precision)
    outcome = Outcome()
    trace = ""
    try:
        if lost is not None:
            raise PartLost(lost)
        if dtype not in experiment.dtypes:
            raise NotAvailable(
                f"{type(experiment).__name__} makes sense in {', '.join(experiment.dtypes)}, not in {dtype}"
            )
        if (lab.device, dtype) == ("mps", "float64"):
            raise NotAvailable("the device mps has no float64")
        with torch_state(lab):
            outcome = _decide(
                loaded.id, part, lab, differs=dtype != experiment.dtypes[0] or conditions.precision != "ieee"
            )
        finding = outcome.finding
        assert finding is not None
    except NotAvailable as reason:
        finding = Finding("NOT RUN", float("nan"), float("nan"), str(reason))
    except Exception as error:  # an item that crashes is an ERROR and stops nobody else
        finding, trace = _error(error), _traceback(error)
    return {
        **_finding_fields(finding),
        "grade": judge.grade,
        "about": part.about,
        "number": part.number,
        "case": part.case,
        "tier": part.tier,
        "expected": part.expected,
        "relation": judge.relation,
        **_quantity_fields(outcome.measured, outcome.predicted, outcome.budget),
        "pictures": [
            {"name": one.name, "caption": one.caption, "values": _three_digits(one.values)} for one in outcome.pictures
        ],
        "members": outcome.members,
        "experiment": type(experiment).__name__,
        "parameters": {name: encode(getattr(experiment, name)) for name in fields(type(experiment))},
        "subject": {name: str(subject) for name, subject in experiment.subjects.items()},
        "device": lab.device,
        "dtype": dtype,
        "precision": lab.precision,
        "experiment_source": source_hash(Path(inspect.getfile(type(experiment)))),
        "traceback": trace,
    }


@dataclass(frozen=True)
class Outcome:
    """What a part came to: the finding with what it rests on."""

    finding: Finding | None = None
    measured: Quantity | None = None
    predicted: Any = None
    budget: Array | None = None
    members: int = 0
    pictures: tuple[Picture, ...] = ()


def _decide(claim: str, part: Trial, lab: Lab, differs: bool) -> Outcome:
    experiment, judge = part.experiment, part.judge
    if isinstance(judge, Mostly):
        return _decide_sequentially(claim, part, judge, lab)
    given = experiment.draw(lab)
    coarsest = max([lab.unit_roundoff, *(subject.unit_roundoff for subject in experiment.subjects.values())])
    differs = differs or coarsest > lab.unit_roundoff
    with outcomes_forbidden(f"the theory of {claim}"):
        predicted = part.predict(experiment, given)
        budget = judge.budget(experiment, given, coarsest)
        if differs and isinstance(judge, Compares) and budget is not None:
            _check_resolution(part, given, predicted, budget, lab)
    measured, pictures = _measure(experiment, lab, given)
    finding = judge.find(measured, predicted, budget)
    return Outcome(finding, measured, predicted, budget, 1, pictures)


def _decide_sequentially(claim: str, part: Trial, judge: Mostly, lab: Lab) -> Outcome:
    """Measure batches of members until the judge, who reads them one by one, has decided.

    Where memory does not suffice for a batch it is halved, and the message says so; the verdict is the same.

    Raises:
        ExperimentError: A measurement does not have one row for each member.
        HealthError: All seeds gave the same values.
    """
    plan = judge.plan(part.expected)
    batches: list[Quantity] = []
    pictures: tuple[Picture, ...] = ()
    margins: list[Array] = []
    outcomes: list[Array] = []
    predicted: Any = None
    whole = size = _batch(plan)
    start = 0
    while True:
        members = range(start, start + size)
        here = replace(lab, members=members)
        try:
            given = part.experiment.draw(here)
            with outcomes_forbidden(f"the theory of {claim}"):
                predicted = part.predict(part.experiment, given)
            batch, shown = _measure(part.experiment, here, given)
        except Exception as error:
            if size == 1 or not is_out_of_memory(error):
                raise
            size //= 2
        if len(members) != size:  # out of the except clause, which keeps what the failed batch holds
            release_memory()
            continue
        start += size
        if not batch.axes or len(batch.axes[0].values) != len(members):
            raise ExperimentError(
                f"{type(part.experiment).__name__}.measure returned {batch.name!r} of shape {batch.values.shape}; a "
                f"statistical experiment returns one row for each of its {len(members)} members"
            )
        pictures = pictures if batches else shown  # those of the first member
        batches.append(batch)
        outcomes.append(judge.outcomes(batch, predicted))
        margins.append(np.broadcast_to(np.asarray(getattr(predicted, "values", predicted)), batch.values.shape))
        measured = _joined(batches)
        finding = judge.find(measured, np.concatenate(outcomes), plan)
        if finding is not None:
            break
    if size < whole:
        finding = replace(
            finding, message=f"{finding.message}; memory sufficed for {size} seeds at once, not for {whole}"
        )
    count = len(measured.values)
    rows = measured.values.reshape(count, -1)
    if part.expected == "HOLDS" and rows.dtype.kind == "f" and (rows == rows[0]).all():
        raise HealthError(
            f"health check: {measured.name} is the same in all {count} seeds, so that they are not independent evidence; "
            "let the experiment draw from the lab's generators, or state the claim as an exact one"
        )
    return Outcome(finding, measured, np.concatenate(margins), None, count, pictures)


@functools.cache
def _batch(plan: Plan) -> int:
    """How many members to measure at a time: as many as the plan expects to read when things are just as stated."""
    edge = plan.p1 if plan.stated == "HOLDS" else plan.p0
    return math.ceil(operating_characteristics(plan, edge).expected_members)


def _joined(batches: list[Quantity]) -> Quantity:
    first = batches[0]
    values = np.concatenate([batch.values for batch in batches])
    members = Axis("member", tuple(range(len(values))))
    return Quantity(values, first.name, first.unit, (members, *first.axes[1:]), scale=first.scale)


def _measure(experiment: Experiment, lab: Lab, given: Any) -> tuple[Quantity, tuple[Picture, ...]]:
    # And the pictures that came with it, apart: no judge is to see them.
    measured = experiment.measure(lab, given)
    if not isinstance(measured, Quantity):
        raise ExperimentError(
            f"{type(experiment).__name__}.measure returned {type(measured).__name__}; it returns a Quantity, values over axes"
        )
    if not measured.values.size:
        raise HealthError(
            f"health check: {measured.name} has no values, so that nothing was measured; shape {measured.values.shape}"
        )
    for values in (measured.values, measured.upper):
        if values is not None and values.dtype.kind == "f" and not np.isfinite(values).all():
            place = np.argwhere(~np.isfinite(values))[0]
            where = ", ".join(f"{axis.name} = {axis.values[i]}" for axis, i in zip(measured.axes, place, strict=True))
            raise FloatingPointError(
                f"{measured.name} is {values[tuple(place)]}{f' at {where}' if where else ''}; where divergence is an "
                "outcome, the experiment returns it as a boolean"
            )
    return replace(measured, pictures=()), measured.pictures


def _check_resolution(part: Trial, given: Any, predicted: Any, budget: Array, lab: Lab) -> None:
    """Refuse a precision at which the budget hides the effect of a control.

    Raises:
        NotAvailable: The budget is at least the effect everywhere.
    """
    size = np.asarray(getattr(predicted, "values", predicted), dtype=np.float64)
    for assumption in part.effects:
        stated = assumption.effect
        effect = np.abs(size if stated is None else stated(part.experiment, given) if callable(stated) else stated)
        if effect.size and np.all(budget >= effect):
            raise NotAvailable(
                f"below resolution: in {lab.dtype} ({lab.precision}) a budget of {float(np.min(budget)):.3g} is allowed, and "
                f"{assumption.slug} moves the values by {float(np.max(effect)):.3g} only"
            )


def _error(error: Exception) -> Finding:
    message = str(error) if isinstance(error, SENTENCES) else f"{type(error).__name__}: {error}"
    return Finding("ERROR", float("nan"), float("nan"), message)


def _traceback(error: Exception) -> str:
    return "" if isinstance(error, SENTENCES) else "".join(traceback.format_exception(error))


def _finding_fields(finding: Finding) -> Record:
    return {
        "verdict": finding.verdict,
        "message": finding.message,
        "low": encode(finding.low),
        "high": encode(finding.high),
        "witness": encode(finding.witness),
        "statistics": encode(finding.statistics),
    }


def _quantity_fields(measured: Quantity | None, predicted: Any, budget: Any) -> Record:
    if measured is None:
        empty = dict.fromkeys(("measured", "upper", "predicted", "budget"))
        return {"quantity": "", "unit": "", "scale": "linear", "axes": [], **empty}
    return {
        "quantity": measured.name,
        "unit": measured.unit,
        "scale": measured.scale,
        "axes": [
            {"name": axis.name, "unit": axis.unit, "scale": axis.scale, "values": encode(axis.values)}
            for axis in measured.axes
        ],
        "measured": encode(measured.values),
        "upper": None if measured.upper is None else encode(measured.upper),
        "predicted": encode(np.asarray(getattr(predicted, "values", predicted))),
        "budget": None if budget is None else encode(np.asarray(budget)),
    }


def _three_digits(values: Array) -> Any:
    """The pixels of a picture as nested lists, to three digits of the largest: an eye sees no more."""
    values = np.clip(values, -1e300, 1e300)
    size = float(np.abs(values).max())
    if size < 1e-300:
        return np.zeros(values.shape).tolist()
    exponent = math.floor(math.log10(size))
    short = [float(f"{value:.2f}e{exponent}") + 0.0 for value in (values / 10.0**exponent).ravel()]
    return np.reshape(short, values.shape).tolist()


def _shown(path: Path) -> str:
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def source_hash(path: Path) -> str:
    """The sha256 of a file, by which records of another version of it are told."""
    return _hash(path, path.stat().st_mtime_ns)


@functools.cache
def _hash(path: Path, modified: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
