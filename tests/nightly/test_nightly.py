"""One night: what it runs, with which seeds, and what happens when something goes wrong in its middle."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from dlverify import records
from dlverify.nightly import detector
from dlverify.workers import Workers

from .conftest import DATE

posix = pytest.mark.skipif(os.name == "nt", reason="NOT RUN: no signals of POSIX")
STOCK = "cpu-float64-ieee-stock"
SLOW = "time.sleep(600)"


@pytest.fixture
def in_threads(monkeypatch):
    """Workers are threads: for what is not about processes."""

    class Threads(ThreadPoolExecutor):
        def __init__(self, number=1, **ignored):
            super().__init__(number)

    monkeypatch.setattr("dlverify.commands.nights.Workers", Threads)


def start(nights, *argv):
    """A night in a process of its own."""
    words = [sys.executable, "-m", "dlverify", "nightly", "--date", DATE, *argv]
    return subprocess.Popen(words, cwd=nights.home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def wait_for_records(nights, number):
    for _ in range(1200):
        found = list((nights.nights / DATE).glob("records.*.part"))
        if found and found[0].read_text().count("\n") >= number:
            return
        time.sleep(0.05)
    raise AssertionError("no records came")


def test_a_night_runs_every_cell_and_says_so(nights, in_threads):
    nights.write("doubling")
    nights.write_coin()
    status, text = nights.nightly()
    assert status == 0, text
    assert "2 of 2 claims came out as stated" in text
    assert f"--date {DATE} --again 'CELL::CLAIM::PART'" in text
    assert "false alarms promised: at most 2.2e-07 a night, by 2 statistical parts" in text
    assert nights.verdicts() == {
        f"cpu-{dtype}-ieee-stock::toy/{claim}::{item}": verdict
        for dtype, claim, control in (
            ("float64", "doubling", "factor-two"),
            ("float32", "doubling", "factor-two"),
            ("float64", "a_coin", "loaded"),
        )
        for item, verdict in (("holds[default]", "HOLDS"), (f"refuted[{control}]", "REFUTED"))
    }
    plan = nights.night().plan()
    assert plan["seed"] == 20261119
    rows = nights.records()
    assert set(rows) == set(plan["items"])
    for row in rows.values():
        assert set(row) == {*records.FIELDS, "night", "cell"}
        assert row["seed"] == 20261119
        assert "--seed 20261119" in row["replay"]


def test_seeds_of_two_nights_are_disjoint_and_a_night_replays(nights, in_threads):
    nights.write_coin()
    nights.nightly("--cell", STOCK)
    nights.nightly("--cell", STOCK, date="2026-11-20")
    name = f"{STOCK}::toy/a_coin::holds[default]"
    first, second = nights.records()[name], nights.records("2026-11-20")[name]
    assert not set(first["measured"]) & set(second["measured"])
    status, text = nights.nightly("--again", name)
    assert status == 0, text
    (path,) = (nights.nights / DATE).glob("again.*.jsonl")
    (row,) = records.read(path).records
    assert row["measured"] == first["measured"]
    assert nights.records()[name]["measured"] == first["measured"], "the night is as it was"


def test_a_night_is_not_run_twice_nor_rewritten(nights, in_threads):
    nights.write("doubling")
    nights.nightly()
    before = {path: path.read_bytes() for path in (nights.nights / DATE).iterdir()}
    status, text = nights.nightly()
    assert status == 2
    assert f"the night {DATE} is over; --resume runs what is missing of it" in text
    status, text = nights.nightly("--resume")
    assert status == 0, text
    assert {path: path.read_bytes() for path in (nights.nights / DATE).iterdir()} == before


def test_a_plan_that_promises_too_many_false_alarms_is_refused(nights, in_threads, monkeypatch):
    nights.write_coin()
    monkeypatch.setattr("dlverify.commands.nights.PROMISE", 1e-7)
    status, text = nights.nightly()
    assert status == 2
    assert "statistical items and their detectors promise up to" in text
    assert "choose fewer cells with --cell" in text
    assert not (nights.nights / DATE / "plan.json").exists()


def test_red_is_told_and_alarms_are(nights, in_threads, monkeypatch):
    nights.write("doubling", nights.write("x").read_text().replace("return 2 * given", "return 2.5 * given"))
    (nights.claims / "toy" / "x.py").unlink()
    nights.write_coin()
    monkeypatch.setattr(detector, "RUN_LENGTH", 1e-9)  # any night is an alarm
    monkeypatch.setattr("dlverify.commands.nights.PROMISE", float("inf"))
    status, text = nights.nightly("--cell", STOCK)
    assert status == 1
    assert "toy/doubling::holds[default] is REFUTED, expected HOLDS" in text
    assert f"ALARM {STOCK}::toy/a_coin::holds[default]: the nights taken together speak against it" in text
    end = nights.night().end()
    assert end["red"] == [f"{STOCK}::toy/doubling::holds[default]"]
    assert nights.run("status")[0] == 1
    assert nights.run("history", "doubling")[0] == 1
    assert "regression: REFUTED where HOLDS is stated" in nights.run("history", "toy/doubling")[1]


def test_detectors_go_on_from_the_nights_before(nights, in_threads):
    nights.write_coin()
    for day in (17, 18, 19):
        assert nights.nightly("--cell", STOCK, date=f"2026-11-{day}")[0] == 0
    name = f"{STOCK}::toy/a_coin::holds[default]"
    state = detector.State()
    for day in (17, 18, 19):
        (effect,) = [e for e in nights.night(f"2026-11-{day}").effects("toy/a_coin") if e.id == name]
        state = detector.updated(state, effect)
    assert nights.night().end()["detectors"][name]["value"] == pytest.approx(state.value, rel=1e-12)
    (nights.nights / "2026-11-18" / "end.json").unlink()  # as if it had been killed: its records count all the same
    (nights.nights / DATE / "end.json").unlink()
    assert nights.nightly("--resume", "--cell", STOCK)[0] == 0
    assert nights.night().end()["detectors"][name]["value"] == pytest.approx(state.value, rel=1e-12)


@pytest.mark.skipif(sys.platform != "linux", reason="NOT RUN: address space is bounded on Linux alone")
def test_what_hangs_crashes_exhausts_or_corrupts_harms_itself_alone(nights):
    nights.write("doubling")
    nights.write_bad("a_hang", SLOW)
    nights.write_bad("a_crash", "os.kill(os.getpid(), signal.SIGSEGV)")
    nights.write_bad("a_leaver", "os._exit(0)")
    nights.write_bad("much_memory", "np.zeros(2 * 10**9)")
    nights.write_bad("a_spoiler", "torch.set_default_dtype(torch.float16)")
    nights.write_bad("another_spoiler", "torch.backends.mkldnn.matmul.fp32_precision = 'bf16'")
    nights.write("no_python", "CLAIM = (\n")
    nights.write("hangs_at_once", f"import time\n{SLOW}\nCLAIM = 1\n")
    status, text = nights.nightly("--cell", STOCK, "--limit", "10", "--memory", "8", "--workers", "2")
    assert status == 1
    rows = nights.records()
    messages = {
        "a_hang": "it came to no end: WorkerLost: it did not end within 10 s, and its process was stopped",
        "a_crash": "its process was killed by SIGSEGV before it was done",
        "a_leaver": "its process ended by itself with status 0",
        "much_memory": "Unable to allocate 14.9 GiB",
        "a_spoiler": "the measurement left global state changed: the default dtype",
        "another_spoiler": "the measurement left global state changed: the precision of float32 products",
    }
    for claim, message in messages.items():
        assert rows[f"{STOCK}::toy/{claim}::holds[default]"]["verdict"] == "ERROR"
        assert message in rows[f"{STOCK}::toy/{claim}::holds[default]"]["message"]
        assert rows[f"{STOCK}::toy/{claim}::refuted[factor-two]"]["verdict"] == "REFUTED"
    assert rows[f"{STOCK}::toy/doubling::holds[default]"]["verdict"] == "HOLDS"
    assert "SyntaxError" in rows[f"{STOCK}::toy/no_python::loads"]["message"]
    assert "did not end within 10 s" in rows[f"{STOCK}::toy/hangs_at_once::loads"]["message"]
    assert len(rows) == 2 * (len(messages) + 1) + 2
    status, text = nights.run("status")
    assert status == 1
    assert f"the night {DATE} is red: 8 of 16 parts are not as stated" in text


def test_out_of_memory_halves_the_ensemble_and_says_so(nights, in_threads):
    path = nights.write_coin()
    want = nights.nightly("--cell", STOCK) and nights.records()[f"{STOCK}::toy/a_coin::holds[default]"]
    path.write_text(
        path.read_text().replace(
            "return Quantity(self.heads - given",
            "if len(lab.members) > 3:\n            raise torch.OutOfMemoryError('CUDA out of memory')\n"
            "        return Quantity(self.heads - given",
        )
    )
    nights.nightly("--cell", STOCK, "--again", "*::holds*")
    (again,) = (nights.nights / DATE).glob("again.*.jsonl")
    (row,) = records.read(again).records
    assert row["verdict"] == "HOLDS"
    assert row["message"] == f"{want['message']}; memory sufficed for 3 seeds at once, not for 12"
    assert row["statistics"] == want["statistics"]
    assert row["measured"][: row["statistics"]["n"]] == want["measured"][: row["statistics"]["n"]]


def test_one_seed_that_exhausts_memory_is_an_error(nights, in_threads):
    nights.write("a_coin", nights.write_coin().read_text().replace("return Quantity(self.heads", "raise MemoryError"))
    assert nights.nightly("--cell", STOCK)[0] == 1
    assert set(nights.verdicts().values()) == {"ERROR"}


@posix
def test_sigterm_leaves_readable_records_and_resume_runs_the_rest(nights):
    nights.write("doubling")
    path = nights.write_bad("slow", SLOW)
    process = start(nights)
    wait_for_records(nights, 1)
    time.sleep(0.2)
    process.terminate()
    text = " ".join(process.communicate()[0].split())
    assert process.returncode == 143, text
    assert f"stopped by SIGTERM; `python -m dlverify nightly --resume --date {DATE}` runs the rest" in text
    before = nights.records()
    assert before
    assert not any("slow::holds" in name for name in before), "what was stopped is missing, and no ERROR"
    status, text = nights.run("status")
    assert status == 1
    assert f"the night {DATE} is incomplete: {len(before)} of 8 parts are recorded" in text
    path.write_text(path.read_text().replace(SLOW, "pass"))
    status, text = nights.nightly("--resume")
    assert status == 0, text
    after = nights.records()
    assert len(after) == 8
    kept = {name: row for name, row in before.items() if "doubling" in name}
    assert {name: after[name] for name in kept} == kept, "what was recorded was not run again"


@posix
def test_kill_9_loses_what_was_running_and_nothing_else(nights):
    nights.write("doubling")
    nights.write_bad("slow", SLOW)
    process = start(nights, "--limit", "600")
    wait_for_records(nights, 1)
    status, text = nights.nightly("--resume")
    assert status == 2
    assert f"the night {DATE} is being run by another process" in text
    assert nights.run("status")[0] == 1, "there is no night before it"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    (part,) = (nights.nights / DATE).glob("records.*.part")
    done = nights.records()
    part.write_text(part.read_text() + '{"schema": 1, "torn": tr')  # the worst that a kill can do
    status, text = nights.nightly("--resume", "--limit", "10")
    assert status == 1
    after = nights.records()
    assert len(after) == 8
    assert {name: row["run"] for name, row in after.items()} == dict.fromkeys(after, nights.night().plan()["run"])
    assert {name: after[name] for name in done} == done
    slow = {name: row["verdict"] for name, row in after.items() if "slow::holds" in name}
    assert set(slow.values()) == {"ERROR"}
    assert all(row["verdict"] == row["expected"] for name, row in after.items() if name not in slow)


def test_a_full_disk_ends_the_night_and_what_was_written_stays(nights, in_threads, monkeypatch):
    nights.write("doubling")
    nights.write_coin()
    written = []
    real = records.Writer.write

    def full(self, record):
        if len(written) == 3:
            self._file.write('{"schema": 1, "cla')  # what the disk still took
            self._file.flush()
            raise records.RecordError(f"{self.part} cannot be written: No space left on device; free some space")
        written.append(record)
        real(self, record)

    monkeypatch.setattr(records.Writer, "write", full)
    status, text = nights.nightly()
    assert status == 2
    assert "cannot be written: No space left on device" in text
    assert len(nights.records()) == 3
    assert "is incomplete: 3 of" in nights.run("status")[1]
    monkeypatch.setattr(records.Writer, "write", real)
    status, text = nights.nightly("--resume")
    assert status == 0, text
    assert set(nights.records()) == set(nights.night().plan()["items"])


@posix
def test_a_disk_that_takes_no_more_bytes_is_one_sentence(nights):
    """The system's own refusal: no file may grow beyond 4,000 bytes."""
    nights.write("doubling")
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000)); "
        "from dlverify.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    words = [sys.executable, "-B", "-c", code, "nightly", "--date", DATE]
    result = subprocess.run(words, cwd=nights.home, capture_output=True, text=True)
    assert result.returncode == 2, result.stdout + result.stderr
    assert "cannot be written: File too large" in result.stderr
    assert "Traceback" not in result.stderr
    status, text = nights.nightly("--resume")
    assert status == 0, text
    assert len(nights.records()) == 4


