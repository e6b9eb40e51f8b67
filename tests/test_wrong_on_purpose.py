"""Claims that are wrong on purpose: each must be caught, with a message that says what is wrong."""

import pytest

from tests.conftest import COIN, DOUBLING

WRONG = {
    "wrong theory": (
        {"return 2 * given": "return 2.5 * given"},
        "holds[default]",
        "REFUTED",
        "double should be equal to the prediction; the worst of 4 values at place = ",
    ),
    "a control that breaks nothing": (
        {'"x", (4,))[0]': '"x", (4,))[0] * (self.start != "zero")', '{"factor": 3.0}': '{"start": "zero"}'},
        "refuted[factor-two]",
        "HOLDS",
        "the control breaks nothing, or the judge allows too much",
    ),
    "a budget that is too wide": (
        {"operations=1,": "operations=2**53,"},
        "refuted[factor-two]",
        "HOLDS",
        "the control breaks nothing, or the judge allows too much",
    ),
    "a vacuous measurement": (
        {"self.factor * lab.tensor(given)": "[2.0 * x for x in given]"},
        "refuted[factor-two]",
        "HOLDS",
        "the control breaks nothing, or the judge allows too much",
    ),
    "not a number": (
        {"self.factor * lab.tensor(given)": "self.factor * lab.tensor(given) / 0 * 0"},
        "holds[default]",
        "ERROR",
        "double is nan at place = 0; where divergence is an outcome, the experiment returns it as a boolean",
    ),
    "a control that crashes": (
        {"def measure(self, lab, given):": "def measure(self, lab, given):\n        1 / (self.factor - 3.0)"},
        "refuted[factor-two]",
        "ERROR",
        "ZeroDivisionError",
    ),
    "a theory that measures": (
        {"return 2 * given": 'return experiment.measure(Lab("x"), given).values'},
        "holds[default]",
        "ERROR",
        "the theory of toy/doubling reads the outcome: it called Doubling.measure",
    ),
    "a theory that makes the subject": (
        {"return 2 * given": 'return Subject.parse("torch.nn:Linear")(1, 1)'},
        "holds[default]",
        "ERROR",
        "reads the outcome: it loaded the subject torch.nn:Linear",
    ),
    "global state left changed": (
        {"def measure(self, lab, given):": "def measure(self, lab, given):\n        torch.set_grad_enabled(False)"},
        "holds[default]",
        "ERROR",
        "left global state changed: whether gradients are recorded",
    ),
    "a default dtype left changed": (
        {
            "def measure(self, lab, given):": "def measure(self, lab, given):\n"
            "        torch.set_default_dtype(torch.float64 if torch.get_default_dtype() == torch.float32 else torch.float32)"
        },
        "holds[default]",
        "ERROR",
        "left global state changed: the default dtype",
    ),
    "a shape that is not the axes'": (
        {"(0, 1, 2, 3)": "(0, 1, 2)"},
        "holds[default]",
        "ERROR",
        "the quantity 'double' has values of shape (4,), but axes of shape (3,): place (3)",
    ),
    "a prediction of another shape": (
        {"return 2 * given": "return 2 * given[:3]"},
        "holds[default]",
        "ERROR",
        "double was measured with shape (4,), but predicted with shape (3,)",
    ),
}


@pytest.mark.parametrize("fault", WRONG)
def test_is_caught(claims, output, fault):
    replace, item, verdict, message = WRONG[fault]
    claims.write(replace=replace)
    result = claims.run()
    record = claims.records()[f"toy/doubling::{item}"]
    assert (record["verdict"], result.ret) == (verdict, pytest.ExitCode.TESTS_FAILED)
    assert message in output(result)
    assert f"pytest 'claims/toy/doubling.py::{item}' --seed 271828182" in output(result)


