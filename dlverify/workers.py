"""Processes that measure: a `concurrent.futures` executor whose workers may hang, crash or be killed.

Each worker is a Python process of its own and runs one call at a time. A call that does not end within its limit, or
whose process dies, costs itself alone: its future raises `WorkerLost`, and the next call gets a fresh process. So does
the call after an ERROR, since what an error leaves behind (a CUDA context that fails from then on, half-changed global
state) must not touch it. A worker ends when the process that started it does, however that one ended.

Not `ProcessPoolExecutor`: there one worker that dies takes all waiting calls with it, and none can be stopped.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from typing import IO, Any

LIMIT = 600.0
"""Seconds that a part may take: a hundred times the slowest one of the quick tier."""
START = 120.0
"""Seconds that a worker may take to start: it imports torch, from a cold network disk at worst."""
STARTER = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from dlverify.workers import serve; serve()"


class WorkerLost(RuntimeError):
    """The process of a call died, or was stopped since it took too long."""


class Workers(Executor):
    """An executor of `number` processes, each a lease of one device.

    Left by an exception, or by `kill`, it stops what runs at once.

    Args:
        number: How many processes.
        limit: Seconds that a call may take.
        memory: Bytes of address space that a process may take, or None; POSIX alone.
        environments: Environment variables for each process, in turn: `[{"CUDA_VISIBLE_DEVICES": "0"}, ...]`.
    """

    def __init__(
        self,
        number: int = 1,
        *,
        limit: float = LIMIT,
        memory: int | None = None,
        environments: Sequence[Mapping[str, str]] = ({},),
    ) -> None:
        self._limit, self._memory = limit, memory
        self._calls: queue.SimpleQueue[tuple[Future[Any], Any] | None] = queue.SimpleQueue()
        self._processes: dict[int, _Process] = {}
        self._lock = threading.Lock()
        self._closed = self._killed = False
        self._threads = [
            threading.Thread(target=self._lease, args=(slot, environments[slot % len(environments)]), daemon=True)
            for slot in range(number)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **keywords: Any) -> Future[Any]:
        """Run `function(*arguments, **keywords)` in a worker.

        Raises:
            RuntimeError: The executor is shut down.
        """
        with self._lock:
            if self._closed:
                raise RuntimeError("these workers are shut down; make new ones")
            future: Future[Any] = Future()
            self._calls.put((future, (function, arguments, keywords)))
            return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls, and end the workers once those submitted are done, or cancelled where they wait."""
        with self._lock:
            already, self._closed = self._closed, True
            if cancel_futures:
                with contextlib.suppress(queue.Empty):
                    while True:
                        call = self._calls.get_nowait()
                        if call is not None and call[0].cancel():
                            call[0].set_running_or_notify_cancel()  # or who waits for it waits for ever
            if not already or cancel_futures:
                for _ in self._threads:
                    self._calls.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def kill(self) -> None:
        """Stop what runs at once, and cancel what waits."""
        self.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            self._killed = True
            for process in self._processes.values():
                process.kill()
        for thread in self._threads:
            thread.join()

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        """End the workers: at once where an exception passes."""
        if kind is None:
            self.shutdown()
        else:
            self.kill()

    def _lease(self, slot: int, environment: Mapping[str, str]) -> None:
        """One worker at a time, and a fresh one after each loss, until there are no more calls."""
        process: _Process | None = None
        while (call := self._calls.get()) is not None:
            future, work = call
            if not future.set_running_or_notify_cancel():
                continue
            try:
                if process is None:
                    process = _Process(environment, self._memory)
                    with self._lock:
                        self._processes[slot] = process
                        if self._killed:  # between the call that was taken and its process
                            process.kill()
                    process.answer(START, "start")
                result = process.call(work, self._limit)
                worn = isinstance(result, Mapping) and result.get("verdict") == "ERROR"
                future.set_result(result)
            except BaseException as error:  # whatever it is, it belongs to whoever waits for the result
                worn = True
                future.set_exception(error)
            if worn and process is not None:
                process.kill()
                process = None
        if process is not None:
            process.kill()