def test_claims_that_changed_under_a_night(nights, in_threads):
    path = nights.write("doubling")
    nights.write("other")
    assert nights.nightly("--cell", STOCK)[0] == 0
    for name in ("end.json", "effects.jsonl"):
        (nights.nights / DATE / name).unlink()
    path.unlink()
    status, text = nights.nightly("--resume", "--cell", STOCK)
    assert status == 2
    assert f"the claims changed since the night {DATE} began: 2 of its 4 parts are gone" in text


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--date", "yesterday"], "--date 'yesterday' is no date; write 2026-12-31"),
        (["--workers", "0"], "--workers 0 would do nothing; give 1 or more"),
        (["--workers", "2", "--scheduler", "tcp://x:1"], "--workers and --scheduler exclude each other"),
        (["--cell", "gpu-*"], "no cell is like 'gpu-*'; there are cpu-float32-ieee-stock, cpu-float64-ieee-stock"),
        (["--family", "tyo"], "unknown family 'tyo' (did you mean toy?); choose one of toy"),
        (["--again", "nothing"], "nothing is like 'nothing'; a cell is cuda-float32-ieee-stock"),
        (["--limit", "0"], "--limit and --memory are sizes"),
        (["--nights", "claims/toy/doubling.py"], "cannot be written: Not a directory; choose another place"),
        (["--claims", "clams"], "clams; go to the folder that has it"),
    ],
)
def test_what_is_mistyped_is_one_sentence(nights, in_threads, argv, message):
    nights.write("doubling")
    status, text = nights.run("nightly", *argv)
    assert status == 2
    assert message in text
    assert text.count("dlverify: ") == 1
    assert not list(nights.nights.glob("*/plan.json"))


