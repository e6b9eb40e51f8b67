"""Experiments on single linear maps: lines fitted by least squares, and what one layer does to a vector space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


@dataclass(frozen=True)
class Points:
    """Points in the plane, and the lines with which a fit starts.

    Attributes:
        inputs: Shape `(points,)`.
        targets: Shape `(points,)`.
        starts: Slope and intercept of each start, shape `(starts, 2)`.
    """

    inputs: Array
    targets: Array
    starts: Array


@dataclass(frozen=True)
class LineGradients(Experiment):
    """Loss of one line at the first N points, and its derivatives by slope and intercept, for several N.

    Everything is a whole number below 2^20, and where N is a power of two so are the results in units of 1 / N.

    Attributes:
        layer: The line; called with (1, 1), and has `weight` and `bias`.
        loss: The loss; called without arguments, and then with predictions and targets of shape `(N, 1)`.
        sizes: The numbers N of points, powers of two.
    """

    layer: Subject = Subject("torch.nn", "Linear")
    loss: Subject = Subject("torch.nn", "MSELoss")
    sizes: tuple[int, ...] = (1, 2, 4, 8, 16)

    def draw(self, lab: Lab) -> Points:
        """Whole numbers from -8 to 8 for the points, from -4 to 4 for the line."""
        numbers = lab.generator("points").integers(-8, 9, (2, max(self.sizes)))
        line = lab.generator("line").integers(-4, 5, (1, 2))
        return Points(lab.rounded(numbers[0]), lab.rounded(numbers[1]), lab.rounded(line))

    def measure(self, lab: Lab, given: Points) -> Quantity:
        """Loss, derivative by slope, derivative by intercept; shape `(sizes, 3)`."""
        rows = []
        for size in self.sizes:
            line = _line(lab, self.layer, given.starts[0])
            loss = self.loss()(line(lab.tensor(given.inputs[:size, None])), lab.tensor(given.targets[:size, None]))
            derivatives = torch.autograd.grad(loss, (line.weight, line.bias))
            rows.append([loss.item(), *(derivative.item() for derivative in derivatives)])
        names = ("loss", "derivative by slope", "derivative by intercept")
        return Quantity(rows, "loss or derivative", "", (Axis("points", self.sizes, scale="log2"), Axis("what", names)))


@dataclass(frozen=True)
class StableRates(Experiment):
    """The largest learning rate, among whole multiples of 1/64, at which descent on a line's loss does not end above its start.

    The loss is that of the subject over a divisor. There are four points at x = -2, -2, 2, 2, so that slope and intercept
    do not mix, and the slope has the larger curvature; the start is at 0, at least 3/2 away from the best slope.

    Attributes:
        layer: The line; called with (1, 1), and has `weight` and `bias`.
        loss: The loss; called without arguments.
        optimizer: The optimizer; called with parameters and `lr`.
        divisors: What the loss is divided by.
        steps: How many steps are made at each learning rate.
    """

    layer: Subject = Subject("torch.nn", "Linear")
    loss: Subject = Subject("torch.nn", "MSELoss", (("reduction", "sum"),))
    optimizer: Subject = Subject("torch.optim", "SGD")
    divisors: tuple[int, ...] = (1, 2, 4, 8)
    steps: int = 32

    def draw(self, lab: Lab) -> Points:
        """Targets 2 x + 1, each off by -1, 0 or 1."""
        inputs = np.array([-2.0, -2.0, 2.0, 2.0])
        noise = lab.generator("noise").integers(-1, 2, 4)
        return Points(lab.rounded(inputs), lab.rounded(2 * inputs + 1 + noise), lab.rounded(np.zeros((1, 2))))

    def measure(self, lab: Lab, given: Points) -> Quantity:
        """The rates, shape `(divisors,)`, by bisection."""
        found = []
        for divisor in self.divisors:
            low, high = 0, 128  # in units of 1/64; at 0 nothing moves
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if self._stays(lab, given, divisor, middle / 64) else (low, middle)
            found.append(low / 64)
        divisors = Axis("divisor", self.divisors, scale="log2")
        return Quantity(found, "largest stable learning rate", "", (divisors,), scale="log2")

    def _stays(self, lab: Lab, given: Points, divisor: int, lr: float) -> bool:
        line, criterion = _line(lab, self.layer, given.starts[0]), self.loss()
        inputs, targets = lab.tensor(given.inputs[:, None]), lab.tensor(given.targets[:, None])
        optimizer = self.optimizer(list(line.parameters()), lr=lr)
        losses = []
        for _ in range(self.steps + 1):
            optimizer.zero_grad()
            loss = criterion(line(inputs), targets) / divisor
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return bool(losses[-1] <= losses[0])


@dataclass(frozen=True)
class FittedLines(Experiment):
    """Slope and intercept that an estimator finds for the first N points, for several N.

    Attributes:
        fit: The estimator, as scikit-learn's are.
        sizes: The numbers N of points.
    """

    fit: Subject = Subject("sklearn.linear_model", "LinearRegression")
    sizes: tuple[int, ...] = (2, 4, 8, 16, 32, 64)

    def draw(self, lab: Lab) -> Points:
        """Whole numbers: inputs from -16 to 16, the first two of which differ, and targets 3 x - 5 with noise from -8 to 8."""
        numbers = lab.generator("points")
        inputs = numbers.integers(-16, 17, max(self.sizes))
        inputs[:2] = -3, 4
        targets = 3 * inputs - 5 + numbers.integers(-8, 9, max(self.sizes))
        return Points(lab.rounded(inputs), lab.rounded(targets), lab.rounded(np.zeros((0, 2))))

    def measure(self, lab: Lab, given: Points) -> Quantity:
        """Shape `(sizes, 2)`."""
        rows = []
        for size in self.sizes:
            fitted = self.fit().fit(given.inputs[:size, None], given.targets[:size])
            rows.append([float(fitted.coef_[0]), float(fitted.intercept_)])
        axes = Axis("points", self.sizes, scale="log2"), Axis("what", ("slope", "intercept"))
        return Quantity(rows, "slope or intercept", "", axes)


@dataclass(frozen=True)
class DescendedLines(Experiment):
    """Slope and intercept at the end of full-batch descent on the squared error of a line, from several starts.

    Attributes:
        layer: The line; called with (1, 1), and has `weight` and `bias`.
        loss: The loss; called without arguments.
        optimizer: The optimizer; called with parameters and `lr`.
        after_backward: What each backward pass is followed by: a "step" of the optimizer, or "nothing".
        inputs: "spread" evenly from -3/4 to 5/4, or all "equal" to 1/4, their mean.
        lr: The learning rate.
        steps: How many steps.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    layer: Subject = Subject("torch.nn", "Linear")
    loss: Subject = Subject("torch.nn", "MSELoss")
    optimizer: Subject = Subject("torch.optim", "SGD")
    after_backward: Literal["step", "nothing"] = "step"
    inputs: Literal["spread", "equal"] = "spread"
    lr: float = 0.625
    steps: int = 128

    def draw(self, lab: Lab) -> Points:
        """Nine points with standard normal noise on 2 x - 1, and starts at (0, 0), (4, 4), (-4, 4), (4, -4)."""
        inputs = np.linspace(-1, 1, 9) * (self.inputs == "spread") + 0.25
        targets = lab.rounded(2 * inputs - 1 + lab.normal("noise", (9,))[0])
        return Points(lab.rounded(inputs), targets, lab.rounded(np.array([(0, 0), (4, 4), (-4, 4), (4, -4)])))

    def measure(self, lab: Lab, given: Points) -> Quantity:
        """Shape `(starts, 2)`."""
        inputs, targets = lab.tensor(given.inputs[:, None]), lab.tensor(given.targets[:, None])
        criterion = self.loss()
        ends = []
        for start in given.starts:
            line = _line(lab, self.layer, start)
            optimizer = self.optimizer(list(line.parameters()), lr=self.lr)
            for _ in range(self.steps):
                optimizer.zero_grad()
                criterion(line(inputs), targets).backward()
                if self.after_backward == "step":
                    optimizer.step()
            ends.append([line.weight.item(), line.bias.item()])
        starts = tuple(f"from ({slope:g}, {intercept:g})" for slope, intercept in given.starts)
        axes = Axis("start", starts), Axis("what", ("slope", "intercept"))
        return Quantity(ends, "slope or intercept", "", axes)


