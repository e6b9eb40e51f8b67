"""Experiments on flat and sharp minima: where minibatches end, what SGD leaves, what a change of parameters does."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

import numpy as np

from dlverify.experiment import Experiment, ExperimentError
from dlverify.lab.conditions import Lab
from dlverify.lab.data import digits
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity

if TYPE_CHECKING:
    from torch import Tensor

    from dlverify.lab.ensembles import Perceptron

# ---- two trainings from one start, compared at one loss ----


@dataclass(frozen=True)
class Trainings:
    """What two trainings are given, one row a member.

    Attributes:
        chosen: Which digits are trained on, shape `(members, samples)`; the others are for testing.
        parameters: Initial parameters of the network, each `(members, ...)`.
        orders: Of each training the minibatches, shape `(members, steps, batch)`, or None where every step takes all.
        starts: Directions from which the top eigenvalue is sought, shape `(members, parameters)`.
    """

    chosen: Array
    parameters: tuple[Array, ...]
    orders: tuple[Array | None, Array | None]
    starts: Array


@dataclass(frozen=True)
class TwoTrainings(Experiment):
    """Two trainings of a network on digits from the same data and initial weights, compared at the same training loss.

    The network has one hidden layer of ReLUs and ten outputs. The loss is half the squared distance to the one-hot
    target, averaged over samples. Each training stops when its loss over all samples has come down to the first of
    `losses`; gradient descent of rate 0.1 then polishes both down to the second one, so that what is compared is not
    the gradient that the last minibatches left. All members share the 1,797 digits from which they draw their samples.

    Attributes:
        optimizer: The optimizer of both trainings; called with a list of parameters and `lr`. Polishing is by `SGD`.
        batches: Size of the minibatches, of the first and of the second training; all samples where as many as those.
        rates: Learning rate of the first and of the second training.
        compare: Log of the ratio, second training over first, of the "top eigenvalue" of the Hessian, of "Keskar's
            measure", or of both, "sharpness"; how far the logs of the "gradient norm" are apart; or by how much the
            "test error" differs.
        polish: Whether both are polished; otherwise they are compared where they stopped.
        losses: The training losses at which training and polishing stop.
        samples: Digits to train on.
        width: Hidden units.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64")

    optimizer: Subject = Subject("torch.optim", "SGD")
    batches: tuple[int, int] = (4, 64)
    rates: tuple[float, float] = (0.15, 0.15)
    compare: Literal["sharpness", "top eigenvalue", "Keskar's measure", "gradient norm", "test error"] = "sharpness"
    polish: bool = True
    losses: tuple[float, float] = (0.15, 0.1)
    samples: int = 64
    width: int = 32

    def draw(self, lab: Lab) -> Trainings:
        """Samples and orders uniformly at random, weights uniform in +-1/sqrt(inputs), as `torch.nn.Linear` draws them."""
        total, features = digits().pixels.shape
        fan_in = (features, features, self.width, self.width)
        shapes = ((self.width, features), (self.width,), (10, self.width), (10,))
        parameters = tuple(
            lab.uniform(f"parameter {i}", shape, -(fan**-0.5), fan**-0.5)
            for i, (shape, fan) in enumerate(zip(shapes, fan_in, strict=True))
        )
        first, second = (
            None if batch == self.samples else lab.orders(f"order {i}", self.samples, batch, MOST_STEPS)
            for i, batch in enumerate(self.batches)
        )
        return Trainings(
            lab.orders("samples", total, self.samples, 1)[:, 0],
            parameters,
            (first, second),
            lab.normal("start", (sum(math.prod(shape) for shape in shapes),)),
        )

    def measure(self, lab: Lab, given: Trainings) -> Quantity:
        """The comparison of each member; no difference, 0, where a training does not come down to the loss of comparison.

        Raises:
            ExperimentError: None does, or gradient norms are to be compared and one does not.
        """
        import torch

        from dlverify.lab.ensembles import Perceptron, train

        images, labels = digits().pixels, digits().labels
        network = Perceptron((images.shape[1], self.width, 10))
        data = lab.tensor(images[given.chosen]), lab.tensor(np.eye(10)[labels[given.chosen]])
        trained: list[list[Tensor]] = []
        arrived = np.ones(len(lab.members), dtype=bool)
        for order, rate in zip(given.orders, self.rates, strict=True):
            training = train(
                network,
                [lab.tensor(array) for array in given.parameters],
                data,
                optimizer=functools.partial(self.optimizer, lr=rate),
                steps=MOST_STEPS,
                orders=None if order is None else lab.tensor(order),
                loss=_half_squared_distance,
                record_every=8,
                stop=self.losses[0],
            )
            arrived &= self._arrived(training.stopped, self.losses[0], f"training with learning rate {rate}")
            trained.append(training.parameters)
        if self.polish:
            both = train(
                network,
                [torch.cat(pair) for pair in zip(*trained, strict=True)],
                (torch.cat([data[0]] * 2), torch.cat([data[1]] * 2)),
                optimizer=_polisher,
                steps=MOST_STEPS,
                loss=_half_squared_distance,
                record_every=1,
                stop=self.losses[1],
            )
            members = len(lab.members)
            for half in (slice(members), slice(members, None)):
                arrived &= self._arrived(both.stopped[half], self.losses[1], "polishing")
            trained = [[stack[:members] for stack in both.parameters], [stack[members:] for stack in both.parameters]]
        member = Axis("member", tuple(lab.members))
        if self.compare == "test error":
            first, second = (_test_error(lab, given, network, parameters) for parameters in trained)
            return Quantity(
                np.where(arrived, second - first, 0.0),
                "the second training's test error less the first's",
                "percentage points",
                (member,),
            )
        if self.compare == "gradient norm":
            first, second = (_gradient_norm(network, parameters, data) for parameters in trained)
            return Quantity(np.abs(np.log(second / first)), "distance of the logs of the gradient norms", "", (member,))
        kinds = ("top eigenvalue", "Keskar's measure") if self.compare == "sharpness" else (self.compare,)
        ratios = []
        for kind in kinds:
            sharpness = _keskar if kind == "Keskar's measure" else _top_eigenvalue
            first, second = (sharpness(lab, given, network, parameters, data) for parameters in trained)
            ratios.append(np.where(arrived, np.log(second / first), 0.0))
        if self.compare != "sharpness":
            return Quantity(ratios[0], f"log of the second training's {self.compare} over the first's", "", (member,))
        name = "log of the second training's sharpness over the first's"
        return Quantity(np.stack(ratios, 1), name, "", (member, Axis("measure", kinds)))

    def _arrived(self, stopped: Tensor, loss: float, what: str) -> Array:
        """Which members came down to the loss.

        Raises:
            ExperimentError: None did, or gradient norms are to be compared and one did not.
        """
        found: Array = stopped.cpu().numpy() >= 0
        if not found.any() or (self.compare == "gradient norm" and not found.all()):
            raise ExperimentError(
                f"{what} did not come down to a loss of {loss} in {MOST_STEPS} steps for {(~found).sum()} of {len(found)} "
                "networks; a comparison at equal loss needs a learning rate that gets there"
            )
        return found


