"""`pytest claims/`: options, collection of claim files, one item a part, records, figures and a summary. Thin."""

from __future__ import annotations

import dataclasses
import functools
import os
import shlex
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from dlverify import catalog, records, running
from dlverify.claim import ClaimError
from dlverify.evidence.finding import GRADES
from dlverify.evidence.judges import Mostly
from dlverify.lab.conditions import DEVICES, DTYPES, PRECISIONS, TIERS, ConditionError, Conditions
from dlverify.lab.seeds import ROOT
from dlverify.lab.subjects import Subject, SubjectError
from dlverify.summary import explained, summary

ALPHA_OF_A_RUN = 1e-3
"""The most false alarms a run may promise: one red run in a thousand although all is as stated."""

settings_key = pytest.StashKey["Settings"]()


@dataclasses.dataclass
class Settings:
    """What the options of this run say, and what came of it."""

    conditions: Conditions
    folders: tuple[Path, ...]
    run: str
    writer: records.Writer
    figures: Path | None
    chosen_figures: bool
    found: records.Run | None = None
    notes: list[str] = dataclasses.field(default_factory=list)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a run of claims."""
    parser.addini("claim_folders", "folders that hold claim files (default: claims)", type="paths", default=None)
    group = parser.getgroup("dlverify", "claims (dlverify)")
    group.addoption("--device", default="cpu", metavar="|".join(DEVICES), help="where torch computes (cpu)")
    group.addoption("--dtype", default=None, metavar="|".join(DTYPES), help="floating dtype (each experiment's own)")
    group.addoption("--precision", default="ieee", metavar="|".join(PRECISIONS), help="of float32 products (ieee)")
    group.addoption("--tier", default="quick", metavar="|".join(TIERS), help="which cases run (quick)")
    group.addoption("--seed", default=None, metavar="N", help=f"root of all random numbers ({ROOT})")
    group.addoption("--fresh", action="store_true", help="draw a new root and print it")
    group.addoption("--family", action="append", default=[], metavar="NAME", help="only claims of this family")
    group.addoption(
        "--entry", action="append", default=[], metavar="ID", help="only claims of this entry of notes.toml"
    )
    group.addoption(
        "--grade", action="append", default=[], metavar="|".join(GRADES), help="only this grade of evidence"
    )
    group.addoption(
        "--subject",
        action="append",
        default=[],
        metavar="PATH=PATH",
        help="what to put in a subject's place: torch.optim.Adagrad=mine:MyAdagrad(eps=0)",
    )
    group.addoption("--records", default="build/records/latest.jsonl", metavar="FILE", help="where the records go")
    group.addoption("--figures", default=None, metavar="DIR", help="where the figures go (figures)")
    group.addoption("--no-figures", action="store_true", help="draw no figures")


def pytest_configure(config: pytest.Config) -> None:
    """Read the options; what is wrong is a usage error, exit status 4.

    Raises:
        UsageError: An option has a value that does not exist.
    """
    worker: dict[str, Any] = getattr(config, "workerinput", {})
    try:
        conditions = Conditions(
            config.getoption("device"),
            config.getoption("dtype"),
            config.getoption("precision"),
            worker["dlverify_seed"] if worker else _seed(config),
            config.getoption("tier"),
            tuple(_replacement(text) for text in config.getoption("subject")),
        )
        conditions.check()
    except (ConditionError, SubjectError) as error:
        raise pytest.UsageError(str(error)) from None
    folders = _folders(config)
    _check_selection(config, folders)
    run = worker.get("dlverify_run") or running.new_run_id()
    path = Path(config.getoption("records"))
    figures = config.getoption("figures")
    config.stash[settings_key] = Settings(
        conditions,
        folders,
        run,
        records.Writer(path if path.is_absolute() else Path.cwd() / path, run, worker.get("workerid", "main")),
        None if config.getoption("no_figures") else Path(figures or _home(config) / "figures"),
        figures is not None,
    )


def _folders(config: pytest.Config) -> tuple[Path, ...]:
    """The claim folders of this repository, and that of dlverify where something in it was named.

    So `pytest --pyargs dlverify.claims` works anywhere, and the plugin stays out of the way of other tests.
    """
    own = [Path(folder) for folder in config.getini("claim_folders") or [_home(config) / "claims"]]
    shipped = catalog.shipped()
    named = any(
        word.partition("::")[0] == "dlverify.claims" or Path(word.partition("::")[0]).resolve().is_relative_to(shipped)
        for word in config.args
    )
    known = {folder.resolve() for folder in own}
    return (*own, shipped) if named and shipped.resolve() not in known else tuple(own)


def _home(config: pytest.Config) -> Path:
    """The root of the repository; where pytest takes the installed claims for it, the current directory."""
    root: Path = config.rootpath
    return config.invocation_params.dir if root.is_relative_to(catalog.shipped()) else root


def _seed(config: pytest.Config) -> int:
    given, fresh = config.getoption("seed"), config.getoption("fresh")
    if given is not None and fresh:
        raise pytest.UsageError("--seed and --fresh exclude each other: --fresh draws a root of its own")
    if fresh:
        return int.from_bytes(os.urandom(4), "big")
    if given is not None and not str(given).isdecimal():
        raise pytest.UsageError(f"--seed {given!r} is no seed; give a whole number, 0 or more")
    return ROOT if given is None else int(given)


def _replacement(text: str) -> tuple[str, Subject]:
    """What `--subject OLD=NEW` says; NEW is imported, so that a misspelt path is known before anything runs.

    Raises:
        SubjectError: It has another form, or NEW cannot be imported.
    """
    old, equals, new = text.partition("=")
    if not equals:
        raise SubjectError(
            f"--subject {text!r} names no replacement; write torch.optim.Adagrad=mypackage.optim:MyAdagrad"
        )
    subject = Subject.parse(new)
    if not callable(subject.load()):
        raise SubjectError(f"--subject {text!r}: {new} is a {type(subject.load()).__name__}, which cannot be called")
    return Subject.parse(old).path, subject


def _check_selection(config: pytest.Config, folders: tuple[Path, ...]) -> None:
    """Refuse families, entries and grades that do not exist.

    Raises:
        UsageError: One does not.
    """
    for option, known in (
        ("grade", lambda: GRADES),
        ("family", lambda: sorted({name.rpartition("/")[0] for name, _ in catalog.claim_files(folders)})),
        ("entry", lambda: sorted({entry for folder in folders for entry in _entries(folder)})),
    ):
        for given in config.getoption(option):
            allowed = known()
            if given not in allowed:
                hint = catalog.did_you_mean(given, allowed)
                few = f"; choose one of {', '.join(allowed)}" if len(allowed) <= 30 else "; notes.toml has them all"
                raise pytest.UsageError(f"unknown {option} {given!r}{hint}{few}")


def _entries(folder: Path) -> list[str]:
    try:
        return list((catalog.read_register(folder) or {"entry": {}})["entry"])
    except ClaimError as error:
        raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell each xdist worker the run and its seed."""
    settings = node.config.stash[settings_key]
    node.workerinput["dlverify_run"] = settings.run
    node.workerinput["dlverify_seed"] = settings.conditions.seed


