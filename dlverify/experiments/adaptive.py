"""Experiments on optimizers that adapt the step of each coordinate: Adadelta, RMSprop, Adam."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.ensembles import separable
from dlverify.lab.networks import Perceptron, loss_function
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


@dataclass(frozen=True)
class Numbers:
    """What an experiment of this module draws.

    Attributes:
        values: Gradients, starts or labels; the experiment says which, and their shape.
    """

    values: Array


@dataclass(frozen=True)
class StepsByArgument(Experiment):
    """The lengths of an optimizer's steps under a constant gradient, for several values of one of its arguments.

    Attributes:
        optimizer: The optimizer; called with a list of parameters and the argument.
        argument: The name of the argument.
        values: Its values, each in a run of its own.
        gradient: The gradient.
        steps: How many steps.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    optimizer: Subject
    argument: str = "eps"
    values: tuple[float, ...] = (1e-10, 1e-8, 1e-6, 1e-4, 1e-2, 1.0)
    gradient: float = 1.0
    steps: int = 64

    def draw(self, lab: Lab) -> Numbers:
        """The gradient, shape `(1,)`."""
        return Numbers(lab.rounded(np.array([self.gradient])))

    def measure(self, lab: Lab, given: Numbers) -> Quantity:
        """The step lengths, shape `(values, steps)`; before each step the parameter is put back to zero."""
        gradient = lab.tensor(given.values)
        found = torch.empty(len(self.values), self.steps, dtype=gradient.dtype, device=gradient.device)
        for row, value in zip(found, self.values, strict=True):
            parameter = torch.nn.Parameter(torch.zeros_like(gradient))
            stepper = self.optimizer([parameter], **{self.argument: value})
            for step in range(self.steps):
                parameter.detach().zero_()
                parameter.grad = gradient.clone()
                stepper.step()
                row[step] = parameter.detach().abs()[0]
        axes = Axis(self.argument, self.values, scale="log"), Axis("step", tuple(range(1, self.steps + 1)))
        return Quantity(found, "step length", "", axes, scale="log")


