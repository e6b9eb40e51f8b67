"""Only segmentation answers with as much as the image."""

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.data import AnswerSizes
from dlverify.quantity import Array


def sizes_of_answers(experiment: AnswerSizes, given: None) -> Array:
    """K for each pixel; K; 4 + (K + 1) for each box; 2 or 3 for each joint; A: numbers of classes, boxes, joints, answers."""
    fixed = [
        0,
        experiment.classes,
        experiment.boxes * (4 + experiment.classes + 1),
        experiment.joints * experiment.coordinates,
        experiment.answers,
    ]
    counts = np.array([[number] * len(experiment.sides) for number in fixed], dtype=object)
    counts[0] = [experiment.classes * side**2 for side in experiment.sides]
    return counts


CLAIM = Claim(
    entry="task-output-shapes",
    says=(
        "Segmentation answers with classes for every pixel; classification, detection, pose estimation and visual question "
        "answering with as many numbers whatever the size of the image."
    ),
    paper="Everingham et al. 2010; Long, Shelhamer & Darrell 2015; Carion et al. 2020",
    experiments=vary(AnswerSizes(), coordinates=(2, 3)),
    predict=sizes_of_answers,
    judge=equal(),
    assumptions=(
        Assumption(
            "every-pixel",
            "nothing pools the map before pixels get their classes",
            broken_by={"readout": "torch.nn:AdaptiveAvgPool2d(output_size=1)"},
        ),
        Assumption("padded", "convolutions are padded, or else they lose the edge", broken_by={"padding": 0}),
        Assumption("pooled", "an image is classified as a whole", broken_by={"pooled": "nowhere"}),
    ),
)
