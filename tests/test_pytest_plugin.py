"""`pytest claims/`: collection, options, usage errors, the summary, records of several workers."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.conftest import COIN, DOUBLING

FULL = DOUBLING.replace(
    "vary(Doubling())", 'vary(Doubling()) + vary(Doubling(), factor=(2.0, ), start=("zero",), tier="full")'
)


def test_items_are_the_parts_of_the_claim(claims):
    proof = '\nfrom dataclasses import replace\nimport sympy\nx = sympy.Symbol("x")\n'
    proof += 'CLAIM = replace(CLAIM, proof=Proof("x + x = 2 x", lambda: {"sum": x + x - 2 * x}, lambda: {"sum": x + x - 3 * x}))\n'
    proof = proof.replace(
        "replace(CLAIM, ", "replace(CLAIM, errata=(Erratum('triple', 'it triples', predict=lambda e, g: 3 * g),), "
    )
    claims.write(DOUBLING + proof)
    result = claims.run("--collect-only", "-q")
    names = [line.split("::")[1] for line in result.outlines if "::" in line]
    assert names == ["proof", "holds[default]", "refuted[factor-two]", "refuted[proof]", "erratum[triple]"]
    result = claims.run()
    result.assert_outcomes(passed=5)
    result.stdout.fnmatch_lines(
        [
            "1 of 1 claims came out as stated*",
            "*cases that hold*2 of 2*1 proof, 1 rounding",
            "*controls refuted*2 of 2*",
            "*errata shown*1 of 1*",
        ]
    )


@pytest.mark.parametrize("chosen", ["claims/toy/doubling.py", "claims/toy/doubling.py::holds[default]"])
def test_one_file_or_item_alone_is_collected_once(claims, chosen):
    claims.write()
    result = claims.run(chosen, folder=())
    result.assert_outcomes(passed=1 if "::" in chosen else 2)


def test_what_is_no_claim_file_is_left_to_pytest(claims):
    claims.write()
    (claims.pytester.path / "claims" / "toy" / "notes.py").write_text("import nowhere\n")
    (claims.pytester.path / "claims" / "test_x.py").write_text("def test_x(): pass\n")
    claims.run().assert_outcomes(passed=3)


def test_selection_changes_no_verdict_and_no_value(claims):
    claims.write(DOUBLING + COIN)
    claims.run()
    whole = claims.records()["toy/doubling::refuted[loaded]"]
    claims.run("-k", "refuted")
    alone = claims.records()["toy/doubling::refuted[loaded]"]
    differ = {field for field in whole if whole[field] != alone[field]}
    assert differ <= {"run", "started", "seconds"}


def test_last_failed_and_junit(claims):
    claims.write(replace={'{"factor": 3.0}': '{"start": "zero"}', '"x", (4,))[0]': '"x", (4,))[0]'})
    claims.run("--junitxml=junit.xml").assert_outcomes(passed=1, failed=1)
    claims.run("--lf").assert_outcomes(failed=1)
    xml = (claims.pytester.path / "junit.xml").read_text()
    assert 'name="verdict" value="HOLDS"' in xml
    assert 'name="grade" value="rounding"' in xml


def test_selection_by_family_entry_and_grade(claims):
    claims.write(DOUBLING + COIN, name="toy/coin")
    claims.write(replace={"says=": 'entry="doubling", says='}, name="other/doubling")
    (claims.pytester.path / "claims" / "notes.toml").write_text('[[entry]]\nid = "doubling"\n')
    for arguments, items in (
        ("--family other", 2),
        ("--entry doubling", 2),
        ("--grade statistical", 2),
        ("--family toy --family other", 4),
    ):
        claims.run(*arguments.split()).assert_outcomes(passed=items)


def test_tiers(claims):
    claims.write(FULL)
    claims.run().assert_outcomes(passed=2)
    claims.run("--tier", "full").assert_outcomes(passed=3)


def test_dtype_outside_the_experiment_is_not_run(claims, output):
    claims.write()
    result = claims.run("--dtype", "bfloat16")
    result.assert_outcomes(skipped=2)
    assert {row["verdict"] for row in claims.records().values()} == {"NOT RUN"}
    assert "Doubling makes sense in float64, float32, not in bfloat16" in output(result)


def test_below_resolution_is_not_run_at_another_precision_and_red_at_the_default(claims, output):
    wide = {"operations=1": "operations=2**23"}
    claims.write(replace=wide)
    result = claims.run("--dtype", "float32")
    result.assert_outcomes(skipped=2)
    assert "below resolution: in float32 (ieee) a budget of" in output(result)
    claims.write(replace={"operations=1": "operations=2**52 - 1"})
    claims.run().assert_outcomes(passed=1, failed=1)


def test_seed_changes_what_is_drawn_and_default_is_pinned(claims):
    claims.write()
    measured = []
    for arguments in ((), (), ("--seed", "5"), ("--fresh",)):
        claims.run(*arguments)
        measured.append(claims.records()["toy/doubling::holds[default]"]["measured"])
    assert measured[0] == measured[1]
    assert len({str(values) for values in measured}) == 3


def test_fresh_prints_the_seed_that_replays(claims):
    claims.write()
    result = claims.run("--fresh")
    seed = claims.records()["toy/doubling::holds[default]"]["seed"]
    result.stdout.fnmatch_lines([f"dlverify: *--seed {seed}"])


USAGE = {
    "--device cuda": "there is no device cuda on this machine; there is cpu",
    "--device tpu": "unknown device 'tpu'; choose one of cpu, cuda, mps",
    "--dtype float16": "unknown dtype 'float16'; choose one of float64, float32, bfloat16",
    "--tier quik": "unknown tier 'quik'; choose one of quick, full, nightly",
    "--precision tf32": "--precision tf32 needs a CUDA device with TF32; the device is cpu",
    "--seed x": "--seed 'x' is no seed; give a whole number, 0 or more",
    "--seed -1": "--seed '-1' is no seed; give a whole number, 0 or more",
    "--seed 1 --fresh": "--seed and --fresh exclude each other",
    "--family toys": "unknown family 'toys' (did you mean toy?); choose one of toy",
    "--grade proven": "unknown grade 'proven'",
    "--entry doublin": "unknown entry 'doublin'",
}


@pytest.mark.parametrize("arguments", USAGE)
def test_usage_errors_are_one_sentence(claims, output, arguments):
    claims.write()
    (claims.pytester.path / "claims" / "notes.toml").write_text('[[entry]]\nid = "doubling"\n')
    result = claims.run(*arguments.split())
    if "cuda" in arguments and "cuda" in __import__("dlverify.lab.conditions", fromlist=["x"]).DEVICES:
        import torch

        if torch.cuda.is_available():
            pytest.skip("NOT RUN: this machine has a CUDA device")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert USAGE[arguments] in output(result)
    assert "Traceback" not in output(result)
    assert not (claims.pytester.path / "build").exists()


def test_records_that_cannot_be_written_are_one_sentence(claims, output):
    claims.write()
    (claims.pytester.path / "file").write_text("")
    result = claims.run("--records", "file/latest.jsonl")
    assert "file is a file, not a folder; choose another place with --records FILE" in output(result)
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_full_disk_keeps_the_last_records(claims, output, monkeypatch):
    claims.write()
    claims.run()
    before = claims.records()
    real = os.replace

    def full(self, *_arguments, **_keywords):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    result = claims.run("--seed", "7")
    monkeypatch.undo()
    assert "No space left on device" in output(result)
    assert claims.records() == before
    assert list((claims.pytester.path / "build/records").glob("*.part")), "what was measured stays"
    assert real is os.replace


def test_workers_agree_with_one_process(claims):
    claims.write(DOUBLING + COIN)
    for index in range(3):
        claims.write(name=f"toy/more{index}")
    claims.run()
    serial = claims.records()
    result = claims.pytester.runpytest_subprocess("claims", "--no-figures", "-n", "2")
    result.assert_outcomes(passed=len(serial))
    parallel = claims.records()
    assert list(serial) == list(parallel)
    for item, row in serial.items():
        assert {field for field in row if row[field] != parallel[item][field]} <= {"run", "started", "seconds"}
    assert not list((claims.pytester.path / "build/records").glob("*.part"))


def test_kill_in_mid_run_leaves_readable_records(claims, output):
    claims.write(name="toy/a")
    claims.write(
        replace={
            "def measure(self, lab, given):": "def measure(self, lab, given):\n        import time; time.sleep(600)"
        },
        name="toy/b",
    )
    command = [sys.executable, "-m", "pytest", "claims", "-p", "no:xdist", "--no-figures"]
    with subprocess.Popen(command, cwd=claims.pytester.path, stdout=subprocess.DEVNULL) as process:
        folder = claims.pytester.path / "build/records"
        deadline = time.monotonic() + 60  # only so that a broken run ends: two records are there within seconds
        while time.monotonic() < deadline and sum(part.read_text().count("\n") for part in folder.glob("*.part")) < 2:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    (part,) = folder.glob("*.part")
    assert [json.loads(line)["verdict"] for line in part.read_text().splitlines()] == ["HOLDS", "REFUTED"]
    claims.write(name="toy/b")
    assert "an earlier run was stopped; what it recorded is in" in output(claims.run())


def test_conditions_of_the_committed_figures(claims):
    claims.write()
    for arguments, default in (((), True), (("--seed", "3"), False), (("--dtype", "float32"), False)):
        claims.run(*arguments)
        assert {row["default"] for row in claims.records().values()} == {default}


SUBJECT = DOUBLING.replace(
    "    factor: float = 2.0\n    start", "    double: Subject = 'operator:mul'\n    factor: float = 2.0\n    start"
).replace("self.factor * lab.tensor(given)", "self.double(self.factor, lab.tensor(given))")


def test_a_subject_is_replaced_by_a_wrong_and_by_a_right_one(claims, output):
    claims.write(SUBJECT)
    claims.write(name="toy/other")
    claims.run("--subject", "operator.mul=operator.matmul").assert_outcomes(failed=2)
    result = claims.run("--subject", "operator.mul=operator.add")
    result.assert_outcomes(passed=1, failed=1)
    assert "--subject operator.mul=operator:add" in output(result)
    claims.run("--subject", "operator:mul=torch.mul").assert_outcomes(passed=2)
    row = claims.records()["toy/doubling::holds[default]"]
    assert (row["subject"], row["default"]) == ({"double": "torch:mul"}, False)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("operator.mul", "--subject 'operator.mul' names no replacement; write torch.optim.Adagrad=mypackage"),
        ("operator.mul=nowhere:Thing", "the subject nowhere:Thing cannot be imported: No module named 'nowhere'"),
        ("operator.mul=math:nothing", "the subject math:nothing does not exist: math has no nothing"),
        ("operator.mul=math:pi", "math:pi is a float, which cannot be called"),
        ("operator.mull=math:sin", "exercises operator.mull (did you mean operator.mul?)"),
    ],
)
def test_a_subject_that_cannot_be_is_one_sentence(claims, output, given, message):
    claims.write(SUBJECT)
    result = claims.run("--subject", given)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert message in output(result)
    assert "Traceback" not in output(result)


CERTIFIED = (
    DOUBLING.replace(
        'return Quantity(self.factor * lab.tensor(given), "double", axes=(Axis("place", (0, 1, 2, 3)),))',
        "from dlverify.evidence.spectra import spectral_norm\n"
        "        low, high = spectral_norm(self.factor * np.eye(2))\n"
        '        return Quantity(low, "norm", upper=high)',
    )
    .replace("return 2 * given", "return 2.5")
    .replace("equal(within=WITHIN)", "certainly_at_most()")
)


def test_without_flint_what_is_certified_is_not_run(claims, output, monkeypatch):
    claims.write(CERTIFIED)
    claims.run().assert_outcomes(passed=2)
    monkeypatch.setitem(sys.modules, "flint", None)
    result = claims.run()
    result.assert_outcomes(skipped=2)
    assert "python-flint is not installed, so nothing can be certified; pip install python-flint" in output(result)
