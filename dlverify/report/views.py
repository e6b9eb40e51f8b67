"""What the pages show, from records and the register of the notes: every text as it stands there, nothing set yet."""

from __future__ import annotations

import functools
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dlverify.evidence.finding import GRADES
from dlverify.figures.numbers import number as written
from dlverify.records import Record
from dlverify.report.sources import Source
from dlverify.summary import is_as_stated

Register = Mapping[str, Mapping[Any, Mapping[str, Any]]]

OUTCOMES = ("as stated", "not as stated", "not run")
"""What can come of a claim, all its parts together."""
GRADES_IN_WORDS = {
    "proof": "a sympy proof, for all values and sizes",
    "exact": "integers, fractions, bits: nothing is allowed",
    "certified": "a certified bound over a continuum, by ball arithmetic",
    "rounding": "a floating-point identity inside a derived error budget",
    "statistical": "independent seeds under a capped sequential test",
}
STATUSES = {
    "true": "true as the notes state it",
    "conditional": "true under conditions",
    "wrong": "wrong as the notes print it",
    "empirical": "an empirical statement",
    "definition": "a definition",
}
SEVERITIES = {
    "A": "Mathematics that is false as printed",
    "B": "Concepts that are confused",
    "C": "Claims that reach too far",
    "D": "History and facts",
    "E": "Misprints and terms",
    "": "Others",
}


@dataclass(frozen=True)
class Part:
    """One part of a claim, as its record has it.

    Attributes:
        row: The record.
        changed: For a control, the fields that it changes, as (name, in the case, here).
        numbers: What was measured against what, as (name, value).
    """

    row: Record
    changed: tuple[tuple[str, str, str], ...]
    numbers: tuple[tuple[str, str], ...]

    @property
    def outcome(self) -> str:
        """Of `OUTCOMES`."""
        return _outcome([self.row])

    @property
    def cell(self) -> str:
        """The cell of a night's matrix in which it was run; empty where the run was none of a night."""
        return str(self.row.get("cell", ""))


