"""MNIST and CIFAR-10 in full, fetched once from openml.org by scikit-learn: for the nightly tier alone.

On a machine without a network a part that asks for them is NOT RUN. To give it the data, run

    python -c "from dlverify.lab.openml import fetch; fetch('mnist'); fetch('cifar10')"

where there is one, and copy scikit-learn's data folder, `~/scikit_learn_data`, or point SCIKIT_LEARN_DATA to a copy.
"""

from __future__ import annotations

import contextlib
import functools
import http.client
import os
import socket
import sys
import tempfile
import threading
import urllib.error
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from dlverify.lab.conditions import HealthError
from dlverify.lab.data import Images
from dlverify.quantity import Array


@dataclass(frozen=True)
class Source:
    """A data set of openml.org.

    Attributes:
        title: What people call it.
        number: Its id there.
        samples: How many images: those for training first.
        tests: How many of them, the last ones, are for testing.
        channels: Channels of an image, one plane after another.
        side: Pixels along one side.
    """

    title: str
    number: int
    samples: int
    tests: int
    channels: int
    side: int


SOURCES = {
    "mnist": Source("MNIST", 554, 70_000, 10_000, 1, 28),
    "cifar10": Source("CIFAR-10", 40_927, 60_000, 10_000, 3, 32),
}

TIMEOUT = 10.0
"""Seconds to wait for an answer. A lost packet is sent again after 1, 3 and 7 s (RFC 6298, section 5): four are lost in a
row where none has come by 10 s, one time in 10^4 if every tenth is lost. scikit-learn tries four times, a second apart, and
four times again where the server takes the call and is silent: a machine whose packets vanish knows after 43 s, or 86 s, for
each address of the server; one without a name server knows after 3 s."""

UNREACHABLE = (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError)
"""What a network that is not there raises, or a server that does not answer."""


class NotFetched(ConnectionError):
    """The data are not in the cache and the network cannot be reached; an experiment makes NOT RUN of it."""


class DamagedCache(HealthError):
    """A file of the cache is not what was written there; the message says which and what to do."""


def fetch(name: str) -> Images:
    """All images of a data set, from the cache or, where it is not there, from openml.org.

    The file is large and slow to read (3 GB of memory and minutes for CIFAR-10), so that the pixels are kept beside it as
    bytes. Workers wait for the one that fetches. A failure is remembered for as long as the process lives.

    Args:
        name: "mnist" or "cifar10".

    Returns:
        Pixels `(samples, channels * side * side)`, integers 0 to 255 of type uint8, and labels 0 to 9; read-only.

    Raises:
        NotFetched: They are neither in the cache nor to be had.
        DamagedCache: The cache holds something else.
    """
    from sklearn.datasets import get_data_home

    found = _fetched(name, Path(get_data_home()))
    if isinstance(found, str):
        raise NotFetched(found)
    return found


@functools.cache
def _fetched(name: str, folder: Path) -> Images | str:
    """The images, or why there are none."""
    kept = folder / "dlverify" / f"{name}.npz"
    kept.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _alone(kept.with_suffix(".lock")):
            if not kept.exists():
                _keep(kept, _downloaded(SOURCES[name], folder))
            return _read(kept, SOURCES[name])
    except NotFetched as reason:
        return str(reason)


def _read(kept: Path, source: Source) -> Images:
    """What `_keep` has written.

    Raises:
        DamagedCache: It cannot be read, or has another shape.
    """
    try:
        # Opened here, since numpy leaves a file open that is none of its own; it checks the sum of every array.
        with kept.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            images = Images(arrays["pixels"], arrays["labels"])
        _check(images, source)
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zipfile.LargeZipFile) as error:
        raise DamagedCache(
            f"health check: {source.title} in the cache is damaged: {error}. Remove {kept} and run again; it is made anew "
            f"from the file that scikit-learn keeps in {kept.parent.parent / 'openml'}, or from openml.org."
        ) from error
    for array in (images.pixels, images.labels):
        array.setflags(write=False)
    return images


def _keep(kept: Path, images: Images) -> None:
    """Write all or nothing."""
    with tempfile.NamedTemporaryFile(dir=kept.parent, suffix=".part", delete=False) as file:
        try:
            np.savez(file, pixels=images.pixels, labels=images.labels)
            file.close()
            os.replace(file.name, kept)
        except BaseException:
            file.close()
            Path(file.name).unlink(missing_ok=True)
            raise


