"""A real Dask cluster: a scheduler and two workers in processes of their own, one of which is killed in mid-run."""

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import DOUBLING

from .conftest import DATE, Nights

pytestmark = pytest.mark.skipif(os.name == "nt", reason="NOT RUN: no signals of POSIX")
SLOWLY = "__import__('time').sleep(0.3)\n        return Quantity"
VOLATILE = {"run", "started", "seconds"}


def start(*words, cwd):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "DASK_DISTRIBUTED__DIAGNOSTICS__NVML": "False"}
    return subprocess.Popen(
        [sys.executable, "-m", "distributed.cli." + words[0], *words[1:]],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    )


def wait_for(process, pattern):
    for line in process.stdout:
        found = re.search(pattern, line)
        if found:
            return found[0]
    raise AssertionError(f"{process.args} ended")


@pytest.fixture
def dask(nights: Nights):
    """The scheduler's address and the workers' processes."""
    processes = []
    try:
        processes.append(
            start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", cwd=nights.home)
        )
        address = wait_for(processes[0], r"tcp://127\.0\.0\.1:\d+")
        for name in ("one", "two"):
            words = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--name", name)
            processes.append(start("dask_worker", address, *words, cwd=nights.home))
        for worker in processes[1:]:
            wait_for(worker, "Starting established connection")
        yield address, processes[1:]
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()
            process.stdout.close()


def stable(rows):
    return {name: {field: row[field] for field in row if field not in VOLATILE} for name, row in rows.items()}


def test_a_cluster_that_loses_a_worker_gives_the_same_records(nights, dask, monkeypatch):
    address, workers = dask
    nights.write_coin()
    for index in range(12):
        nights.write(f"doubling_{index:02d}", DOUBLING.replace("return Quantity", SLOWLY))
    words = [sys.executable, "-m", "dlverify", "nightly", "--date", DATE, "--cell", "cpu-float64-*"]
    night = subprocess.Popen(
        [*words, "--scheduler", address], cwd=nights.home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    wait_for(night, "3 of 26 parts|2 of 26 parts|5 of 26 parts")
    workers[0].send_signal(signal.SIGKILL)
    text = night.stdout.read()
    night.stdout.close()
    assert night.wait() == 0, text
    there = nights.records()  # each once
    assert set(there) == set(nights.night().plan()["items"])
    assert "13 of 13 claims came out as stated" in text

    class Threads(ThreadPoolExecutor):
        def __init__(self, number=1, **ignored):
            super().__init__(number)

    monkeypatch.setattr("dlverify.commands.nights.Workers", Threads)
    for path in (nights.nights / DATE).iterdir():
        path.unlink()
    assert nights.nightly("--cell", "cpu-float64-*")[0] == 0
    assert stable(nights.records()) == stable(there)


def test_what_hangs_on_a_cluster_is_an_error_and_its_worker_goes_on(nights, dask):
    address, workers = dask
    workers[1].kill()
    nights.write_bad("a_hang", "time.sleep(600)")
    nights.write("doubling")
    status, text = nights.nightly("--cell", "cpu-float64-*", "--scheduler", address, "--limit", "10")
    assert status == 1, text
    verdicts = nights.verdicts()
    assert verdicts.pop("cpu-float64-ieee-stock::toy/a_hang::holds[default]") == "ERROR"
    assert sorted(verdicts.values()) == ["HOLDS", "REFUTED", "REFUTED"]


def test_a_scheduler_that_is_not_there_is_one_sentence(nights, monkeypatch):
    monkeypatch.setattr("dlverify.nightly.cluster.PATIENCE", 1)
    nights.write("doubling")
    for address in ("tcp://127.0.0.1:9", "nonsense://x"):
        status, text = nights.nightly("--scheduler", address)
        assert status == 2
        assert f"there is no Dask scheduler at '{address}'" in text


def test_a_cluster_without_workers_is_one_sentence(nights, dask, monkeypatch):
    address, workers = dask
    for worker in workers:
        worker.kill()
        worker.wait()
    time.sleep(1)  # until the scheduler has noticed
    monkeypatch.setattr("dlverify.nightly.cluster.PATIENCE", 2)
    nights.write("doubling")
    status, text = nights.nightly("--scheduler", address)
    assert status == 2
    assert f"the scheduler {address} has no workers; start them with `dask worker {address} --nthreads 1`" in text
