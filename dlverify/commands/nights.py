"""The commands of many nights: nightly, calibrate, history, status."""

from __future__ import annotations

import contextlib
import datetime
import shlex
import signal
import sys
import textwrap
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor
from pathlib import Path
from typing import Any

from dlverify import records, running
from dlverify.catalog import did_you_mean
from dlverify.commands.shared import UsageError, claim_files, family_of, named, print_table, say, shown
from dlverify.nightly import calibrate as calibration
from dlverify.nightly.detector import PROMISE, RUN_LENGTH, most_items, promised
from dlverify.nightly.matrix import Item, Machine, chosen, collect, machine
from dlverify.nightly.night import Night, NightError, detectors_before, missing, record_items, run_items, seed_of
from dlverify.records import Record
from dlverify.summary import explained, is_as_stated, summary
from dlverify.workers import Workers

NIGHTS = Path("build/nights")
CALIBRATION = Path("build/calibration")
TIER = "nightly"
WIDTH = 200
"""Characters of the line that says why parts were not run: in many cells there are many reasons, and all are recorded."""


class Terminated(BaseException):
    """SIGTERM: stop, and leave what is there readable."""


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Within it SIGTERM raises `Terminated` in the main thread, the only one that can be told."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: Any) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def nightly(
    folder: Path,
    nights: Path,
    *,
    date: str | None = None,
    resume: bool = False,
    again: Sequence[str] = (),
    cells: Sequence[str] = (),
    families: Sequence[str] = (),
    workers: int | None = None,
    scheduler: str | None = None,
    limit: float,
    memory: float | None = None,
) -> int:
    """Run one night, or go on with it; 0 where all is as stated, 1 where something is red.

    Args:
        folder: The claim folder.
        nights: Where the nights are.
        date: The night's date, `2026-12-31`; today in UTC where None.
        resume: Whether to run what an interrupted night left.
        again: Instead of a night, items or cells to run once more with its seeds, beside its records.
        cells: Only these cells, as patterns `cuda-*`.
        families: Only these folders of claims.
        workers: How many processes; one for each GPU where None, or one.
        scheduler: The address of a Dask scheduler.
        limit: Seconds that an item may take.
        memory: GB of address space that a worker may take.

    Raises:
        UsageError: Something does not exist, or cannot be done.
    """
    folder = folder.resolve()
    files = [(name, path.resolve()) for name, path in claim_files(folder)]
    if families:
        known = sorted({family_of(name) for name, _ in files})
        for family in families:
            if family not in known:
                raise UsageError(
                    f"unknown family {family!r}{did_you_mean(family, known)}; choose one of {', '.join(known)}"
                )
        files = [(name, path) for name, path in files if family_of(name) in families]
    if not files:
        raise UsageError(
            f"there are no claims below {folder}; `python -m dlverify new FAMILY STATEMENT` writes the first"
        )
    if limit <= 0 or (memory is not None and memory <= 0):
        raise UsageError("--limit and --memory are sizes; give more than 0, or leave them out")
    night = Night(nights / f"{_date(date)}")
    if night.is_begun and not resume and not again:
        state = "is over" if night.is_over else "was begun and not ended"
        raise UsageError(
            f"the night {night.name} {state}; --resume runs what is missing of it, --again PATTERN runs a part once more"
        )
    try:
        with _terminable(), night.held(), _executor(folder, workers, scheduler, limit, memory) as (executor, on):
            seed = seed_of(_date(date))
            items = _selected(collect(files, folder, seed, TIER, on, executor), cells)
            if again:
                return _again(night, chosen(items, again), again, executor)
            return _night(night, items, seed, on, nights, executor, resume)
    except Terminated:
        say(f"stopped by SIGTERM; `{_resume_line(night)}` runs the rest", "bold yellow")
        return 143
    except KeyboardInterrupt:
        say(f"stopped; `{_resume_line(night)}` runs the rest", "bold yellow")
        return 130
    except CancelledError:
        raise UsageError(f"the executor is gone; `{_resume_line(night)}` runs the rest") from None
    except (NightError, OSError) as error:
        raise UsageError(str(error)) from None