@dataclass(frozen=True)
class AfterSilence(Experiment):
    """The lengths of an optimizer's steps, in learning rates, on gradients that follow many zeros.

    Attributes:
        optimizer: The optimizer; called with a list of parameters and `lr`.
        gradients: "growing" by the factor below and ending at 1, "single" (1, then zeros), "constant" 1, or "random" normal.
        growth: The factor.
        silence: How many gradients are zero at first.
        steps: How many follow.
        lr: The learning rate.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    optimizer: Subject
    gradients: Literal["growing", "single", "constant", "random"] = "growing"
    growth: float = 1.11
    silence: int = 8192
    steps: int = 128
    lr: float = 0.25

    def draw(self, lab: Lab) -> Numbers:
        """The gradients that follow, shape `(steps, 1)`."""
        age = np.arange(self.steps)[::-1]
        if self.gradients == "random":
            values = lab.normal("gradients", (self.steps,))[0]
        else:
            first = (age == self.steps - 1) * 1.0
            values = {"growing": self.growth**-age, "single": first, "constant": np.ones(self.steps)}[self.gradients]
        return Numbers(lab.rounded(values[:, None]))

    def measure(self, lab: Lab, given: Numbers) -> Quantity:
        """Step lengths over the learning rate, shape `(steps,)`, of a parameter put back to zero before each step."""
        rows = lab.tensor(given.values)
        parameter = torch.nn.Parameter(torch.zeros_like(rows[0]))
        stepper = self.optimizer([parameter], lr=self.lr)
        parameter.grad = torch.zeros_like(rows[0])
        for _ in range(self.silence):
            stepper.step()
        values, found = parameter.detach(), torch.empty_like(rows)
        for place, gradient in zip(found, rows, strict=True):
            values.zero_()
            parameter.grad = gradient.clone()
            stepper.step()
            place.copy_(values.abs())
        steps = Axis("step after the silence", tuple(range(1, self.steps + 1)))
        return Quantity(found[:, 0] / self.lr, "step length / learning rate", "", (steps,))


@dataclass(frozen=True)
class ScaledAxes(Experiment):
    """How the path of an optimizer down a quadratic changes when its coordinates become unequally curved.

    The curvatures of the coordinates are powers of two, from 1 down to 1/k for the condition number k.

    Attributes:
        optimizer: The optimizer; called with a list of parameters and `lr`.
        axes: Whether the quadratic's axes are "aligned" with the coordinates or "turned" by a random rotation.
        conditions: Condition numbers, 4 to powers.
        coordinates: How many there are.
        lr: The learning rate.
        steps: How many steps.
    """

    optimizer: Subject
    axes: Literal["aligned", "turned"] = "aligned"
    conditions: tuple[int, ...] = (4, 2**10, 2**20)
    coordinates: int = 11
    lr: float = 0.01
    steps: int = 256

    def draw(self, lab: Lab) -> Numbers:
        """The start, between 1/2 and 1, and a rotation, shape `(1 + coordinates, coordinates)`."""
        start = lab.uniform("start", (1, self.coordinates), 0.5, 1.0)[0]
        rotation = np.linalg.qr(lab.normal("rotation", (self.coordinates, self.coordinates))[0])[0]
        return Numbers(lab.rounded(np.concatenate([start, rotation])))

    def measure(self, lab: Lab, given: Numbers) -> Quantity:
        """The first coordinate after each step, less what it is where all curvatures are 1, shape `(conditions, steps)`.

        The first is the one of curvature 1/k.
        """
        before = self._path(lab, given, 1)
        differences = torch.stack([self._path(lab, given, condition) - before for condition in self.conditions])
        conditions = Axis("condition number", self.conditions, scale="log2")
        steps = Axis("step", tuple(range(1, self.steps + 1)))
        return Quantity(
            differences, "flattest coordinate, less the same where all curve alike", "", (conditions, steps)
        )

    def _path(self, lab: Lab, given: Numbers, condition: int) -> torch.Tensor:
        exponents = np.round(np.linspace(-math.log2(condition), 0, self.coordinates))
        curvatures, turn = lab.tensor(2.0**exponents), lab.tensor(given.values[1:])
        parameter = torch.nn.Parameter(lab.tensor(given.values[0]))
        values, found = parameter.detach(), []
        stepper = self.optimizer([parameter], lr=self.lr)
        for _ in range(self.steps):
            parameter.grad = curvatures * values if self.axes == "aligned" else turn.T @ (curvatures * (turn @ values))
            stepper.step()
            found.append(values[0].clone())
        return torch.stack(found)


@dataclass(frozen=True)
class SeparatedPoints(Experiment):
    """How many points a linear classifier calls wrong after training on the squared error from zero weights.

    The data are those of Wilson et al. 2017, section 3.3. A point of label y = +-1 has the features y, 1, 1 and some that
    no other point shares, all equal to 1: one where y = 1 and five where y = -1. So the first feature alone tells the
    labels, in the training points as in new ones.

    Attributes:
        optimizer: The optimizer; called with a list of parameters and `lr`.
        positives: How many training points of label 1 there are.
        negatives: How many of label -1.
        new: How many new points.
        lr: The learning rate.
        steps: How many full-batch steps.
    """

    optimizer: Subject
    positives: int = 36
    negatives: int = 24
    new: int = 64
    lr: float = 0.02
    steps: int = 256

    def draw(self, lab: Lab) -> Numbers:
        """Labels, the training points' first and in random order, shape `(positives + negatives + new,)`."""
        numbers = lab.generator("labels")
        known = numbers.permutation([1.0] * self.positives + [-1.0] * self.negatives)
        return Numbers(lab.rounded(np.concatenate([known, numbers.choice([-1.0, 1.0], self.new)])))

    def measure(self, lab: Lab, given: Numbers) -> Quantity:
        """The numbers of training points and of new points called wrong."""
        labels, known = given.values, self.positives + self.negatives
        points = np.zeros((len(labels), 3 + 5 * len(labels)))
        for index, (point, label) in enumerate(zip(points, labels, strict=True)):
            own = 3 + 5 * index
            point[:3] = label, 1, 1
            point[own : own + (1 if label > 0 else 5)] = 1
        inputs, targets = lab.tensor(points), lab.tensor(labels)
        layer = torch.nn.Linear(inputs.shape[1], 1, bias=False).to(inputs.device, inputs.dtype)
        torch.nn.init.zeros_(layer.weight)
        stepper = self.optimizer(list(layer.parameters()), lr=self.lr)
        for _ in range(self.steps):
            loss = torch.nn.functional.mse_loss(layer(inputs[:known])[:, 0], targets[:known])
            (layer.weight.grad,) = torch.autograd.grad(loss, [layer.weight])
            stepper.step()
        wrong = (layer(inputs).detach()[:, 0] * targets <= 0).cpu()
        counts = [int(wrong[:known].sum()), int(wrong[known:].sum())]
        return Quantity(counts, "points called wrong", "", (Axis("points", ("training", "new")),))


