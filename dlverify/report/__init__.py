"""The report: a static site from records alone, with what the register of the notes says beside them.

A page is written again only when what it shows has changed: a manifest in the site keeps a digest of each. So the time of a
build grows with the claims that changed, and the size of the site with the claims, not with how often it was built. Nothing
leaves a page: no font, script, style or picture comes from elsewhere, and all of it works from the file system.

The only importer of jinja2. Everything that comes from a record is escaped, as text, by jinja2's autoescape; formulas
are set by `dlverify.report.mathematics`, which escapes what it sets.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from dlverify import catalog, comparing
from dlverify.evidence.finding import GRADES
from dlverify.records import Record, RecordError, Run, replace_file
from dlverify.report import nights, sources, views, walk
from dlverify.report.mathematics import typeset

MANIFEST = ".dlverify-report.json"
HERE = Path(__file__).parent
FILES = ("style.css", "filters.js")
NOT_IN_FIGURES = (
    "run",
    "started",
    "seconds",
    "versions",
    "replay",
    "seed",
    "claim_source",
    "experiment_source",
    "path",
)
"""Fields that no figure shows: a run that differs in nothing else needs no new figure."""
NOT_A_RECORD = (KeyError, TypeError, ValueError, AttributeError, IndexError, jinja2.UndefinedError)
"""What goes wrong with records that were written or changed by hand."""

Watched = Callable[[Sequence[views.ClaimView]], Iterable[views.ClaimView]]


@dataclass(frozen=True)
class Built:
    """A site that was built.

    Attributes:
        front: Its front page.
        pages: How many pages it has.
        written: How many of them were written; the others showed the same already.
        drawn: How many figures were drawn.
        problems: Sentences about what was skipped.
    """

    front: Path
    pages: int
    written: int
    drawn: int
    problems: tuple[str, ...] = ()


def build(
    found: Run,
    output: Path,
    folder: Path,
    *,
    against: Run | None = None,
    names: tuple[str, str] = ("", ""),
    over: nights.Nights | None = None,
    watched: Watched = iter,
) -> Built:
    """Build the site, or what has changed of it.

    Args:
        found: The records.
        output: Where the site goes: a new or empty folder, or a site.
        folder: The claim folder, for the register of the notes and for the sources as they were run.
        against: Earlier records, for the page that compares.
        names: The names of the earlier record file and of this one, for that page.
        over: What the nights say, for their page and for the course of each claim.
        watched: Called with the claims, which it yields again: for a progress bar.

    Raises:
        RecordError: The folder holds something else, cannot be written, or a record is not what a run writes.
    """
    site = _Site(output, bool(against), over)
    try:
        register = catalog.read_register(folder) or {"entry": {}, "erratum": {}}
        claims = _views(found.records, register, folder)
        site.keep([page for claim in claims for page in (f"claims/{claim.id}.html", f"figures/{claim.id}.svg")])
        for claim in watched(claims):
            try:
                site.claim(claim)
            except NOT_A_RECORD as error:
                raise RecordError(_not_a_record(claim.id, error)) from error
        site.front(claims, found, register)
        site.errata(claims, register)
        if against is not None:
            site.compare(comparing.compare(against.records, found.records), names, {claim.id for claim in claims})
        if over is not None:
            site.over(over, {claim.id for claim in claims})
        for name in FILES:
            site.write(name, (HERE / "templates" / name).read_text(encoding="utf-8"))
        site.finish()
    except OSError as error:
        raise RecordError(
            f"the report in {output} cannot be written: {error.strerror or error}; choose another folder with --output "
            "DIR, or free some space"
        ) from None
    return Built(
        output / "index.html", len(site.digests) - len(FILES) - site.figures, site.written, site.drawn, found.problems
    )


def _views(records: Sequence[Record], register: views.Register, folder: Path) -> list[views.ClaimView]:
    by_claim: dict[str, list[Record]] = {}
    for record in records:
        by_claim.setdefault(str(record["claim"]), []).append(record)
    found = []
    for claim, rows in sorted(by_claim.items()):
        if not re.fullmatch(r"\w[\w.-]*(/\w[\w.-]*)+", claim):
            raise RecordError(f"a record names the claim {claim!r}, which is no family/statement; run the claims again")
        try:
            source = sources.claim_source(claim, rows[0]["claim_source"], folder, rows[0]["path"])
            experiments = {
                row["experiment"]: sources.experiment_source(row["experiment"], row["experiment_source"], source)
                for row in rows
                if row["experiment"]
            }
            found.append(views.view(claim, rows, register, source, experiments))
        except NOT_A_RECORD as error:
            raise RecordError(_not_a_record(claim, error)) from error
    return found


def _not_a_record(claim: str, error: Exception) -> str:
    return f"a record of {claim} is not what a run writes ({type(error).__name__}: {error}); run the claims again"


class _Site:
    """The folder of a site with the digests of its pages."""

    def __init__(self, output: Path, compares: bool, over: nights.Nights | None) -> None:
        self.output, self.compares, self.nights = output, compares, over
        self.old = self._read_manifest()
        self.digests: dict[str, str] = {}
        self.written = self.drawn = self.figures = 0
        self.versions: tuple[str, ...] = ()

    def _read_manifest(self) -> dict[str, str]:
        path = self.output / MANIFEST
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            return {str(name): str(digest) for name, digest in found.items()} if isinstance(found, dict) else {}
        except (FileNotFoundError, NotADirectoryError):
            if self.output.exists() and (not self.output.is_dir() or any(self.output.iterdir())):
                raise RecordError(
                    f"{self.output} is not empty and holds no report; choose another folder with --output DIR"
                ) from None
            return {}
        except (OSError, ValueError):
            return {}  # a torn manifest: all pages are written again

    def keep(self, pages: Iterable[str]) -> None:
        """Say before anything is written that pages change, so that a build that is killed half-way is made good later."""
        self.output.mkdir(parents=True, exist_ok=True)
        self._write_manifest({**{page: "" for page in [*pages, *self.old]}})

    def _write_manifest(self, digests: Mapping[str, str]) -> None:
        replace_file(self.output / MANIFEST, json.dumps(digests, indent=0, sort_keys=True))

    def write(self, name: str, text: str) -> None:
        """Write a file in one step, unless it is there as it should be."""
        path = self.output / name
        self.digests[name] = _digest(text)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, text)
            self.written += name.endswith(".html")

    def is_current(self, name: str, digest: str) -> bool:
        """Whether a page is there and was made of the same; either way it will have been."""
        self.digests[name] = digest
        return self.old.get(name) == digest and (self.output / name).is_file()

    def claim(self, claim: views.ClaimView) -> None:
        """The figure and the page of a claim."""
        figure, page = f"figures/{claim.id}.svg", f"claims/{claim.id}.html"
        rows = [part.row for part in claim.told]
        seen = [{name: value for name, value in row.items() if name not in NOT_IN_FIGURES} for row in rows]
        self.figures += 1
        digest = _digest(seen, _code("figures"))
        if not self.is_current(figure, digest):
            from dlverify import figures

            self.write(figure, figures.draw(rows))
            self.digests[figure] = digest
            self.drawn += 1
        told = self.nights.of(claim.id) if self.nights else ()
        digest = _digest(
            claim.rows,
            dict(claim.entry),
            dict(claim.errata),
            repr((claim.source, claim.experiments)),
            _code("report"),
            self.compares,
            self.nights is None,
            repr(told),
        )
        if not self.is_current(page, digest):
            picture = _picture(self.output, claim.id, "body")
            self.render(
                page,
                "claim.html",
                root=claim.root,
                claim=claim,
                picture=picture,
                grades=views.GRADES_IN_WORDS,
                statuses=views.STATUSES,
                outcomes=views.OUTCOMES,
                labels=nights.LABELS,
                told=told,
                leading=nights.leading(told, claim.cells[0]),
            )
            self.digests[page] = digest

    def front(self, claims: Sequence[views.ClaimView], found: Run, register: views.Register) -> None:
        """The front page."""
        rows = found.records
        families: dict[str, list[views.ClaimView]] = {}
        for claim in claims:
            families.setdefault(claim.family, []).append(claim)
        testable = {name for name, entry in register["entry"].items() if entry.get("evidence") != "documentary"}
        shown = {row["number"] for row in rows if row["part"] == "erratum" and row["verdict"] == "REFUTED"}
        self.render(
            "index.html",
            "front.html",
            root="",
            claims=claims,
            families=families,
            outcomes=views.OUTCOMES,
            counts=Counter(claim.outcome for claim in claims),
            parts=views.counted(claims),
            by_grade=Counter(claim.grade for claim in claims),
            grades={grade: views.GRADES_IN_WORDS[grade] for grade in GRADES},
            errata_shown=len(shown & set(register["erratum"])),
            register=register,
            entries=(len({row["entry"] for row in rows} & testable), len(testable)),
            described=comparing.described(rows) if rows else "no records",
            began=min((row["started"] for row in rows), default=""),
            ended=max((row["started"] for row in rows), default=""),
            seconds=sum(row["seconds"] for row in rows),
            versions=dict(rows[0]["versions"]) if rows else {},
            conditions=views.conditions(rows),
            seeds=sorted({row["seed"] for row in rows}),
            problems=found.problems,
            notes=sorted({note for claim in claims for note in claim.notes}),
            subjects=sorted({subject for claim in claims for subject in claim.subjects}),
            thumbnails={claim.id: _picture(self.output, claim.id, "panel") for claim in claims},
            fallen=[claim for claim in claims if claim.outcome == views.OUTCOMES[1]],
        )

    def errata(self, claims: Sequence[views.ClaimView], register: views.Register) -> None:
        """The page of the errors of the notes."""
        shown: dict[Any, list[tuple[views.ClaimView, views.Part]]] = {}
        for claim in claims:
            worst = sorted(claim.of("erratum"), key=lambda part: views.OUTCOMES.index(part.outcome) != 1)
            for number in dict.fromkeys(part.row["number"] for part in worst):
                shown.setdefault(number, []).append((claim, next(p for p in worst if p.row["number"] == number)))
        by_severity = {
            letter: [row for row in register["erratum"].values() if row.get("severity", "") == letter]
            for letter in views.SEVERITIES
        }
        others = [pair for number, pairs in shown.items() if number not in register["erratum"] for pair in pairs]
        self.render(
            "errata.html",
            "errata.html",
            root="",
            by_severity=by_severity,
            severities=views.SEVERITIES,
            shown=shown,
            others=others,
            register=register,
        )

    def compare(self, comparison: comparing.Comparison, names: tuple[str, str], known: set[str]) -> None:
        """The page of what changed since an earlier run."""
        self.render(
            "compare.html",
            "compare.html",
            root="",
            comparison=comparison,
            headings=comparing.HEADINGS,
            names=names,
            known=known,
        )

    def over(self, over: nights.Nights, known: set[str]) -> None:
        """The page of what really changed over the nights."""
        self.render("nights.html", "nights.html", root="", over=over, labels=nights.LABELS, known=known)

    def render(self, name: str, template: str, **values: Any) -> None:
        """Write a page."""
        self.write(
            name, _templates().get_template(template).render(compares=self.compares, nights=self.nights, **values)
        )

    def finish(self) -> None:
        """Remove the pages of claims that are no more, and keep the digests."""
        for name in set(self.old) - set(self.digests):
            path = self.output / name
            if path.resolve().is_relative_to(self.output.resolve()):
                path.unlink(missing_ok=True)
        self._write_manifest(self.digests)


@functools.cache
def _templates() -> jinja2.Environment:
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(
        math=functools.lru_cache(maxsize=None)(typeset),
        where=views.where,
        number=views.number,
        walk=walk.draw,
        course=nights.draw,
        short=_paragraphs,
    )
    return found


def _paragraphs(text: str) -> list[str]:
    """The paragraphs of a docstring, each on one line."""
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip()]


def _digest(*values: Any) -> str:
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@functools.cache
def _code(package: str) -> str:
    """A digest of the files that make pages, or figures: where these change, all are made again."""
    files = [path for path in sorted((HERE.parent / package).rglob("*")) if path.suffix in (".py", ".html")]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


@dataclass(frozen=True)
class Picture:
    """A part of a figure: its address, and its shape for the page that shows it.

    Attributes:
        address: From the front page.
        width: In points.
        height: In points.
    """

    address: str
    width: float
    height: float


def _picture(output: Path, claim: str, part: str) -> Picture:
    """The "panel" of a figure, its first plot, or its "body", all below the statement, which the page says itself.

    Both are found by the headings of the figure; where these are not there it is shown whole.
    """
    name = f"figures/{claim}.svg"
    text = (output / name).read_text(encoding="utf-8")
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text)
    places = {
        heading: float(found[1])
        for heading, pattern in (
            ("body", r'<text [^>]*y="([\d.]+)"[^>]*>The claim<'),
            ("plot", r'<text [^>]*font-style: italic[^>]*y="([\d.]+)"'),
            ("parts", r'<text [^>]*y="([\d.]+)"[^>]*>(?:Discrepancy|Share) '),
        )
        if (found := re.search(pattern, text))
    }
    if not size or "body" not in places:
        return Picture(name, 576, 432)
    width, height = float(size[1]), float(size[2])
    top = places["body"] - 14
    if part == "panel":
        top, width = places.get("plot", places["body"]) - 12, width / 2
        height = min(max(places.get("parts", height) - 14, top + 60), top + 220)  # many rows are cut off
    return Picture(f"{name}#svgView(viewBox(0,{top:.0f},{width:.0f},{height - top:.0f}))", width, height - top)
