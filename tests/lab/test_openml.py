"""Are the large data sets fetched once, checked, and honestly missing where they cannot be had? No network is needed."""

import gzip
import io
import socket
import subprocess
import sys
import time
import urllib.error
import warnings
from pathlib import Path

import numpy as np
import pytest
import sklearn.datasets

from dlverify import catalog
from dlverify.experiments.images import Advantage
from dlverify.lab import openml
from dlverify.lab.conditions import Lab, torch_state
from dlverify.lab.openml import DamagedCache, NotFetched, Source, fetch

SMALL = {
    "mnist": Source("MNIST", 554, 160, 60, 1, 28),
    "cifar10": Source("CIFAR-10", 40927, 160, 60, 3, 32),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty data folder of scikit-learn's, and nothing remembered."""
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path))
    openml._fetched.cache_clear()
    yield tmp_path
    openml._fetched.cache_clear()


class Server:
    """What `fetch_openml` would return: images of the right shape, few of them."""

    def __init__(self) -> None:
        self.asked: list[dict[str, object]] = []
        self.timeouts: list[float | None] = []

    def __call__(self, **keywords):
        self.asked.append(keywords)
        self.timeouts.append(socket.getdefaulttimeout())
        source = next(source for source in openml.SOURCES.values() if source.number == keywords["data_id"])
        numbers = np.random.default_rng(source.number)
        labels = np.arange(source.samples) % 10
        pixels = numbers.integers(0, 256, (source.samples, source.channels * source.side**2)).astype(np.float64)
        return pixels, labels.astype(str).astype(object)


@pytest.fixture
def server(monkeypatch):
    """A server with few images of either kind."""
    monkeypatch.setattr(openml, "SOURCES", SMALL)
    found = Server()
    monkeypatch.setattr(sklearn.datasets, "fetch_openml", found)
    return found


def unreachable(**keywords):
    raise urllib.error.URLError(socket.gaierror(-3, "Temporary failure in name resolution"))


def test_mnist_in_full_has_its_shape_and_comes_as_bytes(folder, monkeypatch):
    monkeypatch.setattr(
        sklearn.datasets,
        "fetch_openml",
        lambda **_: (np.broadcast_to(np.arange(784.0) % 256, (70_000, 784)), np.arange(70_000) % 10),
    )
    images = fetch("mnist")
    assert images.pixels.shape == (70_000, 784)
    assert images.pixels.dtype == np.uint8
    assert images.pixels[69_999, 255] == 255
    assert not images.pixels.flags.writeable


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_data_are_fetched_once_without_pandas_within_a_timeout(folder, server, name):
    images = fetch(name)
    assert fetch(name) is images
    openml._fetched.cache_clear()  # as in another process
    again = fetch(name)
    assert np.array_equal(again.pixels, images.pixels)
    assert again.labels.tolist() == [i % 10 for i in range(160)]
    (asked,) = server.asked
    assert asked["parser"] == "liac-arff"
    assert asked["data_home"] == str(folder)
    assert server.timeouts == [openml.TIMEOUT]
    assert socket.getdefaulttimeout() is None


def test_shares_become_bytes(folder, server, monkeypatch):
    pixels, labels = server(data_id=554)
    monkeypatch.setattr(sklearn.datasets, "fetch_openml", lambda **_: (np.round(pixels / 255, 6), labels))
    assert np.array_equal(fetch("mnist").pixels, pixels)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda pixels, labels: (pixels * 1.5, labels), "from 0 to 255, found"),
        (lambda pixels, labels: (pixels - 1, labels), "from 0 to 255, found -1"),
        (lambda pixels, labels: (pixels * np.nan, labels), "from 0 to 255, found nan"),
        (lambda pixels, labels: (pixels[:, 1:], labels), r"\(160, 784\).*\(160, 783\)"),
        (lambda pixels, labels: (pixels, labels.astype(int) + 1), "labels 0 to 9, found"),
    ],
)
def test_what_is_no_such_data_set_is_refused(folder, server, monkeypatch, spoil, message):
    given = server(data_id=554)
    monkeypatch.setattr(sklearn.datasets, "fetch_openml", lambda **_: spoil(*given))
    with pytest.raises(ValueError, match=message):
        fetch("mnist")
    assert not list((folder / "dlverify").glob("*.npz"))
    assert not list((folder / "dlverify").glob("*.part"))


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b[:5000] + bytes([b[5000] ^ 1]) + b[5001:]])
def test_a_damaged_file_of_ours_is_named_with_what_to_do(folder, server, damage):
    fetch("mnist")
    kept = folder / "dlverify" / "mnist.npz"
    kept.write_bytes(damage(kept.read_bytes()))
    openml._fetched.cache_clear()
    with pytest.raises(DamagedCache, match=r"MNIST in the cache is damaged: .*Remove .*mnist\.npz and run again"):
        fetch("mnist")


def test_scikit_learns_damaged_cache_on_a_machine_without_network_is_named(folder, monkeypatch):
    """The real `fetch_openml`: it removes what it cannot read and then tries to fetch it again."""
    path = folder / "openml" / "openml.org" / "api" / "v1" / "json" / "data" / "554.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(b"no json"))

    monkeypatch.setattr("sklearn.datasets._openml.time.sleep", lambda seconds: None)

    def refuse(*_, **__):
        raise urllib.error.URLError("no network")

    monkeypatch.setattr("sklearn.datasets._openml.urlopen", refuse)
    with pytest.raises(DamagedCache, match=r"could not read .*554\.gz.*removed it.*no network\. Copy .*openml "):
        fetch("mnist")


