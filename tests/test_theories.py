"""No claim of equality would pass with a slightly false theory: one off by a millionth falls, in each of them."""

import numpy as np
import pytest

from dlverify import catalog, running
from dlverify.evidence.judges import Compares
from dlverify.lab.conditions import Lab, torch_state
from tests.test_claims import FILES, FOLDER

OFF = 1e-6
"""What a claim must see in float64: ten orders above its unit roundoff, which leaves room for conditions and counts."""


@pytest.mark.parametrize("name", FILES)
def test_a_theory_off_by_a_millionth_falls(name):
    loaded = catalog.load(FILES[name], FOLDER)
    if not isinstance(loaded.claim.judge, Compares) or loaded.claim.judge.relation != "equal":
        return  # a bound or a share of seeds may be loose, and says how far
    unit = next(unit for unit in running.units(loaded, FOLDER) if unit.part == "holds")
    trial = running.select(loaded.claim, unit)
    lab = Lab(loaded.id, dtype=trial.experiment.dtypes[0])
    with torch_state(lab):
        given = trial.experiment.draw(lab)
        theory = trial.predict(trial.experiment, given)
        budget = loaded.claim.judge.budget(trial.experiment, given, lab.unit_roundoff)
        measured = trial.experiment.measure(lab, given)
    right = np.broadcast_to(np.asarray(getattr(theory, "values", theory)), measured.values.shape)
    if right.dtype == bool or measured.values.dtype == bool:
        wrong = ~right.astype(bool)
    else:
        wrong = right.astype(np.float64)
        wrong = wrong * (1 + OFF) + OFF * (float(np.abs(wrong).max()) or 1.0)
    assert loaded.claim.judge.find(measured, wrong, budget).verdict == "REFUTED"
