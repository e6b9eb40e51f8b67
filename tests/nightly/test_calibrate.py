"""Calibration: how often red, how near, with how many seeds; resumable, and blind to what was edited since."""

import pytest

from dlverify import records
from dlverify.evidence.sequential import Plan
from dlverify.nightly.calibrate import ROOT, lines, margin, table

from .test_history import _threads


@pytest.fixture
def calibration(nights, monkeypatch):
    monkeypatch.setattr("dlverify.commands.nights._executor", _threads)
    nights.write_coin()
    nights.write("doubling")
    return nights


def test_nights_are_counted_and_not_run_twice(calibration):
    status, text = calibration.run("calibrate", "3", "--table", "docs/calibration.md")
    assert status == 0, text
    assert f"night 3 of 3, seed {ROOT + 3}: 2 of 2 to run" in text
    assert "Claims: 1 items, red in 0 of 3 runs" in text
    page = (calibration.home / "docs" / "calibration.md").read_text()
    assert "| `toy/a_coin::holds[default]` | HOLDS | 3 | 0 |" in page
    assert "| `toy/a_coin::refuted[loaded]` | REFUTED | 3 | 0 |" in page
    assert "doubling" not in page
    folder = calibration.home / "build" / "calibration"
    before = {path: path.read_bytes() for path in folder.rglob("*.part")}
    assert len(before) == 3
    status, text = calibration.run("calibrate", "4")
    assert "night 3 of 4, seed 1000000003: 0 of 2 to run" in text
    assert "night 4 of 4, seed 1000000004: 2 of 2 to run" in text
    assert {path: path.read_bytes() for path in before} == before
    seeds = [
        set(row["measured"])
        for path in folder.rglob("*.part")
        for row in records.read(path).records
        if row["part"] == "holds"
    ]
    assert len(set.union(*seeds)) == sum(map(len, seeds)), "no seed twice"


def test_an_edited_claim_is_calibrated_anew(calibration):
    calibration.run("calibrate", "2")
    path = calibration.write_coin()
    path.write_text(path.read_text().replace("heads: float = 0.99", "heads: float = 0.01"))
    status, text = calibration.run("calibrate", "2")
    assert status == 1, text
    assert "night 1 of 2, seed 1000000001: 2 of 2 to run" in text
    assert "Claims: 1 items, red in 2 of 2 runs" in text


def test_margins_are_one_at_the_start_and_zero_on_the_wrong_line():
    claim, control = Plan(0.5, 0.95, "HOLDS"), Plan(0.5, 0.95, "REFUTED")
    low, high = claim.boundaries
    assert margin(claim, [low]) == 1
    assert margin(claim, [high / 2, low]) == pytest.approx(0.5)
    assert margin(claim, [high]) == 0
    low, high = control.boundaries
    assert margin(control, [high]) == 1
    assert margin(control, [low / 4, high]) == pytest.approx(0.75)


def record(measured, verdict="HOLDS", message="", n=9, k=9):
    numbers = {"n": n, "k": k, "cap": 44, "p0": 0.5, "p1": 0.95, "alpha": 1e-7, "beta": 0.01, "path": [-0.6]}
    return {"expected": "HOLDS", "verdict": verdict, "message": message, "measured": measured, "statistics": numbers}


def test_health_is_checked_by_name():
    (line,) = lines(
        {
            "cell::toy/coin::holds[default]": [
                record([0.5, 0.25]),
                record([0.5, 0.25]),
                record([0.1], n=44, k=31),
                record([0.2], "ERROR", "health check: value is the same in all 9 seeds, so ..."),
                record([0.3], "ERROR", "health check: the measurement left global state changed: threads"),
                record([0.4], "ERROR", "ZeroDivisionError"),
            ]
        }
    )
    assert line.health == {
        "crashed": 1,
        "same in all seeds": 1,
        "same in two nights": 1,
        "state changed": 1,
        "inside the gap": 1,
    }
    assert line.red == 3
    assert "same in two nights 1" in table([line], 6, {"python": "3.11"})
    (counted,) = lines({"cell::toy/coin::holds[default]": [record([4, 4, 6]), record([4, 4, 6])]})
    assert not counted.health, "counts are often the same by chance"


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["0"], "0 nights cannot be run; give a number from 1 to 9999"),
        (["2", "--family", "none"], "there are no statistical items among the 0 claims"),
        (["1", "--claims", "clams"], "there is no claim folder"),
    ],
)
def test_what_is_mistyped_is_one_sentence(calibration, argv, message):
    status, text = calibration.run("calibrate", *argv)
    assert status == 2
    assert message in text
