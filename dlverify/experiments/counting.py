"""Experiments that count what a network has, on the meta device, where a parameter has a shape and no storage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch

from dlverify.experiment import Experiment, ExperimentError
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Axis, Quantity


@dataclass(frozen=True)
class Parameters(Experiment):
    """Trainable parameters of a network of any size.

    Attributes:
        network: The network; called without arguments.
        report: "by layer", one number for each module that has parameters of its own, in the order of the modules; or
            "total", parameters that modules share counted once.
    """

    network: Subject = Subject("dlverify.lab.architectures.residual", "resnet", (("depth", 50),))
    report: Literal["by layer", "total"] = "by layer"

    def draw(self, lab: Lab) -> None:
        """Nothing: a count needs no numbers."""

    def measure(self, lab: Lab, given: None) -> Quantity:
        """The counts, shape `(layers,)`, or the total.

        Raises:
            ExperimentError: The network has no trainable parameter.
        """
        with torch.device("meta"):
            network = self.network()
        total = sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)
        if not total:
            raise ExperimentError(f"{self.network} has no trainable parameter; give a torch.nn.Module that has")
        if self.report == "total":
            return Quantity(total, "parameters", "")
        own = [
            sum(p.numel() for p in module.parameters(recurse=False) if p.requires_grad) for module in network.modules()
        ]
        counts = [count for count in own if count]
        axis = Axis("layer", tuple(range(1, len(counts) + 1)))
        return Quantity(counts, "parameters", "", (axis,), scale="log")
