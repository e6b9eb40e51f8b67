"""Layers that torch does not have: convolutions whose weights are not shared, and maxima over channels."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class LocallyConnected(nn.Module):
    """A convolution that has a kernel of its own at every position of its output (LeCun 1989), in one or two dimensions.

    Takes the place of `torch.nn.Conv1d` or `Conv2d`. As torch's lazy layers do, it makes its weights when it sees the
    first input, since their number depends on the size of that.

    Attributes:
        weight: Shape `(positions, out_channels, in_channels * taps of the kernel)`; None before the first input.
        bias: Shape `(positions, out_channels)`, or None.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        padding: int = 0,
        bias: bool = True,
        padding_mode: str = "zeros",
    ) -> None:
        super().__init__()
        self.shape = (out_channels, in_channels)
        self.kernel_size, self.stride, self.padding, self.with_bias = kernel_size, stride, padding, bias
        self.mode = "constant" if padding_mode == "zeros" else padding_mode
        self.weight: nn.Parameter | None
        self.bias: nn.Parameter | None
        self.register_parameter("weight", None)
        self.register_parameter("bias", None)

    def forward(self, inputs: Tensor) -> Tensor:
        """Maps (samples, in_channels, ...) to maps (samples, out_channels, ...)."""
        dimensions = inputs.dim() - 2
        patches = functional.pad(inputs, (self.padding,) * 2 * dimensions, self.mode) if self.padding else inputs
        for dimension in range(2, 2 + dimensions):
            patches = patches.unfold(dimension, self.kernel_size, self.stride)
        sizes = patches.shape[2 : 2 + dimensions]
        # (samples, in_channels, *sizes, *taps) to (samples, positions, in_channels * taps)
        patches = patches.flatten(2, 1 + dimensions).transpose(1, 2).flatten(2)
        if self.weight is None:
            self._make(patches)
        assert self.weight is not None
        outputs = torch.einsum("npi,poi->nop", patches, self.weight)
        if self.bias is not None:
            outputs = outputs + self.bias.T
        return outputs.reshape(*outputs.shape[:2], *sizes)

    def _make(self, patches: Tensor) -> None:
        """Weights and biases as `torch.nn.Conv2d` draws them, uniform within 1 / sqrt(inputs of a node)."""
        positions, inputs = patches.shape[1:]
        shapes = {"weight": (positions, self.shape[0], inputs), "bias": (positions, self.shape[0])}
        for name, shape in shapes.items():
            if name == "weight" or self.with_bias:
                values = torch.empty(shape, dtype=patches.dtype, device=patches.device)
                setattr(self, name, nn.Parameter(values.uniform_(-1, 1) / math.sqrt(inputs)))


class Maxout(nn.Module):
    """The maximum over windows, and over neighbouring channels besides (Goodfellow et al. 2013).

    Attributes:
        pieces: How many channels share a maximum.
    """

    def __init__(self, kernel_size: int, stride: int | None = None, padding: int = 0, pieces: int = 2) -> None:
        super().__init__()
        self.maximum, self.pieces = nn.MaxPool2d(kernel_size, stride, padding), pieces

    def forward(self, inputs: Tensor) -> Tensor:
        """Maps (samples, channels, height, width) to fewer and smaller ones."""
        maps = self.maximum(inputs)
        outputs: Tensor = maps.reshape(len(maps), -1, self.pieces, *maps.shape[2:]).amax(2)
        return outputs


class LearnedMean(nn.Module):
    """The mean over windows, times a coefficient and plus a bias of each map, both trained (LeCun et al. 1998, II.B).

    As `classification.Subsampling`, for windows of any size; takes the place of `torch.nn.AvgPool2d`.

    Attributes:
        coefficient: Shape `(channels, 1, 1)`.
        bias: Shape `(channels, 1, 1)`.
    """

    def __init__(self, kernel_size: int, stride: int | None = None, padding: int = 0, channels: int = 6) -> None:
        super().__init__()
        self.mean = nn.AvgPool2d(kernel_size, stride, padding)
        self.coefficient, self.bias = (
            nn.Parameter(torch.ones(channels, 1, 1)),
            nn.Parameter(torch.zeros(channels, 1, 1)),
        )

    def forward(self, inputs: Tensor) -> Tensor:
        """Maps (samples, channels, height, width) to smaller ones."""
        outputs: Tensor = self.coefficient * self.mean(inputs) + self.bias
        return outputs
