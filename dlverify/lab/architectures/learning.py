"""Networks of reinforcement learning and of self-supervised learning: DQN's, and SimCLR's encoder with its projection head."""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn

_DQN = {2013: (((16, 8, 4), (32, 4, 2)), 256), 2015: (((32, 8, 4), (64, 4, 2), (64, 3, 1)), 512)}
"""Channels, kernel and stride of the convolutions, and hidden units of the dense layer, by the year of the paper."""


def dqn(
    *, year: Literal[2013, 2015] = 2015, frames: int = 4, actions: int = 4, pixels: int = 84, padded: bool = False
) -> nn.Sequential:
    """The deep Q-network: from the last frames of the screen to one value for each action.

    That of Mnih et al. 2013, section 4.1, or of Mnih et al. 2015, "Model architecture" under Methods.

    Args:
        year: Which of the two.
        frames: How many frames are stacked as channels.
        actions: How many actions, 4 to 18 in the papers.
        pixels: Pixels along one side of a frame.
        padded: Whether convolutions see zeros around their input, half a kernel on each side; the published ones do not.
    """
    convolutions, hidden = _DQN[year]
    layers: list[nn.Module] = []
    channels, side = frames, pixels
    for outputs, kernel, stride in convolutions:
        padding = kernel // 2 if padded else 0
        layers += [nn.Conv2d(channels, outputs, kernel, stride, padding), nn.ReLU()]
        channels, side = outputs, (side + 2 * padding - kernel) // stride + 1
    dense = (nn.Flatten(), nn.Linear(channels * side * side, hidden), nn.ReLU(), nn.Linear(hidden, actions))
    return nn.Sequential(*layers, *dense)


class SimCLR(nn.Module):
    """An encoder f and a projection head g: the loss sees g(f(x)), whoever uses the representation f(x) (Chen et al. 2020).

    Attributes:
        encoder: f, from images to features.
        head: g, with one hidden layer as wide as the features (equation in section 2.1).
    """

    def __init__(self, encoder: nn.Module, *, features: int, projection: int = 128) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = nn.Sequential(nn.Linear(features, features), nn.ReLU(), nn.Linear(features, projection))

    def forward(self, images: Tensor) -> Tensor:
        """Images to projections (samples, projection)."""
        projections: Tensor = self.head(self.encoder(images))
        return projections


def simclr(*, pixels: int = 64, hidden: int = 128, features: int = 64, projection: int = 32) -> SimCLR:
    """SimCLR on flat images of a few pixels: a perceptron for the encoder, with one hidden layer."""
    encoder = nn.Sequential(nn.Linear(pixels, hidden), nn.ReLU(), nn.Linear(hidden, features))
    return SimCLR(encoder, features=features, projection=projection)
