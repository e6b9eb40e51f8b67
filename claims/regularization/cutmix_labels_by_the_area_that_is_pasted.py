"""CutMix labels by the area that is pasted, not by the share that is drawn."""

from fractions import Fraction
from math import isqrt

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.augmentation import Boxes, PastedShares
from dlverify.quantity import Array


def what_is_left(experiment: PastedShares, given: Boxes) -> Array:
    """Side s = floor(W sqrt(1 - l)), by whole numbers; h = floor(s / 2) each way from the centre, as far as there are pixels.

    l is read as the decimal that it is written as.
    """
    size, kept = experiment.size, np.empty((len(experiment.shares), len(given.centres)), dtype=object)
    for row, share in enumerate(experiment.shares):
        cut = 1 - Fraction(str(share))
        half = isqrt(size**2 * cut.numerator // cut.denominator) // 2
        for column, centre in enumerate(given.centres.tolist()):
            height, width = (sum(abs(2 * i + 1 - 2 * place) < 2 * half for i in range(size)) for place in centre)
            kept[row, column] = 1 - Fraction(height * width, size**2)
    return np.stack([kept, kept])


def as_drawn(experiment: PastedShares, given: Boxes) -> Array:
    """As printed: samples are mixed at a fixed ratio, the one asked for."""
    return np.array([Fraction(str(share)) for share in experiment.shares], dtype=object)[:, None]


CLAIM = Claim(
    entry="cutmix",
    says="CutMix pastes a box of sides W sqrt(1 - l) and H sqrt(1 - l), rounded down and clipped at the border, and its label is "
    "mixed by the share of pixels that remains, not by the l that was drawn.",
    paper="Yun, Han, Oh, Chun, Choe & Yoo 2019, section 3 and algorithm A1",
    experiments=vary(PastedShares()) + vary(PastedShares(boxes=1023), tier="full", size=(32,)),
    predict=what_is_left,
    judge=equal(),
    assumptions=(
        Assumption(
            "label-follows",
            "the label follows the pixels",
            broken_by={"mix": "dlverify.experiments.augmentation:cutmix_as_drawn"},
        ),
        Assumption(
            "clipped",
            "the box is clipped at the border, not moved inside",
            broken_by={"mix": "dlverify.experiments.augmentation:cutmix_inside"},
        ),
    ),
    errata=(
        Erratum(
            "fixed-ratio",
            "Two samples are mixed at a fixed ratio.",
            number=73,
            predict=as_drawn,
            broken_by={"shares": (0.3,), "boxes": 0},
        ),
    ),
)
