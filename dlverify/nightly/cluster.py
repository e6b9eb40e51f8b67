"""A Dask cluster as a place where nights run. Nothing of a scheduler is written here."""

from __future__ import annotations

import contextlib
import importlib.metadata
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from dlverify.nightly.matrix import Machine, machine, together
from dlverify.nightly.night import NightError
from dlverify.workers import Apart

PATIENCE = 30
"""Seconds to wait for the scheduler and its first worker."""


@contextlib.contextmanager
def cluster(address: str, claims: Path, limit: float, memory: int | None) -> Iterator[tuple[Executor, Machine]]:
    """An executor on the workers of a scheduler, and what they all have.

    Each part runs in a process of its own beside its Dask worker, so that it can be stopped and cannot harm the worker;
    a part whose Dask worker dies is run by another. Where workers declare the resource GPU, a part takes one.

    Raises:
        NightError: Dask is not installed, the scheduler is not there or has no worker, or a worker cannot do it.
    """
    try:
        from distributed import Client
    except ImportError:
        raise NightError("--scheduler needs Dask, which is not installed: pip install 'dlverify[dask]'") from None
    try:
        client: Any = Client(address, timeout=PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:  # distributed's time-outs are OSErrors
        raise NightError(f"there is no Dask scheduler at {address!r}: {error}") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise NightError(
                f"the scheduler {address} has no workers; start them with `dask worker {address} --nthreads 1`"
            ) from None
        workers = client.scheduler_info(n_workers=-1)["workers"]
        here = importlib.metadata.version("dlverify")
        try:
            versions = client.run(_version)
        except ImportError:
            raise NightError(f"the Dask workers of {address} have no dlverify; install it there") from None
        for name, said in versions.items():
            if said != here:
                raise NightError(
                    f"the Dask worker {name} has {said}, and this is dlverify {here}; install the same on all of them"
                )
        for name, is_there in client.run(_is_folder, claims).items():
            if not is_there:
                raise NightError(f"the Dask worker {name} has no folder {claims}; claims must lie on a shared disk")
        gpu = {"GPU": 1.0} if any("GPU" in worker["resources"] for worker in workers.values()) else None
        with client.get_executor(pure=False, resources=gpu) as inner:
            executor = Apart(inner, limit=limit, memory=memory)
            # Once a worker, in the process beside it, since that is where parts run.
            asked = [
                client.submit(_machine, limit, memory, pure=False, workers=[name], allow_other_workers=False)
                for name in workers
            ]
            yield executor, together(client.gather(asked))


def _version() -> str:
    try:
        return importlib.metadata.version("dlverify")
    except importlib.metadata.PackageNotFoundError:
        return "no dlverify"


def _is_folder(path: Path) -> bool:
    return path.is_dir()


def _machine(limit: float, memory: int | None) -> Machine:
    from dlverify.workers import apart

    found: Machine = apart(limit, memory, machine)
    return found