def _downloaded(source: Source, folder: Path) -> Images:
    """What scikit-learn fetches, or has fetched, as bytes.

    Raises:
        NotFetched: openml.org cannot be reached.
        DamagedCache: scikit-learn found its own cache damaged, threw it away and could not fetch it again.
    """
    from sklearn.datasets import fetch_openml

    theirs = folder / "openml"
    before = [path for path in theirs.rglob("*.gz") if path.is_file()]
    with warnings.catch_warnings(), _timeout(TIMEOUT), _progress(source, theirs):
        warnings.simplefilter("ignore")  # scikit-learn warns of each attempt
        try:
            # This parser needs no pandas, and reads through a generator.
            pixels, labels = fetch_openml(
                data_id=source.number,
                data_home=str(folder),
                as_frame=False,
                return_X_y=True,
                parser="liac-arff",
            )
        except UNREACHABLE as error:
            reason = getattr(error, "reason", None) or str(error) or type(error).__name__
            removed = [path for path in before if not path.exists()]
            if removed:
                raise DamagedCache(
                    f"health check: scikit-learn could not read {removed[0]}, its copy of {source.title}, and has removed it; "
                    f"openml.org cannot be reached to fetch it again: {reason}. Copy {theirs} from a machine that has it."
                ) from error
            raise NotFetched(
                f"{source.title} could not be fetched from openml.org (data set {source.number}): {reason}; it would be kept in "
                f"{folder}: copy that folder from a machine that has it, or set SCIKIT_LEARN_DATA to such a copy"
            ) from error
    return _as_bytes(pixels, labels, source)


def _as_bytes(pixels: Any, labels: Any, source: Source) -> Images:
    """Pixels as uint8 and labels as integers, whether they came as 0 to 255 or as shares of it.

    Raises:
        ValueError: They are no such images.
    """
    shape = np.shape(pixels)
    unit = 255 if np.max(pixels) <= 1 else 1
    found = np.empty(shape, np.uint8)
    for row in range(0, shape[0], 1000):  # a copy of all of them would take gigabytes
        levels = unit * np.asarray(pixels[row : row + 1000], dtype=np.float64)
        whole = np.rint(levels)
        # A share written with six digits is within 255e-6 of its level; what is farther from all levels is no image.
        if not ((abs(levels - whole) < 0.01).all() and whole.min() >= 0 and whole.max() <= 255):
            raise ValueError(f"expected pixels of {source.title} from 0 to 255, found {levels.min()} to {levels.max()}")
        found[row : row + 1000] = whole
    images = Images(found, np.asarray(labels).astype(np.int64))
    _check(images, source)
    return images


def _check(images: Images, source: Source) -> None:
    """Compare with what the data set is known to be.

    Raises:
        ValueError: Shape, type or labels differ.
    """
    shape = (source.samples, source.channels * source.side**2)
    if images.pixels.shape != shape or images.pixels.dtype != np.uint8 or images.labels.shape != shape[:1]:
        raise ValueError(
            f"expected bytes of shape {shape} with as many labels, found {images.pixels.dtype} of shape {images.pixels.shape} "
            f"with labels of shape {images.labels.shape}"
        )
    if not np.array_equal(np.unique(images.labels), np.arange(10)):
        raise ValueError(f"expected the labels 0 to 9, found {np.unique(images.labels).tolist()}")


def central(pixels: Array, channels: int, side: int) -> Array:
    """The middle of images, `side` pixels along each of its sides: shape `(samples, channels * side * side)`."""
    whole = round((pixels.shape[1] / channels) ** 0.5)
    first = (whole - side) // 2
    planes = pixels.reshape(len(pixels), channels, whole, whole)
    return planes[:, :, first : first + side, first : first + side].reshape(len(pixels), channels * side * side)


@contextlib.contextmanager
def _timeout(seconds: float) -> Iterator[None]:
    """Within it no socket waits longer: scikit-learn itself would wait for ever."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Within it no other process of this machine is here; where there is no `fcntl`, as on Windows, one may be."""
    with path.open("a") as file:
        try:
            import fcntl
        except ImportError:
            yield
            return
        fcntl.flock(file, fcntl.LOCK_EX)  # let go where the file is closed, or the process dies
        yield


@contextlib.contextmanager
def _progress(source: Source, folder: Path, file: IO[str] | None = None) -> Iterator[None]:
    """On a terminal, show for how long it has been going on and how much has come: the server does not say how much will.

    scikit-learn reports nothing while it downloads, so that the growing folder is looked at twice a second.
    """
    stream = sys.stderr if file is None else file
    if not stream.isatty():
        yield
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    before, done = _size(folder), threading.Event()
    with Progress(*columns, console=Console(file=stream), transient=True) as progress:
        task = progress.add_task(f"{source.title} from openml.org", total=None)

        def watch() -> None:
            while not done.wait(0.5):
                progress.update(task, completed=max(_size(folder) - before, 0))

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()


def _size(folder: Path) -> int:
    """Bytes of all files below a folder, some of which may be moved meanwhile."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            total += path.stat().st_size
    return total
