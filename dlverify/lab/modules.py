"""Ensembles of any torch module: as many networks as there are members, trained at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from dlverify.lab.conditions import Lab


class Modules:
    """A torch module whose parameters are stacked along a member axis; a `Network` that `ensembles.train` can train.

    For perceptrons `networks.Perceptron` is faster. A module must not keep running statistics (buffers that `forward`
    changes): `torch.nn.BatchNorm2d(channels, track_running_stats=False)` does not.

    Attributes:
        names: Names of the parameters, in their order.
    """

    def __init__(self, make: Callable[[], nn.Module]) -> None:
        """Remember how a member is made.

        Args:
            make: Makes a module with fresh parameters; all its members have the same shapes.
        """
        self._make = make
        self._module = make()
        self.names = [name for name, _ in self._module.named_parameters()]

    def initial(self, lab: Lab, stream: str = "weights") -> list[Tensor]:
        """Parameters as the module itself draws them, each (members, ...), in the lab's dtype and on its device."""
        drawn = []
        for member in lab.members:
            with lab.seeded(stream, member):
                drawn.append([parameter.detach() for parameter in self._make().parameters()])
        return [torch.stack(tensors).to(lab.device, lab.torch_dtype) for tensors in zip(*drawn, strict=True)]

    def forward(self, parameters: Sequence[Tensor], inputs: Tensor, *others: Tensor) -> Any:
        """What every member's module makes of its inputs (members, ...), stacked; Dropout draws for each member."""
        module = self._module.to(parameters[0].device, parameters[0].dtype)  # for its buffers: a mask, say

        def one(tensors: Sequence[Tensor], *given: Tensor) -> Any:
            return functional_call(module, dict(zip(self.names, tensors, strict=True)), given)

        return vmap(one, randomness="different")(list(parameters), inputs, *others)
