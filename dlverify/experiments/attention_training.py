"""Experiments that train small Transformers on tasks in which order is all that matters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.ensembles import train
from dlverify.lab.modules import Modules
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity, pictures_of


@dataclass(frozen=True)
class Sequences:
    """Sequences of symbols, those for training first.

    Attributes:
        symbols: Shape `(members, sequences, tokens)`, integers.
        orders: Minibatches, shape `(members, steps, batch)`.
    """

    symbols: Array
    orders: Array


@dataclass(frozen=True)
class Reversal(Experiment):
    """What a small Transformer makes of random sequences that it is trained to answer by other sequences.

    Attributes:
        network: Called with (tokens, features) and the keywords of `small_encoder`; has `attention`.
        optimizer: Called with a list of parameters and `lr`.
        task: The answer: the sequence "reversed", or a "copy" of it.
        sees: What the network sees of the tokens: "everything", places included; "no places": it is not told where a
            token stands; or "no later tokens": it has a causal mask.
        tokens: In a sequence.
        symbols: How many there are, all alike in probability.
        width: Of the states.
        sequences: For training.
        fresh: Others, for testing.
        batch: Sequences in a minibatch.
        steps: Of the optimizer.
        lr: The learning rate.
        report: "accuracy": the share of right answers at each place; or "attention": the mean attention over fresh
            sequences.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64")

    network: Subject = Subject("dlverify.lab.architectures.transformers", "small_encoder")
    optimizer: Subject = Subject("torch.optim", "Adam")
    task: Literal["reversed", "copy"] = "reversed"
    sees: Literal["everything", "no places", "no later tokens"] = "everything"
    tokens: int = 6
    symbols: int = 4
    width: int = 16
    sequences: int = 1024
    fresh: int = 512
    batch: int = 32
    steps: int = 80
    lr: float = 0.01
    report: Literal["accuracy", "attention"] = "accuracy"

    def draw(self, lab: Lab) -> Sequences:
        """Sequences of independent symbols, and minibatch orders."""
        shape = (self.sequences + self.fresh, self.tokens)
        drawn = [lab.generator("symbols", member).integers(self.symbols, size=shape) for member in lab.members]
        return Sequences(np.stack(drawn), lab.orders("orders", self.sequences, self.batch, self.steps))

    def measure(self, lab: Lab, given: Sequences) -> Quantity:
        """Accuracies `(members, tokens)`, or attention `(members, queries, keys)`."""
        members, places = Axis("member", tuple(lab.members)), tuple(range(1, self.tokens + 1))
        inputs = lab.tensor(np.eye(self.symbols)[given.symbols]).flatten(2)
        asked = lab.tensor(given.symbols)
        answers = asked.flip(2) if self.task == "reversed" else asked
        fresh = inputs[:, self.sequences :]
        with sdpa_kernel(SDPBackend.MATH):  # the others have no batching rule
            network = Modules(self._make)
            data = inputs[:, : self.sequences], answers[:, : self.sequences]
            trained = _trained(lab, network, data, self.optimizer, self.lr, given.orders, _cross_entropy)
            with torch.no_grad():
                if self.report == "attention":
                    attention = Modules(lambda: _Attention(self._make())).forward(trained, fresh).mean(1)
                    axes = members, Axis("query", places), Axis("key", places)
                    name = "attention weight, mean over fresh sequences"
                    pictures = pictures_of(
                        {"attention: down the place that asks, across the one it asks": attention[:1]}
                    )
                    return Quantity(attention, name, "", axes, pictures=pictures)
                right = network.forward(trained, fresh).argmax(-1) == answers[:, self.sequences :]
        return Quantity(right.double().mean(1), "share of right answers", "", (members, Axis("place", places)))

    def _make(self) -> torch.nn.Module:
        made: torch.nn.Module = self.network(
            self.tokens,
            self.symbols,
            outputs=self.symbols,
            width=self.width,
            positions=self.sees != "no places",
            causal=self.sees == "no later tokens",
        )
        return made


@dataclass(frozen=True)
class Pairs:
    """Images, those for training first, each of which is shown as it is and turned upside down.

    Attributes:
        pixels: Shape `(members, images, 64)`.
        orders: Minibatches of shown images, shape `(members, steps, batch)`.
    """

    pixels: Array
    orders: Array