@dataclass(frozen=True)
class Vectors:
    """A layer, and vectors to put into it; whole numbers, so that float64 rounds nothing.

    Attributes:
        weights: Weights of the layer, one for each number of outputs that is tried, of shape `(outputs, inputs)`.
        biases: Biases, likewise, of shape `(outputs,)`.
        inputs: Shape `(vectors, inputs)`.
    """

    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    inputs: Array


@dataclass(frozen=True)
class LinearityDefects(Experiment):
    """How far a layer f is from linear: f(x + y) - f(x) - f(y), f(c x) - c f(x), and f(0).

    Attributes:
        layer: The layer; called with (inputs, outputs), and has `weight` and `bias`.
        activation: After the layer.
        bias: "zero", or "random": no entry of it is 0.
        inputs: Features that enter.
        outputs: Features that leave.
        factor: The number c.
    """

    layer: Subject = Subject("torch.nn", "Linear")
    activation: Subject = Subject("torch.nn", "Identity")
    bias: Literal["zero", "random"] = "zero"
    inputs: int = 3
    outputs: int = 5
    factor: int = -3

    def draw(self, lab: Lab) -> Vectors:
        """Weights and vectors from -8 to 8."""
        weight = lab.generator("weights").integers(-8, 9, (self.outputs, self.inputs))
        signs = lab.generator("signs").choice((-1, 1), self.outputs)
        bias = signs * lab.generator("biases").integers(1, 9, self.outputs) * (self.bias == "random")
        vectors = lab.generator("vectors").integers(-8, 9, (2, self.inputs))
        return Vectors((lab.rounded(weight),), (lab.rounded(bias),), lab.rounded(vectors))

    def measure(self, lab: Lab, given: Vectors) -> Quantity:
        """The three differences, shape `(3, outputs)`."""
        layer = _layer(lab, self.layer, given.weights[0], given.biases[0])
        x, y = lab.tensor(given.inputs)
        with torch.no_grad():
            f = torch.nn.Sequential(layer, self.activation())
            rows = [f(x + y) - f(x) - f(y), f(self.factor * x) - self.factor * f(x), f(torch.zeros_like(x))]
        names = ("f(x + y) - f(x) - f(y)", f"f({self.factor} x) - {self.factor} f(x)", "f(0)")
        axes = Axis("what", names), Axis("output", tuple(range(self.outputs)))
        return Quantity(torch.stack(rows), "distance from linear", "", axes)