@dataclass(frozen=True)
class PeriodicLosses(Experiment):
    """Where an optimizer goes on [-1, 1] when every third loss is C x and the others are -x: in the sum the best is -1.

    That is Reddi, Kale & Kumar's example (2018). The t-th learning rate is lr / sqrt(t), and after each step the parameter
    is put back into [-1, 1].

    Attributes:
        optimizer: The optimizer; called with a list of parameters and `lr`.
        steep: The slope C of every third loss, the first, the fourth, and so on.
        lr: The first learning rate.
        periods: How many times the three losses come.
        first: The first period to report.
        report: Where the parameter is "before" or "after" the steep loss of a period.
    """

    optimizer: Subject
    steep: float = 3.0
    lr: float = 0.5
    periods: int = 256
    first: int = 1
    report: Literal["before", "after"] = "before"

    def draw(self, lab: Lab) -> Numbers:
        """Starts: the best point, the worst, and one between them, shape `(3,)`."""
        between = lab.uniform("start", (1,), -0.9, 0.9)[0]
        return Numbers(lab.rounded(np.concatenate([[-1.0], between, [1.0]])))

    def measure(self, lab: Lab, given: Numbers) -> Quantity:
        """The positions, shape `(periods - first + 1, 3)`."""
        parameter = torch.nn.Parameter(lab.tensor(given.values))
        values, found = parameter.detach(), []
        stepper = self.optimizer([parameter], lr=self.lr)
        scheduler = torch.optim.lr_scheduler.LambdaLR(stepper, lambda taken: 1 / math.sqrt(taken + 1))
        for period in range(1, self.periods + 1):
            for place, slope in enumerate((self.steep, -1.0, -1.0)):
                if period >= self.first and place == (self.report == "after"):
                    found.append(values.clone())
                parameter.grad = torch.full_like(values, slope)
                stepper.step()
                scheduler.step()
                values.clamp_(-1, 1)
        periods = Axis("period", tuple(range(self.first, self.periods + 1)))
        axes = periods, Axis("start", tuple(given.values.tolist()))
        return Quantity(torch.stack(found), f"position {self.report} the steep loss", "", axes)