def test_damaged_effects_are_one_sentence(nights, in_threads):
    nights.write("doubling")
    nights.nightly()
    path = nights.nights / DATE / "effects.jsonl"
    path.write_text(path.read_text()[:-5])
    status, text = nights.run("history", "doubling")
    assert status == 2
    assert "effects.jsonl is damaged: its end is missing; remove it, and it is made anew from the records" in text
    path.unlink()
    assert nights.run("history", "doubling")[0] == 0


def test_a_damaged_plan_is_one_sentence(nights, in_threads):
    nights.write("doubling")
    nights.nightly()
    (nights.nights / DATE / "plan.json").write_text("{")
    for argv in (["nightly", "--date", DATE, "--resume"], ["status"]):
        status, text = nights.run(*argv)
        assert status == 2 or argv == ["status"]
        assert "plan.json cannot be read" in text


def test_nobody_imports_torch_to_read_nights(nights, in_threads):
    nights.write("doubling")
    nights.nightly()
    code = (
        "import sys; from dlverify.__main__ import main; main(['status']); main(['history', 'doubling']); "
        "print(sorted({'torch', 'sklearn', 'sympy', 'matplotlib', 'distributed'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=nights.home, capture_output=True, text=True)
    assert result.stdout.splitlines()[-1] == "[]", result.stdout + result.stderr
    assert json.loads((nights.nights / DATE / "end.json").read_text())["red"] == []


def test_the_real_workers_are_used():
    from dlverify.commands import nights

    assert nights.Workers is Workers
