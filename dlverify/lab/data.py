"""Real data that come with a package, so that no experiment needs a download."""

from __future__ import annotations

import functools
import importlib.util
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dlverify.quantity import Array


@dataclass(frozen=True)
class Images:
    """Labelled images, one a row, in read-only arrays.

    Attributes:
        pixels: Shape `(samples, pixels)`, float64 in [0, 1].
        labels: Shape `(samples,)`, integers.
    """

    pixels: Array
    labels: Array


@functools.cache
def digits() -> Images:
    """The 1,797 handwritten digits of 8x8 pixels that scikit-learn bundles, in its order: neighbours share a writer.

    The ink of a pixel, 0 to 16, is divided by 16, so that every dtype holds the pixels exactly. The file itself is read,
    as `sklearn.datasets.load_digits` does, since importing scikit-learn takes a second and reading 20 milliseconds.

    Raises:
        FileNotFoundError: scikit-learn is not installed, or has moved the file.
    """
    package = importlib.util.find_spec("sklearn")
    folders = (package.submodule_search_locations if package else None) or []
    for folder in folders:
        path = Path(folder) / "datasets" / "data" / "digits.csv.gz"
        if path.exists():
            table = np.loadtxt(path, delimiter=",", dtype=np.int64)
            pixels, labels = table[:, :-1] / 16, table[:, -1]
            pixels.setflags(write=False)
            labels.setflags(write=False)
            return Images(pixels, labels)
    raise FileNotFoundError(
        f"the digits of scikit-learn are not where they should be, datasets/data/digits.csv.gz under {folders or 'sklearn'}; "
        "install scikit-learn"
    )


def placed(pixels: Array, corners: Array, size: int) -> Array:
    """Square images, each put somewhere on a larger square of zeros.

    Args:
        pixels: Shape `(samples, side * side)`.
        corners: Row and column of each image's first pixel, shape `(samples, 2)`, from 0 to `size - side`.
        size: Pixels along one side of the larger square.

    Returns:
        Shape `(samples, size * size)`.
    """
    side = math.isqrt(pixels.shape[1])
    found = np.zeros((len(pixels), size, size))
    rows, columns = (corners[:, axis, None] + np.arange(side) for axis in (0, 1))
    found[np.arange(len(pixels))[:, None, None], rows[:, :, None], columns[:, None, :]] = pixels.reshape(-1, side, side)
    return found.reshape(len(pixels), size * size)
