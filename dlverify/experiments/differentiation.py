"""Experiments on differentiation: what autograd computes, what that costs, and what descent makes of a gradient, right or wrong."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Literal

import numpy as np
import torch

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


@dataclass(frozen=True)
class Lines:
    """Sets of points, and a line for each to start from.

    Attributes:
        inputs: For each set its x, shape `(points,)`.
        targets: For each set its y, shape `(points,)`.
        lines: For each set slope and intercept, shape `(sets, 2)`.
    """

    inputs: tuple[Array, ...]
    targets: tuple[Array, ...]
    lines: Array


def line_layer(lab: Lab, layer: Subject, line: Array) -> Any:
    """A layer of one input and one output with this slope and intercept."""
    made = layer(1, 1).to(lab.device, lab.torch_dtype)
    with torch.no_grad():
        made.weight.fill_(float(line[0]))
        made.bias.fill_(float(line[1]))
    return made


def column(lab: Lab, values: Array) -> torch.Tensor:
    """Numbers as a tensor of shape `(points, 1)`."""
    return lab.tensor(values[:, None])


def directional(
    loss: Callable[[dict[str, torch.Tensor]], Any], at: dict[str, torch.Tensor], towards: dict[str, torch.Tensor]
) -> Any:
    """The derivative of a loss along a direction, in forward mode."""
    with warnings.catch_warnings():
        # The first call imports torch's decompositions, which warn of the torch.jit.script that they use.
        warnings.filterwarnings("ignore", ".*torch.jit.script.*", DeprecationWarning)
        return torch.func.jvp(loss, (at,), (towards,))[1]


@dataclass(frozen=True)
class LineGradients(Experiment):
    """Derivatives by slope and intercept that a backward pass leaves for the loss of a line.

    Points and lines are integers and the numbers of points powers of 2, so float64 rounds nothing.

    Attributes:
        layer: The line; called with (1, 1), and has `weight` and `bias`.
        loss: Called without arguments, and then with predictions and targets of shape `(points, 1)`.
        sizes: Numbers of points. Before these sets comes the point x = 2, y = 1 with the line 0.
    """

    layer: Subject = Subject("torch.nn", "Linear")
    loss: Subject = Subject("torch.nn", "MSELoss")
    sizes: tuple[int, ...] = (1, 2, 4, 16, 64)

    def draw(self, lab: Lab) -> Lines:
        """Integers between -9 and 9."""
        numbers = lab.generator("points")
        points = [(np.array([2]), np.array([1]))]
        points += [(numbers.integers(-9, 10, size), numbers.integers(-9, 10, size)) for size in self.sizes]
        lines = np.vstack([[0, 0], numbers.integers(-9, 10, (len(self.sizes), 2))])
        inputs, targets = zip(*((lab.rounded(x), lab.rounded(y)) for x, y in points), strict=True)
        return Lines(inputs, targets, lab.rounded(lines))

    def measure(self, lab: Lab, given: Lines) -> Quantity:
        """The derivatives, shape `(sets, 2)`."""
        found = []
        for inputs, targets, line in zip(given.inputs, given.targets, given.lines, strict=True):
            layer = line_layer(lab, self.layer, line)
            self.loss()(layer(column(lab, inputs)), column(lab, targets)).backward()
            found.append([layer.weight.grad.item(), layer.bias.grad.item()])
        names = ("the point (2, 1) and the line 0", *(f"{size} random points" for size in self.sizes))
        return Quantity(found, "derivative of the loss", "", (Axis("data", names), Axis("by", ("slope", "intercept"))))


@dataclass(frozen=True)
class SlopeRules(Experiment):
    """Path of a line under descent on the mean squared error of four points, with a slope gradient by one of three rules.

    With r_i = y_i - w x_i - b the rule "printed" is -(1/N) sum -2 r_i, "sign mended" (1/N) sum -2 r_i, and "derivative" what
    the backward pass leaves. The intercept's is always that of the backward pass. Points and lines are integers, the
    learning rate a power of 2: in the number of steps given, float64 rounds nothing.

    Attributes:
        layer: The line; called with (1, 1), and has `weight` and `bias`.
        loss: Called without arguments, and then with predictions and targets.
        optimizer: Called with parameters and `lr`.
        slope: The rule.
        mean: The mean of the four x.
        lr: The learning rate.
        steps: How many steps.
    """

    layer: Subject = Subject("torch.nn", "Linear")
    loss: Subject = Subject("torch.nn", "MSELoss")
    optimizer: Subject = Subject("torch.optim", "SGD")
    slope: Literal["printed", "sign mended", "derivative"] = "printed"
    mean: int = 0
    lr: float = 0.25
    steps: int = 16

    def draw(self, lab: Lab) -> Lines:
        """Inputs -2, -1, 1, 2 about their mean, targets and line integers from -9 to 9; residuals of mean 1/4 to 9."""
        numbers = lab.generator("points")
        inputs = np.array([-2, -1, 1, 2]) + self.mean
        line = numbers.integers(-9, 10, 2)
        targets = line[0] * inputs + line[1] + numbers.integers(0, 10, 4)
        targets[0] += 1  # no mean of 0, at which descent would rest
        return Lines((lab.rounded(inputs),), (lab.rounded(targets),), lab.rounded(line[None]))

    def measure(self, lab: Lab, given: Lines) -> Quantity:
        """Slope + intercept, slope - intercept and the mean residual before and after each step, shape `(steps + 1, 3)`."""
        inputs, targets = column(lab, given.inputs[0]), column(lab, given.targets[0])
        layer = line_layer(lab, self.layer, given.lines[0])
        optimizer = self.optimizer(layer.parameters(), lr=self.lr)
        found = []
        for _ in range(self.steps + 1):
            optimizer.zero_grad()
            outputs = layer(inputs)
            self.loss()(outputs, targets).backward()
            with torch.no_grad():
                residuals = targets - outputs
                slope, intercept = layer.weight.item(), layer.bias.item()
                found.append([slope + intercept, slope - intercept, residuals.mean().item()])
                if self.slope != "derivative":
                    printed = -(-2 * residuals).mean()
                    layer.weight.grad.fill_(printed if self.slope == "printed" else -printed)
            optimizer.step()
        axes = Axis("step", tuple(range(self.steps + 1))), Axis("of", ("w + b", "w - b", "mean residual"))
        return Quantity(found, "value", "", axes, scale="symlog")


@dataclass(frozen=True)
class GradientSources(Experiment):
    """Path of a line from 0 on the points (0, 1) and (1, 3), with gradients from one source or another, and an optimizer or none.

    Attributes:
        layer: The line; called with (1, 1), and has `weight` and `bias`.
        loss: Called without arguments, and then with predictions and targets.
        optimizer: Called with parameters and `lr`.
        source: "backward": the backward pass; "forward mode": one Jacobian-vector product for each parameter; "differences":
            forward differences over a step of 1/4; "none": no gradients.
        applied: Whether the optimizer steps.
        lr: The learning rate. By 1/4 the first 16 steps fit into 53 bits, so that float64 rounds nothing.
        steps: How many steps.
    """

    layer: Subject = Subject("torch.nn", "Linear")
    loss: Subject = Subject("torch.nn", "MSELoss")
    optimizer: Subject = Subject("torch.optim", "SGD")
    source: Literal["backward", "forward mode", "differences", "none"] = "backward"
    applied: bool = True
    lr: float = 0.25
    steps: int = 16

    def draw(self, lab: Lab) -> Lines:
        """The two points and the line 0."""
        points = lab.rounded(np.array([0.0, 1.0])), lab.rounded(np.array([1.0, 3.0]))
        return Lines(points[:1], points[1:], lab.rounded(np.zeros((1, 2))))

    def measure(self, lab: Lab, given: Lines) -> Quantity:
        """Slope and intercept after each step, shape `(steps, 2)`."""
        inputs, targets = column(lab, given.inputs[0]), column(lab, given.targets[0])
        layer = line_layer(lab, self.layer, given.lines[0])
        optimizer = self.optimizer(layer.parameters(), lr=self.lr)
        found = []
        for _ in range(self.steps):
            optimizer.zero_grad()
            self._differentiate(layer, inputs, targets)
            if self.applied:
                optimizer.step()
            found.append([layer.weight.item(), layer.bias.item()])
        axes = Axis("step", tuple(range(1, self.steps + 1))), Axis("of", ("slope", "intercept"))
        return Quantity(found, "parameter", "", axes)

    def _differentiate(self, layer: Any, inputs: torch.Tensor, targets: torch.Tensor) -> None:
        """Leave gradients in the layer's parameters."""
        criterion = self.loss()
        if self.source == "backward":
            criterion(layer(inputs), targets).backward()
            return
        named = {name: parameter.detach() for name, parameter in layer.named_parameters()}

        def loss(values: dict[str, torch.Tensor]) -> Any:
            return criterion(torch.func.functional_call(layer, values, (inputs,)), targets)

        for name, parameter in layer.named_parameters():
            towards = {key: torch.full_like(value, float(key == name)) for key, value in named.items()}
            if self.source == "forward mode":
                parameter.grad = directional(loss, named, towards).expand_as(parameter).clone()
            elif self.source == "differences":
                moved = {key: value + towards[key] / 4 for key, value in named.items()}
                parameter.grad = (4 * (loss(moved) - loss(named)).detach()).expand_as(parameter).clone()


