"""What the commands share: finding a claim, and printing for a terminal or for a pipe."""

from __future__ import annotations

import contextlib
import shlex
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from dlverify import catalog
from dlverify.lab.subjects import Subject

if TYPE_CHECKING:
    from rich.console import Console


CLAIMS = Path("claims")
"""Where claims are looked for: here, and where there is no such folder, among those that dlverify ships."""
RECORDS = Path("build/records/latest.jsonl")
REPORT = Path("build/report")
Item = TypeVar("Item")


class UsageError(ValueError):
    """What was typed cannot be done; the message says what was given, what is allowed and what to do."""


def default_folder() -> Path:
    """The claim folder where none is named."""
    return CLAIMS if CLAIMS.is_dir() or not catalog.shipped().is_dir() else catalog.shipped()


def claim_files(folder: Path) -> list[tuple[str, Path]]:
    """The claim files of a folder with their ids.

    Raises:
        UsageError: There is no such folder.
    """
    if not folder.is_dir():
        raise UsageError(
            f"there is no claim folder {folder}; go to the folder that has it, or name another with --claims DIR"
        )
    return catalog.claim_files([folder])


def find(name: str, folder: Path) -> tuple[catalog.Loaded, Path]:
    """The claim of an id, of a statement without its family, or of a path, with its claim folder.

    Raises:
        UsageError: There is none.
    """
    if name.endswith(".py"):
        path = Path(name).absolute()
        if not catalog.is_claim_file(path):
            raise UsageError(
                f"{name} is no claim file; one is a .py file that assigns CLAIM, as those of `python -m dlverify list`"
            )
        home = folder if path.is_relative_to(folder.absolute()) else path.parent.parent
        return catalog.load(path, home), home
    return catalog.load(named(name, folder)[1], folder), folder


def named(name: str, folder: Path) -> tuple[str, Path]:
    """The id and the file of a claim by its id, its statement without the family, or its file; it is not loaded.

    Raises:
        UsageError: There is none.
    """
    files = dict(claim_files(folder))
    if name.endswith(".py"):
        found = [known for known, path in files.items() if path.resolve() == Path(name).resolve()]
    else:
        found = [name] if name in files else [known for known in files if known.rpartition("/")[2] == name]
    if len(found) != 1:
        hint = f"; it may be {' or '.join(found)}" if found else catalog.did_you_mean(name, files)
        raise UsageError(f"unknown claim {name!r}{hint}; `{command_line(folder, 'list')}` shows all {len(files)}")
    return found[0], files[found[0]]


def console() -> Console:
    """A rich console that takes texts as they are."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def say(text: str, style: str = "") -> None:
    """A line, in colour on a terminal."""
    if sys.stdout.isatty():
        console().print(text, style=style, soft_wrap=True)
    else:
        print(text)


def watched(items: Sequence[Item], title: str) -> Iterator[Item]:
    """The items, one after the other: with a progress bar on a terminal."""
    if not sys.stdout.isatty():
        yield from items
        return
    from rich.progress import track

    yield from track(items, title, console=console(), transient=True)


@contextlib.contextmanager
def busy(title: str) -> Iterator[None]:
    """While this lasts a terminal says what is being done, beside what is printed."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(title):
        yield


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table of numbers: by rich on a terminal, aligned lines elsewhere."""
    if not sys.stdout.isatty():
        print("\n".join(aligned([headings, *rows])))
        return
    from rich.table import Table

    table = Table(header_style="bold", box=None)
    for heading in headings:
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(*row, style="red" if row[-1] else None)
    console().print(table)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines with aligned columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def count(found: Sequence[Any]) -> str:
    """How many claims, in words."""
    return f"{len(found)} claim{'s' * (len(found) != 1)}"


def as_typed(value: Any) -> str:
    """A value of a field as it is typed on the command line."""
    return str(value) if isinstance(value, (str, Subject)) else repr(value)


def changes_as_typed(changes: Mapping[str, Any]) -> str:
    """Changed fields as they are typed on the command line."""
    return ", ".join(f"{field}={as_typed(value)}" for field, value in changes.items())


def name_of(function: Any) -> str:
    """The name of a function."""
    return str(getattr(function, "__name__", function))


def shown(path: Path) -> str:
    """A path from the current directory where it is below it."""
    whole = path.absolute()
    return (whole.relative_to(Path.cwd()) if whole.is_relative_to(Path.cwd()) else whole).as_posix()


def command_line(folder: Path, *words: str) -> str:
    """A line to type."""
    option = [] if folder in (CLAIMS, catalog.shipped()) else ["--claims", shown(folder)]
    return shlex.join(["python", "-m", "dlverify", *words, *option])


def pytest_line(folder: Path, path: Path, item: str = "") -> str:
    """The line that runs a claim file, or an item of it."""
    option = [] if folder in (CLAIMS, catalog.shipped()) else ["-o", f"claim_folders={shown(folder)}"]
    return shlex.join(["pytest", *option, shown(path) + item])


def wrapped(text: str, indent: int, hanging: str = "  ") -> list[str]:
    """Lines that fit; paths, slugs and formulas without spaces stay whole."""
    width = max(min(shutil.get_terminal_size((100, 24)).columns, 100) - indent, 20)
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False, subsequent_indent=hanging)


def family_of(name: str) -> str:
    """The family of a claim, by its id."""
    return name.rpartition("/")[0]