MOST_STEPS = 4000
"""Steps after which a training is given up; the slowest of a pilot's took a tenth of them."""


def _half_squared_distance(outputs: Tensor, targets: Tensor) -> Tensor:
    return (outputs - targets).square().sum(2).mean(1) / 2


def _polisher(parameters: list[Tensor]) -> Any:
    import torch

    return torch.optim.SGD(parameters, lr=0.1)


def _gradient_norm(network: Perceptron, parameters: list[Tensor], data: tuple[Tensor, Tensor]) -> Array:
    import torch

    leaves = [stack.detach().requires_grad_() for stack in parameters]
    losses = _half_squared_distance(network.forward(leaves, data[0]), data[1])
    gradients = torch.autograd.grad(losses.sum(), leaves)
    norms: Array = torch.cat([gradient.flatten(1) for gradient in gradients], 1).double().norm(dim=1).cpu().numpy()
    return norms


def _test_error(lab: Lab, given: Trainings, network: Perceptron, parameters: list[Tensor]) -> Array:
    """Wrong guesses on all digits that are not trained on, in per cent."""
    import torch

    with torch.no_grad():
        guesses = network.forward(parameters, lab.tensor(digits().pixels)).argmax(2).cpu().numpy()
    tested = np.ones(guesses.shape, dtype=bool)
    np.put_along_axis(tested, given.chosen, False, axis=1)
    wrong = (guesses != digits().labels) & tested
    return np.asarray(100 * wrong.sum(1) / tested.sum(1))