@dataclass(frozen=True)
class LargestMemories(Experiment):
    """The largest beta2, a multiple of 1/1024, at which Adam drifts up, away from the minimum, on losses C x, -x, -x in turn.

    The learning rate is constant and the line unbounded; what the first steps leave behind is over when drift is read
    off, from the last period.

    Attributes:
        optimizer: The optimizer; called with a list of parameters, `lr` and `betas`.
        slopes: The slopes C, all above 2.
        beta1: The first of the betas.
        lr: The learning rate.
        periods: How many times the three losses come.
    """

    optimizer: Subject
    slopes: tuple[float, ...] = (2.5, 3.0, 4.0, 6.0, 10.0, 20.0)
    beta1: float = 0.0
    lr: float = 0.01
    periods: int = 24

    def draw(self, lab: Lab) -> Numbers:
        """The start, shape `(1,)`."""
        return Numbers(lab.uniform("start", (1,), -1.0, 1.0)[0])

    def measure(self, lab: Lab, given: Numbers) -> Quantity:
        """The largest beta2 of each slope, by bisection; at 0 every step has the same length, and two of three go up."""
        found = []
        for steep in self.slopes:
            low, high = 0, 1024
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if self._rises(lab, given, steep, middle / 1024) else (low, middle)
            found.append(low / 1024)
        return Quantity(found, "largest beta2 that drifts up", "", (Axis("slope C", self.slopes, scale="log"),))

    def _rises(self, lab: Lab, given: Numbers, steep: float, beta2: float) -> bool:
        parameter = torch.nn.Parameter(lab.tensor(given.values))
        gradients = [torch.full_like(parameter, slope) for slope in (steep, -1.0, -1.0)]
        stepper = self.optimizer([parameter], lr=self.lr, betas=(self.beta1, beta2))
        position = 0.0
        for _ in range(self.periods):
            position = parameter.item()
            for gradient in gradients:
                parameter.grad = gradient.clone()
                stepper.step()
        return parameter.item() > position


@dataclass(frozen=True)
class Tasks:
    """Data and starts of the problems of `CommonRates`, each with a leading member axis.

    Attributes:
        inputs: By problem, shape `(members, samples, features)`.
        targets: By problem, shape `(members, samples, outputs)`.
        starts: By problem, the initial parameters, each `(members, ...)`.
    """

    inputs: dict[str, Array]
    targets: dict[str, Array]
    starts: dict[str, tuple[Array, ...]]


NETWORKS = {
    "regression on unscaled features": Perceptron((8, 1), "identity"),
    "a wave by a tanh network": Perceptron((1, 24, 24, 1), "tanh"),
    "a small wave by a ReLU network": Perceptron((1, 24, 24, 1), "relu"),
}
"""What is trained in the problems of `CommonRates`; in the others, the parameters are coordinates."""


