"""Experiments on training stacks of linear layers of one unit: the product of their weights and its path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


@dataclass(frozen=True)
class Start:
    """Where a training starts.

    Attributes:
        pair: The weights w1, w2 of two layers with the product and the imbalance asked for, shape `(2,)`.
        weights: The weights of the stack, shape `(depth,)`: the pair for two layers, else all equal with its product.
    """

    pair: Array
    weights: Array


@dataclass(frozen=True)
class DescentOfStack(Experiment):
    """The path of a stack of linear layers of one unit that is trained to multiply by a target.

    The loss is (w_1 ... w_L - target)^2 / 2 by autograd, its only input being 1.

    Attributes:
        layer: The layer; called with (inputs, outputs), has a `weight` and no bias.
        optimizer: The optimizer; called with a list of parameters and `lr`.
        depth: How many layers.
        product: The product of the weights at the start.
        imbalance: w1^2 - w2^2 at the start; 0 for any other depth than two.
        target: The product aimed at.
        lr: The learning rate.
        steps: How many steps.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    layer: Subject = Subject("torch.nn", "Linear", (("bias", False),))
    optimizer: Subject = Subject("torch.optim", "SGD")
    depth: int = 2
    product: float = 0.25
    imbalance: float = 0.0
    target: float = 2.0
    lr: float = 0.1
    steps: int = 40

    def draw(self, lab: Lab) -> Start:
        """The initial weights; nothing is random."""
        return _start(lab, self.depth, self.product, self.imbalance)

    def measure(self, lab: Lab, given: Start) -> Quantity:
        """What the stack makes of the input 1 before each step and after the last, shape `(steps + 1,)`."""
        training = _Training(lab, self.layer, self.optimizer, given.weights, self.target, self.lr)
        outputs = [training.output()]
        for _ in range(self.steps):
            training.step()
            outputs.append(training.output())
        return Quantity(
            torch.stack(outputs), "product of the weights", "", (Axis("step", tuple(range(self.steps + 1))),)
        )