def _top_eigenvalue(
    lab: Lab, given: Trainings, network: Perceptron, parameters: list[Tensor], data: tuple[Tensor, Tensor]
) -> Array:
    from dlverify.lab.curvature import top_eigenvalue

    stacks, start = [stack.double() for stack in parameters], lab.tensor(given.starts).double()
    inputs, targets = (part.double() for part in data)
    top = top_eigenvalue(network, stacks, (inputs, targets), _half_squared_distance, start=start)
    if not bool(top.converged.all()):
        raise ExperimentError(f"Lanczos has not converged for {int((~top.converged).sum())} networks of {len(start)}")
    return np.asarray(top.value.numpy())


def _keskar(
    lab: Lab, given: Trainings, network: Perceptron, parameters: list[Tensor], data: tuple[Tensor, Tensor]
) -> Array:
    return keskar_sharpness(network, parameters, data, _half_squared_distance)


def keskar_sharpness(
    network: Perceptron,
    parameters: Sequence[Tensor],
    data: tuple[Tensor, Tensor],
    loss: Callable[[Tensor, Tensor], Tensor],
    size: float = 1e-3,
    steps: int = 15,
) -> Array:
    """Keskar's measure: the largest loss L' in the box |change| <= size (|parameter| + 1), as (L' - L) / (1 + L).

    The largest loss is sought by gradient ascent on signs, a quarter of the box a step, so this is a lower bound.

    Source: Keskar et al. 2017, metric 2.1, there in per cent and sought by L-BFGS-B.

    Args:
        network: How parameters act on inputs.
        parameters: Stacked parameters, each `(members, ...)`.
        data: Inputs and targets.
        loss: As for `ensembles.loss_function`.
        size: Half the size of the box.
        steps: Steps of the ascent.

    Returns:
        Shape `(members,)`.
    """
    import torch

    boxes = [size * (stack.abs() + 1) for stack in parameters]
    now = [stack.detach().clone() for stack in parameters]
    with torch.no_grad():
        here = loss(network.forward(now, data[0]), data[1])
    highest = here
    for step in range(steps + 1):
        leaves = [stack.requires_grad_() for stack in now]
        losses = loss(network.forward(leaves, data[0]), data[1])
        highest = torch.maximum(highest, losses.detach())
        if step < steps:
            gradients = torch.autograd.grad(losses.sum(), leaves)
            with torch.no_grad():
                now = [
                    torch.clamp(leaf + box * gradient.sign() / 4, stack - box, stack + box)
                    for leaf, gradient, stack, box in zip(leaves, gradients, parameters, boxes, strict=True)
                ]
    sharpness: Array = ((highest - here) / (1 + here)).double().cpu().numpy()
    return sharpness


# ---- SGD in a valley where every sample is a parabola with the same minimum ----