MALFORMED = {
    "a misspelt field": (
        {'{"factor": 3.0}': '{"facter": 3.0}'},
        "Doubling has no field 'facter'; its fields are factor, start",
    ),
    "a value that the field cannot take": (
        {'{"factor": 3.0}': '{"start": "one"}'},
        "Doubling.start cannot be 'one'; it is one of 'normal', 'zero'",
    ),
    "a change that changes nothing": (
        {'{"factor": 3.0}': '{"factor": 2.0}'},
        "breaks nothing: {'factor': 2.0} is what the case",
    ),
    "no breakable assumption": (
        {'broken_by={"factor": 3.0}': 'why_kept="so"'},
        "no assumption is breakable, so the claim could not fail",
    ),
    "an assumption with neither": (
        {'"the factor is two", broken_by={"factor": 3.0}': '"the factor is two"'},
        "no assumption is breakable",
    ),
    "a theory that asks for the outcome": (
        {"def twice(experiment, given)": "def twice(experiment, given, measured)"},
        "predict takes (experiment, given, measured); a theory takes (experiment, given) alone",
    ),
    "an unknown entry": (
        {"says=": 'entry="doubling", says='},
        "the claim names the entry 'doubling', but there is no",
    ),
    "a crooked slug": ({'"factor-two"': '"Factor two"'}, "the assumption 'Factor two' is no slug"),
    "a subject that is none": (
        {"start: Literal": "subject: Subject = 'torch nn'\n    start: Literal"},
        "Doubling.subject: 'torch nn' is no subject; write module:Name",
    ),
    "a syntax error": ({"return 2 * given": "return 2 *"}, "cannot be loaded: SyntaxError"),
    "a missing import": (
        {"import torch": "import torhc"},
        "cannot be loaded: ModuleNotFoundError: No module named 'torhc'",
    ),
    "something else than a claim": ({"CLAIM = Claim(": "CLAIM = dict("}, "it must be a dlverify.Claim"),
    "an unknown tier": (
        {"vary(Doubling())": 'vary(Doubling(), tier="quik")'},
        "unknown tier 'quik'; choose one of quick, full",
    ),
    "no quick case": ({"vary(Doubling())": 'vary(Doubling(), tier="full")'}, "no case is in the quick tier"),
    "an erratum that changes nothing": (
        {"    assumptions=(CONTROL,),": '    assumptions=(CONTROL,),\n    errata=(Erratum("x", "y"),),'},
        "the erratum 'x' changes nothing; give predict=",
    ),
}


@pytest.mark.parametrize("fault", MALFORMED)
def test_malformed_claim_is_one_failing_item_and_the_rest_runs(claims, output, fault):
    replace, message = MALFORMED[fault]
    path = claims.write(replace=replace)
    claims.write(name="toy/other")
    result = claims.run()
    result.assert_outcomes(failed=1, passed=2)
    assert message in output(result)
    assert str(path) in output(result)
    assert "doubling.py::loads" in output(result)


def test_unknown_entry_hints_at_the_right_one(claims, output):
    path = claims.write(replace={"says=": 'entry="dubling", says='})
    (path.parent.parent / "notes.toml").write_text('[[entry]]\nid = "doubling"\nevidence = "rounding"\n')
    assert "unknown entry 'dubling' (did you mean doubling?)" in output(claims.run())


def test_damaged_register_is_named(claims, output):
    path = claims.write()
    (path.parent.parent / "notes.toml").write_text("[[entry]\n")
    assert "notes.toml, the register of the notes, cannot be read: TOMLDecodeError" in output(claims.run())


STATISTICAL = {
    "a fair coin": (
        {"heads: float = 0.99": "heads: float = 0.5"},
        "holds[default]",
        "REFUTED",
        "below the claim edge of 95%",
    ),
    "a control as good as the claim": (
        {'{"heads": 0.3}': '{"heads": 1.0}'},
        "refuted[loaded]",
        "HOLDS",
        "the control breaks nothing",
    ),
    "a coin that is always the same": (
        {"self.heads - given": "self.heads - 0 * given"},
        "holds[default]",
        "ERROR",
        "health check: how far on the heads' side is the same in all",
    ),
    "too few samples": (
        {
            "def draw(self, lab):\n        return lab.uniform": "def draw(self, lab):\n        return lab.uniform",
            'self.heads - given, "how far on the heads\' side", axes=(Axis("member", tuple(lab.members)),)': (
                'self.heads - given[:3], "how far on the heads\' side", axes=(Axis("member", (0, 1, 2)),)'
            ),
        },
        "holds[default]",
        "ERROR",
        "a statistical experiment returns one row for each of its 12 members",
    ),
}


@pytest.mark.parametrize("fault", STATISTICAL)
def test_statistical_fault_is_caught(claims, output, fault):
    replace, item, verdict, message = STATISTICAL[fault]
    claims.write(DOUBLING + COIN, replace=replace)
    result = claims.run()
    assert claims.records()[f"toy/doubling::{item}"]["verdict"] == verdict
    assert message in output(result)


def test_alpha_budget_is_checked_at_collection(claims, output):
    claims.write(
        DOUBLING
        + "from dataclasses import replace\n"
        + COIN.replace("p1=0.95)", "p1=0.95)\n    and replace(mostly('above', p0=0.5, p1=0.95), alpha=6e-4)")
    )
    result = claims.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "the 2 statistical items promise up to 0.0012 false alarms a run, and 0.001 is allowed" in output(result)