@dataclass(frozen=True)
class CommonRates(Experiment):
    """How much better one optimizer serves five different problems than another, one difference of losses a seed.

    The problems: a quadratic of condition number 10^4, Rosenbrock's valley in 8 planes, linear regression on features of
    scales 1/10 to 10, and two small networks that fit a wave, one of height 1 and one of height 1/10. An optimizer's regret
    in a problem is (L - B) / (L_0 - B), at most 1, with its last loss L, the first L_0, and the best B that either of the
    two reaches at any rate; its worst regret counts.

    Attributes:
        optimizer: The optimizer; called with groups of parameters, each with `lr`.
        rival: The other.
        tuned: Whether each has "one rate for all" problems, the one at which its worst regret is least, or "a rate for each".
        decades: The rates are 10 to these powers.
        steps: How many full-batch steps.
    """

    optimizer: Subject
    rival: Subject
    tuned: Literal["one rate for all", "a rate for each"] = "one rate for all"
    decades: tuple[float, ...] = (-3.5, -3.0, -2.5, -2.0, -1.5, -1.0, -0.5)
    steps: int = 64

    def draw(self, lab: Lab) -> Tasks:
        """Data and starts."""
        scales = 10 ** np.linspace(-1, 1, 8)
        features = lab.rounded(scales * lab.normal("features", (32, 8)))
        slopes = lab.normal("slopes", (8, 1)) / scales[:, None]
        points = lab.uniform("points", (32, 1), -1.0, 1.0)
        wave = np.sin(3 * points + lab.uniform("phase", (1, 1), 0.0, 2 * math.pi))
        members = len(lab.members)
        none = np.zeros((members, 1, 1))
        starts: dict[str, tuple[Array, ...]] = {
            "a quadratic": (lab.normal("quadratic", (1, 16)),),
            "Rosenbrock's valley": (lab.uniform("valley", (2, 8), -1.5, 1.5),),
        }
        for name, network in NETWORKS.items():
            starts[name] = tuple(
                lab.uniform(f"{name} {index}", shape, -1.0, 1.0) / math.sqrt(network.widths[index // 2])
                for index, shape in enumerate(network.parameter_shapes())
            )
        inputs = dict.fromkeys(starts, none) | dict(zip(NETWORKS, (features, points, points), strict=True))
        targets = dict.fromkeys(starts, none) | dict(zip(NETWORKS, (features @ slopes, wave, wave / 10), strict=True))
        return Tasks(inputs, targets, starts)

    def measure(self, lab: Lab, given: Tasks) -> Quantity:
        """The rival's worst regret less the optimizer's, shape `(members,)`."""
        regrets = []
        for name in given.starts:
            runs = [self._train(lab, given, name, optimizer) for optimizer in (self.optimizer, self.rival)]
            first, last = runs[0][0], np.stack([run[1] for run in runs])  # (members,), (2, rates, members)
            best = np.minimum(last.min(axis=(0, 1)), first)
            regrets.append(np.minimum((last - best) / np.maximum(first - best, np.finfo(float).tiny), 1))
        table = np.stack(regrets)  # (problems, 2, rates, members)
        if self.tuned == "one rate for all":
            worst = table.max(axis=0).min(axis=1)
        else:
            worst = table.min(axis=2).max(axis=0)
        members = Axis("member", tuple(lab.members))
        return Quantity(worst[1] - worst[0], "worst regret of the rival, less the optimizer's", "", (members,))

    def _train(self, lab: Lab, given: Tasks, name: str, optimizer: Subject) -> tuple[Array, Array]:
        """First losses `(members,)` and last losses `(rates, members)`, infinite where they are no number."""
        rates, members = 10 ** np.array(self.decades), len(lab.members)
        stacks = [lab.tensor(np.concatenate([start] * len(rates))).requires_grad_() for start in given.starts[name]]
        losses_of = self._losses(lab, given, name, len(rates))
        together = separable(lambda tensors: optimizer(tensors, lr=0.01), [stack[:members] for stack in stacks])
        size = members if together else 1
        groups: list[dict[str, Any]] = []
        for start in range(0, len(stacks[0]), size):
            # leaves over the same storage, so that a step moves the stack
            leaves = [stack.detach()[start : start + size].requires_grad_() for stack in stacks]
            groups.append({"params": leaves, "lr": float(rates[start // members])})
        stepper = optimizer(groups, lr=0.01)
        recorded: list[torch.Tensor] = []
        for step in range(self.steps + 1):
            losses = losses_of(stacks)
            if step in (0, self.steps):
                recorded.append(losses.detach())
            if step < self.steps:
                gradients = torch.autograd.grad(losses.sum(), stacks)
                for number, group in enumerate(groups):
                    for leaf, gradient in zip(group["params"], gradients, strict=True):
                        leaf.grad = gradient[number * size : (number + 1) * size]
                stepper.step()
        first, last = (losses.double().cpu().numpy().reshape(len(rates), members) for losses in recorded)
        return first[0], np.where(np.isfinite(last), last, np.inf)

    def _losses(self, lab: Lab, given: Tasks, name: str, runs: int) -> Callable[[list[torch.Tensor]], torch.Tensor]:
        if name == "a quadratic":
            curvatures = lab.tensor(10 ** np.linspace(-4, 0, 16))
            return lambda stacks: (curvatures * stacks[0].square()).sum((1, 2)) / 2
        if name == "Rosenbrock's valley":
            return lambda stacks: (
                (1 - stacks[0][:, 0]).square() + 100 * (stacks[0][:, 1] - stacks[0][:, 0].square()).square()
            ).sum(1)
        inputs = lab.tensor(np.concatenate([given.inputs[name]] * runs))
        targets, squared = lab.tensor(np.concatenate([given.targets[name]] * runs)), loss_function("squared")
        return lambda stacks: squared(NETWORKS[name].forward(stacks, inputs), targets)
