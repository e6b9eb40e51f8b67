"""Two record files side by side: what changed, and what counts as a regression."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlverify.__main__ import main
from dlverify.comparing import as_text, compare
from dlverify.evidence.judges import certainly_at_most, equal, mostly
from dlverify.quantity import Axis, Quantity
from dlverify.records import FIELDS, Record
from tests.test_figures import judged, row

STEPS = Axis("step", (1, 2, 3))


def record(part: str = "holds", name: str = "default", **changes: Any) -> Record:
    plain = {"seed": 1, "precision": "ieee", "run": "a", "versions": {"torch": "2.13"}, "claim_source": "0"}
    return {**row(part, name), **plain, **changes}


def measured(part: str, values: Any, budget: Any = 1e-3, **changes: Any) -> Record:
    """A curve that should be zero, within a budget."""
    judge = equal(within=lambda *_: np.asarray(budget))
    budget = None if budget is None else np.asarray(budget)
    found = judged(part, "default", judge, Quantity(np.array(values), "gap", axes=(STEPS,)), np.zeros(3), budget)
    return {
        **found,
        **{name: record()[name] for name in ("seed", "precision", "run", "versions", "claim_source")},
        **changes,
    }


def tossed(heads: int, tosses: int, **changes: Any) -> Record:
    """A coin read until it is decided."""
    values = np.array([True] * heads + [False] * (tosses - heads))
    coin = Quantity(values * 1.0, "heads", axes=(Axis("member", tuple(range(tosses))),))
    found = judged("holds", "default", mostly("above", p0=0.5, p1=0.95), coin, 0.5)
    return {
        **found,
        **{name: record()[name] for name in ("seed", "precision", "run", "versions", "claim_source")},
        **changes,
    }


@pytest.mark.parametrize(
    ("before", "after", "kind", "regressed"),
    [
        ("HOLDS", "REFUTED", "regressed", True),
        ("HOLDS", "INCONCLUSIVE", "regressed", True),
        ("HOLDS", "ERROR", "regressed", True),
        ("NOT RUN", "ERROR", "regressed", True),
        ("REFUTED", "HOLDS", "mended", False),
        ("ERROR", "NOT RUN", "verdict", False),
        ("HOLDS", "NOT RUN", "verdict", False),
        ("NOT RUN", "HOLDS", "verdict", False),
        ("REFUTED", "ERROR", "verdict", False),  # it was red before
    ],
)
def test_a_verdict_that_changed(before: str, after: str, kind: str, regressed: bool) -> None:
    found = compare([record(verdict=before)], [record(verdict=after, message="why")])
    (change,) = found.changes
    assert (change.kind, found.regressed) == (kind, regressed)
    assert change.says == f"was {before}, is {after}: why"
    assert change.part == "toy/statement::holds[default]"


def test_a_control_regresses_when_it_holds() -> None:
    assert compare([record("refuted")], [record("refuted", verdict="HOLDS")]).regressed
    assert not compare([record("refuted")], [record("refuted")]).regressed


def test_a_changed_statement_is_judged_by_what_is_stated_now() -> None:
    found = compare([record()], [record(expected="REFUTED")])
    assert found.regressed
    assert "was stated HOLDS, is stated REFUTED; was HOLDS, is HOLDS" in found.changes[0].says


def test_what_is_new_counts_only_where_it_is_red() -> None:
    new = record(claim="toy/other", verdict="REFUTED", message="why")
    found = compare([record()], [record(), new])
    assert found.new == ("toy/other",)
    assert found.of("regressed")[0].says == "is new, and is REFUTED, stated HOLDS: why"
    assert not compare([record()], [record(), record(claim="toy/other")]).regressed
    assert not compare([record()], [record(), {**new, "verdict": "NOT RUN"}]).regressed


def test_new_and_missing_are_claims_and_parts_of_those_in_both() -> None:
    before = [
        record(),
        record("refuted", "gone"),
        record(claim="toy/gone"),
        record("refuted", "also", claim="toy/gone"),
    ]
    found = compare(before, [record(), record("holds", "more")])
    assert found.new == ("toy/statement::holds[more]",)
    assert found.missing == ("toy/statement::refuted[gone]", "toy/gone")
    assert not found.regressed
    assert found.unchanged == 1


@pytest.mark.parametrize(
    ("first", "second", "moved"),
    [
        ([0, 0, 0], [0, 0, 0], False),
        ([1e-4, 0, 0], [-1e-3, 0, 0], False),  # within both budgets together
        ([1e-3, 0, 0], [-1.1e-3, 0, 0], True),
        ([5, 0, 0], [5.001, 0, 0], False),
        ([5, 0, 0], [5, 0, 6], True),
    ],
)
def test_an_effect_moves_beyond_both_budgets(first: list[float], second: list[float], moved: bool) -> None:
    verdict = {"verdict": "REFUTED"}  # so that no change of verdict comes first
    found = compare([measured("refuted", first, **verdict)], [measured("refuted", second, **verdict)])
    assert bool(found.of("moved")) == moved
    assert not found.regressed
    assert found.by_verdict_alone == 0


def test_the_sentence_names_place_values_and_uncertainty() -> None:
    found = compare([measured("refuted", [5, 0, 0])], [measured("refuted", [5, 0, 6])])
    assert found.changes[0].says == "gap at step = 3 was 0 and is 6; 0.002 is uncertain"


def test_what_was_given_otherwise_is_compared_by_verdict_alone() -> None:
    for changes in ({"seed": 2}, {"parameters": {"lr": 0.1}}, {"dtype": "float32"}):
        found = compare([measured("refuted", [5, 0, 0])], [measured("refuted", [9, 0, 0], **changes)])
        assert (found.changes, found.unchanged, found.by_verdict_alone) == ((), 1, 1)


def test_infinite_predictions_do_not_move() -> None:
    rows = [measured("holds", [1, 2, 3], predicted=["inf", "-inf", 3.0]) for _ in range(2)]
    assert not compare(rows[:1], rows[1:]).changes


def test_exact_values_move_by_anything() -> None:
    def counted(value: int) -> Record:
        return measured("refuted", [value, 2, 3], None, grade="exact", verdict="REFUTED")

    assert not compare([counted(1)], [counted(1)]).changes
    assert compare([counted(1)], [counted(2)]).of("moved")


def test_certificates_move_when_they_are_disjoint() -> None:
    def enclosed(low: float, high: float) -> Record:
        ends = Quantity(np.array([low, 0.1, 0.1]), "error", axes=(STEPS,), upper=np.array([high, 0.2, 0.2]))
        found = judged("holds", "default", certainly_at_most(), ends, np.ones(3))
        return {**record(), **{name: found[name] for name in FIELDS if found[name] is not None}}

    assert not compare([enclosed(0.3, 0.5)], [enclosed(0.4, 0.6)]).changes
    assert compare([enclosed(0.3, 0.5)], [enclosed(0.51, 0.6)]).of("moved")


def test_shares_of_seeds_move_when_their_intervals_are_disjoint_whatever_the_seeds() -> None:
    always, once = tossed(9, 9), tossed(12, 13, seed=2)
    assert not compare([always], [once]).changes
    rarely = {**once, "low": 0.1, "high": 0.5}  # below [0.56, 1] of 9 in 9
    (change,) = compare([always], [rarely]).changes
    assert change.kind == "moved"
    assert change.says.startswith("heads was above the margin in 9 of 9 seeds, a share in [")


def test_cells_of_one_file_are_told_apart() -> None:
    cells = [record(dtype=dtype) for dtype in ("float32", "float64")]
    found = compare(cells, [cells[0], {**cells[1], "verdict": "REFUTED"}])
    assert [change.part for change in found.changes] == ["toy/statement::holds[default] (cpu, float64, ieee)"]
    assert not compare([record(dtype="float32")], [record(dtype="float64")]).missing  # one cell each: the same parts


def test_circumstances_say_in_what_the_runs_differ() -> None:
    lines = compare([record()], [record(versions={"torch": "2.14"}, claim_source="1", run="b")]).circumstances
    assert lines == (
        "before: run a, 1 claims, 1 parts, device cpu, dtype float64, precision ieee, seed 1",
        "after:  run b, 1 claims, 1 parts, device cpu, dtype float64, precision ieee, seed 1",
        "versions: torch 2.13 -> 2.14",
        "sources: the files of 1 claims were edited in between",
    )


def test_nothing_against_nothing_is_no_error() -> None:
    found = compare([], [])
    assert not found.regressed
    assert as_text(found)[-1] == "0 parts came out the same"


# --- the command


def written(path: Path, *rows: Record) -> str:
    path.write_text("".join(json.dumps({"schema": 1, **found}) + "\n" for found in rows))
    return str(path)


def test_the_command_prints_and_says_by_its_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = written(tmp_path / "a.jsonl", record()), written(tmp_path / "b.jsonl", record(verdict="REFUTED"))
    assert main(["compare", good, good]) == 0
    assert capsys.readouterr().out.endswith("\n\n1 parts came out the same\n")
    assert main(["compare", good, bad]) == 1
    out = capsys.readouterr().out
    assert (
        "regressed: not as stated, and it was, or was not there (1)\n  toy/statement::holds[default]: was HOLDS" in out
    )
    assert main(["compare", bad, good]) == 0
    assert "mended: as stated, and it was not (1)\n" in capsys.readouterr().out


def test_the_command_refuses_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, torn = written(tmp_path / "a.jsonl", record()), written(tmp_path / "b.jsonl", record(versions=3))
    assert main(["compare", good, str(tmp_path / "none.jsonl")]) == 2
    assert "there is no record file" in capsys.readouterr().err
    assert main(["compare", good, torn]) == 2
    err = capsys.readouterr().err
    assert "cannot be compared, since a record is not what a run writes (" in err
    assert err.count("\n") == 1


def test_a_torn_last_line_is_reported_and_the_rest_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, torn = written(tmp_path / "a.jsonl", record()), tmp_path / "b.jsonl"
    torn.write_text(json.dumps({"schema": 1, **record()}) + '\n{"schema": 1, "cla')
    assert main(["compare", good, str(torn)]) == 0
    out, err = capsys.readouterr()
    assert "1 parts came out the same" in out
    assert "the last line is torn and was skipped" in err
