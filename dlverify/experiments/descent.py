"""Experiments on gradient descent: its steps, its stable learning rates, where it stops, its minibatches, Newton's step."""

from __future__ import annotations

import itertools
import math
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

# ---- a line fitted by descent, and minibatches of its samples ----


@dataclass(frozen=True)
class Samples:
    """Samples of a line and where its slope and intercept start.

    Attributes:
        inputs: Shape `(samples,)`.
        targets: Shape `(samples,)`.
        start: Slope and intercept, shape `(2,)`.
    """

    inputs: Array
    targets: Array
    start: Array


def small_samples(lab: Lab, number: int) -> Samples:
    """Whole numbers up to 3 and halves: with learning rates that are powers of two, float64 rounds none of their sums.

    The first two inputs are 0 and 2, so that a line is determined by the samples; none is negative, so that their mean is not
    zero and slope and intercept bear on one another.
    """
    numbers = lab.generator("samples")
    inputs = np.concatenate([[0, 2], numbers.integers(0, 4, number - 2)])
    targets, start = numbers.integers(-6, 7, number) / 2, numbers.integers(1, 6, 2) / 2
    return Samples(lab.rounded(inputs), lab.rounded(targets), lab.rounded(start))


def line(lab: Lab, given: Samples) -> tuple[torch.nn.Linear, torch.Tensor, torch.Tensor]:
    """A layer with the slope and intercept of the start, inputs and targets as columns."""
    layer = torch.nn.Linear(1, 1, dtype=lab.torch_dtype, device=lab.device)
    with torch.no_grad():
        layer.weight.copy_(lab.tensor(given.start[:1, None]))
        layer.bias.copy_(lab.tensor(given.start[1:]))
    return layer, lab.tensor(given.inputs[:, None]), lab.tensor(given.targets[:, None])


@dataclass(frozen=True)
class LinePath(Experiment):
    """Slope and intercept of a line at every step of descent on the mean squared error of four samples.

    All numbers are whole multiples of powers of two of few digits: in float64 nothing is rounded within the steps.

    Attributes:
        optimizer: The optimizer; called with parameters and `lr`.
        order: Whether both gradients of a step are taken "at once", before either parameter moves, or the intercept's
            only after the slope has moved, "one after another".
        lr: The learning rate, a power of two.
        steps: How many steps.
    """

    optimizer: Subject
    order: Literal["at once", "one after another"] = "at once"
    lr: float = 0.125
    steps: int = 6

    def draw(self, lab: Lab) -> Samples:
        """Four samples and a start."""
        return small_samples(lab, 4)

    def measure(self, lab: Lab, given: Samples) -> Quantity:
        """Both parameters, shape `(steps + 1, 2)`."""
        layer, inputs, targets = line(lab, given)
        groups = [[layer.weight, layer.bias]] if self.order == "at once" else [[layer.weight], [layer.bias]]
        optimizers = [self.optimizer(group, lr=self.lr) for group in groups]
        path = [self._place(layer)]
        for _ in range(self.steps):
            for optimizer in optimizers:
                layer.zero_grad()
                torch.nn.functional.mse_loss(layer(inputs), targets).backward()
                optimizer.step()
            path.append(self._place(layer))
        axes = Axis("step", tuple(range(self.steps + 1))), Axis("parameter", ("slope", "intercept"))
        return Quantity(torch.stack(path), "parameter", "", axes)

    @staticmethod
    def _place(layer: torch.nn.Linear) -> torch.Tensor:
        return torch.cat([layer.weight.detach().flatten(), layer.bias.detach()])


