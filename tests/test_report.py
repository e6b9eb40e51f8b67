"""The report: a site from records alone, escaped, rebuilt where it changed, with its formulas set and nothing lost."""

from __future__ import annotations

import ast
import errno
import html
import json
import re
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from dlverify import catalog, figures, report, running
from dlverify.__main__ import main
from dlverify.commands.reporting import BEGIN, END, HEADLINES
from dlverify.records import FIELDS, Run
from dlverify.report import mathematics, nights, walk
from dlverify.report.mathematics import typeset
from tests.conftest import COIN, DOUBLING, write_nights
from tests.test_commands import CLAIM, NOTES

ROOT = Path(__file__).resolve().parent.parent
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 6" width="8" height="6"></svg>'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A claim folder with a register: an exact claim with an erratum, one with a rounding budget, one of seeds."""
    folder = tmp_path_factory.mktemp("project") / "claims"
    (folder / "toy").mkdir(parents=True)
    (folder / "toy" / "division_undoes.py").write_text(CLAIM.lstrip())
    (folder / "toy" / "doubling.py").write_text(DOUBLING.lstrip())
    (folder / "toy" / "coin.py").write_text(DOUBLING[: DOUBLING.index("CLAIM =")].lstrip() + COIN)
    (folder / "notes.toml").write_text(NOTES)
    return folder


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    """The records of a run of all of them."""
    units = [
        unit for _, path in catalog.claim_files([folder]) for unit in running.units(catalog.load(path, folder), folder)
    ]
    found = json.loads(json.dumps(list(running.run(units))))
    assert all(row["verdict"] == row["expected"] for row in found), [row["message"] for row in found]
    return Run(tuple(found))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No figure is drawn: what matters is the page."""

    monkeypatch.setattr(figures, "draw", lambda rows: PICTURE)


def pages(site: Path) -> dict[str, str]:
    return {path.relative_to(site).as_posix(): path.read_text() for path in sorted(site.rglob("*.html"))}


def snapshot(site: Path) -> dict[str, bytes]:
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in sorted(site.rglob("*")) if path.is_file()}


def text_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


class Elements(HTMLParser):
    """All elements of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


# --- what the pages say


def test_the_front_page_says_what_came_of_the_run(run: Run, folder: Path, tmp_path: Path) -> None:
    built = report.build(run, tmp_path / "site", folder)
    assert (built.front, built.pages, built.written, built.drawn) == (tmp_path / "site" / "index.html", 5, 5, 3)
    text = text_of(built.front.read_text())
    assert "3 of 3 claims came out as stated" in text
    assert "controls refuted 3 of 3" in text
    assert "errors of the notes shown 1 of 1" in text
    assert "1 exact integers, fractions, bits: nothing is allowed" in text
    for word in ("device cpu", "float64", "python-flint", run.records[0]["run"]):
        assert word in text


def test_the_page_of_a_claim_has_all_that_a_reader_needs(run: Run, folder: Path, tmp_path: Path) -> None:
    report.build(run, tmp_path / "site", folder)
    text = text_of((tmp_path / "site" / "claims" / "toy" / "division_undoes.html").read_text())
    for part in (
        "Dividing by the factor | gives the_number back.",  # a bar alone is no formula
        "2 of 2 cases hold; 1 of 1 control and 1 of 1 erratum are refuted",
        "Division undoes.",
        "It does so for the same factor.",
        "note 001, line 8",
        "The number itself.",
        "The number and one more. ",
        "divisor and factor agree ✓ REFUTED",
        "divisor is 3.0 instead of 2.0",
        "no number is too large – kept",
        "floats end",
        "Printed",
        "Euclid, book VII",
        "class Division(Experiment):",
        "pytest",
        "--seed",
    ):
        assert part in text, part
    assert "::" not in text[text.index("Run it again") : text.index("run 2")]  # the line runs all its parts