@dataclass(frozen=True)
class UpsideDown(Experiment):
    """Whether a small Transformer, for which each row of an image is a token, tells digits from digits upside down.

    Attributes:
        network: Called with (tokens, features) and the keywords of `small_encoder`.
        optimizer: Called with a list of parameters and `lr`.
        positions: Whether the network is told which row a token is.
        width: Of the states.
        images: Of scikit-learn's digits, for training, drawn anew for each member; 300 others are for testing.
        batch: Images in a minibatch.
        steps: Of the optimizer.
        lr: The learning rate.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64")

    network: Subject = Subject("dlverify.lab.architectures.transformers", "small_encoder")
    optimizer: Subject = Subject("torch.optim", "Adam")
    positions: bool = True
    width: int = 16
    images: int = 512
    batch: int = 32
    steps: int = 120
    lr: float = 0.01

    def draw(self, lab: Lab) -> Pairs:
        """Images and minibatch orders."""
        from dlverify.lab.data import digits

        pixels = digits().pixels
        chosen = [lab.generator("images", m).permutation(len(pixels))[: self.images + 300] for m in lab.members]
        return Pairs(
            lab.rounded(pixels[np.stack(chosen)]), lab.orders("orders", 2 * self.images, self.batch, self.steps)
        )

    def measure(self, lab: Lab, given: Pairs) -> Quantity:
        """The share of right answers for 300 fresh images and the same ones upside down, shape `(members,)`."""
        with sdpa_kernel(SDPBackend.MATH):  # the others have no batching rule
            network = Modules(lambda: self.network(8, 8, width=self.width, positions=self.positions, pooled=True))
            data = self._shown(lab, given.pixels[:, : self.images])
            trained = _trained(lab, network, data, self.optimizer, self.lr, given.orders, _logistic)
            inputs, answers = self._shown(lab, given.pixels[:, self.images :])
            with torch.no_grad():
                right = (network.forward(trained, inputs) > 0) == (answers > 0.5)
        return Quantity(
            right.double().mean((1, 2)), "share of right answers", "", (Axis("member", tuple(lab.members)),)
        )

    def _shown(self, lab: Lab, pixels: Array) -> tuple[Tensor, Tensor]:
        """Images (members, 2 images, 64), as they are and then upside down, and a 0 or 1 for each."""
        images = lab.tensor(pixels.reshape(*pixels.shape[:2], 8, 8))
        both = torch.stack([images, images.flip(2)], dim=1)  # (members, 2, images, rows, columns)
        answers = torch.zeros_like(both[..., 0, 0])
        answers[:, 1] = 1
        return both.flatten(3).flatten(1, 2), answers.flatten(1)[..., None]


class _Attention(torch.nn.Module):
    """An encoder that answers with its attention, for `Modules`."""

    def __init__(self, encoder: torch.nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, tokens: Tensor) -> Tensor:
        weights: Tensor = self.encoder.attention(tokens)  # type: ignore[operator]
        return weights


def _trained(
    lab: Lab,
    network: Modules,
    data: tuple[Tensor, Tensor],
    optimizer: Subject,
    lr: float,
    orders: Array,
    loss: Callable[[Tensor, Tensor], Tensor],
) -> Sequence[Tensor]:
    return train(
        network,
        network.initial(lab),
        data,
        optimizer=lambda parameters: optimizer(parameters, lr=lr),
        steps=orders.shape[1],
        orders=lab.tensor(orders),
        loss=loss,
    ).parameters


def _cross_entropy(outputs: Tensor, answers: Tensor) -> Tensor:
    """Scores (members, sequences, tokens, symbols) and answers (members, sequences, tokens): one loss a member."""
    losses = functional.cross_entropy(outputs.movedim(-1, 1), answers, reduction="none")
    return losses.flatten(1).mean(1)


def _logistic(outputs: Tensor, answers: Tensor) -> Tensor:
    """Scores (members, images, 1) and answers of the same shape: one loss a member."""
    losses = functional.binary_cross_entropy_with_logits(outputs, answers, reduction="none")
    return losses.mean((1, 2))