@dataclass(frozen=True)
class BatchGradients(Experiment):
    """Mean and covariance of the gradient of a minibatch over every minibatch that can be drawn: exact, no sampling.

    A gradient is what the optimizer moves slope and intercept of a line by at learning rate 1, with the sign turned.

    Attributes:
        optimizer: The optimizer; called with parameters and `lr`.
        loss: The loss of a minibatch; called without arguments.
        sampling: A minibatch is drawn "with replacement" or "without replacement", all samples alike, or "unevenly":
            with replacement, the first sample three times as often as any other.
        samples: How many samples there are.
        batches: Batch sizes, powers of two.
    """

    optimizer: Subject
    loss: Subject = Subject("torch.nn", "MSELoss")
    sampling: Literal["with replacement", "without replacement", "unevenly"] = "without replacement"
    samples: int = 8
    batches: tuple[int, ...] = (1, 2, 4)

    def draw(self, lab: Lab) -> Samples:
        """Samples and where the gradient is taken."""
        return small_samples(lab, self.samples)

    def measure(self, lab: Lab, given: Samples) -> Quantity:
        """Two means, two variances and a covariance for each batch size, as fractions, shape `(batches, 5)`."""
        rows = []
        for size in self.batches:
            if self.sampling == "without replacement":
                drawn = [(batch, 1) for batch in itertools.combinations(range(self.samples), size)]
            else:
                extra = 3 if self.sampling == "unevenly" else 1
                drawn = [
                    (batch, _ways(batch) * extra ** batch.count(0))
                    for batch in itertools.combinations_with_replacement(range(self.samples), size)
                ]
            total = sum(ways for _, ways in drawn)
            moves = [(self._gradient(lab, given, batch), Fraction(ways, total)) for batch, ways in drawn]
            mean = [sum((share * g[i] for g, share in moves), Fraction(0)) for i in (0, 1)]
            spread = [
                sum((share * (g[i] - mean[i]) * (g[j] - mean[j]) for g, share in moves), Fraction(0))
                for i, j in ((0, 0), (1, 1), (0, 1))
            ]
            rows.append([*mean, *spread])
        kinds = ("mean, slope", "mean, intercept", "variance, slope", "variance, intercept", "covariance")
        axes = Axis("batch size", self.batches, "samples", scale="log2"), Axis("of the minibatch's gradient", kinds)
        return Quantity(np.array(rows, dtype=object), "moment of the minibatch's gradient", "", axes)

    def _gradient(self, lab: Lab, given: Samples, batch: tuple[int, ...]) -> list[Fraction]:
        layer, inputs, targets = line(lab, given)
        optimizer = self.optimizer([layer.weight, layer.bias], lr=1.0)
        self.loss()(layer(inputs[list(batch)]), targets[list(batch)]).backward()
        optimizer.step()
        place = torch.cat([layer.weight.detach().flatten(), layer.bias.detach()]).tolist()
        return [Fraction(before) - Fraction(after) for before, after in zip(given.start.tolist(), place, strict=True)]


def _ways(batch: tuple[int, ...]) -> int:
    return math.factorial(len(batch)) // math.prod(math.factorial(batch.count(i)) for i in set(batch))


@dataclass(frozen=True)
class Regression:
    """Samples of a linear regression, and its weights.

    Attributes:
        inputs: Shape `(samples, features)`.
        targets: Shape `(samples,)`.
        weights: Shape `(features,)`.
    """

    inputs: Array
    targets: Array
    weights: Array


@dataclass(frozen=True)
class AccumulatedStep(Experiment):
    """The step of an optimizer from gradients added up over one epoch of minibatches at fixed weights, as a mean.

    Each minibatch counts alike, by its share of the number of minibatches.

    Attributes:
        optimizer: The optimizer; called with parameters and `lr`.
        loader: Cuts the samples into minibatches; called with a data set, `batch_size` and `shuffle=True`.
        normalization: A layer of one feature, after the linear one.
        samples: How many samples there are.
        features: Inputs of the linear layer.
        batches: Batch sizes; the largest is the whole of the data.
    """

    # In bfloat16 rounding hides what is left out of an epoch.
    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    optimizer: Subject
    loader: Subject = Subject("torch.utils.data", "DataLoader")
    normalization: Subject = Subject("torch.nn", "Identity")
    samples: int = 24
    features: int = 3
    batches: tuple[int, ...] = (1, 2, 3, 4, 6, 8, 12, 24)

    def draw(self, lab: Lab) -> Regression:
        """Normal inputs, targets and weights."""
        inputs = lab.normal("inputs", (self.samples, self.features))[0]
        return Regression(inputs, lab.normal("targets", (self.samples,))[0], lab.normal("weights", (self.features,))[0])

    def measure(self, lab: Lab, given: Regression) -> Quantity:
        """By how much each weight has moved at learning rate 1, shape `(batches, features)`.

        The parameter is put to zero before the step, so that the step is read off without another rounding.
        """
        data = torch.utils.data.TensorDataset(lab.tensor(given.inputs), lab.tensor(given.targets))
        moves = []
        for size in self.batches:
            model = torch.nn.Sequential(torch.nn.Linear(self.features, 1, bias=False), self.normalization(1))
            model.to(lab.device, lab.torch_dtype)
            (weight, *_) = model.parameters()
            with torch.no_grad():
                weight.copy_(lab.tensor(given.weights[None]))
            minibatches = list(self.loader(data, batch_size=size, shuffle=True))
            for inputs, targets in minibatches:
                loss = torch.nn.functional.mse_loss(model(inputs)[:, 0], targets) / len(minibatches)
                loss.backward()
            optimizer = self.optimizer([weight], lr=1.0)
            with torch.no_grad():
                weight.zero_()
            optimizer.step()
            moves.append(weight.detach()[0])
        axes = Axis("batch size", self.batches, "samples", scale="log2"), Axis("weight", tuple(range(self.features)))
        return Quantity(torch.stack(moves), "step of the optimizer", "", axes)


