"""Effects over nights: four labels, steps that were planted, and none where there is noise alone."""

import dataclasses
import datetime
import json

import numpy as np
import pytest

from dlverify import catalog, running
from dlverify.nightly.history import LEAST, step_places, stories, story
from dlverify.nightly.status import span, status
from tests.conftest import write_nights

from .conftest import DATE
from .test_detector import NIGHT


def series(values, **changes):
    first = datetime.date(2026, 1, 1)
    return [
        dataclasses.replace(
            NIGHT, night=f"{first + datetime.timedelta(days=day)}", effect=float(value), log_ratio=-5.0, **changes
        )
        for day, value in enumerate(values)
    ]


def noise(count, seed=0):
    return np.random.default_rng(seed).normal(size=count)


def test_a_planted_step_is_found_where_it_is():
    values = noise(60)
    values[40:] -= 4
    (place,) = step_places(values)
    assert place in (39, 40, 41)
    told = story(series(values))
    assert told.label == "suspicious"
    (step,) = told.steps
    assert step.worse
    assert step.before - step.after == pytest.approx(4, abs=1)
    assert step.night in told.why


def test_a_step_for_the_better_is_no_cause_for_alarm():
    values = noise(60)
    values[40:] += 4
    told = story(series(values))
    assert told.label == "no change"
    assert "a step for the better" in told.why
    assert story(series(values, expected="REFUTED", verdict="REFUTED")).label == "suspicious", (
        "of a control it is worse"
    )


def test_noise_takes_no_steps():
    """What the docstring says, on fewer series: 0 to 6 of 1,000 have a step."""
    numbers = np.random.default_rng(7)
    draws = {
        "normal": numbers.standard_normal,
        "heavy": lambda count: numbers.standard_t(3, count),
        "skew": lambda count: numbers.exponential(size=count),
        "lattice": lambda count: numbers.binomial(10, 0.95, count) / 10,
    }
    for name, draw in draws.items():
        found = sum(bool(step_places(draw(count))) for count in (10, 30, 100) for _ in range(100))
        assert found <= 8, name  # of 300; P(> 8) < 3e-4 at 6 of 1,000


@pytest.mark.parametrize("wild", [50.0, 1e9])
def test_one_wild_night_is_no_step(wild):
    values = noise(30)
    values[17] = wild
    assert step_places(values) == []


def test_nothing_to_see_in_a_constant():
    assert step_places(np.ones(40)) == []
    assert story(series(np.ones(40))).label == "no change"


def test_few_nights_are_not_enough():
    assert story(series(noise(LEAST - 1))).label == "not enough data"
    assert story(series(noise(LEAST))).label == "no change"


def test_red_is_a_regression_and_says_since_when():
    effects = series(noise(20))
    effects[17:] = [dataclasses.replace(effect, verdict="REFUTED", message="it fell") for effect in effects[17:]]
    told = story(effects)
    assert told.label == "regression"
    assert told.why == f"REFUTED where HOLDS is stated since {effects[17].night}: it fell"
    assert story([*effects, *series([0.0])]).label == "suspicious", "it was red, and is not any more"
    assert "red in 3 of 21 nights" in story([*effects, *series([0.0])]).why


def test_nights_that_pass_one_by_one_are_a_regression_together():
    effects = series(noise(20))
    effects[18:] = [dataclasses.replace(effect, log_ratio=10.0) for effect in effects[18:]]
    told = story(effects)
    assert told.label == "regression"
    assert "the nights taken together speak against it" in told.why


def test_an_edited_claim_begins_anew():
    told = story(series(noise(30)) + series(noise(3), claim_source="edited"))
    assert (told.expired, len(told.effects), told.label) == (30, 3, "not enough data")


def test_a_step_names_what_else_changed():
    values = noise(40)
    values[20:] -= 6
    effects = series(values, versions={"torch": "2.13.0"})
    effects[20:] = [
        dataclasses.replace(effect, versions={"torch": "2.14.0"}, experiment_source="new") for effect in effects[20:]
    ]
    (step,) = story(effects).steps
    assert step.changed == ("torch (2.13.0 to 2.14.0)", "the experiment's source")


def test_older_nights_are_not_looked_at_and_their_detectors_are_kept(tmp_path, nights):
    nights.write_coin()
    loaded = catalog.load(nights.claims / "toy" / "a_coin.py", nights.claims)
    rows = [{**row, "cell": "cpu-float64-ieee-stock"} for row in running.run(running.units(loaded, nights.claims))]
    rows = json.loads(json.dumps([row for row in rows if row["item"] == "holds[default]"]))
    against = [{**row, "statistics": {**row["statistics"], "path": [10.0]}} for row in rows]
    dates = [f"2026-11-{day}" for day in range(10, 14)]
    write_nights(tmp_path / "nights", against, dates)
    (whole,) = stories(tmp_path / "nights")
    (late,) = stories(tmp_path / "nights", last=2)
    assert [effect.night for effect in late.effects] == dates[2:]
    assert whole.label == late.label == "regression", "ln R rises by 10 a night, and 10 + 10 > ln 1e8"
    assert whole.why == late.why
    assert story(late.effects[:1]).label == "not enough data"
    assert nights.run("history", "a_coin", "--nights", str(tmp_path / "nights"), "--last", "0")[0] == 2


