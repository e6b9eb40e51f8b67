"""Workers: whatever a call does to its process, it costs itself alone."""

import contextlib
import operator
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from dlverify.workers import Apart, WorkerLost, Workers

posix = pytest.mark.skipif(os.name == "nt", reason="NOT RUN: no signals of POSIX")


def is_alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(condition, seconds=30.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def one():
    with Workers(1, limit=60) as workers:
        yield workers


def test_results_and_exceptions_come_back(one):
    assert one.submit(operator.add, 2, 3).result() == 5
    with pytest.raises(ZeroDivisionError):
        one.submit(operator.truediv, 1, 0).result()
    with pytest.raises(Exception, match="pickle"):
        one.submit(lambda: 1).result()
    assert list(one.map(operator.neg, range(3))) == [0, -1, -2]


def test_a_process_that_dies_costs_its_call_alone(one):
    before = one.submit(os.getpid).result()
    lost = one.submit(os._exit, 3)
    after = one.submit(os.getpid)
    with pytest.raises(WorkerLost, match="ended by itself with status 3"):
        lost.result()
    assert after.result() != before


def test_leaving_python_is_an_exception_like_any_other(one):
    with pytest.raises(SystemExit):
        one.submit(sys.exit, 3).result()
    assert one.submit(operator.add, 2, 3).result() == 5


@posix
def test_a_worker_killed_from_outside_is_replaced(one):
    pid = one.submit(os.getpid).result()
    hung = one.submit(time.sleep, 600)
    assert eventually(hung.running)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(WorkerLost, match="was killed by SIGKILL"):
        hung.result()
    assert one.submit(operator.add, 2, 3).result() == 5


@posix
def test_sigterm_is_for_the_parent_to_decide(one):
    pid = one.submit(os.getpid).result()
    slow = one.submit(time.sleep, 0.5)
    assert eventually(slow.running)
    os.kill(pid, signal.SIGTERM)
    assert slow.result() is None


def test_a_call_that_hangs_is_stopped():
    with Workers(1, limit=1) as workers:
        pid = workers.submit(os.getpid).result()
        hung, good = workers.submit(time.sleep, 600), workers.submit(operator.add, 2, 3)
        with pytest.raises(WorkerLost, match="did not end within 1 s"):
            hung.result()
        assert good.result() == 5
    assert not is_alive(pid)


def test_an_error_is_the_last_thing_a_process_does(one):
    first = one.submit(os.getpid).result()
    one.submit(dict, verdict="HOLDS").result()
    assert one.submit(os.getpid).result() == first
    one.submit(dict, verdict="ERROR").result()
    assert one.submit(os.getpid).result() != first


@pytest.mark.skipif(sys.platform != "linux", reason="NOT RUN: address space is bounded on Linux alone")
def test_memory_is_bounded():
    with Workers(1, memory=8 << 30) as workers:
        with pytest.raises(MemoryError):
            workers.submit(bytearray, 9 << 30).result()
        assert workers.submit(operator.add, 2, 3).result() == 5


def test_each_process_has_its_own_environment():
    with Workers(2, environments=[{"CUDA_VISIBLE_DEVICES": "0"}, {"CUDA_VISIBLE_DEVICES": "5"}]) as workers:
        barrier = [workers.submit(time.sleep, 1.0) for _ in range(2)]  # each takes one
        seen = {workers.submit(os.getenv, "CUDA_VISIBLE_DEVICES") for _ in range(6)}
        assert {future.result() for future in seen} <= {"0", "5"}
        assert [future.result() for future in barrier] == [None, None]


def test_an_exception_in_the_parent_stops_what_runs():
    with contextlib.suppress(KeyboardInterrupt), Workers(2) as workers:
        pid = workers.submit(os.getpid).result()
        hung = [workers.submit(time.sleep, 600) for _ in range(5)]
        assert eventually(hung[0].running)
        raise KeyboardInterrupt
    assert all(future.done() for future in hung)
    assert eventually(lambda: not is_alive(pid))
    with pytest.raises(RuntimeError, match="shut down"):
        workers.submit(os.getpid)
    assert not any("_lease" in thread.name for thread in threading.enumerate())


@posix
def test_workers_end_with_a_parent_that_is_killed(tmp_path):
    code = """
        import os, time
        from dlverify.workers import Workers
        workers = Workers(1)
        print(workers.submit(os.getpid).result(), flush=True)
        workers.submit(time.sleep, 600).result()
    """
    parent = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert eventually(lambda: not is_alive(pid))


def test_what_a_call_prints_is_no_answer(one):
    assert one.submit(print, "hello").result() is None
    assert one.submit(os.system, "echo hello").result() == 0
    assert one.submit(operator.add, 2, 3).result() == 5


def test_calls_of_another_executor_run_apart():
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as threads, Apart(threads, limit=1) as executor:
        pid = executor.submit(os.getpid).result()
        assert pid != os.getpid()
        assert executor.submit(os.getpid).result() == pid
        with pytest.raises(WorkerLost, match="did not end within 1 s"):
            executor.submit(time.sleep, 600).result()
        assert executor.submit(operator.add, 2, 3).result() == 5