@dataclass(frozen=True)
class LossOfImbalance(Experiment):
    """How far w1^2 - w2^2 of two linear layers of one unit has fallen after a fixed time, steps times learning rate.

    Attributes:
        layer: The layer; called with (inputs, outputs), has a `weight` and no bias.
        optimizer: The optimizer; called with a list of parameters and `lr`.
        product: The product of the weights at the start.
        imbalance: w1^2 - w2^2 at the start.
        target: The product aimed at.
        time: Steps times learning rate, a multiple of 1/4.
        halvings: The learning rates are 1/4, 1/8, ..., 1/4 halved that often.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    layer: Subject = Subject("torch.nn", "Linear", (("bias", False),))
    optimizer: Subject = Subject("torch.optim", "SGD")
    product: float = 0.25
    imbalance: float = 1.0
    target: float = 2.0
    time: float = 2.0
    halvings: int = 5

    @property
    def rates(self) -> tuple[float, ...]:
        """The learning rates."""
        return tuple(0.25 * 0.5**halving for halving in range(self.halvings + 1))

    def draw(self, lab: Lab) -> Start:
        """The initial weights; nothing is random."""
        return _start(lab, 2, self.product, self.imbalance)

    def measure(self, lab: Lab, given: Start) -> Quantity:
        """The imbalance at the start less that at the end, shape `(halvings + 1,)`."""
        losses = []
        for lr in self.rates:
            training = _Training(lab, self.layer, self.optimizer, given.weights, self.target, lr)
            before = training.imbalance()
            for _ in range(round(self.time / lr)):
                training.step()
            losses.append(before - training.imbalance())
        rates = Axis("learning rate", self.rates)
        return Quantity(torch.stack(losses), "loss of imbalance", "", (rates,))


def descent_of_two_weights(pair: Array, target: float, lr: float, steps: int) -> tuple[Array, Array]:
    """Theory: p = w1 w2 and s = w1^2 + w2^2 under descent on (p - target)^2 / 2, before each step and after the last.

    With r = p - target the gradients are r w2 and r w1, so a step multiplies w1 + w2 by 1 - lr r and w1 - w2 by 1 + lr r.
    Of U = (w1 + w2)^2 and V = (w1 - w2)^2, p is a quarter of the difference and s half of the sum. No weight is stepped.
    """
    plus, minus = pair.sum() ** 2, (pair[0] - pair[1]) ** 2
    products, squares = [], []
    for _ in range(steps + 1):
        products.append((plus - minus) / 4)
        squares.append((plus + minus) / 2)
        move = lr * (products[-1] - target)
        plus, minus = plus * (1 - move) ** 2, minus * (1 + move) ** 2
    return np.array(products), np.array(squares)


def rounding_of_two_weights(products: Array, squares: Array, target: float, lr: float) -> Array:
    """Theory: norm of the error of (w1, w2) along such a path in units of gamma; 0 before the first step.

    A step rounds terms of absolute sum (1 + lr (|p| + |target|)) |w| at most, six times: product, residual, its product
    with a weight, the rate, its product, the sum. What was there before is carried on by I - lr H, whose norm follows
    from the trace s and the determinant p^2 - (2 p - target)^2 of the Hessian H.
    """
    roots = np.sqrt(squares**2 / 4 - products**2 + (2 * products - target) ** 2)
    growths = np.maximum(abs(1 - lr * (squares / 2 + roots)), abs(1 - lr * (squares / 2 - roots)))
    fresh = (1 + lr * (abs(products) + abs(target))) * np.sqrt(squares)
    errors = [0.0]
    for growth, rounded in zip(growths[:-1], fresh[:-1], strict=True):
        errors.append(growth * errors[-1] + rounded)
    return np.array(errors)


class _Training:
    """A stack, its optimizer and its target."""

    def __init__(self, lab: Lab, layer: Subject, optimizer: Subject, weights: Array, target: float, lr: float) -> None:
        self.input = lab.tensor(np.ones((1, 1)))
        self.target = lab.tensor(np.full((1, 1), target))
        self.layers: list[Any] = [layer(1, 1).to(device=lab.device, dtype=lab.torch_dtype) for _ in weights]
        self.stack = torch.nn.Sequential(*self.layers)
        with torch.no_grad():
            for made, weight in zip(self.layers, weights, strict=True):
                made.weight.copy_(lab.tensor(np.full((1, 1), weight)))
        self.optimizer = optimizer(list(self.stack.parameters()), lr=lr)

    def step(self) -> None:
        self.optimizer.zero_grad()
        ((self.stack(self.input) - self.target).square().sum() / 2).backward()
        self.optimizer.step()

    def output(self) -> torch.Tensor:
        with torch.no_grad():
            outputs: torch.Tensor = self.stack(self.input)
        return outputs[0, 0]

    def imbalance(self) -> torch.Tensor:
        first, last = (layer.weight.detach().double()[0, 0] for layer in self.layers)
        imbalance: torch.Tensor = first.square() - last.square()
        return imbalance


def _start(lab: Lab, depth: int, product: float, imbalance: float) -> Start:
    """Weights with this product and w1^2 - w2^2 = imbalance, by w1^2 + w2^2 = sqrt(imbalance^2 + 4 product^2).

    Raises:
        ValueError: An imbalance is asked of another number of layers than two, or a negative product.
    """
    if product < 0:
        raise ValueError(f"expected a product of 0 or more, found {product}")
    squares = (imbalance**2 + 4 * product**2) ** 0.5
    pair = lab.rounded(np.sqrt([(squares + imbalance) / 2, (squares - imbalance) / 2]))
    return Start(pair, pair if depth == 2 else lab.rounded(np.full(depth, pair.prod() ** (1 / depth))))
