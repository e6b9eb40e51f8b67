"""Experiments on activations and on what networks of one hidden layer can and do represent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


@dataclass(frozen=True)
class Start:
    """What a training is given.

    Attributes:
        inputs: Shape `(samples, 1)`.
        targets: Shape `(samples, 1)`.
        parameters: Initial parameters of `Perceptron((1, width, 1))`, each `(members, ...)`.
    """

    inputs: Array
    targets: Array
    parameters: tuple[Array, ...]


@dataclass(frozen=True)
class FitOfAbsoluteValue(Experiment):
    """Mean squared error with which a trained ReLU network of one hidden layer ends on |x| over [-1, 1].

    Attributes:
        optimizer: The optimizer; called with a list of parameters and `lr`.
        width: Hidden units; two are enough, |x| = relu(x) + relu(-x).
        start: "random" (uniform in +-1/sqrt(inputs of the layer), as `torch.nn.Linear` draws), or "constructed", those two
            units, the rest zero.
        steps: Full-batch steps.
        lr: The learning rate.
        samples: Points of the grid.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64")

    optimizer: Subject = Subject("torch.optim", "Adam")
    width: int = 2
    start: Literal["random", "constructed"] = "random"
    steps: int = 1500
    lr: float = 0.01
    samples: int = 64

    def draw(self, lab: Lab) -> Start:
        """The grid and the initial weights."""
        inputs = lab.rounded(np.linspace(-1, 1, self.samples)[:, None])
        shapes = ((self.width, 1), (self.width,), (1, self.width), (1,))
        bounds = (1.0, 1.0, self.width**-0.5, self.width**-0.5)
        names = ("first weight", "first bias", "last weight", "last bias")
        drawn = [lab.uniform(n, s, -b, b) for n, s, b in zip(names, shapes, bounds, strict=True)]
        if self.start == "constructed":
            drawn = [np.zeros_like(array) for array in drawn]
            drawn[0][:, :2, 0], drawn[2][:, 0, :2] = (1, -1), (1, 1)
        return Start(inputs, np.abs(inputs), tuple(drawn))

    def measure(self, lab: Lab, given: Start) -> Quantity:
        """The final loss of each member."""
        from dlverify.lab.ensembles import Perceptron, train

        training = train(
            Perceptron((1, self.width, 1)),
            [lab.tensor(array) for array in given.parameters],
            (lab.tensor(given.inputs), lab.tensor(given.targets)),
            optimizer=lambda parameters: self.optimizer(parameters, lr=self.lr),
            steps=self.steps,
        )
        return Quantity(training.losses[-1], "final mean squared error", "", (Axis("member", tuple(lab.members)),), scale="log")
