"""A dense layer cast into a convolution slides the classifier over a larger image."""

import numpy as np

from dlverify import Assumption, Claim, equal, rounding, vary
from dlverify.experiments.segmentation import SlidingWindows, Weighted
from dlverify.quantity import Array


def convolution(kernels: Array, maps: Array, padding: int) -> Array:
    """Sums of products of the kernels with every 3x3 piece of the maps (channels, rows, columns)."""
    padded = np.pad(maps, ((0, 0), (padding, padding), (padding, padding)))
    return np.tensordot(
        kernels, np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (1, 2)), ((1, 2, 3), (0, 3, 4))
    )


def classifier(window: Array, parameters: tuple[Array, ...], padding: int) -> Array:
    """Scores of one window: convolution, ReLU, maximum over 2x2 pixels, convolution, ReLU, dense layer."""
    first, first_bias, second, second_bias, dense, dense_bias = parameters
    hidden = np.maximum(convolution(first, window[None], padding) + first_bias[:, None, None], 0)
    channels, rows, columns = hidden.shape
    pooled = hidden.reshape(channels, rows // 2, 2, columns // 2, 2).max((2, 4))
    return dense @ np.maximum(convolution(second, pooled, padding) + second_bias[:, None, None], 0).ravel() + dense_bias


def every_window(experiment: SlidingWindows, given: Weighted) -> Array:
    """The classifier's scores of each window alone, as far apart as its pooling is wide, 2 pixels."""
    return _on_windows(experiment, given.image, given.parameters)


def of_absolute_values(experiment: SlidingWindows, given: Weighted) -> Array:
    """The same of absolute values, which bounds what enters the rounding of every sum, carried to the scores.

    A sum of n products errs by gamma of n + 1 times the sum of their absolute values, plus what its terms carry; ReLU and
    maximum pass errors on unmagnified (Higham 2002, section 3.1).
    """
    return _on_windows(experiment, np.abs(given.image), tuple(np.abs(values) for values in given.parameters))


def _on_windows(experiment: SlidingWindows, image: Array, parameters: tuple[Array, ...]) -> Array:
    side, padding = experiment.window, experiment.padding
    places = [range(0, length - side + 1, 2) for length in image.shape]
    scores = [
        [classifier(image[i : i + side, j : j + side], parameters, padding) for j in places[1]] for i in places[0]
    ]
    return np.moveaxis(np.array(scores), 2, 0)


def roundings(experiment: SlidingWindows, given: Weighted) -> float:
    """Products and bias of the three layers on one path, n + 1 each; twice, for the prediction and the second order."""
    return 2 * sum(weight[0].size + 1 for weight in given.parameters[::2])


CLAIM = Claim(
    entry="fully-convolutional-network",
    says="A classifier whose dense layer is cast into a convolution gives every window of a larger image, one stride apart, "
    "the scores that it gives to the window alone.",
    paper="Long, Shelhamer & Darrell 2015, section 3.1",
    experiments=vary(SlidingWindows(), window=(10, 16)) + vary(SlidingWindows(height=10, width=10), padding=(0, 1)),
    predict=every_window,
    judge=equal(within=rounding(operations=roundings, scale=of_absolute_values)),
    assumptions=(
        Assumption("unpadded", "nothing is padded: inside an image a window has neighbours", broken_by={"padding": 1}),
        Assumption(
            "same-order",
            "the kernel reads the weights in the order in which the features were flattened",
            broken_by={"cast": "dlverify.lab.architectures.segmentation:convolved(order='pixels')"},
        ),
    ),
)