def test_a_budget_of_the_last_axis_alone_is_read_at_the_worst_place(
    run: Run, folder: Path, tmp_path: Path, quick: None
) -> None:
    axes = [
        {"name": name, "unit": "", "scale": "linear", "values": list(range(size))}
        for name, size in (("a", 2), ("b", 3))
    ]
    worst = {"a": 1, "b": 2, "measured": 7.0, "predicted": 7.5}
    rows = tuple(
        {**row, "axes": axes, "witness": worst, "measured": [[1, 2, 3], [5, 6, 7]], "budget": [0.5, 0.25, 0.125]}
        if (row["claim"], row["item"]) == ("toy/doubling", "holds[default]")
        else row
        for row in run.records
    )
    report.build(Run(rows), tmp_path, folder)
    assert "allowed for rounding 0.125 at a = 1, b = 2" in text_of((tmp_path / "claims/toy/doubling.html").read_text())


def test_the_numbers_of_a_sequential_test_are_there(run: Run, folder: Path, tmp_path: Path) -> None:
    report.build(run, tmp_path / "site", folder)
    page = (tmp_path / "site" / "claims" / "toy" / "coin.html").read_text()
    text = text_of(page)
    (row,) = (row for row in run.records if row["claim"] == "toy/coin" and row["part"] == "holds")
    numbers = row["statistics"]
    assert f"seeds that show it {numbers['k']} of {numbers['n']}" in text
    assert f"seeds allowed (cap) {numbers['cap']}" in text
    assert "false alarm at most 10⁻⁷ false pass at most 0.01" in text
    assert page.count('<svg class="walk"') == 2
    assert f"After {numbers['n']} of at most {numbers['cap']} seeds" in text


def test_the_walk_crosses_the_line_that_decided() -> None:
    found = {"path": [-2.0, -4.0, -6.0], "alpha": 1e-7, "beta": 0.01, "cap": 44, "stated": "HOLDS"}
    assert "and reaches HOLDS: the line for HOLDS is at -5.3, that for REFUTED at 16.8" in walk.draw(found)
    control = {**found, "stated": "REFUTED", "path": [2.0, 4.0, 6.0]}
    assert "and reaches REFUTED: the line for HOLDS is at -16.8, that for REFUTED at 5.3" in walk.draw(control)
    ElementTree.fromstring(walk.draw(found))


def test_a_claim_that_fell_stands_first_and_says_so(run: Run, folder: Path, tmp_path: Path, quick: None) -> None:
    rows = [
        {**row, "verdict": "REFUTED", "message": "off by 1"}
        if row["item"] == "holds[default]" and "doubl" in row["claim"]
        else row
        for row in run.records
    ]
    report.build(Run(tuple(rows)), tmp_path, folder)
    front = text_of((tmp_path / "index.html").read_text())
    assert "2 of 3 claims" in front
    assert "Not as stated Doubling doubles." in front
    assert "holds[default] is REFUTED" in front
    assert "✗ REFUTED, stated HOLDS" in text_of((tmp_path / "claims" / "toy" / "doubling.html").read_text())


def test_errata_are_printed_and_corrected_side_by_side(run: Run, folder: Path, tmp_path: Path, quick: None) -> None:
    report.build(run, tmp_path, folder)
    text = text_of((tmp_path / "errata.html").read_text())
    assert re.search(r"Erratum 7 note 001, line 8 Printed x \+ 1 Correct x ✓ REFUTED Dividing by", text), text


def test_all_errata_of_the_notes_are_there_with_what_shows_them(tmp_path: Path, quick: None) -> None:
    report.build(Run(()), tmp_path, ROOT / "claims")
    found = text_of((tmp_path / "errata.html").read_text())
    rows = tomllib.loads((ROOT / "claims" / "notes.toml").read_text())["erratum"]
    assert len(rows) == found.count("Printed") == found.count("Correct")
    for row in rows:
        assert f"Erratum {row['number']} note" in found
        if row["kind"] == "fact":
            assert " ".join(row["reference"].split()) in found


