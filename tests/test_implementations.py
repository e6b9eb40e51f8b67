"""Right implementations that are not torch's, and torch's own variants, keep every law."""

import importlib.util

import pytest

from dlverify import Conditions, Subject, catalog, running
from tests.implementations import RIGHT
from tests.mutants import CLAIMS


@pytest.mark.parametrize("right", RIGHT, ids=lambda right: f"{right.subject}={right.name}")
@pytest.mark.filterwarnings("ignore")
def test_no_false_alarm(right):
    """Exact, certified and rounding items; `make mutants` runs the statistical ones too, which take long."""
    if importlib.util.find_spec(right.needs) is None:
        pytest.skip(f"NOT RUN: {right.needs} is not installed; `make test` installs it")
    thing = Subject.parse(right.thing) if isinstance(right.thing, str) else Subject.of(right.thing)
    conditions = Conditions(subjects=((right.subject, thing),))
    measured, otherwise = set(), set()
    for name, path in catalog.claim_files([CLAIMS]):
        loaded = catalog.load(path, CLAIMS)
        for unit in running.exercising(loaded, CLAIMS, [right.subject]):
            if unit.part == "holds" and running.select(loaded.claim, unit).judge.grade != "statistical":
                record = running.run_unit(unit, conditions, "test")
                measured.add(name)
                if record["verdict"] != "HOLDS":
                    otherwise.add(name)
                    assert record["verdict"] == "REFUTED", record["message"]
                    assert name in right.unlike, f"{name}::{unit.item}: {record['message']}"
    assert measured
    assert otherwise == set(right.unlike)
