"""Two hidden units make the exclusive or separable by a line."""

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.elementwise import FUNCTIONS, Grid, HiddenSpace
from dlverify.quantity import Array, as_array


def by_corners(experiment: HiddenSpace, given: Grid) -> Array:
    """Of the inputs all but 0110 and 1001; of the hidden units those that agree at 01 and 10; and outputs 0, 1, 1, 0.

    The two diagonals of the square cross, and nothing else is in a line's way. The units relu(x + y) and relu(x + y - 1)
    take the corners to (0, 0), (1, 0), (1, 0) and (2, 1): a line separates the corners of a triangle in any way, but not a
    point from itself. x + y - 2 (x + y - 1) is 1 for x + y = 1 and 0 for x + y = 2.
    """
    if experiment.report == "output":
        return as_array([0, 1, 1, 0])
    return np.array([[f not in ("0110", "1001"), f[1] == f[2]] for f in FUNCTIONS])


CLAIM = Claim(
    entry="xor-hidden-space",
    says="No line separates the exclusive or in its inputs, but one does in the space of two ReLU units, where output weights "
    "1 and -2 give it exactly; the same units lose every function that tells 01 from 10.",
    paper="Minsky & Papert 1969; Goodfellow, Bengio & Courville 2016, section 6.1",
    experiments=vary(HiddenSpace(), report=("separable", "output")),
    predict=by_corners,
    judge=equal(),
    assumptions=(
        Assumption("nonlinear", "the hidden units are not linear", broken_by={"activation": "torch.nn:Identity"}),
        Assumption(
            "kink-between",
            "one kink lies among the corners, so that they do not stay on a line",
            broken_by={"biases": (0.0, 0.0)},
        ),
    ),
)