def test_what_is_no_longer_run_where_it_was_red_is_no_regression(tmp_path, nights):
    nights.write_coin()
    nights.write("doubling")
    loaded = [catalog.load(nights.claims / "toy" / f"{name}.py", nights.claims) for name in ("a_coin", "doubling")]
    units = [unit for one in loaded for unit in running.units(one, nights.claims)]
    stock = [{**row, "cell": "cpu-float64-ieee-stock"} for row in running.run(units)]
    compiled = [{**row, "cell": "cpu-float64-ieee-compile"} for row in stock]
    rows = json.loads(json.dumps([*stock, *compiled]))
    fell = next(row for row in rows if row["claim"] == "toy/doubling" and row["item"] == "holds[default]")
    fell["verdict"] = "REFUTED"

    def labels(*later):
        folder = tmp_path / f"nights{len(list(tmp_path.iterdir()))}"
        write_nights(folder, rows, ["2026-11-10"])
        write_nights(folder, list(later), ["2026-11-11"])
        return {story.label for story in stories(folder)}

    other = [row for row in rows if row["cell"] != fell["cell"]]
    assert "regression" in labels(*other), "that night left the whole cell out"
    assert "regression" in labels(*[row for row in rows if row["claim"] == "toy/a_coin"]), "or the claim"
    assert "regression" not in labels(*[row for row in rows if row is not fell]), "this one has neither left out"


def test_history_of_real_nights(nights, monkeypatch):
    from .test_nightly import STOCK

    monkeypatch.setattr("dlverify.commands.nights.Workers", __import__("concurrent.futures").futures.ThreadPoolExecutor)
    monkeypatch.setattr("dlverify.commands.nights._executor", _threads)
    path = nights.write_coin()
    for day in range(10, 21):
        assert nights.nightly("--cell", STOCK, date=f"2026-11-{day}")[0] == 0
    code, text = nights.run("history", "a_coin")
    assert code == 0, text
    assert f"{STOCK} holds[default] 11 2026-11-20 HOLDS" in text
    assert "no change" in text
    path.write_text(path.read_text() + "# edited\n")
    nights.nightly("--cell", STOCK, date="2026-11-21")
    assert "11 nights of an earlier version of the claim do not count" in nights.run("history", "toy/a_coin")[1]
    code, text = nights.run("history", "a_coil")
    assert code == 2
    assert "unknown claim 'a_coil' (did you mean toy/a_coin?)" in text or "unknown claim 'a_coil'" in text


def _threads(*ignored):
    import contextlib
    from concurrent.futures import ThreadPoolExecutor

    from dlverify.nightly.matrix import machine

    @contextlib.contextmanager
    def made():
        with ThreadPoolExecutor(1) as pool:
            yield pool, machine()

    return made()


# --- status


@pytest.mark.parametrize(("text", "hours"), [("26h", 26), ("90m", 1.5), ("2d", 48)])
def test_spans_of_time(text, hours):
    assert span(text) == datetime.timedelta(hours=hours)


@pytest.mark.parametrize("text", ["26", "h", "-3h", "0h", "1e9h", "26 hours"])
def test_what_is_no_span_is_refused(nights, text):
    code, said = nights.run("status", f"--within={text}")
    assert code == 2
    assert f"--within {text!r} is no span of time; write 26h, 90m or 2d" in said


def test_silence_is_red(nights, monkeypatch):
    monkeypatch.setattr("dlverify.commands.nights._executor", _threads)
    code, text = nights.run("status")
    assert code == 1
    assert "no night has reported in build/nights; `python -m dlverify nightly` runs one" in text
    nights.write("doubling")
    assert nights.nightly()[0] == 0
    assert nights.run("status", "--within", "26h")[0] == 0
    now = datetime.datetime.now(datetime.UTC)
    good, sentence = status(nights.nights, span("26h"), now + datetime.timedelta(hours=27))
    assert not good
    assert f"the last night, {DATE}, ended 27.0 hours ago, which is too long ago" in sentence
    nights.nightly(date="2026-11-20")
    (nights.nights / "2026-11-20" / "end.json").unlink()
    good, sentence = status(nights.nights, span("26h"), now)
    assert not good
    assert "the night 2026-11-20 is incomplete: 4 of 4 parts are recorded" in sentence
    with nights.night("2026-11-20").held():
        good, sentence = status(nights.nights, span("26h"), now)
    assert good, "a night that is running is judged when it is over"
    assert "the night 2026-11-20 is running (4 of 4 parts are recorded)" in sentence