def test_without_network_a_machine_says_what_is_missing_where_and_how_to_provide_it(folder, monkeypatch):
    monkeypatch.setattr(sklearn.datasets, "fetch_openml", unreachable)
    message = (
        r"CIFAR-10 could not be fetched from openml.org \(data set 40927\): .*name resolution; it would be kept in .*: copy "
        r"that folder .* or set SCIKIT_LEARN_DATA"
    )
    with pytest.raises(NotFetched, match=message) as first:
        fetch("cifar10")
    monkeypatch.setattr(sklearn.datasets, "fetch_openml", lambda **_: pytest.fail("tried again"))
    with pytest.raises(NotFetched) as second:
        fetch("cifar10")
    assert str(first.value) == str(second.value)


def test_a_server_that_never_answers_is_given_up(folder, monkeypatch):
    """The real `fetch_openml` against a socket that accepts and is silent."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        monkeypatch.setattr("sklearn.datasets._openml._DATA_INFO", f"http://127.0.0.1:{port}/{{}}")
        monkeypatch.setattr(openml, "TIMEOUT", 0.1)
        monkeypatch.setattr("sklearn.datasets._openml.time.sleep", lambda seconds: None)
        started = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # as pytest is told in this project
            with pytest.raises(NotFetched, match="MNIST could not be fetched from openml.org .*: timed out"):
                fetch("mnist")
    assert time.perf_counter() - started < 30, "waited for ever"


def test_another_error_than_of_the_network_is_not_taken_for_one(folder, monkeypatch):
    def full(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sklearn.datasets, "fetch_openml", full)
    with pytest.raises(OSError, match="No space left"):
        fetch("mnist")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fcntl")
def test_workers_wait_for_the_one_that_fetches(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from dlverify.lab import openml; print('ready', flush=True)\n"
        "with openml._alone(Path(sys.argv[1])): print(time.time())"
    )
    with openml._alone(tmp_path / "lock"):
        worker = subprocess.Popen([sys.executable, "-c", code, tmp_path / "lock"], stdout=subprocess.PIPE, text=True)
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        time.sleep(0.2)
        left = time.time()
    output, _ = worker.communicate(timeout=60)
    assert float(output) >= left


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_shown_on_a_terminal_alone(folder):
    source = SMALL["mnist"]
    for stream, shown in ((Terminal(), True), (io.StringIO(), False)):
        with openml._progress(source, folder, stream):
            (folder / "some.part").write_bytes(bytes(3000))
        assert ("MNIST from openml.org" in stream.getvalue()) is shown


def test_the_middle_of_an_image():
    pixels = np.arange(2 * 3 * 16).reshape(2, 48)
    middle = openml.central(pixels, 3, 2)
    assert middle.shape == (2, 12)
    assert middle[1].tolist() == [48 + plane * 16 + place for plane in range(3) for place in (5, 6, 9, 10)]
    assert openml.central(pixels, 3, 4).tolist() == pixels.tolist()


def test_nothing_is_imported_that_only_fetching_needs():
    code = "import sys; import dlverify.experiments.images; print('sklearn' in sys.modules, 'rich' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found == "False False\n"


# The experiment on data of that shape ----------------------------------------------------------------------------------

FOLDER = Path(__file__).parents[2] / "claims"
CASES = {
    f"{claim}-{case.name}": case.experiment
    for claim in (
        "a_hidden_layer_reads_digits_better_than_softmax_regression",
        "lenet_reads_digits_better_than_a_perceptron_with_more_parameters",
        "convolutional_networks_read_colour_images_better_than_a_perceptron",
    )
    for case in catalog.load(FOLDER / "architecture" / f"{claim}.py", FOLDER).claim.experiments
    if case.tier == "nightly"
}


@pytest.mark.parametrize("case", CASES)
def test_nightly_cases_train_on_the_first_and_are_tested_on_the_last_images(folder, server, case):
    experiment = CASES[case].changed(samples=80, tested=60, batch=20, epochs=1)
    lab = Lab("a claim", dtype="float32", members=range(2))
    with torch_state(lab):
        given = experiment.draw(lab)
        measured = experiment.measure(lab, given)
    assert given.orders.shape == (2, 4, 20)
    assert given.orders.max() < 100
    assert all(len(np.unique(orders)) == 80 for orders in given.orders)
    assert given.tests.tolist() == [list(range(100, 160))] * 2
    assert measured.values.shape == (2,)
    assert abs(measured.values).max() <= 60**0.5


def test_a_machine_without_the_data_does_not_run_and_says_so(folder, monkeypatch):
    from dlverify.evidence.finding import NotAvailable

    monkeypatch.setattr(sklearn.datasets, "fetch_openml", unreachable)
    with pytest.raises(NotAvailable, match="MNIST could not be fetched"):
        Advantage(data="mnist").draw(Lab("a claim"))


def test_more_images_than_there_are_is_refused(folder, server):
    for experiment, message in (
        (Advantage(samples=1000, tested=798), "1797 at most together; found 1000 for training and 798"),
        (Advantage(data="mnist", samples=101, tested=60), "at most 100 for training, 60 for testing; found 101"),
        (Advantage(data="mnist", samples=100, tested=61), "at most 100 for training, 60 for testing; found 100"),
    ):
        with pytest.raises(ValueError, match=message):
            experiment.draw(Lab("a claim"))
