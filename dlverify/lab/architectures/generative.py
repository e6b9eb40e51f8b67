"""Models that generate or compress: autoencoders, and flows of affine coupling layers."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn


def perceptron(widths: Sequence[int], activation: str = "ReLU") -> nn.Sequential:
    """Linear layers with an activation of `torch.nn` between each two."""
    layers: list[nn.Module] = []
    for inputs, outputs in itertools.pairwise(widths):
        layers += [nn.Linear(inputs, outputs), getattr(nn, activation)()]
    return nn.Sequential(*layers[:-1])


def autoencoder(*, widths: Sequence[int] = (64, 48, 8), activation: str = "ReLU") -> nn.Sequential:
    """An encoder of these widths, from the data to a linear code, and a decoder of the same widths the other way round.

    With the activation "Identity" it is a linear autoencoder, whatever its depth.
    """
    return nn.Sequential(perceptron(widths, activation), perceptron(widths[::-1], activation))


class Coupling(nn.Module):
    """An affine coupling layer: some features pass and say how the others are scaled and shifted (Dinh et al. 2017, section 3.2).

    From the data to the latent variable, x to z: z = x where `passes`, z = x exp(s) + t elsewhere, with s and t functions
    of x where it passes. As a change of variables it multiplies densities by exp(sum of s).

    Attributes:
        passes: Which features pass, ones and zeros of shape `(features,)`.
        network: From the features that pass, the others as zeros, to s and t of all features.
        sees_all: Whether the network is shown all features instead: then the layer is no coupling layer.
    """

    passes: Tensor

    def __init__(self, passes: Sequence[bool], width: int, *, sees_all: bool = False) -> None:
        super().__init__()
        self.register_buffer("passes", torch.tensor(passes, dtype=torch.get_default_dtype()))
        self.network = perceptron((len(passes), width, 2 * len(passes)), "Tanh")
        self.sees_all = sees_all

    def scale_and_shift(self, given: Tensor) -> tuple[Tensor, Tensor]:
        """Logarithms of the scales and shifts, zero where features pass; scales lie between 1/e and e."""
        scale, shift = self.network(given if self.sees_all else given * self.passes).chunk(2, dim=-1)
        return torch.tanh(scale) * (1 - self.passes), shift * (1 - self.passes)

    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Latent values and the logarithm of the determinant of their derivative, shape `(samples,)`."""
        scale, shift = self.scale_and_shift(inputs)
        return inputs * scale.exp() + shift, scale.sum(-1)

    def inverse(self, latent: Tensor) -> Tensor:
        """The inputs: what passes is known, so are scale and shift (Dinh et al. 2017, equation 8)."""
        scale, shift = self.scale_and_shift(latent)
        return (latent - shift) * torch.exp(-scale)


class Flow(nn.Module):
    """Coupling layers in a row, before which a standard normal law stands: a density that can be computed and drawn from.

    Attributes:
        couplings: The layers, from the data to the latent variable; even and odd features pass in turn.
        log_determinant: Whether the density takes account of how the layers stretch space.
    """

    def __init__(
        self,
        *,
        features: int = 2,
        couplings: int = 4,
        width: int = 16,
        sees_all: bool = False,
        log_determinant: bool = True,
    ) -> None:
        super().__init__()
        parity = [[(feature + layer) % 2 == 0 for feature in range(features)] for layer in range(couplings)]
        self.couplings = nn.ModuleList(Coupling(passes, width, sees_all=sees_all) for passes in parity)
        self.log_determinant = log_determinant

    def latent(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Latent values and the logarithm of the determinant of their derivative."""
        total = torch.zeros_like(inputs[..., 0])
        for coupling in self.couplings:
            inputs, part = coupling(inputs)
            total = total + part
        return inputs, total

    def forward(self, inputs: Tensor) -> Tensor:
        """Logarithm of the density of each sample, in nats, shape `(samples,)`."""
        latent, determinant = self.latent(inputs)
        normal = -(latent.square() + torch.log(torch.tensor(2 * torch.pi, dtype=latent.dtype))).sum(-1) / 2
        return normal + determinant if self.log_determinant else normal

    def inverse(self, latent: Tensor) -> Tensor:
        """Samples from standard normal numbers."""
        for coupling in reversed(self.couplings):
            latent = coupling.inverse(latent)  # type: ignore[operator]
        return latent