def _date(text: str | None) -> datetime.date:
    if text is None:
        return datetime.datetime.now(datetime.UTC).date()
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--date {text!r} is no date; write 2026-12-31") from None


def _resume_line(night: Night) -> str:
    place = [] if night.folder.parent == NIGHTS else ["--nights", shown(night.folder.parent)]
    return shlex.join(["python", "-m", "dlverify", "nightly", "--resume", "--date", night.name, *place])


@contextlib.contextmanager
def _executor(
    folder: Path, workers: int | None, scheduler: str | None, limit: float, memory: float | None
) -> Iterator[tuple[Executor, Machine]]:
    """Where a night runs, and what there is.

    Raises:
        UsageError: The options exclude each other, or make no sense here.
    """
    memory_bytes = None if memory is None else int(memory * 1e9)
    if scheduler is not None:
        if workers is not None:
            raise UsageError("--workers and --scheduler exclude each other: a cluster has workers of its own")
        from dlverify.nightly.cluster import cluster

        with cluster(scheduler, folder, limit, memory_bytes) as found:
            yield found
        return
    if workers is not None and workers < 1:
        raise UsageError(f"--workers {workers} would do nothing; give 1 or more")
    if memory_bytes is not None and sys.platform == "win32":
        raise UsageError("--memory bounds the address space, which Windows does not; leave it out")
    with Workers(limit=limit, memory=memory_bytes) as first:
        on = first.submit(machine).result()
        leases = [{"CUDA_VISIBLE_DEVICES": name} for name in _gpus(on.gpus)] or [{}]
        number = workers or len(leases)
        if number == 1:
            yield first, on
    if number > 1:
        with Workers(number, limit=limit, memory=memory_bytes, environments=leases) as executor:
            yield executor, on


def _gpus(count: int) -> list[str]:
    """The names by which CUDA knows the GPUs that this process may use."""
    import os

    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    return visible.split(",")[:count] if visible else [str(index) for index in range(count)]


def _selected(items: list[Item], cells: Sequence[str]) -> list[Item]:
    if not cells:
        return items
    found = chosen(items, cells)
    if not found:
        known = sorted({item.cell for item in items})
        raise UsageError(f"no cell is like {' or '.join(map(repr, cells))}; there are {', '.join(known)}")
    return found


def _night(
    night: Night, items: list[Item], seed: int, on: Machine, nights: Path, executor: Executor, resume: bool
) -> int:
    alphas = [item.alpha for item in items]
    promise = promised(alphas)
    if promise > PROMISE:
        raise UsageError(
            f"the {sum(alpha > 0 for alpha in alphas)} statistical items and their detectors promise up to {promise:.2g} "
            f"false alarms a night, and {PROMISE:g} is allowed, {most_items()} items at the usual alpha; choose fewer cells "
            "with --cell"
        )
    plan = night.plan() if night.is_begun else night.begin(items, seed, TIER, on, promise)
    rest = missing(night, plan, items)
    say(f"night {night.name}, seed {plan['seed']}, on {', '.join(on.names)}", "bold")
    for cell, number in sorted(Counter(name.partition("::")[0] for name in plan["items"]).items()):
        print(f"  {cell:<32} {number:>6} parts")
    print(
        f"  false alarms promised: at most {plan['promised']:.2g} a night, by {plan['statistical']} statistical parts, each "
        f"with a detector of average run length {RUN_LENGTH:g} nights at least"
    )
    if resume:
        print(f"  {len(plan['items']) - len(rest)} of {len(plan['items'])} parts are recorded already")
    print(f"  one part, or cell, again: python -m dlverify nightly --date {night.name} --again 'CELL::CLAIM::PART'")
    sys.stdout.flush()
    with _progress(len(rest)) as seen:
        record_items(night, plan["run"], rest, executor, seen)
    end = night.end() if night.is_over and not rest else night.close(plan, detectors_before(nights, night.name))
    for line in summary(night.recorded().records):
        print(line if len(line) <= WIDTH or not line.startswith("  not run") else f"{line[:WIDTH]} ...")
    for name in end["alarms"]:
        say(f"  ALARM             {name}: the nights taken together speak against it", "bold red")
    _print_changes(nights, end)
    print(f"records: {shown(night.path)}")
    return int(bool(end["red"] or end["alarms"]))