@dataclass(frozen=True)
class Minibatches:
    """The samples' curvatures, and every sequence of minibatches that can come, for each batch size.

    Attributes:
        mean: Mean of the curvatures.
        variance: Their variance, with all N in the denominator.
        sequences: For each batch size the samples, shape `(sequences, steps, batch)`.
        weights: For each batch size in how many equally likely ways each sequence can be drawn, Python integers.
    """

    mean: Fraction
    variance: Fraction
    sequences: tuple[Array, ...]
    weights: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class EnumeratedSteps(Experiment):
    """SGD from x = 1 on losses a_i x^2 / 2 through every sequence of minibatches that can come: exact, no sampling.

    Curvatures and learning rates are binary fractions of few digits and batch sizes powers of two, so that float64
    rounds nothing on the way; x is then squared and averaged in rational numbers.

    Attributes:
        optimizer: The optimizer; called with a list of parameters and `lr`.
        curvatures: a_i of each sample.
        batches: Batch sizes.
        rates: Learning rates, the axis beside the batch size.
        steps: Steps of each sequence.
        sampling: A minibatch is drawn "with replacement", "without replacement" but afresh at every step, or from
            "epochs" in which every sample comes once.
        report: "mean square", E x^2; "largest rate", the largest multiple of 2^-16 up to 4 at which it does not grow,
            instead of those of `rates`; or "most paths", whether at least half of all sequences lead away from 0.
    """

    optimizer: Subject = Subject("torch.optim", "SGD")
    curvatures: tuple[float, ...] = (0.0, 0.0, 8.0, 8.0)
    batches: tuple[int, ...] = (1, 2, 4)
    rates: tuple[float, ...] = (0.125, 0.25, 0.375, 0.5)
    steps: int = 2
    sampling: Literal["with replacement", "without replacement", "epochs"] = "with replacement"
    report: Literal["mean square", "largest rate", "most paths"] = "mean square"

    def draw(self, lab: Lab) -> Minibatches:
        """All sequences; nothing is random."""
        number, curvatures = len(self.curvatures), [Fraction(value) for value in self.curvatures]
        mean = sum(curvatures, Fraction(0)) / number
        variance = sum(((value - mean) ** 2 for value in curvatures), Fraction(0)) / number
        sequences, weights = zip(
            *(_sequences(number, batch, self.steps, self.sampling) for batch in self.batches), strict=True
        )
        return Minibatches(mean, variance, sequences, weights)

    def measure(self, lab: Lab, given: Minibatches) -> Quantity:
        """The report, for every batch size."""
        size = Axis("batch size", self.batches, "samples", scale="log2")
        rows = list(zip(given.sequences, given.weights, strict=True))
        if self.report == "largest rate":
            values = [self._largest_rate(lab, sequences, weights) for sequences, weights in rows]
            return Quantity(_objects(values), "largest learning rate at which E x^2 does not grow", "", (size,))
        rate = Axis("learning rate", self.rates)
        ends = [np.stack([*map(self._stepper(lab, sequences), self.rates)]) for sequences, _ in rows]
        if self.report == "mean square":
            squares = [[_mean_square(x, weights) for x in at] for at, (_, weights) in zip(ends, rows, strict=True)]
            name = f"E x^2 after {self.steps} steps from 1"
            return Quantity(_objects(squares), name, "", (size, rate), scale="log")
        away = [[2 * np.dot(abs(x) >= 1, w) >= sum(w) for x in at] for at, (_, w) in zip(ends, rows, strict=True)]
        return Quantity(np.array(away), f"whether half of all paths lead away in {self.steps} steps", "", (size, rate))

    def _largest_rate(self, lab: Lab, sequences: Array, weights: Sequence[int]) -> Fraction:
        step = self._stepper(lab, sequences)
        low, high = 0, 4 * 2**16
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if _mean_square(step(middle / 2**16), weights) <= 1 else (low, middle)
        return Fraction(low, 2**16)

    def _stepper(self, lab: Lab, sequences: Array) -> Callable[[float], Array]:
        """The map from a learning rate to where every sequence leads; all in one stack where the optimizer allows it."""
        import torch

        from dlverify.lab.ensembles import separable

        curvatures = lab.tensor(np.array(self.curvatures)[sequences])  # (sequences, steps, batch)
        ones = torch.ones_like(curvatures[:, 0, :1])
        whole = separable(functools.partial(self.optimizer, lr=1.0), [ones])
        pieces = [slice(None)] if whole else [slice(i, i + 1) for i in range(len(ones))]

        def path(rate: float, rows: slice) -> Tensor:
            x = ones[rows].clone().requires_grad_()
            optimizer = self.optimizer([x], lr=rate)
            for step in range(self.steps):

                def evaluate(batches: Tensor = curvatures[rows, step]) -> Tensor:
                    optimizer.zero_grad()
                    loss = ((batches * x * x).mean(1) / 2).sum()
                    loss.backward()
                    return loss

                optimizer.step(evaluate)
            return x.detach()[:, 0]

        return lambda rate: torch.cat([path(rate, rows) for rows in pieces]).cpu().numpy()


class _Coordinate:
    """The parameter itself, once for each sample: for losses that are functions of one number."""

    def forward(self, parameters: Sequence[Tensor], inputs: Tensor) -> Tensor:
        return parameters[0].unsqueeze(1).expand(-1, inputs.shape[1], -1)


def _mean_square(ends: Array, weights: Sequence[int]) -> Fraction:
    squares = (weight * Fraction(x) ** 2 for x, weight in zip(ends, weights, strict=True))
    return sum(squares, Fraction(0)) / sum(weights)


def _objects(values: Any) -> Array:
    return np.array(values, dtype=object)