@dataclass(frozen=True)
class ClaimView:
    """All that the page of a claim shows.

    Attributes:
        id: `family/statement`.
        parts: Its parts in the order of the claim file.
        entry: What the notes say, from the register; empty where there is none.
        errata: The register's errata by number, for those that parts of this claim show.
        source: The claim file.
        experiments: The sources of its experiments, by name.
    """

    id: str
    parts: tuple[Part, ...]
    entry: Mapping[str, Any]
    errata: Mapping[Any, Mapping[str, Any]]
    source: Source
    experiments: tuple[tuple[str, Source], ...]

    @property
    def first(self) -> Record:
        """The record of its first part, for what all of them share."""
        return self.parts[0].row

    @functools.cached_property
    def cells(self) -> list[str]:
        """The cells of a night's matrix in which it was run, those first that show most.

        That is where most parts fell, then where most were run, then the most everyday: the shortest line runs it again.
        """
        fell = Counter(part.cell for part in self.parts if part.outcome == OUTCOMES[1])
        ran = Counter(part.cell for part in self.parts if part.outcome != OUTCOMES[2])
        lines = {part.cell: len(part.row["replay"]) for part in self.parts if part.row["part"] != "proof"}
        return sorted(
            {part.cell for part in self.parts}, key=lambda cell: (-fell[cell], -ran[cell], lines.get(cell, 0), cell)
        )

    @functools.cached_property
    def told(self) -> tuple[Part, ...]:
        """Each part once, in the first cell that has it, and again wherever it fell: what its page tells one by one."""
        best: dict[str, str] = {}
        for part in sorted(self.parts, key=lambda part: self.cells.index(part.cell)):
            best.setdefault(part.row["item"], part.cell)
        return tuple(part for part in self.parts if part.cell == best[part.row["item"]] or part.outcome == OUTCOMES[1])

    def shown(self, *kinds: str) -> list[Part]:
        """Of what its page tells, the parts of these kinds."""
        return [part for part in self.told if part.row["part"] in kinds]

    def address(self, part: Part) -> str:
        """The name of a part on its page: the item, after the cell where another cell's stands there too."""
        first = next(other for other in self.told if other.row["item"] == part.row["item"])
        return str(part.row["item"]) if part is first else f"{part.cell}::{part.row['item']}"

    @property
    def by_cell(self) -> list[tuple[str, int, int, int]]:
        """For each cell how many parts are as stated, are not, and were not run."""
        found = Counter((part.cell, part.outcome) for part in self.parts)
        good, fell, missing = OUTCOMES
        return [(cell, found[cell, good], found[cell, fell], found[cell, missing]) for cell in sorted(self.cells)]

    @property
    def rows(self) -> list[Record]:
        """The records of all parts."""
        return [part.row for part in self.parts]

    @property
    def family(self) -> str:
        """The folder of the claim."""
        return self.id.rpartition("/")[0]

    @property
    def root(self) -> str:
        """The way from its page, or its figure, to the front page."""
        return "../" * (self.id.count("/") + 1)

    @property
    def says(self) -> str:
        """The statement."""
        return str(self.first["says"])

    @functools.cached_property
    def outcome(self) -> str:
        """Of `OUTCOMES`: what came of all its parts together."""
        return _outcome(self.rows)

    def of(self, *kinds: str) -> list[Part]:
        """Its parts of these kinds: "proof", "holds", "refuted", "erratum"."""
        return [part for part in self.parts if part.row["part"] in kinds]

    @functools.cached_property
    def grade(self) -> str:
        """The best grade of evidence among the parts that must hold."""
        grades = {part.row["grade"] for part in self.of("proof", "holds") or self.parts}
        return next((grade for grade in GRADES if grade in grades), "")

    @functools.cached_property
    def subjects(self) -> list[str]:
        """The dotted paths of the subjects that its cases exercise."""
        found = {text for part in self.of("holds") for text in part.row["subject"].values()}
        return sorted({str(text).partition("(")[0].replace(":", ".") for text in found})

    @functools.cached_property
    def notes(self) -> list[str]:
        """The notes in which it is said, "004"."""
        return sorted({str(where).partition(":")[0] for where in self.entry.get("where", ())})

    @functools.cached_property
    def finding(self) -> str:
        """What came of it, in one sentence: how many parts hold, how many are refuted, what did not come out as stated."""
        said = []
        for word, names in (
            ("hold", (("proof", "proof"), ("holds", "case"))),
            ("are refuted", (("refuted", "control"), ("erratum", "erratum"))),
        ):
            counted = []
            for kind, name in names:
                of = self.of(kind)
                if of:
                    good = sum(is_as_stated(part.row) for part in of)
                    plural = {"erratum": "errata"}.get(name, f"{name}s") if len(of) != 1 else name
                    counted.append(f"{good} of {len(of)} {plural}")
            said += [f"{' and '.join(counted)} {word}"] if counted else []
        fallen = [
            f"{part.row['item']} is {part.row['verdict']}" + f" in {part.cell}" * (len(self.cells) > 1)
            for part in self.parts
            if part.outcome == OUTCOMES[1]
        ]
        missing = sum(row["verdict"] == "NOT RUN" for row in self.rows)
        head = f"{self.outcome[0].upper()}{self.outcome[1:]}"
        return f"{head}: {'; '.join(said + fallen + ([f'{missing} not run'] if missing else []))}."

    @functools.cached_property
    def conditions(self) -> list[str]:
        """Device, dtype and precision of its measured parts."""
        return conditions(self.rows)

    @functools.cached_property
    def again(self) -> str:
        """The line that runs all its parts again, under the conditions of the first."""
        words = shlex.split(self.told[0].row["replay"])
        return shlex.join([word.partition("::")[0] if "::" in word and ".py" in word else word for word in words])


def view(
    claim: str, rows: Sequence[Record], register: Register, source: Source, experiments: Mapping[str, Source]
) -> ClaimView:
    """The view of a claim, from its records."""
    rows = sorted(rows, key=lambda row: (row["index"], row["device"], row["dtype"], row["precision"], row["seed"]))
    cases = {(row["case"], row.get("cell")): row for row in reversed(rows) if row["part"] == "holds"}
    return ClaimView(
        claim,
        tuple(
            Part(row, tuple(_changed(row, cases.get((row["case"], row.get("cell"))))), tuple(_numbers(row)))
            for row in rows
        ),
        register["entry"].get(rows[0]["entry"], {}),
        {n: register["erratum"][n] for row in rows if (n := row["number"]) in register["erratum"]},
        source,
        tuple(experiments.items()),
    )