def test_the_page_that_compares_has_both_sides(run: Run, folder: Path, tmp_path: Path, quick: None) -> None:
    rows = tuple(
        {**row, "verdict": "ERROR", "message": "now it crashes"} if row["index"] == 0 else row for row in run.records
    )
    report.build(Run(rows), tmp_path, folder, against=run, names=("a.jsonl", "b.jsonl"))
    text = text_of((tmp_path / "compare.html").read_text())
    assert text.count("now it crashes") == 3
    assert "3 regressed" in text
    assert "Before ✓ HOLDS" in text
    assert "After ✗ ERROR, stated HOLDS" in text
    assert 'href="compare.html"' in (tmp_path / "index.html").read_text()


def test_records_of_nothing_make_a_page_that_says_so(folder: Path, tmp_path: Path) -> None:
    report.build(Run(()), tmp_path, folder)
    assert "Nothing was run" in (tmp_path / "index.html").read_text()


def test_a_folder_without_a_register_has_a_report(run: Run, tmp_path: Path, quick: None) -> None:
    report.build(run, tmp_path / "site", tmp_path / "none")
    text = text_of((tmp_path / "site" / "errata.html").read_text())
    assert "no register" in text
    assert "one more is printed" in text  # what the claims show is there nevertheless
    assert "is not in the claim folder" in (tmp_path / "site" / "claims" / "toy" / "coin.html").read_text()


def test_an_edited_source_is_not_shown_as_what_was_run(run: Run, folder: Path, tmp_path: Path, quick: None) -> None:
    rows = tuple({**row, "claim_source": "0" * 64, "experiment_source": "1" * 64} for row in run.records)
    report.build(Run(rows), tmp_path, folder)
    page = (tmp_path / "claims" / "toy" / "division_undoes.html").read_text()
    assert "was edited after this run" in page
    assert "class Division" not in page
    assert "The number itself." not in page


# --- what a page is made of


def test_a_hostile_string_shows_as_text(run: Run, folder: Path, tmp_path: Path) -> None:
    hostile = "\"><script>alert(1)</script><img src=x onerror=alert(1)>\x00{{ 7*7 }}\u202e' onload='x"
    kept = {"claim", "part", "verdict", "expected", "grade", "relation", "item", "replay", "started", "device", "dtype"}
    kept |= {
        "tier",
        "scale",
        "precision",
        "name",
        "case",
        "entry",
        "low",
        "high",
        "stated",
        "measured",
        "predicted",
        "budget",
    }

    def spoiled(value: Any, field: str = "") -> Any:
        if isinstance(value, str):
            return value if field in kept else hostile
        if isinstance(value, dict):
            return {name if field else name: spoiled(item, name) for name, item in value.items()}
        return value

    rows = tuple({**spoiled(row), "parameters": {hostile: hostile}, "traceback": hostile} for row in run.records)
    report.build(Run(rows, (hostile,)), tmp_path, folder, against=Run(rows[:1]), names=(hostile, hostile))
    for name, page in pages(tmp_path).items():
        elements = Elements(page).found
        scripts = [attributes for tag, attributes in elements if tag == "script"]
        assert scripts == ([{"src": "filters.js", "defer": None}] if name == "index.html" else []), name
        assert not [a for _, attributes in elements for a in attributes if a.startswith("on")], name
        assert all(attributes["src"].startswith(("figures/", "../")) for tag, attributes in elements if tag == "img"), (
            name
        )
        assert "alert(1)" in page or name == "errata.html"
    for figure in tmp_path.rglob("*.svg"):
        ElementTree.parse(figure)


