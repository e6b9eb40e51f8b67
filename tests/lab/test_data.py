import subprocess
import sys

import numpy as np
import pytest

from dlverify.lab import data


def test_digits_are_those_of_scikit_learn_with_ink_as_a_share():
    from sklearn.datasets import load_digits

    theirs, ours = load_digits(), data.digits()
    assert np.array_equal(16 * ours.pixels, theirs.data)
    assert np.array_equal(ours.labels, theirs.target)


def test_digits_are_read_once_and_cannot_be_changed():
    assert data.digits() is data.digits()
    for array in (data.digits().pixels, data.digits().labels):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_digits_do_not_import_scikit_learn():
    code = "import sys; from dlverify.lab.data import digits; digits(); print('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_missing_file_says_where_it_should_be(monkeypatch):
    monkeypatch.setattr(data.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match="install scikit-learn"):
        data.digits.__wrapped__()


def test_a_placed_image_lies_where_its_corner_says_among_zeros():
    pixels, corners = np.arange(1.0, 9.0).reshape(2, 4), np.array([[0, 1], [1, 0]])
    assert data.placed(pixels, corners, 3).tolist() == [[0, 1, 2, 0, 3, 4, 0, 0, 0], [0, 0, 0, 5, 6, 0, 7, 8, 0]]
