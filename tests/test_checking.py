"""An implementation of one's own is examined by the claims: from Python and inside one's own tests."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

import dlverify
from dlverify import Conditions, Subject
from dlverify.lab.subjects import SubjectError


class Forgetful(torch.optim.Adagrad):
    """Adagrad whose sums are halved before every step."""

    def step(self, closure=None):
        for state in self.state.values():
            state["sum"] /= 2
        return super().step(closure)


class Renamed(torch.optim.Adagrad):
    """Adagrad under another name."""


def test_a_right_implementation_passes_and_a_wrong_one_is_told_which_law_it_breaks():
    assert dlverify.check("torch.optim.Adagrad", Renamed).passed
    wrong = dlverify.check("torch.optim:Adagrad", Forgetful)
    assert not wrong.passed
    broken = {record["claim"] for record in wrong.failures}
    assert "optimizer/adagrad_step_decays_to_zero" in broken
    text = str(wrong)
    assert "Adagrad's step at time t is lr / sqrt(t)" in text
    assert "--subject torch.optim.Adagrad=test_checking:Forgetful" in text or "Forgetful" in text
    assert len(wrong) > len(wrong.failures)
    assert {record["default"] for record in wrong} == {False}


def test_only_parts_that_measure_the_subject_run_and_only_the_subject_is_replaced():
    found = dlverify.check("torch.optim.Adagrad", "torch.optim:Adagrad(foreach=True)")
    assert found.passed
    for record in found:
        assert any(text.startswith("torch.optim:Adagrad(") for text in record["subject"].values())
        assert record["part"] != "proof"


def test_parts_may_run_elsewhere_and_under_other_conditions():
    conditions = Conditions(dtype="float32", seed=5)
    here = dlverify.check("torch.optim.Adagrad", "torch.optim:Adagrad", conditions=conditions)
    with ThreadPoolExecutor(1) as executor:
        there = dlverify.check("torch.optim.Adagrad", "torch.optim:Adagrad", conditions=conditions, executor=executor)
    changing = {"run", "started", "seconds"}
    assert [{k: v for k, v in row.items() if k not in changing} for row in here] == [
        {k: v for k, v in row.items() if k not in changing} for row in there
    ]
    assert {record["seed"] for record in here} == {5}


@pytest.mark.parametrize(
    ("subject", "replacement", "message"),
    [
        ("torch.optim.Adagrat", Renamed, r"exercises torch.optim.Adagrat \(did you mean torch.optim.Adagrad"),
        ("Adagrad", Renamed, "'Adagrad' is no subject"),
        ("torch.optim.Adagrad", "nowhere:Adagrad", "nowhere:Adagrad cannot be imported"),
        ("torch.optim.Adagrad", 3, "3 cannot be called"),
    ],
)
def test_what_cannot_be_examined_is_one_sentence(subject, replacement, message):
    with pytest.raises(SubjectError, match=message):
        dlverify.check(subject, replacement)


OWN_TESTS = """
import dlverify, torch

class Sign(torch.optim.Adagrad):
    def step(self, closure=None):
        loss = super().step(closure)
        for state in self.state.values():
            state["sum"].zero_()
        return loss

@dlverify.parametrize_with_claims("torch.optim.Adagrad", torch.optim.Adagrad)
def test_right(check):
    check()

@dlverify.parametrize_with_claims("torch.optim.Adagrad", Sign)
def test_wrong(check):
    check()
"""


def test_ones_own_suite_has_an_item_for_each_law(pytester, output):
    pytester.makepyfile(OWN_TESTS)
    result = pytester.runpytest("-p", "no:cacheprovider")
    counts = result.parseoutcomes()
    assert counts["passed"] > counts["failed"] > 5
    text = output(result)
    assert "test_wrong[optimizer/adagrad_step_decays_to_zero::holds[constant-0.01]]" in text
    assert "FAILED test_ones_own_suite_has_an_item_for_each_law.py::test_right" not in text
    assert "expected HOLDS. The claim should hold, and does not." in text


def test_a_subject_can_be_an_object_at_hand():
    assert Subject.of(Renamed).load() is Renamed
