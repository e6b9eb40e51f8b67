"""Experiments on linear maps and their compositions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import scipy.linalg
import torch

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


@dataclass(frozen=True)
class Layers:
    """A stack of affine layers of one width, and inputs to it.

    Attributes:
        weights: Shape `(depth, width, width)`: orthogonal, up to the rounding to the lab's dtype.
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

    With `arithmetic` "exact" no dtype rounds anything. Features come in groups of four, which the weights of `_reflections`
    leave apart. Call a group *even* if its numbers are all multiples of 4, or all even and no multiple of 4. Such a
    weight maps h to g - s (s.g) / 2, with g a signed permutation of h and s of signs. Either way s.g is a multiple of 4,
    so all numbers of g move by one even number up to sign, and stay even. The products of a row are +-h / 2, integers;
    any partial sum is at most (|h_1| + ... + |h_4|) / 2 <= ||h|| in size, plus the bias. Lengths do not change but by
    the biases: at most 32 layers have one, of length 4 in each group, and inputs have length 128 at most. So every
    number on the way is an integer of size 256 at most, and a significand of 8 bits, bfloat16's, holds it.

    Attributes:
        layer: The layer; called with (inputs, outputs), and has `weight` and `bias`.
        activation: Between the layers.
        depth: How many layers.
        width: Features of every layer; a multiple of 4 where arithmetic is exact.
        samples: How many inputs.
        arithmetic: "exact" as above, or "rounded": weights, biases and inputs from Gaussian numbers.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    layer: Subject = Subject("torch.nn", "Linear")
    activation: Subject = Subject("torch.nn", "Identity")
    depth: int = 8
    width: int = 8
    samples: int = 32
    arithmetic: Literal["exact", "rounded"] = "rounded"

    def draw(self, lab: Lab) -> Layers:
        """Rounded: weights uniform on the orthogonal group, biases and inputs standard normal. Exact: as above."""
        if self.arithmetic == "rounded":
            gaussian = lab.generator("weights").standard_normal((self.depth, self.width, self.width))
            orthogonal = lab.rounded(np.linalg.qr(gaussian)[0])
            biases = lab.normal("biases", (self.depth, self.width))[0]
            return Layers(orthogonal, biases, lab.normal("inputs", (self.samples, self.width))[0])
        numbers = lab.generator("biases")
        place = numbers.integers(4, size=(self.depth, self.width // 4, 1)) == np.arange(4)
        biases = np.where(place, 4.0 * numbers.choice((-1, 1), size=place.shape), 0.0).reshape(self.depth, self.width)
        biases[np.arange(self.depth) % -(-self.depth // 32) != 0] = 0
        inputs = 4.0 * lab.generator("inputs").integers(-16, 17, (self.samples, self.width))
        weights = _reflections(lab.generator("weights"), self.depth, self.width)
        return Layers(lab.rounded(weights), lab.rounded(biases), lab.rounded(inputs))

    def measure(self, lab: Lab, given: Layers) -> Quantity:
        """The outputs, shape `(samples, width)`."""
        modules: list[torch.nn.Module] = []
        for layer in _layers(lab, self.layer, given.weights, given.biases):
            modules += [layer, self.activation()]
        with torch.no_grad():
            outputs = torch.nn.Sequential(*modules[:-1])(lab.tensor(given.inputs))
        samples = Axis("sample", tuple(range(self.samples)))
        return Quantity(outputs, "output", "", (samples, Axis("feature", tuple(range(self.width)))))


@dataclass(frozen=True)
class SecondDifferences(Experiment):
    """Second differences |f(x + h) - 2 f(x) + f(x - h)| of a stack of layers along a line, each followed by an activation.

    Biases lift what enters every activation by one and the same number: the smallest that enters any of them, in all
    layers and at all points of the line, is `clearance`. The kink of a ReLU, at 0, is crossed where that is negative: the
    middle of the line has length 8 at most in each group of four features and a step at least 8, so a number that falls
    as low as any does moves along the line, by 2 or more a step. Weights and inputs are those of `_reflections` and
    integers, so float64 rounds nothing in a few dozen layers.

    Attributes:
        layer: The layer; called with (inputs, outputs), and has `weight` and `bias`.
        activation: After every layer.
        clearance: How far the smallest number that enters an activation lies above 0.
        depth: How many layers.
        width: Features of every layer, a multiple of 4.
        reach: Points of the line on each side of its middle.
    """

    layer: Subject = Subject("torch.nn", "Linear")
    activation: Subject = Subject("torch.nn", "ReLU")
    clearance: float = 0.0
    depth: int = 8
    width: int = 8
    reach: int = 8

    def draw(self, lab: Lab) -> Layers:
        """Weights of `_reflections`, a line of integers, and the biases that lift what enters the activations."""
        weights = _reflections(lab.generator("weights"), self.depth, self.width)
        numbers = lab.generator("line")
        middle = 4.0 * numbers.integers(-1, 2, self.width)
        step = 4.0 * numbers.integers(1, 9, self.width) * numbers.choice((-1, 1), self.width)
        inputs = middle + np.arange(-self.reach, self.reach + 1)[:, None] * step
        signal, lowest = inputs, np.inf
        for weight in weights:
            signal = signal @ weight.T
            lowest = min(lowest, float(signal.min()))
        lift = np.full(self.width, self.clearance - lowest)
        biases = np.stack([lift, *(lift - weight @ lift for weight in weights[1:])])
        return Layers(lab.rounded(weights), lab.rounded(biases), lab.rounded(inputs))

    def measure(self, lab: Lab, given: Layers) -> Quantity:
        """The largest over the features, shape `(depth, 2 reach - 1)`."""
        signal = lab.tensor(given.inputs)
        differences = []
        with torch.no_grad():
            for layer in _layers(lab, self.layer, given.weights, given.biases):
                signal = self.activation()(layer(signal))
                differences.append((signal[2:] - 2 * signal[1:-1] + signal[:-2]).abs().amax(1))
        places = Axis("place on the line", tuple(range(1 - self.reach, self.reach)), "steps")
        layers = Axis("layers", tuple(range(1, self.depth + 1)))
        return Quantity(torch.stack(differences), "largest second difference", "", (layers, places))


@dataclass(frozen=True)
class Stacks:
    """Stacks of three affine layers, one stack for each number of hidden units.

    Attributes:
        weights: For each stack its weights, each of shape `(outputs, inputs)` of its layer.
        biases: For each stack its biases, each of shape `(outputs,)`.
    """

    weights: tuple[tuple[Array, ...], ...]
    biases: tuple[tuple[Array, ...], ...]


@dataclass(frozen=True)
class StackRanks(Experiment):
    """Rank of the matrix whose columns are f(e_i) - f(0), for stacks f that narrow to r units and widen again.

    Each weight has ones where row and column agree, zeros above them and random integers below; such matrices of any
    shapes multiply to such a matrix, so the product has a minor of determinant 1 as large as the narrowest layer.
    A triangular matrix of determinant 1 before it, and one after it, mix inputs and outputs. float64 does not round the
    integers.

    Attributes:
        layer: The layer; called with (inputs, outputs), and has `weight` and `bias`.
        activation: Between the layers.
        inputs: Features that enter.
        wide: Units of the layer after the narrow one.
        outputs: Features that leave.
        most: The narrow layer has 1, 2, ..., `most` units.
    """

    layer: Subject = Subject("torch.nn", "Linear")
    activation: Subject = Subject("torch.nn", "Identity")
    inputs: int = 6
    wide: int = 8
    outputs: int = 5
    most: int = 8

    def draw(self, lab: Lab) -> Stacks:
        """Integer weights as above, integer biases from -4 to 4."""
        numbers = lab.generator("weights")
        weights, biases = [], []
        for units in range(1, self.most + 1):
            widths = (self.inputs, units, self.wide, self.outputs)
            stack = [
                np.tril(numbers.integers(-2, 3, (rows, columns)), -1) + np.eye(rows, columns)
                for columns, rows in zip(widths, widths[1:], strict=False)
            ]
            first, last = (np.triu(numbers.integers(-2, 3, (n, n)), 1) + np.eye(n) for n in (self.inputs, self.outputs))
            stack[0], stack[-1] = stack[0] @ first, last @ stack[-1]
            weights.append(tuple(lab.rounded(weight) for weight in stack))
            biases.append(tuple(lab.rounded(numbers.integers(-4, 5, width).astype(np.float64)) for width in widths[1:]))
        return Stacks(tuple(weights), tuple(biases))

    def measure(self, lab: Lab, given: Stacks) -> Quantity:
        """The exact rank of what the layers put out, shape `(most,)`."""
        from sympy import QQ
        from sympy.polys.matrices import DomainMatrix

        ranks = []
        basis = lab.tensor(np.vstack([np.zeros(self.inputs), np.eye(self.inputs)]))
        for weights, biases in zip(given.weights, given.biases, strict=True):
            modules: list[torch.nn.Module] = []
            for layer in _layers(lab, self.layer, weights, biases):
                modules += [layer, self.activation()]
            with torch.no_grad():
                outputs = torch.nn.Sequential(*modules[:-1])(basis)
            rows = (outputs[1:] - outputs[0]).double().tolist()
            exact = [[QQ(*value.as_integer_ratio()) for value in row] for row in rows]
            ranks.append(DomainMatrix(exact, (len(rows), len(rows[0])), QQ).rank())
        return Quantity(ranks, "rank", "", (Axis("narrow units", tuple(range(1, self.most + 1))),))


@dataclass(frozen=True)
class Factors:
    """A matrix by its singular value decomposition, target = left diag(values) right^T.

    Attributes:
        left: Shape `(outputs, n)`, orthonormal columns.
        values: Shape `(n,)`, falling.
        right: Shape `(inputs, n)`, orthonormal columns.
    """

    left: Array
    values: Array
    right: Array


@dataclass(frozen=True)
class BottleneckErrors(Experiment):
    """Squared Frobenius error on a matrix of two layers, one into r units and one out of them, set at its singular vectors.

    All numbers are dyadic and float64 does not round them.

    Attributes:
        layer: The layer; called with (inputs, outputs), has a `weight` and no bias.
        target: "identity" of three rows; or "rectangle", four rows, three columns and the singular values 3, 2, 1.
        kept: Which singular values the r units hold.
        shortcut: Whether the inputs are added to the outputs, so that they need not pass through the units.
        most: The bottleneck has 1, 2, ..., `most` units; those beyond the singular values have zero weights.
    """

    layer: Subject = Subject("torch.nn", "Linear", (("bias", False),))
    target: Literal["identity", "rectangle"] = "identity"
    kept: Literal["largest", "smallest"] = "largest"
    shortcut: bool = False
    most: int = 4

    def draw(self, lab: Lab) -> Factors:
        """The decomposition of the target: unit vectors, or three columns of a Hadamard matrix over 2."""
        if self.target == "identity":
            return Factors(lab.rounded(np.eye(3)), lab.rounded(np.ones(3)), lab.rounded(np.eye(3)))
        hadamard = scipy.linalg.hadamard(4, dtype=np.float64) / 2
        values = np.array([3.0, 2.0, 1.0])
        return Factors(lab.rounded(hadamard[:, :3]), lab.rounded(values), lab.rounded(np.eye(3)[:, [1, 2, 0]]))

    def measure(self, lab: Lab, given: Factors) -> Quantity:
        """The errors, shape `(most,)`."""
        order = slice(None) if self.kept == "largest" else slice(None, None, -1)
        inward, outward = (given.values * given.right).T[order], given.left[:, order]
        target = lab.tensor((given.left * given.values) @ given.right.T)
        basis = torch.eye(target.shape[1], dtype=target.dtype, device=target.device)
        errors = []
        for units in range(1, self.most + 1):
            spare = max(0, units - len(given.values))
            weights = np.pad(inward[:units], ((0, spare), (0, 0))), np.pad(outward[:, :units], ((0, 0), (0, spare)))
            with torch.no_grad():
                outputs = torch.nn.Sequential(*_layers(lab, self.layer, weights))(basis)
            matrix = (outputs + basis if self.shortcut else outputs).T
            errors.append((target - matrix).square().sum())
        units_axis = Axis("hidden units", tuple(range(1, self.most + 1)))
        return Quantity(torch.stack(errors), "squared error", "", (units_axis,))


@dataclass(frozen=True)
class TrainedErrors(Experiment):
    """Squared Frobenius error on the identity of networks of two linear layers, trained on its rows by full-batch descent.

    Attributes:
        optimizer: The optimizer; called with a list of parameters and `lr`.
        start: "random" (uniform in +-1/sqrt(inputs of the layer), as `torch.nn.Linear` draws), or "zero".
        width: Rows of the identity; the networks have 1, 2, ..., `width` hidden units.
        steps: How many steps.
        lr: The learning rate; the loss is the squared error over width^2.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    optimizer: Subject = Subject("torch.optim", "SGD")
    start: Literal["random", "zero"] = "random"
    width: int = 3
    steps: int = 100
    lr: float = 1.0

    def draw(self, lab: Lab) -> Layers:
        """Initial weights, both layers of the widest network in `weights`; the narrower ones take a part of them."""
        bound = 0.0 if self.start == "zero" else self.width**-0.5
        weights = lab.uniform("weights", (2, self.width, self.width), -bound, bound)
        return Layers(weights, np.zeros(0), lab.rounded(np.eye(self.width)))

    def measure(self, lab: Lab, given: Layers) -> Quantity:
        """The final errors, shape `(members, width)`."""
        from dlverify.lab.ensembles import Perceptron, train

        inputs = lab.tensor(given.inputs)
        errors = []
        for units in range(1, self.width + 1):
            first, last = given.weights[:, 0, :units], given.weights[:, 1, :, :units]
            training = train(
                Perceptron((self.width, units, self.width), "identity", bias=False),
                # torch.nn.Linear draws the last layer within 1/sqrt(units).
                [lab.tensor(first), lab.tensor(last * (self.width / units) ** 0.5)],
                (inputs, inputs),
                optimizer=lambda parameters: self.optimizer(parameters, lr=self.lr),
                steps=self.steps,
            )
            errors.append(training.losses[-1] * self.width**2)
        axes = (Axis("member", tuple(lab.members)), Axis("hidden units", tuple(range(1, self.width + 1))))
        return Quantity(torch.stack(errors, 1), "squared error", "", axes)


def _reflections(numbers: np.random.Generator, depth: int, width: int) -> Array:
    """Orthogonal matrices of entries 0 and +-1/2, four features a group: a signed permutation, then I - s s^T / 2.

    s has entries +-1, so s^T s = 4 and the second factor is the reflection along s. Shape `(depth, width, width)`.

    Raises:
        ValueError: The width is no multiple of 4.
    """
    if width % 4:
        raise ValueError(f"expected a width that is a multiple of 4, found {width}")
    matrices = np.zeros((depth, width, width))
    for matrix in matrices:
        for group in range(0, width, 4):
            signs, normal = numbers.choice((-1.0, 1.0), (2, 4))
            permutation = signs[:, None] * np.eye(4)[numbers.permutation(4)]
            matrix[group : group + 4, group : group + 4] = (np.eye(4) - np.outer(normal, normal) / 2) @ permutation
    return matrices


def _layers(
    lab: Lab, layer: Subject, weights: Iterable[Array], biases: Iterable[Array] | None = None
) -> list[torch.nn.Module]:
    """The subject's layers with these weights of shape `(outputs, inputs)`, on the lab's device and in its dtype."""
    weights = list(weights)
    made: list[torch.nn.Module] = []
    for weight, bias in zip(weights, [None] * len(weights) if biases is None else biases, strict=True):
        module = layer(weight.shape[1], weight.shape[0])
        module.to(device=lab.device, dtype=lab.torch_dtype)
        with torch.no_grad():
            module.weight.copy_(lab.tensor(weight))
            if bias is not None:
                module.bias.copy_(lab.tensor(bias))
        made.append(module)
    return made