@dataclass(frozen=True)
class Network:
    """Weights and biases of a network, and one input.

    Attributes:
        weights: For each layer, shape `(outputs, inputs)`.
        biases: For each layer, shape `(outputs,)`.
        inputs: Shape `(features,)`.
    """

    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    inputs: Array


@dataclass(frozen=True)
class NetworkGradients(Experiment):
    """All derivatives that a backward pass leaves, by parameters and inputs, for a network of two hidden layers.

    Its output is the last layer's plus the sum of the first hidden layer, so the first layer is reached on two branches.
    Weights are integers, biases odd multiples of 1/2, 1/4 and 1/8: nothing is rounded, and no ReLU is fed 0, except at the
    kink, where inputs and first biases are 0.

    Attributes:
        layer: The layer; called with (inputs, outputs), and has `weight` and `bias`.
        activation: What "relu" stands for.
        units: What a hidden unit makes of its input z: "square", z^2, "relu", or "relu pair", relu(z) - relu(-z).
        widths: Features of the layers.
        at: "anywhere", or the "kink".
        branches: Whether "both" branches are recorded, or one of them is "detached".
    """

    layer: Subject = Subject("torch.nn", "Linear")
    activation: Subject = Subject("torch.nn", "ReLU")
    units: Literal["square", "relu", "relu pair"] = "square"
    widths: tuple[int, ...] = (2, 3, 2, 1)
    at: Literal["anywhere", "kink"] = "anywhere"
    branches: Literal["both", "detached"] = "both"

    def draw(self, lab: Lab) -> Network:
        """Weights and inputs from -3 to 3 without 0."""
        numbers = lab.generator("network")

        def integers(*shape: int) -> Array:
            drawn: Array = numbers.integers(1, 4, shape) * numbers.choice([-1, 1], shape)
            return drawn

        shapes = list(zip(self.widths[1:], self.widths, strict=False))
        weights = [integers(*shape) for shape in shapes]
        biases = [(2 * integers(width) + 1) / 2 ** (layer + 1) for layer, width in enumerate(self.widths[1:])]
        inputs = integers(self.widths[0])
        if self.at == "kink":
            biases[0], inputs = 0 * biases[0], 0 * inputs
        return Network(tuple(map(lab.rounded, weights)), tuple(map(lab.rounded, biases)), lab.rounded(inputs))

    def measure(self, lab: Lab, given: Network) -> Quantity:
        """The derivatives in a row: inputs, then weights and biases layer by layer."""
        inputs = lab.tensor(given.inputs).requires_grad_()
        signal, branch, leaves = inputs, None, [inputs]
        names = [f"input {place}" for place in range(len(given.inputs))]
        for number, (weight, bias) in enumerate(zip(given.weights, given.biases, strict=True)):
            layer = self.layer(*weight.shape[::-1]).to(lab.device, lab.torch_dtype)
            with torch.no_grad():
                layer.weight.copy_(lab.tensor(weight))
                layer.bias.copy_(lab.tensor(bias))
            leaves += [layer.weight, layer.bias]
            names += [f"weight {number + 1}.{i}.{j}" for i, j in np.ndindex(*weight.shape)]
            names += [f"bias {number + 1}.{i}" for i in range(len(bias))]
            signal = layer(signal)
            if number < len(given.weights) - 1:
                signal = self._unit(signal)
            branch = signal if branch is None else branch
        assert branch is not None  # there is a layer
        output = signal.sum() + (branch.detach() if self.branches == "detached" else branch).sum()
        torch.autograd.backward(output)
        found = torch.cat([torch.as_tensor(leaf.grad).flatten() for leaf in leaves])
        return Quantity(found, "derivative", "", (Axis("by", tuple(names)),), scale="symlog")

    def _unit(self, z: torch.Tensor) -> torch.Tensor:
        if self.units == "square":
            return z * z
        activation = self.activation()
        positive: torch.Tensor = activation(z)
        return positive if self.units == "relu" else positive - activation(-z)