class _Process:
    """One worker process: calls go in on its stdin, answers come on its stdout, both as pickles."""

    def __init__(self, environment: Mapping[str, str], memory: int | None) -> None:
        # One thread each: the workers share the cores, and a sum that is split among threads rounds otherwise.
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        self._process = subprocess.Popen(
            [sys.executable, "-c", STARTER, json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Of torch's compiler errors alone: what it could not put into one graph is of no interest here.
            env={"TORCH_LOGS": "-dynamo", **os.environ, **threads, **environment},
            start_new_session=True,  # what is typed at the terminal goes to the parent alone
        )
        self._answers: queue.SimpleQueue[tuple[bool, Any] | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()
        self._send(memory)

    def _read(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        with contextlib.suppress(Exception):  # at its end, or torn by a crash: there are no more answers
            while True:
                self._answers.put(pickle.load(stdout))
        self._answers.put(None)

    def _send(self, message: Any) -> None:
        assert self._process.stdin is not None
        packed = pickle.dumps(message)
        with contextlib.suppress(OSError):  # it is dead, as the answer will say
            self._process.stdin.write(packed)
            self._process.stdin.flush()

    def call(self, work: Any, limit: float) -> Any:
        """The result of a call.

        Raises:
            WorkerLost: The process died, or the time is over.
        """
        self._send(work)
        return self.answer(limit, "end")

    def answer(self, limit: float, what: str) -> Any:
        """The next answer.

        Raises:
            WorkerLost: As for `call`.
        """
        try:
            answer = self._answers.get(timeout=limit)
        except queue.Empty:
            raise WorkerLost(f"it did not {what} within {limit:g} s, and its process was stopped") from None
        if answer is None:
            raise WorkerLost(f"its process {_how_it_ended(self._process.wait())} before it was done")
        good, value = answer
        if not good:
            raise value
        return value

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _how_it_ended(status: int) -> str:
    if status >= 0:
        return f"ended by itself with status {status}"
    name = signal.Signals(-status).name if -status in set(signal.Signals) else f"signal {-status}"
    return f"was killed by {name}{' (by hand, or for want of memory)' if name == 'SIGKILL' else ''}"


def serve() -> None:
    """Answer calls from stdin until it closes: the life of a worker process."""
    calls: queue.SimpleQueue[Any] = queue.SimpleQueue()
    # What the work prints goes to stderr, so that stdout has answers alone.
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # meant for the parent, which decides
    threading.Thread(target=_listen, args=(source, calls), daemon=True).start()
    memory = calls.get()
    _prepare(memory)
    _answer(sink, (True, "ready"))
    while True:
        function, arguments, keywords = calls.get()
        try:
            answer = (True, function(*arguments, **keywords))
        except BaseException as error:  # SystemExit of a claim is an error of that claim
            answer = (False, error)
        _answer(sink, answer)


def _listen(source: IO[bytes], calls: queue.SimpleQueue[Any]) -> None:
    """Read calls while others run, so that the end of the parent is known at once, and ends the process."""
    try:
        while True:
            calls.put(pickle.load(source))
    except EOFError:
        os._exit(0)
    except BaseException as error:
        print(f"dlverify: a call cannot be read: {type(error).__name__}: {error}", file=sys.stderr)
        os._exit(1)


def _answer(sink: IO[bytes], answer: tuple[bool, Any]) -> None:
    try:
        packed = pickle.dumps(answer)
        pickle.loads(packed)  # some exceptions can be packed and not unpacked
    except Exception:
        packed = pickle.dumps((False, RuntimeError(f"{type(answer[1]).__name__}: {answer[1]}")))
    sink.write(packed)
    sink.flush()


def _prepare(memory: int | None) -> None:
    """Bring what all parts need, and bound what this process may take."""
    from dlverify.lab.ensembles import keep_large_blocks

    keep_large_blocks()
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")  # where memory ends, Linux ends this process and not the one that keeps the records
    if memory is not None:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


_kept = threading.local()


def apart(limit: float, memory: int | None, function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
    """Call a function in a worker that this thread keeps for the purpose: with a time limit, on somebody else's cluster."""
    settings = (limit, memory)
    if getattr(_kept, "settings", None) != settings:
        if hasattr(_kept, "workers"):
            _kept.workers.shutdown()
        _kept.workers, _kept.settings = Workers(limit=limit, memory=memory), settings
    workers: Workers = _kept.workers
    return workers.submit(function, *arguments, **keywords).result()


class Apart(Executor):
    """Another executor, a cluster's say, on which each call runs in a process of its own with a time limit.

    Args:
        inner: The executor.
        limit: Seconds that a call may take.
        memory: Bytes of address space that a process may take, or None.
    """

    def __init__(self, inner: Executor, *, limit: float = LIMIT, memory: int | None = None) -> None:
        self._inner, self._limit, self._memory = inner, limit, memory

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **keywords: Any) -> Future[Any]:
        """Run `function(*arguments, **keywords)` there."""
        return self._inner.submit(apart, self._limit, self._memory, function, *arguments, **keywords)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Shut the inner executor down."""
        self._inner.shutdown(wait, cancel_futures=cancel_futures)
