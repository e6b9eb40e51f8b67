"""`python -m dlverify`: what each command does, and what it says to somebody who mistypes."""

import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from dlverify import catalog, commands, records, running
from dlverify.__main__ import main

ROOT = Path(__file__).resolve().parent.parent
ADAGRAD = "optimizer/adagrad_step_decays_to_zero"

CLAIM = '''
"""Dividing undoes multiplying."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from dlverify import *


@dataclass(frozen=True)
class Division(Experiment):
    """Multiples of a factor, divided
    by a divisor.

    Attributes:
        divide: What divides;
            called with (dividend, divisor).
        divisor: By how much.
        numbers: Which numbers.
        count: How many.
    """

    divide: Subject
    divisor: float = 2.0
    numbers: Literal["whole", "negative"] = "whole"
    count: int = 40

    def draw(self, lab):
        return np.arange(1.0, self.count + 1) * (1 if self.numbers == "whole" else -1)

    def measure(self, lab, given):
        quotients = self.divide(2.0 * given, self.divisor)
        return Quantity(quotients, "quotient", axes=(Axis("number", tuple(range(self.count))),))


def the_number(experiment, given):
    """The number itself."""
    return given


def printed(experiment, given):
    """The number and one more."""
    return given + 1


CLAIM = Claim(
    entry="division",
    says="Dividing by the factor | gives the_number back.",
    paper="Euclid, book VII",
    experiments=vary(Division(Subject.parse("operator:truediv")), numbers=("whole", "negative")),
    predict=the_number,
    judge=equal(),
    assumptions=(
        Assumption("same-factor", "divisor and factor agree", broken_by={"divisor": 3.0}),
        Assumption("exact", "no number is too large", why_kept="floats end"),
    ),
    errata=(Erratum("one-more", "one more is printed", number=7, predict=printed),),
)
'''