@dataclass(frozen=True)
class Widths:
    """Nothing is drawn: operations are counted whatever the numbers are."""


@dataclass(frozen=True)
class ProductsOfGradients(Experiment):
    """Floating-point operations in the matrix products of one gradient, in units of those of one evaluation.

    The loss is the mean square of the outputs of three layers with biases; all are counted by torch's `FlopCounterMode`.

    Attributes:
        layer: The layer; called with (inputs, outputs).
        mode: "reverse": a forward and a backward pass; "forward": one Jacobian-vector product for each parameter.
        features: Widths of inputs and of both hidden layers; there is one output.
        samples: How many inputs.
        inputs: Whether the derivatives by the inputs are wanted as well.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    layer: Subject = Subject("torch.nn", "Linear")
    mode: Literal["reverse", "forward"] = "reverse"
    features: tuple[int, ...] = (2, 4, 8, 16, 64, 256)
    samples: int = 4
    inputs: bool = False

    def draw(self, lab: Lab) -> Widths:
        """Nothing."""
        return Widths()

    def measure(self, lab: Lab, given: Widths) -> Quantity:
        """Shape `(networks,)`: fractions."""
        from torch.utils.flop_counter import FlopCounterMode

        ratios, parameters = [], []
        for width in self.features:
            parts = [self.layer(width, width), torch.nn.ReLU(), self.layer(width, width), torch.nn.ReLU()]
            network = torch.nn.Sequential(*parts, self.layer(width, 1)).to(lab.device, lab.torch_dtype)
            values = {name: parameter.detach() for name, parameter in network.named_parameters()}
            batch = lab.tensor(np.ones((self.samples, width))).requires_grad_(self.inputs)
            with FlopCounterMode(display=False) as once, torch.no_grad():
                network(batch).square().mean()
            with FlopCounterMode(display=False) as counter:
                if self.mode == "reverse":
                    network(batch).square().mean().backward()
                else:
                    self._forward_mode(network, values, batch.detach())
            ratios.append(Fraction(counter.get_total_flops(), once.get_total_flops()))
            parameters.append(sum(value.numel() for value in values.values()))
        axis = Axis("parameters", tuple(parameters), scale="log2")
        return Quantity(
            np.array(ratios, dtype=object), "products of a gradient by those of the loss", "", (axis,), scale="log"
        )

    def _forward_mode(self, network: Any, values: dict[str, torch.Tensor], batch: torch.Tensor) -> None:
        """One Jacobian-vector product for each parameter."""

        def loss(values: dict[str, torch.Tensor]) -> Any:
            return torch.func.functional_call(network, values, (batch,)).square().mean()

        for name, value in values.items():
            for place in range(value.numel()):
                towards = {key: torch.zeros_like(other) for key, other in values.items()}
                towards[name].view(-1)[place] = 1
                directional(loss, values, towards)


@dataclass(frozen=True)
class Feedback:
    """Two linear layers, the map they are to learn, and matrices that carry errors back to the first.

    Attributes:
        first: Initial W1, shape `(members, hidden, features)`.
        last: Initial W2, shape `(members, features, hidden)`.
        target: The map, shape `(members, features, features)`: of the rank of the hidden layer, all singular values 1.
        backward: Shape `(members, steps, hidden, features)`.
    """

    first: Array
    last: Array
    target: Array
    backward: Array


@dataclass(frozen=True)
class FeedbackErrors(Experiment):
    """Share of the squared error that is left to two linear layers when their errors come back through other matrices.

    The inputs are white, so the mean squared error is |W2 W1 - T|^2. The last layer descends its gradient, (W2 W1 - T) W1^T;
    the first has F (W2 W1 - T), which is its gradient for F = W2^T.

    Attributes:
        optimizer: Called with a list of stacked parameters and `lr`.
        feedback: F: "transposed", W2^T; "fixed", one random matrix; "redrawn", another in each step; "zero".
        hidden: Hidden units.
        features: Inputs, and outputs.
        lr: The learning rate.
        steps: How many steps.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64")

    optimizer: Subject = Subject("torch.optim", "SGD")
    feedback: Literal["transposed", "fixed", "redrawn", "zero"] = "fixed"
    hidden: int = 4
    features: int = 16
    lr: float = 0.1
    steps: int = 500

    def draw(self, lab: Lab) -> Feedback:
        """Normal weights with the variance 1 / (400 features), feedback with 1 / features, a target of random directions."""
        hidden, features = self.hidden, self.features
        left, right = (np.linalg.qr(lab.normal(name, (features, hidden)))[0] for name in ("left", "right"))
        return Feedback(
            lab.normal("first", (hidden, features), 0.05 * features**-0.5),
            lab.normal("last", (features, hidden), 0.05 * features**-0.5),
            lab.rounded(left @ right.swapaxes(1, 2)),
            lab.normal("backward", (self.steps, hidden, features), features**-0.5),
        )

    def measure(self, lab: Lab, given: Feedback) -> Quantity:
        """The final error of each member over that of the map 0."""
        shares = []
        for member in range(len(given.first)):
            first, last = (lab.tensor(part[member]).requires_grad_() for part in (given.first, given.last))
            target, backward = lab.tensor(given.target[member]), lab.tensor(given.backward[member])
            optimizer = self.optimizer([first, last], lr=self.lr)
            with torch.no_grad():
                for step in range(self.steps):
                    error = last @ first - target
                    carried = {"transposed": last.mT, "fixed": backward[0], "redrawn": backward[step]}.get(
                        self.feedback
                    )
                    first.grad = torch.zeros_like(first) if carried is None else carried @ error
                    last.grad = error @ first.mT
                    optimizer.step()
                shares.append((last @ first - target).square().sum() / target.square().sum())
        return Quantity(
            torch.stack(shares), "share of the error left", "", (Axis("member", tuple(lab.members)),), scale="log"
        )
