"""Experiments on linear maps and their compositions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


@dataclass(frozen=True)
class Layers:
    """A stack of affine layers and inputs to it.

    Attributes:
        weights: Shape `(depth, width, width)`: orthogonal up to the rounding to the lab's dtype.
        biases: Shape `(depth, width)`.
        inputs: Shape `(samples, width)`.
    """

    weights: Array
    biases: Array
    inputs: Array


@dataclass(frozen=True)
class StackOutputs(Experiment):
    """Outputs of a stack of layers, an activation between each two.

    The weights are orthogonal, so that signals keep their size at any depth and rounding errors are not magnified.

    Attributes:
        layer: The layer; called with (inputs, outputs), and has `weight` and `bias`.
        activation: Between the layers.
        depth: How many layers.
        width: Features of every layer.
        samples: How many inputs.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    layer: Subject = Subject("torch.nn", "Linear")
    activation: Subject = Subject("torch.nn", "Identity")
    depth: int = 8
    width: int = 8
    samples: int = 32

    def draw(self, lab: Lab) -> Layers:
        """Weights uniform on the orthogonal group (the Q of a Gaussian matrix), biases and inputs standard normal."""
        gaussian = lab.generator("weights").standard_normal((self.depth, self.width, self.width))
        orthogonal = np.linalg.qr(gaussian)[0]
        biases = lab.normal("biases", (self.depth, self.width))[0]
        return Layers(lab.rounded(orthogonal), biases, lab.normal("inputs", (self.samples, self.width))[0])

    def measure(self, lab: Lab, given: Layers) -> Quantity:
        """The outputs, shape `(samples, width)`."""
        modules: list[torch.nn.Module] = []
        for weight, bias in zip(given.weights, given.biases, strict=True):
            layer = self.layer(self.width, self.width)
            layer.to(device=lab.device, dtype=lab.torch_dtype)
            with torch.no_grad():
                layer.weight.copy_(lab.tensor(weight))
                layer.bias.copy_(lab.tensor(bias))
            modules += [layer, self.activation()]
        with torch.no_grad():
            outputs = torch.nn.Sequential(*modules[:-1])(lab.tensor(given.inputs))
        samples = Axis("sample", tuple(range(self.samples)))
        return Quantity(outputs, "output", "", (samples, Axis("feature", tuple(range(self.width)))))