def _sequences(samples: int, batch: int, steps: int, sampling: str) -> tuple[Array, tuple[int, ...]]:
    """Every sequence of minibatches with the number of ways to draw it; with replacement, order in a batch is left out."""
    if sampling == "with replacement":
        batches = list(itertools.combinations_with_replacement(range(samples), batch))
        ways = [math.factorial(batch) // math.prod(math.factorial(b.count(i)) for i in set(b)) for b in batches]
        drawn = list(itertools.product(batches, repeat=steps))
        weights = tuple(math.prod(chosen) for chosen in itertools.product(ways, repeat=steps))
        return np.array(drawn), weights
    everything = frozenset(range(samples))
    grown: list[tuple[tuple[tuple[int, ...], ...], frozenset[int]]] = [((), everything)]
    for _ in range(steps):
        grown = [
            ((*before, chosen), (left.difference(chosen) or everything) if sampling == "epochs" else everything)
            for before, left in grown
            for chosen in itertools.combinations(sorted(left), batch)
        ]
    return np.array([before for before, _ in grown]), (1,) * len(grown)


# ---- single paths of SGD in a sharp valley with a flat one beside it ----


@dataclass(frozen=True)
class Starts:
    """What a walk is given, one row a member.

    Attributes:
        offsets: Where it starts, beside the minimum at 0, shape `(members,)`.
        orders: The sample of every step, shape `(members, steps, batch)`.
    """

    offsets: Array
    orders: Array


@dataclass(frozen=True)
class Walks(Experiment):
    """How far single paths of SGD end from a minimum at which two samples agree but curve differently.

    Sample i has the loss min(a_i y^2 / 2, (y + 1)^2): both samples have a minimum at y = 0, where their curvatures are
    a_1 and a_2, and another at y = -1. Paths start beside the first one.

    Attributes:
        optimizer: The optimizer; called with a list of parameters and `lr`.
        curvatures: a_1 and a_2.
        batch: Samples a step, of the two: 1 is SGD, 2 is gradient descent.
        rates: Learning rates; a member takes the same samples at each.
        steps: Steps of a path.
        offset: Distance of the start from 0, times a number between 1/2 and 1.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    optimizer: Subject = Subject("torch.optim", "SGD")
    curvatures: tuple[float, float] = (0.5, 3.5)
    batch: int = 1
    rates: tuple[float, ...] = (0.65, 0.68)
    steps: int = 600
    offset: float = 2.0**-20

    def draw(self, lab: Lab) -> Starts:
        """Starts to the right of 0, and each step's sample with replacement, or both samples."""
        offsets = lab.uniform("starts", (), self.offset / 2, self.offset)
        if self.batch == 2:
            return Starts(offsets, np.tile(np.arange(2), (len(offsets), self.steps, 1)))
        orders = [lab.generator("samples", member).integers(2, size=(self.steps, 1)) for member in lab.members]
        return Starts(offsets, np.stack(orders))

    def measure(self, lab: Lab, given: Starts) -> Quantity:
        """log10 of the final over the first distance from 0, shape `(members, rates)`."""
        from dlverify.lab.ensembles import train

        members, number = len(given.offsets), len(self.rates)
        makers = [functools.partial(self.optimizer, lr=rate) for rate in self.rates]
        curvatures = lab.tensor(np.array(self.curvatures)[:, None])
        training = train(
            _Coordinate(),
            [lab.tensor(np.tile(given.offsets, number)[:, None])],
            (curvatures, curvatures),
            optimizer=[maker for maker in makers for _ in range(members)],
            steps=self.steps,
            orders=lab.tensor(np.tile(given.orders, (number, 1, 1))),
            loss=_two_valleys,
            chunk=number * members,
        )
        ends = training.parameters[0].double().view(number, members).cpu().numpy()
        growth = np.log10(np.abs(ends / given.offsets)).T
        axes = (Axis("member", tuple(lab.members)), Axis("learning rate", self.rates))
        return Quantity(growth, "log of the final over the first distance", "decades", axes)


def _two_valleys(y: Tensor, curvatures: Tensor) -> Tensor:
    import torch

    return torch.minimum(curvatures * y.square() / 2, (y + 1).square()).mean((1, 2))


# ---- one function in several parametrisations ----


@dataclass(frozen=True)
class SmallNetwork:
    """A network of one hidden layer and data for it: f(x) = v . act(W x + b) + c, loss = mean of (f(x) - y)^2.

    Attributes:
        inputs: x, shape `(samples, inputs)`.
        targets: y, shape `(samples,)`.
        parameters: W (hidden, inputs), b (hidden,), v (1, hidden) and c (1,).
        turns: Orthogonal matrices, shape `(turns, parameters, parameters)`: random fours of coordinates mixed by +-1/2,
            the identity first, each of the others one more time.
    """

    inputs: Array
    targets: Array
    parameters: tuple[Array, ...]
    turns: Array

    @property
    def point(self) -> Array:
        """All parameters in one vector, layer by layer."""
        return np.concatenate([array.ravel() for array in self.parameters])

    def turn(self, times: int) -> Array:
        """The matrix that mixes so many times, or that undoes it where `times` is negative."""
        turn: Array = self.turns[abs(times)]
        return turn if times >= 0 else turn.T

    def hessian(self, absolute: bool = False) -> Array:
        """Hessian of the loss where the activation is ReLU, in closed form: 2 mean of (g g' + (f - y) K).

        With z = Wx + b and s = 1[z > 0], g = grad f has the entries v s x', v s, s z and 1, and the only second
        derivatives K of f are d2f / dv_j dW_j = s_j x' and d2f / dv_j db_j = s_j.

        Args:
            absolute: Take every term at its absolute value instead: what rounding errors are proportional to.
        """
        parameters = [np.abs(array) if absolute else array for array in self.parameters]
        active = (self.inputs @ self.parameters[0].T + self.parameters[1] > 0).astype(np.float64)
        x, y = (np.abs(self.inputs), -np.abs(self.targets)) if absolute else (self.inputs, self.targets)
        (hidden, features), samples = parameters[0].shape, len(x)
        reached = active * (x @ parameters[0].T + parameters[1])
        residual = reached @ parameters[2][0] + parameters[3][0] - y
        sides = (active * parameters[2][0])[:, :, None]
        slopes = np.concatenate(
            [(sides * x[:, None]).reshape(samples, -1), sides[:, :, 0], reached, np.ones((samples, 1))], 1
        )
        sums = slopes.T @ slopes
        weights, biases = hidden * features, hidden * (features + 1)
        for unit in range(hidden):
            mixed = np.zeros(len(sums))
            mixed[unit * features : (unit + 1) * features] = (residual * active[:, unit]) @ x
            mixed[weights + unit] = residual @ active[:, unit]
            sums[biases + unit] += mixed
            sums[:, biases + unit] += mixed
        found: Array = 2 / samples * sums
        return found


@dataclass(frozen=True)
class Reparametrised(Experiment):
    """A small network measured again and again after changes of its parameters.

    Weights and inputs are quarters and biases odd multiples of 1/32, so that in every dtype no pre-activation is rounded
    and none is 0, where ReLU has no derivative; outputs and second derivatives are not rounded in float64.

    Attributes:
        layer: The layers; called with (inputs, outputs), with `weight` and `bias`.
        activation: Between the two layers.
        change: "rescaled", W and b times 2^k and the next layer's v divided by it; "unbalanced", v left as it is; or
            other coordinates for the same parameters, by an orthogonal matrix, "turned", or a diagonal one, "stretched".
        amounts: k, or for coordinates the number of times that they are mixed, or doubled; back where negative.
        minimum: Whether the targets are the network's own outputs, so that its loss is 0.
        report: "same outputs", whether they are bit for bit those of k = 0; the "Hessian" of the loss; the "relative
            Hessian", of the loss as a function of the parameters' relative changes; or the "top eigenvalue" or
            "spectrum" of the Hessian.
        samples: How many inputs.
        features: Size of an input.
        hidden: Hidden units.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    layer: Subject = Subject("torch.nn", "Linear")
    activation: Subject = Subject("torch.nn", "ReLU")
    change: Literal["rescaled", "unbalanced", "turned", "stretched"] = "rescaled"
    amounts: tuple[int, ...] = tuple(range(-6, 7))
    minimum: bool = True
    report: Literal["same outputs", "Hessian", "relative Hessian", "top eigenvalue", "spectrum"] = "top eigenvalue"
    samples: int = 16
    features: int = 3
    hidden: int = 4

    def draw(self, lab: Lab) -> SmallNetwork:
        """Quarters from -1 to 1, for v without 0; odd multiples of 1/32 from -31/32 to 31/32; and the turns."""
        numbers = lab.generator("network")
        shapes = (self.hidden, self.features), (self.hidden,), (1, self.hidden), (1,)
        size = sum(math.prod(shape) for shape in shapes)
        inputs = numbers.integers(-4, 5, (self.samples, self.features)) / 4
        first = numbers.integers(-4, 5, shapes[0]) / 4
        bias = (2 * numbers.integers(-16, 16, shapes[1]) + 1) / 32
        last = numbers.choice([-1, 1], shapes[2]) * numbers.integers(1, 5, shapes[2]) / 4
        shift = numbers.integers(-4, 5, shapes[3]) / 4
        if self.minimum:
            targets = np.maximum(inputs @ first.T + bias, 0) @ last[0] + shift[0]
        else:
            targets = numbers.integers(-4, 5, self.samples) / 4
        quarter_turns = np.array([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]) / 2
        turn, turns = np.eye(size), []
        for _ in range(max(map(abs, self.amounts)) + 1):
            turns.append(turn)
            mixing = np.eye(size)
            for block in range(size // 4):
                mixing[4 * block : 4 * block + 4, 4 * block : 4 * block + 4] = quarter_turns
            turn = turn @ mixing[numbers.permutation(size)]
        arrays = (inputs, targets, first, bias, last, shift, np.array(turns))
        inputs, targets, first, bias, last, shift, coordinates = (lab.rounded(array) for array in arrays)
        return SmallNetwork(inputs, targets, (first, bias, last, shift), coordinates)

    def measure(self, lab: Lab, given: SmallNetwork) -> Quantity:
        """The report, for every amount."""
        import torch

        network = torch.nn.Sequential(
            self.layer(self.features, self.hidden), self.activation(), self.layer(self.hidden, 1)
        ).to(lab.device, lab.torch_dtype)
        inputs, targets = lab.tensor(given.inputs), lab.tensor(given.targets)[:, None]
        shapes = {name: parameter.shape for name, parameter in network.named_parameters()}

        def outputs(point: Tensor) -> Tensor:
            parts = torch.split(point, [shape.numel() for shape in shapes.values()])
            named = {name: part.view(shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)}
            return cast("Tensor", torch.func.functional_call(network, named, (inputs,)))

        def loss(coordinates: Tensor, matrix: Tensor) -> Tensor:
            return (outputs(matrix @ coordinates) - targets).square().mean()

        amount = Axis("factor of the first layer", tuple(2.0**k for k in self.amounts), scale="log2")
        if self.change in ("turned", "stretched"):
            amount = Axis("times mixed" if self.change == "turned" else "times doubled", self.amounts)
        places = [tuple(map(lab.tensor, self._place(given, k))) for k in self.amounts]
        if self.report == "same outputs":
            with torch.no_grad():
                before = outputs(lab.tensor(given.point))[:, 0]
                same = [outputs(matrix @ coordinates)[:, 0] == before for coordinates, matrix in places]
            sample = Axis("sample", tuple(range(self.samples)))
            return Quantity(torch.stack(same), "whether the output is bit for bit the same", "", (amount, sample))
        second = torch.func.jacrev(torch.func.jacrev(loss))  # `torch.func.hessian` goes forward first and warns in 2.13
        hessians = torch.stack([second(point, matrix).detach().double() for point, matrix in places])
        if self.report == "relative Hessian":
            points = torch.stack([point.double() for point, _ in places])
            hessians = points.unsqueeze(2) * hessians * points.unsqueeze(1)
        if self.report in ("Hessian", "relative Hessian"):
            rows, columns = (Axis(name, tuple(range(len(given.point)))) for name in ("row", "column"))
            return Quantity(hessians, f"entry of the {self.report}", "", (amount, rows, columns))
        eigenvalues = torch.linalg.eigvalsh(hessians)
        if self.report == "top eigenvalue":
            return Quantity(eigenvalues[:, -1], "top eigenvalue of the Hessian", "", (amount,), scale="log")
        rank = Axis("rank from below", tuple(range(1, len(given.point) + 1)))
        return Quantity(eigenvalues, "eigenvalue of the Hessian", "", (amount, rank))

    def _place(self, given: SmallNetwork, k: int) -> tuple[Array, Array]:
        """Coordinates of the network at an amount, and the matrix that leads from coordinates to parameters."""
        none = np.eye(len(given.point))
        if self.change == "turned":
            return given.turn(k).T @ given.point, given.turn(k)
        if self.change == "stretched":
            return given.point / 2.0**k, none * 2.0**k
        first, bias, last, shift = given.parameters
        undone = 1.0 if self.change == "unbalanced" else 2.0**k
        parts = (first * 2.0**k, bias * 2.0**k, last / undone, shift)
        return np.concatenate([part.ravel() for part in parts]), none