# ---- parabolas in several coordinates, and a saddle ----


@dataclass(frozen=True)
class Parabolas:
    """Quadratic functions x H x / 2 and where descents start.

    Attributes:
        hessians: Shape `(functions, 3, 3)`.
        starts: Shape `(functions, 3)`.
    """

    hessians: Array
    starts: Array


@dataclass(frozen=True)
class LargestSteps(Experiment):
    """The largest learning rate, among whole multiples of 1/64, at which descent on a quadratic function does not grow.

    The first two coordinates are coupled, with curvatures c and c/2 along their diagonals; the third one is by itself,
    with curvature 1/16. All functions are bisected together, as groups of parameters of one optimizer. A descent has
    grown when its largest coordinate in the last quarter of the steps is more than twice that in the second.

    Attributes:
        optimizer: The optimizer; called with groups of parameters, each with `lr`.
        start: Where it starts: "anywhere" in a cube, or in the "flattest" direction, the third coordinate.
        loss: The "quadratic" function, or its "pseudo-huber" form, by the slope d / sqrt(1 + |d|^2) in the place of d.
        curvatures: c of each function.
        steps: How many steps are made at each learning rate.
    """

    optimizer: Subject
    start: Literal["anywhere", "flattest"] = "anywhere"
    loss: Literal["quadratic", "pseudo-huber"] = "quadratic"
    curvatures: tuple[float, ...] = (1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0)
    steps: int = 256

    def draw(self, lab: Lab) -> Parabolas:
        """Starts with coordinates between 1/2 and 1, the second one negative: so that the largest curvature matters."""
        hessians = np.zeros((len(self.curvatures), 3, 3))
        for hessian, top in zip(hessians, self.curvatures, strict=True):
            hessian[:2, :2] = [[0.75 * top, -0.25 * top], [-0.25 * top, 0.75 * top]]
            hessian[2, 2] = 1 / 16
        starts = lab.uniform("starts", (len(self.curvatures), 3), 0.5, 1.0)[0] * (1, -1, 1)
        if self.start == "flattest":
            starts = starts * (0, 0, 1)
        return Parabolas(lab.rounded(hessians), lab.rounded(starts))

    def measure(self, lab: Lab, given: Parabolas) -> Quantity:
        """The rates as fractions, shape `(curvatures,)`, by bisection."""
        low = np.zeros(len(self.curvatures), dtype=int)  # in units of 1/64; at 0 nothing moves
        high = np.full_like(low, 64 * 64)
        while (high - low > 1).any():
            middle = (low + high) // 2
            stays = self._stay(lab, given, middle / 64)
            low, high = np.where(stays, middle, low), np.where(stays, high, middle)
        curvatures = Axis("largest curvature", self.curvatures, scale="log2")
        rates = np.array([Fraction(int(k), 64) for k in low], dtype=object)
        return Quantity(rates, "largest stable learning rate", "", (curvatures,), scale="log2")

    def _stay(self, lab: Lab, given: Parabolas, rates: Array) -> Array:
        places, hessians = lab.tensor(given.starts), lab.tensor(given.hessians)
        gradients = torch.zeros_like(places)
        groups: list[dict[str, Any]] = []
        for row, gradient, rate in zip(places, gradients, rates, strict=True):
            parameter = row.detach().requires_grad_()  # the same storage
            parameter.grad = gradient
            groups.append({"params": [parameter], "lr": float(rate)})
        optimizer = self.optimizer(groups, lr=1.0)
        quarters = torch.zeros(4, len(rates), dtype=places.dtype, device=places.device)
        with torch.no_grad():
            for step in range(self.steps):
                slopes = torch.bmm(hessians, places[:, :, None])[:, :, 0]
                if self.loss == "pseudo-huber":
                    slopes = slopes / (1 + slopes.square().sum(1, keepdim=True)).sqrt()
                gradients.copy_(slopes)
                optimizer.step()
                quarter = quarters[4 * step // self.steps]
                torch.maximum(quarter, places.abs().amax(1), out=quarter)
        grown = ~(quarters[3] <= 2 * quarters[1])  # no number has grown too
        return ~grown.cpu().numpy()


@dataclass(frozen=True)
class StepsToMinimum(Experiment):
    """After how many steps both coordinates of descent on x^2 / 2 + y^2 / 8 are within 1/100 of the minimum, from 1.

    Attributes:
        optimizer: The optimizer; called with groups of parameters, each with `lr`.
        rates: Learning rates, powers of two.
        most: How many steps are made at most; the answer where they do not suffice.
    """

    optimizer: Subject
    rates: tuple[float, ...] = tuple(2.0**k for k in range(-7, 3))
    most: int = 4096

    def draw(self, lab: Lab) -> Parabolas:
        """One start at 1, and the curvatures 1 and 1/4."""
        return Parabolas(lab.rounded(np.diag([1.0, 0.25])[None]), lab.rounded(np.ones((1, 2))))

    def measure(self, lab: Lab, given: Parabolas) -> Quantity:
        """The numbers of steps, shape `(rates,)`."""
        found = [self._needed(lab, given, rate) for rate in self.rates]
        rates = Axis("learning rate", self.rates, scale="log2")
        return Quantity(np.array(found), "steps needed", "", (rates,), scale="log2")

    def _needed(self, lab: Lab, given: Parabolas, rate: float) -> int:
        parameter = torch.nn.Parameter(lab.tensor(given.starts[0]))
        values, curvatures = parameter.detach(), lab.tensor(np.diag(given.hessians[0]))
        optimizer = self.optimizer([parameter], lr=rate)
        for step in range(1, self.most + 1):
            parameter.grad = curvatures * values
            optimizer.step()
            farthest = values.abs().max().item()
            if farthest <= 0.01:
                return step
            if not farthest < 1e6:
                break
        return self.most


@dataclass(frozen=True)
class Start:
    """Where descent starts.

    Attributes:
        place: x and y.
    """

    place: Array


@dataclass(frozen=True)
class SaddlePath(Experiment):
    """Where descent on x^2 / 2 - y^2 / 2 + y^4 / 4 is, which has a saddle at (0, 0) and its minima at (0, 1) and (0, -1).

    Attributes:
        optimizer: The optimizer; called with parameters and `lr`.
        y: Where it starts; its x is drawn.
        lr: The learning rate.
        steps: How many steps.
    """

    optimizer: Subject
    y: float = 0.0
    lr: float = 0.5
    steps: int = 64

    def draw(self, lab: Lab) -> Start:
        """x between 1 and 2, an eighth: of few digits, so that float64 rounds nothing within some two dozen steps."""
        return Start(lab.rounded(np.array([lab.generator("x").integers(9, 16) / 8, self.y])))

    def measure(self, lab: Lab, given: Start) -> Quantity:
        """The path, shape `(steps + 1, 2)`."""
        parameter = torch.nn.Parameter(lab.tensor(given.place))
        optimizer = self.optimizer([parameter], lr=self.lr)
        path = [parameter.detach().clone()]
        for _ in range(self.steps):
            optimizer.zero_grad()
            x, y = parameter
            (x**2 / 2 - y**2 / 2 + y**4 / 4).backward()
            optimizer.step()
            path.append(parameter.detach().clone())
        axes = Axis("step", tuple(range(self.steps + 1))), Axis("coordinate", ("x", "y"))
        return Quantity(torch.stack(path), "place of the descent", "", axes)


@dataclass(frozen=True)
class DescentBounds(Experiment):
    """What descent from several starts has reached after each step, on functions of largest curvature 1 and minimum 0.

    Attributes:
        optimizer: The optimizer; called with parameters and `lr`.
        function: In every coordinate sqrt(1 + x^2) - 1, "pseudo-huber"; 1 - cos(x), "cosine", which is not convex; in
            two of them x^2 / 2 and x^2 / 2000, an "ill-conditioned" parabola; or Huber's function of the distance r from the
            minimum, r^2 / 2 up to d = |start| / (2 steps + 1) and d (r - d / 2) beyond, the "hardest" for so many steps.
        lr: The learning rate.
        steps: How many steps.
        report: The "gap", the value over the minimum, or the "smallest gradient" so far, the square of its norm.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    optimizer: Subject
    function: Literal["pseudo-huber", "cosine", "ill-conditioned", "hardest"] = "ill-conditioned"
    lr: float = 1.0
    steps: int = 256
    report: Literal["gap", "smallest gradient"] = "gap"

    def draw(self, lab: Lab) -> Parabolas:
        """Four starts, two coordinates each, of sizes from 49/16 to 50/16: below pi, so that a cosine starts near its top."""
        sizes = lab.uniform("starts", (4, 2), 49 / 16, 50 / 16)[0]
        return Parabolas(
            lab.rounded(np.diag([1.0, 1 / 1000])[None]),
            lab.rounded(sizes * lab.generator("signs").choice((-1, 1), (4, 2))),
        )

    def measure(self, lab: Lab, given: Parabolas) -> Quantity:
        """What is reported, shape `(steps, starts)`: of step k the gap after it, or the smallest of the first k gradients."""
        parameter = torch.nn.Parameter(lab.tensor(given.starts))
        optimizer = self.optimizer([parameter], lr=self.lr)
        curvatures = lab.tensor(np.diag(given.hessians[0]))
        corner = lab.tensor(given.starts).norm(dim=1, keepdim=True) / (2 * self.steps + 1)

        def huber(x: torch.Tensor) -> torch.Tensor:
            r = x.norm(dim=1, keepdim=True)
            return torch.where(r < corner, r * r / 2, corner * (r - corner / 2))

        functions: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
            "pseudo-huber": lambda x: x * x / (1 + (1 + x * x).sqrt()),
            "cosine": lambda x: 2 * (x / 2).sin().square(),
            "ill-conditioned": lambda x: curvatures * x * x / 2,
            "hardest": huber,
        }
        function = functions[self.function]
        gaps, gradients = [], []
        for _ in range(self.steps):
            optimizer.zero_grad()
            function(parameter).sum().backward()
            assert parameter.grad is not None
            gradients.append(parameter.grad.square().sum(1))
            optimizer.step()
            with torch.no_grad():
                gaps.append(function(parameter).sum(1))
        axes = (
            Axis("step", tuple(range(1, self.steps + 1)), scale="log"),
            Axis("start", tuple(range(len(given.starts)))),
        )
        if self.report == "gap":
            return Quantity(torch.stack(gaps), "value over the minimum", "", axes, scale="log")
        smallest = torch.stack(gradients).cummin(0).values
        return Quantity(smallest, "smallest squared norm of a gradient so far", "", axes, scale="log")


# ---- Newton's step ----


@dataclass(frozen=True)
class Quadratic:
    """A function (x - m) H (x - m) / 2 and starts.

    Attributes:
        hessian: Shape `(dimension, dimension)`.
        middle: Its stationary point m.
        starts: Shape `(starts, dimension)`.
    """

    hessian: Array
    middle: Array
    starts: Array


@dataclass(frozen=True)
class NewtonStep(Experiment):
    """Where one step of Newton's method leads: x less the Hessian's inverse times the gradient.

    The Hessian is L D L' with powers of two in D, falling in size, and multiples of 1/4 in the unit triangle L: its
    elimination needs no exchange of rows and rounds nothing in float64.

    Attributes:
        solve: Solves linear equations; called with a matrix and a right-hand side.
        hessian: The Hessian of a function at a point; called with both.
        entries: Of the Hessian "all" entries are used, the "diagonal" alone, or "none", the step of gradient descent.
        function: "convex"; a "saddle", the last entry of D negative; or "quartic", with |x - m|^4 / 4 besides.
        dimension: Coordinates.
        number: Starts.
    """

    solve: Subject = Subject("torch.linalg", "solve")
    hessian: Subject = Subject("torch.autograd.functional", "hessian")
    entries: Literal["all", "diagonal", "none"] = "all"
    function: Literal["convex", "saddle", "quartic"] = "convex"
    dimension: int = 3
    number: int = 8

    def draw(self, lab: Lab) -> Quadratic:
        """L, m and starts with few digits."""
        numbers = lab.generator("function")
        triangle = np.tril(numbers.choice((-0.5, -0.25, 0.25, 0.5), (self.dimension,) * 2), -1) + np.eye(self.dimension)
        pivots = 4.0 * 8.0 ** -np.arange(self.dimension)
        if self.function == "saddle":
            pivots[-1] *= -1
        middle = numbers.integers(-8, 9, self.dimension) / 4
        starts = (
            middle
            + numbers.choice((-1, 1), (self.number, self.dimension))
            * numbers.integers(1, 33, (self.number, self.dimension))
            / 4
        )
        return Quadratic(lab.rounded(triangle @ np.diag(pivots) @ triangle.T), lab.rounded(middle), lab.rounded(starts))

    def measure(self, lab: Lab, given: Quadratic) -> Quantity:
        """Where the step leads, shape `(starts, dimension)`."""
        matrix, middle = lab.tensor(given.hessian), lab.tensor(given.middle)

        def function(x: torch.Tensor) -> torch.Tensor:
            away = x - middle
            value = away @ matrix @ away / 2
            return value + (away @ away) ** 2 / 4 if self.function == "quartic" else value

        ends = []
        for start in lab.tensor(given.starts):
            (gradient,) = torch.autograd.grad(function(place := start.clone().requires_grad_()), place)
            curvature = self.hessian(function, start)
            if self.entries != "all":
                curvature = (
                    torch.diag(torch.diag(curvature)) if self.entries == "diagonal" else torch.eye(len(start)).to(start)
                )
            ends.append(start - self.solve(curvature, gradient))
        axes = Axis("start", tuple(range(self.number))), Axis("coordinate", tuple(range(self.dimension)))
        return Quantity(torch.stack(ends), "place after one step", "", axes)


# ---- learning rate and weight decay, traded ----


@dataclass(frozen=True)
class SmallNetwork:
    """Data and initial weights.

    Attributes:
        inputs: Shape `(samples, 4)`.
        targets: Shape `(samples, 2)`.
        weights: Of both layers, shapes `(8, 4)` and `(2, 8)`.
    """

    inputs: Array
    targets: Array
    weights: tuple[Array, Array]


@dataclass(frozen=True)
class TradedRates(Experiment):
    """How far a network's outputs are apart from what they are without the trade, when rate and weight decay are traded.

    In the trade the learning rate is multiplied by c and weight decay is divided by it; c is a power of four, so that
    floating-point numbers are multiplied by c and its root without rounding. Both layers are normalized over the batch.

    Attributes:
        optimizer: The optimizer; called with parameters, `lr` and `weight_decay`.
        normalization: The layer after each linear one; called with the number of features. torch wants a positive epsilon;
            1e-80 is rounded away in every sum with a variance.
        start: Initial weights are "multiplied" by the root of c, or the "same".
        factors: c of each trade.
        lr: The learning rate before the trade.
        decay: The weight decay before the trade.
        steps: How many steps.
    """

    optimizer: Subject
    normalization: Subject = Subject("torch.nn", "BatchNorm1d", (("affine", False), ("eps", 1e-80)))
    start: Literal["multiplied", "same"] = "multiplied"
    factors: tuple[float, ...] = (2.0**-8, 0.25, 4.0, 2.0**8)
    lr: float = 0.125
    decay: float = 0.125
    steps: int = 32

    def draw(self, lab: Lab) -> SmallNetwork:
        """Normal data and weights."""
        weights = lab.normal("first", (8, 4))[0], lab.normal("second", (2, 8))[0]
        return SmallNetwork(lab.normal("inputs", (16, 4))[0], lab.normal("targets", (16, 2))[0], weights)

    def measure(self, lab: Lab, given: SmallNetwork) -> Quantity:
        """The largest distance of an output at each step, shape `(factors, steps)`."""
        before = self._outputs(lab, given, 1.0)
        apart = [(self._outputs(lab, given, c) - before).abs().amax((1, 2)) for c in self.factors]
        factors = Axis("factor of the learning rate", self.factors, scale="log2")
        steps = Axis("step", tuple(range(1, self.steps + 1)))
        return Quantity(torch.stack(apart), "largest change of an output", "", (factors, steps))

    def _outputs(self, lab: Lab, given: SmallNetwork, c: float) -> torch.Tensor:
        first, second = torch.nn.Linear(4, 8, bias=False), torch.nn.Linear(8, 2, bias=False)
        model = torch.nn.Sequential(first, self.normalization(8), torch.nn.Tanh(), second, self.normalization(2)).to(
            lab.device, lab.torch_dtype
        )
        with torch.no_grad():
            for layer, weights in zip((first, second), given.weights, strict=True):
                layer.weight.copy_(lab.tensor(weights) * (math.sqrt(c) if self.start == "multiplied" else 1.0))
        inputs, targets = lab.tensor(given.inputs), lab.tensor(given.targets)
        optimizer = self.optimizer(list(model.parameters()), lr=self.lr * c, weight_decay=self.decay / c)
        found = []
        for _ in range(self.steps):
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(inputs), targets).backward()
            optimizer.step()
            with torch.no_grad():
                found.append(model(inputs))
        return torch.stack(found)