def test_links_resolve_pictures_say_the_finding_and_nothing_is_fetched(run: Run, folder: Path, tmp_path: Path) -> None:
    report.build(run, tmp_path, folder, against=run, names=("a", "b"))
    ids = {name: {a["id"] for _, a in Elements(page).found if "id" in a} for name, page in pages(tmp_path).items()}
    for name, page in pages(tmp_path).items():
        elements = Elements(page).found
        assert len(ids[name]) == sum("id" in attributes for _, attributes in elements), f"an id twice in {name}"
        assert sum(tag == "h1" for tag, _ in elements) == 1
        for tag, attributes in elements:
            for place in filter(None, (attributes.get("href"), attributes.get("src"))):
                if place == "data:,":
                    continue
                assert not re.match(r"[a-z]+:|//", place), place
                file, _, fragment = place.partition("#")
                target = ((tmp_path / name).parent / file).resolve() if file else tmp_path / name
                assert target.is_file(), (name, place)
                if fragment and target.suffix == ".html":
                    assert fragment in ids[target.relative_to(tmp_path).as_posix()], (name, place)
            if tag == "img":
                assert re.search(r"(As|Not as) stated: \d", str(attributes["alt"])), name
    style = (tmp_path / "style.css").read_text()
    assert "url(" not in style
    assert "@import" not in style


# --- what is written again


def test_only_what_changed_is_written_again(run: Run, folder: Path, tmp_path: Path) -> None:
    report.build(run, tmp_path, folder)
    before = snapshot(tmp_path)
    again = report.build(run, tmp_path, folder)
    assert (again.written, again.drawn) == (0, 0)
    assert snapshot(tmp_path) == before
    rows = tuple({**row, "message": "otherwise"} if row["claim"] == "toy/coin" else row for row in run.records)
    changed = report.build(Run(rows), tmp_path, folder)
    assert (changed.written, changed.drawn) == (1, 1)
    assert {name for name, data in snapshot(tmp_path).items() if data != before[name]} == {
        "claims/toy/coin.html",
        ".dlverify-report.json",
    }


def test_a_run_that_differs_in_time_alone_draws_no_figure(run: Run, folder: Path, tmp_path: Path) -> None:
    report.build(run, tmp_path, folder)
    later = tuple({**row, "run": "later", "seconds": 9.0, "started": "2030"} for row in run.records)
    again = report.build(Run(later), tmp_path, folder)
    assert (again.written, again.drawn) == (4, 0)  # all but the errata say which run it was


def test_what_is_no_more_is_removed(run: Run, folder: Path, tmp_path: Path, quick: None) -> None:
    report.build(run, tmp_path, folder, against=run, names=("a", "b"))
    report.build(Run(tuple(row for row in run.records if row["claim"] != "toy/coin")), tmp_path, folder)
    assert set(pages(tmp_path)) == {
        "index.html",
        "errata.html",
        "claims/toy/division_undoes.html",
        "claims/toy/doubling.html",
    }
    assert not (tmp_path / "figures" / "toy" / "coin.svg").exists()


