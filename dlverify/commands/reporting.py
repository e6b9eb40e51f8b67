"""The commands that show a run: report, compare, gallery. From records alone; jinja2 and matplotlib come where needed."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dlverify import comparing, records
from dlverify.commands.nights import NIGHTS
from dlverify.commands.shared import UsageError, shown, watched
from dlverify.nightly.night import Night
from dlverify.records import Record, Run
from dlverify.summary import is_as_stated

HEADLINES = (
    "optimizer/adagrad_step_decays_to_zero",
    "linear_algebra/stacked_linear_layers_collapse_into_one",
    "activation/three_sigmoid_units_trace_a_sine_to_three_digits",
    "landscape/minibatches_end_where_the_loss_is_flatter",
    "loss/an_l1_penalty_sets_small_coefficients_exactly_to_zero",
    "architecture/residual_gradients_stay_within_a_decade_through_1202_layers",
)
"""The claims whose figures README.md shows: an identity, a proof, a certificate, an ordering, a threshold, a bound."""
BEGIN, END = "<!-- gallery: `make figures` writes it -->\n", "<!-- end of gallery -->"


def report(path: Path, output: Path, folder: Path, against: Path | None, nights: Path | None) -> int:
    """Build the site of a record file; 0 whatever the verdicts are, since the site says them.

    Raises:
        UsageError: A folder of nights was given, and there is none in it.
    """
    found = _recorded(path)
    earlier = None if against is None else _recorded(against)
    from dlverify import report as site
    from dlverify.report.nights import read

    over = read(nights or NIGHTS)
    if nights is not None and over is None:
        raise UsageError(f"there is no night in {nights}; `python -m dlverify nightly` runs one, in {NIGHTS}")
    built = site.build(
        found,
        output,
        folder,
        against=earlier,
        names=(str(against), str(path)),
        over=over,
        watched=lambda claims: watched(claims, "pages and figures"),
    )
    for problem in (*built.problems, *([over.problem] if over and over.problem else [])):
        print(problem)
    print(
        f"report: {built.pages} pages, {built.written} written and {built.drawn} figures drawn; the others are as they were"
    )
    print(f"open {shown(built.front)}")
    return 0


def compare(before: Path, after: Path) -> int:
    """Print what changed from one record file to another; 1 where something regressed.

    Raises:
        UsageError: What a file holds is no record of a run.
    """
    old, new = _recorded(before), _recorded(after)
    for problem in (*old.problems, *new.problems):
        print(problem, file=sys.stderr)
    try:
        found = comparing.compare(old.records, new.records)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(
            f"{before} and {after} cannot be compared, since a record is not what a run writes "
            f"({type(error).__name__}: {error}); run the claims again"
        ) from error
    print("\n".join(comparing.as_text(found)))
    return int(found.regressed)


def _recorded(path: Path) -> Run:
    """The records of a file, or of the folder of a night, which may be incomplete and then says so."""
    night = Night(path)
    if not (path.is_dir() and night.is_begun):
        return records.read(path)
    found, planned = night.recorded(), len(night.plan()["items"])
    missing = f"the night {night.name} is incomplete: {len(found.records)} of {planned} parts are recorded"
    return replace(found, problems=(*found.problems, *([] if night.is_over else [missing])))


def gallery(path: Path, readme: Path) -> int:
    """Write the gallery of a README between its two markers, from the records of the headline claims.

    Raises:
        UsageError: The README has no markers, or the records lack a headline claim.
    """
    rows: dict[str, list[Record]] = {}
    for row in records.read(path).records:
        rows.setdefault(row["claim"], []).append(row)
    missing = [claim for claim in HEADLINES if claim not in rows]
    if missing:
        raise UsageError(f"{path} has no records of {', '.join(missing)}; `pytest claims/` writes them")
    try:
        text = readme.read_text(encoding="utf-8")
        start, begin, rest = text.partition(BEGIN)
        _, end, tail = rest.partition(END)
        if not (begin and end):
            raise UsageError(f"{readme} has no place for the gallery; put the lines {BEGIN.strip()} and {END} there")
        table = "\n".join(_table({claim: rows[claim] for claim in HEADLINES}))
        new = f"{start}{begin}\n{table}\n\n{end}{tail}"
        if new != text:
            records.replace_file(readme, new)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{readme} cannot be written: {error}") from None
    print(f"{readme} {'is up to date' if new == text else 'is written'}")
    return 0


def _table(rows: dict[str, list[Record]]) -> Sequence[str]:
    """Two figures a line, each a link to its claim, with the finding for those who do not see it."""
    cells = [
        f"[![{_plain(found[0]['says'])} {_finding(found)}](figures/{claim}.svg)](claims/{claim}.py)"
        for claim, found in rows.items()
    ]
    lines = ["| | |", "|---|---|"]
    return lines + [f"| {left} | {right} |" for left, right in zip(cells[::2], cells[1::2], strict=True)]


def _finding(rows: Sequence[Record]) -> str:
    """What came of a claim, for an alternative text."""
    fallen = [f"{row['item']} is {row['verdict']}" for row in rows if not is_as_stated(row)]
    return f"Not as stated: {', '.join(fallen)}." if fallen else "As stated, and refuted where it is broken on purpose."


def _plain(text: str) -> str:
    """A text inside the brackets of a link."""
    return re.sub(r"([\\\[\]|`*_<>$])", r"\\\1", " ".join(text.split()))