def _print_changes(nights: Path, end: dict[str, Any]) -> None:
    """What changed over the nights; where ruptures is missing, that nobody looked."""
    from dlverify.nightly.history import stories

    try:
        told = [story for story in stories(nights) if story.label in ("regression", "suspicious")]
    except NightError as error:
        print(f"  steps over the nights were not looked for: {error}")
        return
    red = {*end["red"], *end["alarms"]}
    for story in told:
        if story.id not in red:
            say(f"  {story.label:<17} {story.id}: {story.why}", "yellow")


def _again(night: Night, items: Sequence[Item], patterns: Sequence[str], executor: Executor) -> int:
    """Run items once more with the seeds of a night; the record file stands beside the night's, and counts for nothing.

    Raises:
        UsageError: There are none.
    """
    if not items:
        raise UsageError(
            f"nothing is like {' or '.join(map(repr, patterns))}; a cell is cuda-float32-ieee-stock, a part in it "
            "'cuda-float32-ieee-stock::optimizer/some_claim::holds[default]', and * stands for anything"
        )
    run_id = running.new_run_id()
    path = night.folder / f"again.{run_id}.jsonl"
    writer = records.Writer(path, run_id, "main")
    found = []
    with _progress(len(items)) as seen:
        for record in run_items(items, night.name, run_id, executor):
            writer.write(record)
            found.append(record)
            seen(record)
    writer.close()
    records.finish(path, run_id)
    for line in summary(found):
        print(line)
    print(f"records: {shown(path)}")
    return int(any(record["verdict"] != "NOT RUN" and not is_as_stated(record) for record in found))


@contextlib.contextmanager
def _progress(total: int) -> Iterator[Callable[[Record], None]]:
    """Show how far it is: a bar on a terminal, a line at every tenth elsewhere; what is red is shown at once."""
    done = 0

    def shown_red(record: Record) -> str:
        if record["verdict"] == "NOT RUN" or is_as_stated(record):
            return ""
        text = explained(record)
        return textwrap.indent(f"{record.get('cell', '')} {text}", "  ")

    if not sys.stdout.isatty():

        def lines(record: Record) -> None:
            nonlocal done
            done += 1
            red = shown_red(record)
            if red:
                print(red)
            if done * 10 // total > (done - 1) * 10 // total:
                print(f"  {done} of {total} parts")
            sys.stdout.flush()

        yield lines
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, transient=True) as bar:
        task = bar.add_task("", total=total)

        def step(record: Record) -> None:
            red = shown_red(record)
            if red:
                bar.console.print(red, style="red", markup=False, highlight=False, soft_wrap=True)
            bar.update(task, advance=1, description=record["claim"])

        yield step


