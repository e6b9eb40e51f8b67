"""Boundaries do not determine the segmentation."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.data import ExchangedClasses, LabelMaps
from dlverify.quantity import Array


def same_edges_nothing_common(experiment: ExchangedClasses, given: LabelMaps) -> Array:
    """Boundaries lie where labels differ, and still differ; no pixel keeps its class, so nothing is common."""
    return np.array([0, 0])


def same_edges_same_map(experiment: ExchangedClasses, given: LabelMaps) -> Array:
    """Whoever knows the boundaries knows the segmentation: where they are the same the overlap is 1."""
    return np.array([0, 1])


CLAIM = Claim(
    entry="segmentation-is-not-boundary-classification",
    says=(
        "Exchanging the classes of a label map leaves every boundary where it is and no pixel right: segmentation is to give "
        "pixels their classes, not to find boundaries."
    ),
    paper="Long, Shelhamer & Darrell 2015; Arbeláez et al. 2011",
    experiments=vary(ExchangedClasses(), classes=(2,), shape=((1, 2), (2, 3)))
    + vary(ExchangedClasses(shape=(2, 2)), classes=(3,)),
    predict=same_edges_nothing_common,
    judge=equal(),
    assumptions=(
        Assumption("everywhere", "classes are exchanged everywhere", broken_by={"exchanged": "first column"}),
    ),
    errata=(
        Erratum(
            "boundary-classification",
            "Semantic segmentation is the classification of boundary lines.",
            number=42,
            predict=same_edges_same_map,
        ),
    ),
)