NOTES = """
[[entry]]
id = "division"
status = "conditional"
where = ["001:7"]
says = "Division undoes."
truth = "It does so for the same factor."

[[erratum]]
number = 7
where = ["001:8"]
printed = "x + 1"
correct = "x"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one claim, and the place where the commands run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    claims = tmp_path / "claims"
    (claims / "toy").mkdir(parents=True)
    (claims / "toy" / "division_undoes.py").write_text(CLAIM.lstrip())
    (claims / "notes.toml").write_text(NOTES)
    return claims


def files(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts}


def refused(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """The one sentence that a usage error says."""
    before = files(Path.cwd())
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("dlverify: ")
    assert err.count("\n") == 1
    assert files(Path.cwd()) == before
    return err.removeprefix("dlverify: ").rstrip("\n")


# --- list


def test_list_says_one_line_a_claim(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    head, line = capsys.readouterr().out.splitlines()
    assert head.split() == ["claim", "grade", "cases", "controls", "errata", "says"]
    assert line.split(maxsplit=5) == [
        "toy/division_undoes",
        "exact",
        "2",
        "1",
        "1",
        "Dividing by the factor | gives the_number back.",
    ]


def test_list_on_a_terminal_is_a_table_that_fits(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["list"]) == 0
    lines = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()
    assert max(map(len, lines)) <= 80
    assert ["division_undoes", "exact", "2", "1", "1"] in [line.split() for line in lines]
    assert any(line.startswith("Dividing by the factor") for line in lines)
    assert lines[-1] == "1 claim; `python -m dlverify show CLAIM` explains one"


def test_list_json_has_all_fields(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--json", "--family", "toy"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    parameters = {"divide": "operator:truediv", "divisor": 2.0, "numbers": "whole", "count": 40}
    assert row.pop("cases")[0] == {"name": "whole", "tier": "quick", "experiment": "Division", "parameters": parameters}
    assert row == {
        "id": "toy/division_undoes",
        "family": "toy",
        "file": "claims/toy/division_undoes.py",
        "entry": "division",
        "status": "conditional",
        "says": "Dividing by the factor | gives the_number back.",
        "grade": "exact",
        "paper": "Euclid, book VII",
        "subjects": ["operator.truediv"],
        "assumptions": [
            {"slug": "same-factor", "says": "divisor and factor agree", "broken_by": {"divisor": 3.0}, "why_kept": ""},
            {"slug": "exact", "says": "no number is too large", "broken_by": None, "why_kept": "floats end"},
        ],
        "errata": [{"slug": "one-more", "number": 7, "says": "one more is printed"}],
    }


def test_list_shows_a_broken_claim_and_goes_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "toy" / "a_crash.py").write_text("CLAIM = 1 / 0\n")
    assert main(["list"]) == 1
    _, broken, good = capsys.readouterr().out.splitlines()
    assert broken.split(maxsplit=5)[:2] == ["toy/a_crash", "ERROR"]
    assert broken.endswith("cannot be loaded: ZeroDivisionError: division by zero")
    assert good.startswith("toy/division_undoes ")
    assert main(["list", "--json"]) == 1
    rows = json.loads(capsys.readouterr().out)
    assert rows[0]["error"] == "cannot be loaded: ZeroDivisionError: division by zero"
    assert rows[1]["id"] == "toy/division_undoes"


def test_list_of_no_claims_says_how_to_begin(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder.parent / "mine").mkdir()
    assert main(["list", "--claims", "mine"]) == 0
    assert capsys.readouterr().out == (
        "there are no claims below mine; `python -m dlverify new FAMILY STATEMENT --claims mine` writes the first\n"
    )


def test_list_refuses(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, "list", "--claims", "clams") == (
        "there is no claim folder clams; go to the folder that has it, or name another with --claims DIR"
    )
    assert refused(capsys, "list", "--family", "toys") == (
        "unknown family 'toys' (did you mean toy?); choose one of toy"
    )
    (folder / "notes.toml").write_text("[[entry]\n")
    assert "notes.toml, the register of the notes, cannot be read" in refused(capsys, "list")


# --- show


def test_show_explains_the_claim(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "toy/division_undoes"]) == 0
    assert capsys.readouterr().out == textwrap.dedent("""\
        toy/division_undoes
          Dividing by the factor | gives the_number back.

        entry division (conditional)
          the notes say (001:7): Division undoes.
          what is true: It does so for the same factor.

        paper
          Euclid, book VII

        experiment Division, in claims/toy/division_undoes.py
          Multiples of a factor, divided by a divisor.
          Attributes:
              divide: What divides; called with (dividend, divisor).
              divisor: By how much.
              numbers: Which numbers.
              count: How many.

        cases
          whole: numbers=whole
          negative: numbers=negative
          in all of them: divide=operator:truediv, divisor=2.0, count=40

        theory the_number
          The number itself.

        judge
          every measured value must be equal to the predicted one, exactly

        grade of evidence
          exact

        assumptions
          same-factor: divisor and factor agree
            control refuted[same-factor]: with divisor=3.0 the judge must say REFUTED
          exact: no number is too large
            kept: floats end

        errata
          one-more, number 7 (001:8): one more is printed
            printed: x + 1
            correct: x
            erratum[one-more]: by the theory printed the judge must say REFUTED

        run it, or one part of it
          pytest claims/toy/division_undoes.py
          pytest 'claims/toy/division_undoes.py::holds[whole]'
          pytest 'claims/toy/division_undoes.py::refuted[same-factor]'
          pytest 'claims/toy/division_undoes.py::erratum[one-more]'

        play with it: without same-factor it falls
          python -m dlverify try toy/division_undoes divisor=3.0

        """)


@pytest.mark.parametrize("name", ["division_undoes", "claims/toy/division_undoes.py"])
def test_a_claim_is_found_by_statement_and_by_path(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", name]) == 0
    assert capsys.readouterr().out.startswith("toy/division_undoes\n")


def test_a_claim_of_another_folder_is_found_by_its_path(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder.parent / "elsewhere").mkdir()
    monkeypatch.chdir(folder.parent / "elsewhere")
    assert main(["show", "../claims/toy/division_undoes.py"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("toy/division_undoes\n")
    assert "pytest -o claim_folders=" in out


def test_an_unknown_claim_is_refused_with_a_hint(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, "show", "toy/division_undose") == (
        "unknown claim 'toy/division_undose' (did you mean toy/division_undoes?); `python -m dlverify list` shows all 1"
    )
    assert refused(capsys, "show", "claims/toy/nothing.py") == (
        "claims/toy/nothing.py is no claim file; one is a .py file that assigns CLAIM, as those of `python -m dlverify list`"
    )
    (folder / "other").mkdir()
    (folder / "other" / "division_undoes.py").write_text(CLAIM)
    assert refused(capsys, "show", "division_undoes") == (
        "unknown claim 'division_undoes'; it may be other/division_undoes or toy/division_undoes; "
        "`python -m dlverify list` shows all 2"
    )
    (folder / "toy" / "a_crash.py").write_text("CLAIM = 1 / 0\n")
    assert "a_crash.py cannot be loaded: ZeroDivisionError" in refused(capsys, "show", "a_crash")


# --- try


def test_try_holds_and_touches_neither_records_nor_figures(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = files(folder.parent)
    assert main(["try", "division_undoes", "count=3"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("HOLDS: toy/division_undoes, case whole, with count=3\n")
    assert "  with  divide=operator:truediv, divisor=2.0, numbers=whole, count=3\n" in out
    assert "  on    cpu, float64, ieee, seed 271828182\n" in out
    assert files(folder.parent) - before == {"build/try/division_undoes.svg"}
    path = Path("build/try/division_undoes.svg")
    assert f"figure: {path}\n" in out
    assert ">toy/division_undoes<" in path.read_text(encoding="utf-8")


def test_try_shows_the_claim_fall_with_its_numbers(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["try", "toy/division_undoes", "--case", "negative", "divisor=4", "--seed", "1", "count=1000"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("REFUTED: toy/division_undoes, case negative, with divisor=4 count=1000\n")
    assert "quotient: 10 of 1000 values\n" in out
    rows = [line.split() for line in out.partition("values\n")[2].splitlines()[:11]]
    assert rows[0] == ["number", "measured", "predicted", "difference"]
    assert rows[1] == ["0", "-0.5", "-1", "0.5", "worst"]
    assert rows[-1] == ["999", "-500", "-1000", "500"]
    assert "  why   the claim rests on: same-factor (divisor and factor agree); exact (no number is too large)\n" in out


def test_try_knows_a_control(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["try", "toy/division_undoes", "divisor=3.0"]) == 1
    why = "this breaks the assumption same-factor (divisor and factor agree), so the claim must fall, and does"
    assert why in " ".join(capsys.readouterr().out.split())


def test_try_explains_an_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["try", "toy/division_undoes", "count=-1"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("ERROR: ")
    assert "  why   it could not be judged, so nothing is shown\n" in out
    assert not Path("build").exists()


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["divisor"], "'divisor' is no change; write field=value, as in lr=0.1"),
        (["=3"], "'=3' is no change; write field=value, as in lr=0.1"),
        (["count=1", "count=2"], "count is given twice, as '1' and as '2'; give it once"),
        (["base=2"], "Division has no field 'base'; its fields are divide, divisor, numbers, count"),
        (["divisor=two"], "Division.divisor cannot be 'two'; it is of type float"),
        (["count=1.5"], "Division.count cannot be 1.5; it is of type int"),
        (
            ["count=__import__('os').getpid()"],
            "Division.count cannot be \"__import__('os').getpid()\"; it is of type int",
        ),
        (["numbers=odd"], "Division.numbers cannot be 'odd'; it is one of 'whole', 'negative'"),
        (["divide=operator:nope"], "the subject operator:nope does not exist: operator has no nope"),
        (["divide=no_such:thing"], "the subject no_such:thing cannot be imported: No module named 'no_such'"),
        (
            ["--case", "hole"],
            "toy/division_undoes has no case 'hole' (did you mean whole?); its cases are whole, negative",
        ),
        (["--device", "gpu"], "unknown device 'gpu'; choose one of cpu, cuda, mps"),
        (["--dtype", "half"], "unknown dtype 'half'; choose one of float64, float32, bfloat16"),
        (["--precision", "tf32"], "--precision tf32 needs a CUDA device with TF32; the device is cpu"),
        (["--seed", "-1"], "the seed -1 is negative; choose 0 or more"),
    ],
)
def test_try_refuses(argv: list[str], sentence: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, "try", "toy/division_undoes", *argv) == sentence


def test_try_refuses_a_subject_whose_module_crashes(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(folder.parent))
    (folder.parent / "my_broken_module.py").write_text("undefined_name\n")
    assert refused(capsys, "try", "division_undoes", "divide=my_broken_module:divide") == (
        "divide=my_broken_module:divide cannot be used: NameError: name 'undefined_name' is not defined"
    )


def test_try_says_that_the_figure_cannot_be_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder.parent / "build").write_text("in the way")
    assert main(["try", "division_undoes"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert f"the figure {Path('build/try/division_undoes.svg')} cannot be written: " in err
    assert "; make room for it there, or choose another folder: " in err


# --- new


def test_new_writes_a_claim_that_loads_and_waits_to_be_edited(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "data-flow", 'ReLU keeps "positive" factors']) == 0
    path = folder / "data_flow" / "relu_keeps_positive_factors.py"
    assert capsys.readouterr().out == textwrap.dedent("""\
        claims/data_flow/relu_keeps_positive_factors.py is written: a small claim about ReLU that works, to be made yours.
        data_flow is a new family.
        1. Edit claims/data_flow/relu_keeps_positive_factors.py: statement, experiment, theory, what breaks it; then delete its `raise`.
        2. Run it: pytest claims/data_flow/relu_keeps_positive_factors.py
        3. Read it as others will: python -m dlverify show data_flow/relu_keeps_positive_factors
           and list it in the index: python -m dlverify index
        """)
    found = list(running.run(running.units(catalog.load(path, folder), folder)))
    assert {(row["verdict"], row["message"]) for row in found} == {
        ("ERROR", "this claim is still the skeleton of `dlverify new`; make it yours and delete this line")
    }
    path.write_text("".join(line for line in path.read_text().splitlines(True) if "raise" not in line))
    found = list(running.run(running.units(catalog.load(path, folder), folder)))
    assert [row["verdict"] for row in found] == ["HOLDS", "HOLDS", "REFUTED", "REFUTED"]


def test_new_never_overwrites(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, "new", "toy", "Division undoes") == (
        "claims/toy/division_undoes.py exists and is left as it is; choose another statement, or edit that file"
    )
    assert (folder / "toy" / "division_undoes.py").read_text() == CLAIM.lstrip()


@pytest.mark.parametrize(
    ("family", "statement", "given"),
    [
        ("../toy", "fine", "'../toy' is no family"),
        ("Toy", "fine", "'Toy' is no family"),
        ("", "fine", "'' is no family"),
        ("toy", "3 layers suffice", "'3 layers suffice' is no statement"),
        ("toy", "θ decays", "'θ decays' is no statement"),
        ("toy", "?!", "'?!' is no statement"),
        ("toy", "long " * 30, "is no statement"),
    ],
)
def test_new_refuses_bad_names(
    family: str, statement: str, given: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sentence = refused(capsys, "new", family, statement)
    assert given in sentence
    assert "write a phrase in English letters that begins with a letter and has at most 100 characters" in sentence


def test_new_says_that_the_folder_cannot_be_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "blocked").write_text("a file")
    assert refused(capsys, "new", "blocked", "it works").startswith("claims/blocked/it_works.py cannot be written: ")


# --- figures


@pytest.fixture
def recorded(folder: Path) -> Path:
    """The records of a run."""
    path = folder.parent / commands.RECORDS
    writer = records.Writer(path, "run", "main")
    loaded = catalog.load(folder / "toy" / "division_undoes.py", folder)
    for record in running.run(running.units(loaded, folder)):
        writer.write(record)
    writer.close()
    records.finish(path, "run")
    return path


def test_figures_are_drawn_from_records_alone(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (recorded.parents[2] / "claims" / "toy" / "division_undoes.py").unlink()
    assert main(["figures"]) == 0
    assert capsys.readouterr().out == "figures: 1 in figures/\n"
    first = Path("figures/toy/division_undoes.svg").read_bytes()
    assert main(["figures", "--records", str(recorded), "--figures", "mine"]) == 0
    assert Path("mine/toy/division_undoes.svg").read_bytes() == first


def test_figures_refuses_records_that_cannot_be_read(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, "figures", "--records", "none.jsonl") == (
        "there is no record file none.jsonl; `pytest claims/` writes build/records/latest.jsonl"
    )
    lines = recorded.read_text().splitlines(True)
    recorded.write_text(lines[0][:100] + "\n" + "".join(lines[1:]))
    assert "latest.jsonl is damaged at line 1" in refused(capsys, "figures")
    recorded.write_text(lines[0].replace('"schema": 1', '"schema": 99'))
    assert "install the newer dlverify that wrote it" in refused(capsys, "figures")


def test_figures_says_that_the_folder_cannot_be_written(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("figures").write_text("in the way")
    assert "cannot be written" in refused(capsys, "figures")


# --- index


def test_index_is_generated_and_the_same_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index"]) == 0
    text = (folder / "README.md").read_text()
    assert text == commands.index(folder)
    assert text.startswith("<!-- Generated by `python -m dlverify index`: edit the claims, not this file. -->\n")
    assert "\n## toy (1)\n" in text
    assert (
        r"| [division_undoes](toy/division_undoes.py) | Dividing by the factor \| gives the\_number back. | exact "
        "| `division` | [figure](../figures/toy/division_undoes.svg) |\n"
    ) in text
    assert main(["index"]) == 0
    assert capsys.readouterr().out == "claims/README.md is written\nclaims/README.md is up to date\n"


def test_index_leaves_alone_what_it_did_not_write(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "README.md").write_text("# My claims\n")
    assert refused(capsys, "index") == (
        "claims/README.md is not of this command and is left as it is; move it away to have the index there"
    )
    assert (folder / "README.md").read_text() == "# My claims\n"


def test_index_refuses_a_claim_that_cannot_be_loaded(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "toy" / "a_crash.py").write_text("CLAIM = 1 / 0\n")
    assert "a_crash.py cannot be loaded" in refused(capsys, "index")


def test_index_says_that_the_folder_cannot_be_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "README.md").mkdir()
    assert refused(capsys, "index").startswith("claims/README.md cannot be written: ")


# --- the command line itself


def test_a_stopped_command_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "list_claims", stop)
    assert main(["list"]) == 130
    assert capsys.readouterr().err == "dlverify: stopped\n"


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["lsit"], "invalid choice: 'lsit' (choose from"),
        (["list", "extra"], "unrecognized arguments: extra; `python -m dlverify list --help` has them all"),
        (["try", "a", "--sed", "3"], "unrecognized arguments: --sed"),
        (["try", "a", "--seed", "x"], "argument --seed: invalid int value: 'x'"),
        (["show"], "the following arguments are required: CLAIM"),
    ],
)
def test_usage_errors_name_what_was_typed(argv: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(argv)
    assert stopped.value.code == 2
    assert words in capsys.readouterr().err


def test_help_usage_errors_and_records_need_no_torch(recorded: Path) -> None:
    program = textwrap.dedent("""
        import sys
        from dlverify.__main__ import main
        for argv in ([], ["--help"], ["--version"], ["try", "--help"], ["lsit"], ["show", "x"], ["try", "x"],
                     ["new", "a", "b c"], ["list", "--claims", "x"], ["figures", "--records", "x"], ["figures"]):
            try:
                main(argv)
            except SystemExit:
                pass
            for module in ("torch", "sympy", "sklearn", "scipy", "rich", "matplotlib"):
                assert module not in sys.modules or argv == ["figures"], (argv, module)
        assert "torch" not in sys.modules
    """)
    # The working folder is where the records are; --version needs no argument of its own.
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "figures: 1 in figures/" in done.stdout
    assert re.search(r"^dlverify \d+\.\d+", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("argv", [["--help"], ["show", "division_undoes"]])
def test_a_closed_pipe_is_no_traceback(argv: list[str], folder: Path) -> None:
    command = [sys.executable, "-m", "dlverify", *argv]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == (0 if "--help" in argv else 141)  # argparse itself ignores that nobody reads


# --- the claims of this repository


def test_the_real_claims_are_listed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    main(["list", "--json", "--family", "optimizer"])
    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows[ADAGRAD]["subjects"] == ["torch.optim.Adagrad"]
    assert rows[ADAGRAD]["entry"] == "adagrad-lr-decays-to-zero"
    assert rows[ADAGRAD]["status"] == "conditional"


def test_adagrads_law_falls_with_rmsprop(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    change = "optimizer=torch.optim:RMSprop(eps=0)"
    assert main(["try", ADAGRAD, change, "--claims", str(ROOT / "claims")]) == 1
    out = capsys.readouterr().out
    assert out.startswith(f"REFUTED: {ADAGRAD}, case constant-0.01, with {change}\n")
    assert "this breaks the assumption never-forgets" in out
    assert files(tmp_path) == {"build/try/adagrad_step_decays_to_zero.svg"}