def history(name: str, folder: Path, nights: Path, last: int) -> int:
    """Print what the last nights say of a claim: one line for each item, its steps, its label; 1 where one regressed.

    Raises:
        UsageError: There is no such claim, or no night has run it.
        NightError: A night cannot be read.
    """
    from dlverify.nightly.history import stories

    claim, _ = named(name, folder)
    if last < 1:
        raise UsageError(f"--last {last} looks at no night; give 1 or more")
    found = stories(nights, claim, last)
    if not found:
        raise UsageError(f"no night in {nights} has run {claim}; `python -m dlverify nightly` runs one")
    say(claim, "bold")
    rows = []
    for story in found:
        latest = story.effects[-1]
        level = "" if story.level is None else f"{story.level:.4g}"
        now = (
            ""
            if latest.effect is None
            else f"{latest.effect:.4g}" + (f" +- {latest.error:.1g}" if latest.error else "")
        )
        cell, _, rest = story.id.partition("::")
        rows.append(
            (
                cell,
                rest.partition("::")[2],
                str(len(story.effects)),
                latest.night,
                latest.verdict,
                now,
                level,
                story.label,
            )
        )
    print_table(("cell", "part", "nights", "last", "verdict", "effect", "level", "label"), rows)
    for story in found:
        lines = [] if story.label in ("no change", "not enough data") else [f"{story.label}: {story.why}"]
        lines += [
            f"step on {step.night}: {step.before:.4g} to {step.after:.4g}, for the {'worse' if step.worse else 'better'}"
            + (f"; changed: {', '.join(step.changed)}" if step.changed else "")
            for step in story.steps
        ]
        lines += [f"{story.expired} nights of an earlier version of the claim do not count"] * bool(story.expired)
        if lines:
            print(f"\n{story.id}")
            for line in lines:
                print(f"  {line}")
    return int(any(story.label == "regression" for story in found))


def status(nights: Path, within: str) -> int:
    """Say whether the last night is there, whole and as stated; 1 where it is not.

    Raises:
        NightError: The span of time is none, or a night cannot be read.
    """
    from dlverify.nightly.status import span
    from dlverify.nightly.status import status as of_nights

    good, sentence = of_nights(nights, span(within), datetime.datetime.now(datetime.UTC))
    say(f"{'well' if good else 'RED'}: {sentence}", "bold green" if good else "bold red")
    return int(not good)


def calibrate(
    folder: Path,
    number: int,
    to: Path,
    *,
    families: Sequence[str],
    workers: int | None,
    limit: float,
    table: Path | None,
) -> int:
    """Run `number` nights of the statistical items of the quick tier, or what is missing of them; 1 where one was red.

    Raises:
        UsageError: Something does not exist, or cannot be done.
    """
    folder = folder.resolve()
    if not 1 <= number <= 9999:
        raise UsageError(f"{number} nights cannot be run; give a number from 1 to 9999")
    files = [
        (name, path.resolve()) for name, path in claim_files(folder) if not families or family_of(name) in families
    ]
    found: dict[str, list[Record]] = {}
    try:
        with _terminable(), _executor(folder, workers or 1, None, limit, None) as (executor, on):
            cpu = Machine(("cpu",), 0, False, on.names, on.versions)
            for count in range(1, number + 1):
                night = Night(to / f"night-{count:04d}")
                with night.held():
                    items = calibration.statistical(
                        collect(files, folder, calibration.ROOT + count, "quick", cpu, executor)
                    )
                    if not items:
                        raise UsageError(f"there are no statistical items among the {len(files)} claims of {folder}")
                    done = calibration.current(night, items)
                    rest = [item for item in items if item.id not in done]
                    say(
                        f"night {count} of {number}, seed {calibration.ROOT + count}: {len(rest)} of {len(items)} to run"
                    )
                    if rest:
                        with _progress(len(rest)) as seen:
                            record_items(night, running.new_run_id(), rest, executor, seen)
                    for name, record in calibration.current(night, items).items():
                        found.setdefault(name, []).append(record)
    except Terminated:
        say("stopped by SIGTERM; the same command runs the rest", "bold yellow")
        return 143
    except (NightError, OSError) as error:
        raise UsageError(str(error)) from None
    lines = calibration.lines(found)
    text = calibration.table(lines, number, running.versions())
    path = table or to / "calibration.md"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        records.replace_file(path, text)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from None
    print("\n".join(line for line in text.splitlines() if line.startswith("- ")))
    print_table(
        ("item", "nights", "red", "seeds", "expected", "share", "edge", "margin"),
        [
            (
                line.item,
                str(line.nights),
                str(line.red),
                f"{line.seeds:.1f}",
                f"{line.expected:.1f}",
                f"{line.share:.3f}",
                f"{line.edge:g}",
                f"{line.margin:.2f}",
            )
            for line in lines
        ],
    )
    print(f"table: {shown(path)}")
    return int(any(line.red for line in lines))