def where(places: Iterable[str]) -> str:
    """Notes and lines for a reader: "note 001, lines 106-108 and 181"."""
    lines: dict[str, list[str]] = {}
    for place in places:
        note, _, line = str(place).partition(":")
        lines.setdefault(note, []).append(line)
    return "; ".join(
        f"note {note}, line{'s' * (len(found) > 1 or '-' in found[0])} {_listed(found)}".rstrip()
        for note, found in lines.items()
    )


def conditions(rows: Iterable[Record]) -> list[str]:
    """Device, dtype and precision of what was measured, "cpu float64"."""
    return sorted(
        {
            f"{row['device']} {row['dtype']}{' tf32' if row['precision'] == 'tf32' else ''}"
            for row in rows
            if row["dtype"]
        }
    )


def counted(views: Iterable[ClaimView]) -> dict[str, tuple[int, int]]:
    """How many parts of each kind came out as stated, of how many that were run."""
    found: Counter[tuple[str, bool]] = Counter()
    for claim in views:
        for row in claim.rows:
            if row["verdict"] != "NOT RUN":
                found[row["part"], is_as_stated(row)] += 1
    kinds = ("proof", "holds", "refuted", "erratum")
    return {kind: (found[kind, True], found[kind, True] + found[kind, False]) for kind in kinds}


def _outcome(rows: Sequence[Record]) -> str:
    ran = [row for row in rows if row["verdict"] != "NOT RUN"]
    return OUTCOMES[2] if not ran else OUTCOMES[0] if all(map(is_as_stated, ran)) else OUTCOMES[1]


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _changed(row: Record, case: Record | None) -> list[tuple[str, str, str]]:
    """The fields in which a control differs from its case."""
    if case is None or row["part"] not in ("refuted", "erratum"):
        return []
    fields = row["parameters"]
    return [
        (name, _short(case["parameters"].get(name)), _short(value))
        for name, value in fields.items()
        if case["parameters"].get(name) != value
    ]


def _numbers(row: Record) -> list[tuple[str, str]]:
    """What was measured against what is allowed, in words and numbers."""
    found: list[tuple[str, str]] = []
    if row["statistics"]:
        numbers = row["statistics"]
        stated = numbers["stated"] == "HOLDS"
        return [
            ("seeds that show it", f"{numbers['k']} of {numbers['n']}"),
            ("seeds allowed (cap)", str(numbers["cap"])),
            ("share of seeds", f"in [{number(row['low'])}, {number(row['high'])}]"),
            ("claim needs", f"{float(numbers['p1']):.0%}"),
            ("negation allows", f"{float(numbers['p0']):.0%}"),
            ("false alarm at most", number(numbers["alpha"])),
            ("false pass at most", number(numbers["beta"])),
        ] + ([] if stated else [("stated", "REFUTED")])
    witness = dict(row["witness"])
    names = {"measured": "measured", "predicted": "predicted", "bound": "bound", "residual": "residual"}
    if "low" in witness:
        found.append(("certain to lie in", f"[{number(witness.pop('low'))}, {number(witness.pop('high', 'nan'))}]"))
    found += [(shown, number(witness.pop(name))) for name, shown in names.items() if name in witness]
    if row["budget"] is not None and row["axes"] is not None:
        found.append(("allowed for rounding", number(_at(row["budget"], row))))
    if witness:
        found.append(("at", ", ".join(f"{name} = {number(value)}" for name, value in witness.items())))
    if row["relation"]:
        ratio = [number(row[end]) for end in ("low", "high")]
        found.append(("discrepancy, in units of what is allowed", " to ".join(dict.fromkeys(ratio))))
    return found


def _at(values: Any, row: Record) -> Any:
    """The value at the worst place, of nested lists that have the last of the axes or all, or one value for all places of one."""
    depth, inner = 0, values
    while isinstance(inner, list) and inner:
        depth, inner = depth + 1, inner[0]
    for axis in row["axes"][len(row["axes"]) - depth :]:
        place = axis["values"].index(row["witness"][axis["name"]]) if axis["name"] in row["witness"] else 0
        values = values[place if len(values) > 1 else 0]
    return values


def number(value: Any) -> str:
    """A number of a record for a reader, six digits of it; a text as it is."""
    if isinstance(value, (list, dict)) or value is None:
        return _short(value)
    return {"inf": "∞", "-inf": "−∞", "nan": "no number"}.get(str(value)) or _short(written(value, 6))


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= 120 else f"{text[:80]} … {text[-30:]}"