def pytest_report_header(config: pytest.Config) -> str | None:
    """Under what conditions the claims run, and the seed that replays them; nothing where there are no claims."""
    if not any(folder.is_dir() for folder in config.stash[settings_key].folders):
        return None
    conditions = config.stash[settings_key].conditions
    dtype = conditions.dtype or "each experiment's own dtype"
    return f"dlverify: {conditions.device}, {dtype}, {conditions.precision}, {conditions.tier} tier, --seed {conditions.seed}"


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Generator[None, Any, Any]:
    """Collect a claim file as such; pytest would take one that is named on the command line for a test module."""
    found = yield
    for folder in parent.config.stash[settings_key].folders:
        if file_path.suffix == ".py" and file_path.is_relative_to(folder) and catalog.is_claim_file(file_path):
            return [ClaimFile.from_parent(parent, path=file_path, folder=folder)]
    return found


class ClaimFile(pytest.File):
    """A claim file: one item for each part."""

    def __init__(self, *, folder: Path, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.folder = folder

    def collect(self) -> Iterator[pytest.Item]:
        """The parts of the claim, or one failing item `loads`."""
        settings = self.config.stash[settings_key]
        try:
            loaded = catalog.load(self.path, self.folder)
        except ClaimError as error:
            yield LoadsItem.from_parent(self, name="loads", error=error)
            return
        if self.config.getoption("family") and loaded.family not in self.config.getoption("family"):
            return
        if self.config.getoption("entry") and loaded.claim.entry not in self.config.getoption("entry"):
            return
        replaced = [path for path, _ in settings.conditions.subjects]
        tier = settings.conditions.tier
        grades = self.config.getoption("grade")
        for unit in (
            running.exercising(loaded, self.folder, replaced, tier)
            if replaced
            else running.units(loaded, self.folder, tier)
        ):
            # The id as a text, since `--lf` takes the brackets of a text apart and those of a bare name not (pytest 9).
            node = f"{self.nodeid}::{unit.item}"
            item: ClaimItem = ClaimItem.from_parent(self, name=unit.item, nodeid=node, unit=unit, loaded=loaded)
            if not grades or item.grade in grades:
                yield item


class LoadsItem(pytest.Item):
    """Fails: the claim file cannot be loaded."""

    def __init__(self, *, error: ClaimError, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.error = error

    def runtest(self) -> None:
        """Fail with the reason."""
        raise self.error

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """The sentence alone."""
        return str(excinfo.value)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where it stands."""
        return self.path, None, f"{self.path.name}::{self.name}"


class NotAsStated(AssertionError):
    """A part came to another verdict than the claim states."""


class ClaimItem(pytest.Item):
    """One part of a claim."""

    def __init__(self, *, unit: running.Unit, loaded: catalog.Loaded, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.unit = unit
        self.loaded = loaded
        self.judge = None if running.is_proof(unit) else running.select(loaded.claim, unit).judge
        self.grade = "proof" if self.judge is None else self.judge.grade

    def runtest(self) -> None:
        """Run the part, write its record, and only then compare the verdict with the one stated.

        Raises:
            NotAsStated: It is another one.
        """
        settings = self.config.stash[settings_key]
        _prepare_process()
        record = running.run_unit(self.unit, settings.conditions, settings.run)
        try:
            settings.writer.write(record)
        except records.RecordError as error:
            pytest.exit(str(error), returncode=pytest.ExitCode.USAGE_ERROR)
        for field in ("claim", "verdict", "expected", "grade", "message"):
            self.user_properties.append((field, record[field]))
        if record["verdict"] == "NOT RUN":
            pytest.skip(f"NOT RUN: {record['message']}")
        if record["verdict"] != record["expected"]:
            raise NotAsStated(explained(record))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What was stated, what was found and the line that replays it."""
        return str(excinfo.value) if isinstance(excinfo.value, NotAsStated) else super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where it stands."""
        return self.path, None, f"{self.loaded.id}::{self.name}"


@functools.cache
def _prepare_process() -> None:
    """Once in a process that pytest owns: keep freed memory, which makes ensembles up to twice as fast."""
    from dlverify.lab.ensembles import keep_large_blocks

    keep_large_blocks()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse a plan whose false alarms sum to more than a run may promise, and a subject that no claim exercises.

    Raises:
        UsageError: They do, or none does.
    """
    if config.stash[settings_key].conditions.subjects and not any(isinstance(item, ClaimItem) for item in items):
        known = sorted({path for folder in config.stash[settings_key].folders for path in catalog.subjects(folder)})
        given = ", ".join(path for path, _ in config.stash[settings_key].conditions.subjects)
        hint = catalog.did_you_mean(given, known)
        raise pytest.UsageError(
            f"no claim that was collected exercises {given}{hint}; `python -m dlverify subjects` lists what can be replaced"
        )
    judges = [item.judge for item in items if isinstance(item, ClaimItem)]
    alphas = [judge.alpha for judge in judges if isinstance(judge, Mostly)]
    if sum(alphas) > ALPHA_OF_A_RUN:
        raise pytest.UsageError(
            f"the {len(alphas)} statistical items promise up to {sum(alphas):.2g} false alarms a run, and {ALPHA_OF_A_RUN} "
            "is allowed; lower the alpha of their judges"
        )


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Merge the records of all workers, and draw the figures from them."""
    settings = session.config.stash[settings_key]
    settings.writer.close()
    path = settings.writer.path
    if hasattr(session.config, "workerinput") or not list(path.parent.glob(f"{path.stem}.{settings.run}.*.part")):
        return
    try:
        settings.found = records.finish(path, settings.run)
        settings.notes += settings.found.problems
        left = records.interrupted(path)
        if left:
            settings.notes.append(f"an earlier run was stopped; what it recorded is in {', '.join(map(str, left))}")
        if settings.figures is not None:
            from dlverify import figures

            other = settings.figures if settings.chosen_figures else _home(session.config) / "build" / "figures"
            drawn = figures.draw_all(settings.found.records, settings.figures, other)
            settings.notes += figures.report(drawn)
    except records.RecordError as error:
        settings.notes.append(f"ERROR: {error}")
        session.exitstatus = pytest.ExitCode.USAGE_ERROR


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """What the evidence shows, for a newcomer."""
    settings = config.stash[settings_key]
    if settings.found is None and not settings.notes:
        return
    terminalreporter.section("dlverify")
    if settings.found is not None:
        for line in summary(settings.found.records):
            terminalreporter.write_line(line)
    for note in settings.notes:
        terminalreporter.write_line(note)
    if settings.found is not None:
        shown = _shown(settings.writer.path)
        option = "" if Path(shown) == Path("build/records/latest.jsonl") else f" --records {shlex.quote(shown)}"
        terminalreporter.write_line(f"records: {shown}; `python -m dlverify report{option}` makes a site of them")


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