@dataclass(frozen=True)
class ImageDimensions(Experiment):
    """Dimension of what a layer makes of a whole space: the rank of its outputs less the first one.

    Weights have ones where row and column agree, zeros above them and random integers below, and so full rank; a
    triangular matrix of determinant 1 before them mixes the inputs.

    Attributes:
        layer: The layer; called with (inputs, outputs), and has `weight` and `bias`.
        activation: After the layer.
        inputs: Features that enter.
        most: The layer has 1, 2, ..., `most` outputs.
        vectors: How many vectors are put into it.
    """

    layer: Subject = Subject("torch.nn", "Linear")
    activation: Subject = Subject("torch.nn", "Identity")
    inputs: int = 2
    most: int = 8
    vectors: int = 64

    def draw(self, lab: Lab) -> Vectors:
        """The weights, biases from -4 to 4, and vectors from -16 to 16, the unit vectors and 0 among them."""
        numbers = lab.generator("weights")
        mix = np.triu(numbers.integers(-2, 3, (self.inputs, self.inputs)), 1) + np.eye(self.inputs)
        weights, biases = [], []
        for outputs in range(1, self.most + 1):
            lower = np.tril(numbers.integers(-2, 3, (outputs, self.inputs)), -1) + np.eye(outputs, self.inputs)
            weights.append(lab.rounded(lower @ mix))
            biases.append(lab.rounded(numbers.integers(-4, 5, outputs)))
        vectors = lab.generator("vectors").integers(-16, 17, (self.vectors, self.inputs))
        basis = np.vstack([np.zeros(self.inputs), np.eye(self.inputs)])
        return Vectors(tuple(weights), tuple(biases), lab.rounded(np.vstack([basis, vectors])))

    def measure(self, lab: Lab, given: Vectors) -> Quantity:
        """The exact ranks, shape `(most,)`."""
        from sympy import QQ
        from sympy.polys.matrices import DomainMatrix

        ranks = []
        for weight, bias in zip(given.weights, given.biases, strict=True):
            layer = _layer(lab, self.layer, weight, bias)
            with torch.no_grad():
                outputs = torch.nn.Sequential(layer, self.activation())(lab.tensor(given.inputs))
            rows = (outputs[1:] - outputs[0]).double().tolist()
            exact = [[QQ(*value.as_integer_ratio()) for value in row] for row in rows]
            ranks.append(DomainMatrix(exact, (len(rows), len(rows[0])), QQ).rank())
        return Quantity(ranks, "dimension of the image", "", (Axis("outputs", tuple(range(1, self.most + 1))),))


def _layer(lab: Lab, subject: Subject, weight: Array, bias: Array) -> torch.nn.Linear:
    """The subject's layer with this weight and bias, on the lab's device and in its dtype."""
    layer: torch.nn.Linear = subject(weight.shape[1], weight.shape[0])
    layer.to(device=lab.device, dtype=lab.torch_dtype)
    with torch.no_grad():
        layer.weight.copy_(lab.tensor(weight))
        layer.bias.copy_(lab.tensor(bias))
    return layer


def _line(lab: Lab, subject: Subject, start: Array) -> torch.nn.Linear:
    """The subject's layer of one input and one output, with slope and intercept."""
    return _layer(lab, subject, start[:1, None], start[1:])