def test_a_build_that_was_killed_is_made_good(
    run: Run, folder: Path, tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, fresh = tmp_path / "site", tmp_path / "fresh"
    other = tuple({**row, "message": "otherwise"} for row in run.records)
    report.build(run, site, folder)

    def killed(claims: Any) -> Any:
        yield claims[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        report.build(Run(other), site, folder, watched=killed)
    report.build(run, site, folder)
    report.build(run, fresh, folder)
    assert snapshot(site) == snapshot(fresh)


def test_two_builds_are_the_same_bytes(run: Run, folder: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        report.build(run, tmp_path / name, folder)
    assert snapshot(tmp_path / "a") == snapshot(tmp_path / "b")


# --- the commands


@pytest.fixture
def recorded(run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the records of the run."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "build" / "records" / "latest.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in run.records))
    return path


def test_the_command_says_where_to_look(recorded: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--claims", str(folder)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "report: 5 pages, 5 written and 3 figures drawn; the others are as they were",
        "open build/report/index.html",
    ]
    assert main(["report", "--claims", str(folder), "--against", str(recorded)]) == 0
    assert "Nothing changed" in Path("build/report/compare.html").read_text()


def test_a_torn_last_line_is_told_in_the_terminal_and_on_the_page(
    recorded: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded.write_text(recorded.read_text() + '{"schema": 1, "cl')
    assert main(["report", "--claims", str(folder)]) == 0
    assert "the last line is torn and was skipped" in capsys.readouterr().out
    assert "the last line is torn and was skipped" in Path("build/report/index.html").read_text()


def refused(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err


def test_another_folder_is_left_alone(recorded: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for output in (".", str(recorded)):
        said = refused(capsys, "report", "--claims", str(folder), "--output", output)
        assert "is not empty and holds no report; choose another folder with --output DIR" in said
    assert snapshot(Path()) == {"build/records/latest.jsonl": recorded.read_bytes()}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"claim": "../../etc/x"}, "a record names the claim '../../etc/x', which is no family/statement"),
        ({"claim": "nofamily"}, "which is no family/statement"),
        ({"statistics": {"n": 3}}, "is not what a run writes (KeyError"),
        ({"parameters": 3}, "is not what a run writes (AttributeError"),
        ({"index": "x"}, "is not what a run writes (TypeError"),
    ],
)
def test_what_is_no_record_is_one_sentence(
    changes: dict[str, Any], sentence: str, recorded: Path, folder: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{**row, **changes} if row["index"] == 0 else row for row in run.records]
    recorded.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert sentence in refused(capsys, "report", "--claims", str(folder))
    assert not list(Path("build").rglob("x.html"))


def test_a_full_disk_is_one_sentence_and_the_old_pages_stay(
    recorded: Path, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["report", "--claims", str(folder)])
    capsys.readouterr()
    before = pages(Path("build/report"))
    recorded.write_text(recorded.read_text().replace("Doubling doubles", "Doubling triples"))

    def full(path: Path, text: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(report, "replace_file", full)
    said = refused(capsys, "report", "--claims", str(folder))
    assert (
        "cannot be written: No space left on device; choose another folder with --output DIR, or free some space"
        in said
    )
    assert pages(Path("build/report")) == before


def test_no_torch_and_no_jinja_where_they_are_not_needed(recorded: Path, folder: Path) -> None:
    program = (
        "import sys\nfrom dlverify.__main__ import main\n"
        f"main(['compare', {str(recorded)!r}, {str(recorded)!r}])\n"
        "assert not {'jinja2', 'matplotlib', 'torch', 'rich', 'sympy'} & set(sys.modules)\n"
        f"main(['report', '--claims', {str(folder)!r}])\n"
        "assert 'jinja2' in sys.modules and not {'torch', 'rich', 'sympy'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# --- the nights

DATES = [f"2026-11-{day:02d}" for day in range(8, 20)]
STOCK, COMPILE = "cpu-float64-ieee-stock", "cpu-float64-ieee-compile"


@pytest.fixture
def night(run: Run) -> list[dict[str, Any]]:
    """What a night records in two cells; in the second one a part of one claim is red, for a reason that is hostile."""
    red = {"verdict": "REFUTED", "message": "off by 1 <script>alert(1)</script>"}
    return [
        {**row, **(red if cell == COMPILE and (row["claim"], row["item"]) == FELL else {}), "cell": cell}
        for cell in (STOCK, COMPILE)
        for row in run.records
    ]


FELL = ("toy/doubling", "holds[default]")


def test_a_night_tells_each_part_once_and_again_where_it_fell(
    night: list[dict[str, Any]], folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: dict[str, list[tuple[str, str]]] = {}

    def draw(rows: list[dict[str, Any]]) -> str:
        drawn[rows[0]["claim"]] = [(row["cell"], row["item"]) for row in rows]
        return PICTURE

    monkeypatch.setattr(figures, "draw", draw)
    report.build(Run(tuple(night)), tmp_path, folder)
    coin = (tmp_path / "claims" / "toy" / "coin.html").read_text()
    assert coin.count('class="part"') == sum(row["claim"] == "toy/coin" for row in night) / 2
    assert {cell for cell, _ in drawn["toy/coin"]} == {COMPILE}, "of two that show as much the first by name"
    fell = (tmp_path / "claims" / "toy" / "doubling.html").read_text()
    assert "holds[default] is REFUTED in cpu-float64-ieee-compile" in text_of(fell)
    assert drawn["toy/doubling"][0][0] == COMPILE, "where most fell"
    assert len(re.findall('id="(.*?)"', fell)) == len(set(re.findall('id="(.*?)"', fell)))
    table = re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td><td.*?>(.*?)</td><td>(.*?)</td>', fell)
    parts = sum(row["claim"] == "toy/doubling" for row in night) // 2
    assert table == [(COMPILE, str(parts - 1), "1", "·"), (STOCK, str(parts), "·", "·")]


def test_the_nights_say_what_really_changed(
    run: Run, night: list[dict[str, Any]], folder: Path, tmp_path: Path, quick: None
) -> None:
    as_stated = [{**row, "cell": STOCK} for row in run.records]
    write_nights(tmp_path / "nights", as_stated, DATES[:10])
    over = nights.read(tmp_path / "nights")
    report.build(run, tmp_path / "site", folder, over=over)
    calm = {name: text_of(page) for name, page in pages(tmp_path / "site").items()}
    assert "Nothing changed 10 nights, from 2026-11-08 to 2026-11-17" in calm["nights.html"]
    assert "regressions over 10 nights 0" in calm["index.html"]
    write_nights(tmp_path / "nights", night, DATES[10:])
    built = report.build(run, tmp_path / "site", folder, over=nights.read(tmp_path / "nights"))
    assert built.written == built.pages - 1, "all but the page of the errata"
    found = {name: text_of(page) for name, page in pages(tmp_path / "site").items()}
    assert "regressions over 12 nights 1" in found["index.html"]
    assert "1 regression 12 nights, from 2026-11-08 to 2026-11-19" in found["nights.html"]
    why = "REFUTED where HOLDS is stated since 2026-11-18: off by 1 <script>alert(1)</script>"
    assert "toy/doubling holds[default] ✗ regression" in found["nights.html"]
    assert why in found["nights.html"]
    assert why in found["claims/toy/doubling.html"]
    assert "no change" in found["claims/toy/doubling.html"]
    assert re.search(r"\d more in other cells: \d not enough data", found["claims/toy/coin.html"])
    assert all("<script>alert" not in page for page in pages(tmp_path / "site").values())
    svg = re.search(r"<svg class=.course.*?</svg>", pages(tmp_path / "site")["nights.html"])
    assert svg
    assert "The effect of holds[default] from 2026-11-18 to 2026-11-19" in svg[0]
    assert svg[0].count('class="red"') == 1
    ElementTree.fromstring(svg[0])
    again = report.build(run, tmp_path / "site", folder, over=nights.read(tmp_path / "nights"))
    assert again.written == 0
    report.build(run, tmp_path / "site", folder)
    assert not (tmp_path / "site" / "nights.html").exists(), "without nights there is no page of them"
    assert "nights.html" not in "".join(pages(tmp_path / "site").values())


def test_the_folder_of_a_night_is_as_good_as_its_records(
    run: Run, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], quick: None
) -> None:
    write_nights(tmp_path, [{**row, "cell": STOCK} for row in run.records], DATES[:1])
    night, site = tmp_path / DATES[0], tmp_path / "site"
    assert main(["report", "--claims", str(folder), "--records", str(night), "--output", str(site)]) == 0
    assert main(["compare", str(night), str(night / "records.jsonl")]) == 0
    (night / "end.json").unlink()
    rows = (night / "records.jsonl").read_text().splitlines(keepends=True)
    (night / "records.jsonl").unlink()
    (night / "records.run.000.part").write_text("".join(rows[:-2]))
    capsys.readouterr()
    assert main(["report", "--claims", str(folder), "--records", str(night), "--output", str(site)]) == 0
    said = f"the night {DATES[0]} is incomplete: {len(rows) - 2} of {len(rows)} parts are recorded"
    assert said in capsys.readouterr().out
    assert said in (site / "index.html").read_text()
    assert "cannot be read: " in refused(capsys, "report", "--records", str(tmp_path))
    (night / "plan.json").write_text("{")
    assert "plan.json cannot be read: " in refused(capsys, "report", "--records", str(night))


def test_nights_that_cannot_be_read_are_told_and_the_report_is_built(
    recorded: Path, run: Run, folder: Path, capsys: pytest.CaptureFixture[str], quick: None
) -> None:
    write_nights(Path("build/nights"), [{**row, "cell": STOCK} for row in run.records], DATES[:2])
    Path(f"build/nights/{DATES[0]}/effects.jsonl").write_text("{}\n")
    assert main(["report", "--claims", str(folder)]) == 0
    said = f"build/nights/{DATES[0]}/effects.jsonl is damaged"
    assert said in capsys.readouterr().out
    assert said in Path("build/report/nights.html").read_text()
    assert "remove it, and it is made anew from the records" in Path("build/report/nights.html").read_text()
    Path(f"build/nights/{DATES[0]}/effects.jsonl").unlink()
    Path(f"build/nights/{DATES[1]}/end.json").write_text("[]")
    main(["report", "--claims", str(folder)])
    assert f"build/nights/{DATES[1]}/end.json cannot be read" in capsys.readouterr().out
    said = refused(capsys, "report", "--claims", str(folder), "--nights", "build/night")
    assert "there is no night in build/night; `python -m dlverify nightly` runs one, in build/nights" in said


# --- the gallery


def test_the_gallery_is_written_between_its_markers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = {**dict.fromkeys(FIELDS), "schema": 1, "verdict": "HOLDS", "expected": "HOLDS", "item": "holds[a]"}
    rows = [{**row, "claim": claim, "says": f"What [{n}] says."} for n, claim in enumerate(HEADLINES)]
    path, readme = tmp_path / "r.jsonl", tmp_path / "README.md"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    readme.write_text(f"before\n{BEGIN}old\n{END}\nafter\n")
    from dlverify.commands import gallery

    assert gallery(path, readme) == 0
    text = readme.read_text()
    assert text.startswith(f"before\n{BEGIN}\n| | |\n|---|---|\n| [![What \\[0\\] says. As stated, and refuted where")
    assert text.endswith(f"\n\n{END}\nafter\n")
    assert gallery(path, readme) == 0
    assert capsys.readouterr().out.splitlines() == [f"{readme} is written", f"{readme} is up to date"]
    readme.write_text("no place")
    with pytest.raises(ValueError, match="has no place for the gallery; put the lines"):
        gallery(path, readme)
    path.write_text("")
    with pytest.raises(ValueError, match=f"has no records of {HEADLINES[0]}"):
        gallery(path, readme)


def test_the_readme_shows_the_headline_claims() -> None:
    text = (ROOT / "README.md").read_text()
    shown = text.partition(BEGIN)[2].partition(END)[0]
    assert re.findall(r"\]\(figures/(\S+)\.svg\)\]\(claims/(\S+)\.py\)", shown) == [
        (claim, claim) for claim in HEADLINES
    ]
    for claim in HEADLINES:
        assert (ROOT / "figures" / f"{claim}.svg").is_file()
        assert (ROOT / "claims" / f"{claim}.py").is_file()
    assert shown.count("As stated, and refuted where it is broken on purpose.") == len(HEADLINES)


# --- mathematics


@pytest.mark.parametrize(
    ("text", "mathml"),
    [
        ("lr / sqrt(t)", "<mfrac><mrow><mi>lr</mi></mrow><mrow><msqrt><mi>t</mi></msqrt></mrow></mfrac>"),
        ("2^L - 1", '<msup><mrow><mn>2</mn></mrow><mi>L</mi></msup><mo form="infix">−</mo><mn>1</mn>'),
        ("-1 <= x", '<mo form="prefix">−</mo><mn>1</mn><mo form="infix">≤</mo><mi>x</mi>'),
        ("3x", "<mn>3</mn><mo>\u2062</mo><mi>x</mi>"),
        ("1/2", '<mn>1</mn><mo lspace="0" rspace="0">/</mo><mn>2</mn>'),
        ("h_(t-1)", '<msub><mrow><mi>h</mi></mrow><mrow><mi>t</mi><mo form="infix">−</mo><mn>1</mn></mrow></msub>'),
        ("xᵢ²", "<msubsup><mrow><mi>x</mi></mrow><mi>i</mi><mn>2</mn></msubsup>"),
        ("‖w‖", '<mrow><mo stretchy="false">‖</mo><mi>w</mi><mo stretchy="false">‖</mo></mrow>'),
        ("w1", "<msub><mi>w</mi><mn>1</mn></msub>"),
        ("H x W", "<mi>H</mi><mo>×</mo><mi>W</mi>"),
        ("x . z", "<mi>x</mi><mo>⋅</mo><mi>z</mi>"),
        ("√v̂", "<msqrt><mi>v̂</mi></msqrt>"),
    ],
)
def test_formulas_are_set(text: str, mathml: str) -> None:
    assert typeset(text) == f"<math><mrow>{mathml}</mrow></math>"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A step of a ReLU network, as I said.",
        "Missing a 1 costs more than a 0.",
        "there is a plan A for it",
        "widths 784-128-10, k-fold, L-smooth, U-Net, e.g. GPT-3",
        "unfinished (x + ",
        "x = , and / or",
        "a * footnote",
        "2009; 1,024 in all",
        "<b>bold</b> & so on",
        "snake_case_name and /a/path.py::holds[x]",
        "Adam's weight_decay adds, as mode='fan_out' does",
        "(" * 500 + "x" + ")" * 500,
        "x" + "^2" * 50,
    ],
)
def test_prose_stays_prose(text: str) -> None:
    found = str(typeset(text))
    if "x" not in re.sub(r"\w\w+", "", text):
        assert found == html.escape(text)
    assert html.unescape(re.sub(r"<[^>]*>", "", found)).replace("−", "-") or not text


def statements() -> list[str]:
    """All that the claims of this repository say."""
    found = []
    for path in sorted((ROOT / "claims").glob("*/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "says" and isinstance(node.value, ast.Constant):
                found.append(node.value.value)
    return found


def register() -> list[str]:
    """All that the register says."""
    found = tomllib.loads((ROOT / "claims" / "notes.toml").read_text())
    rows = [*found["entry"], *found["erratum"]]
    return [row[name] for row in rows for name in ("says", "truth", "printed", "correct", "witness") if name in row]


def bare(text: str, is_source: bool) -> str:
    """Letters and digits alone, in one alphabet: what must not be lost or added by setting a formula."""
    if is_source:
        text = re.sub(r"(?<=\d)x(?=\d)|(?<=[\dA-Z'′]) x (?=\d|[A-Z](?!\w))", "×", text)
        for word, letter in mathematics.GREEK.items():
            text = re.sub(rf"(?<![^\W\d_]){word}(?![^\W\d_])", letter, text)
    for table in (mathematics.RAISED, mathematics.LOWERED):
        text = "".join(table.get(character, character) for character in text)
    text = re.sub(r"(?<![^\W\d_])(?:sqrt|sum)(?![^\W\d_])|[ΣΠ]", "", text)
    return re.sub(r"[\W_]", "", text)


def test_no_statement_loses_a_letter_and_all_of_them_are_xml() -> None:
    texts = statements() + register()
    assert len(texts) > 900
    for text in texts:
        found = str(typeset(text))
        ElementTree.fromstring(f"<p>{found.replace('<wbr>', '')}</p>")
        shown = html.unescape(re.sub(r"</?m[^>]*>", "", re.sub(r"<mspace[^>]*>|<wbr>", " ", found)))
        assert bare(shown, is_source=False) == bare(text, is_source=True), text
    assert sum(str(typeset(text)).count("<math>") for text in texts) > 1500


def test_a_formula_that_no_telephone_holds_stays_text() -> None:
    wide = "Matrix([[5687656409/32, 5959244757/32], [5959244757/32, 6120803135/32]])"
    assert typeset(wide) == wide
    long = "w = " + " + ".join(f"x_{n} y_{n}" for n in range(20))
    assert typeset(long).count("<wbr>") == 20
