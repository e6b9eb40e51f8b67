"""Experiments on the setting of learning: samples and targets, losses, families of functions, features, runs, graphs."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Literal

import numpy as np
import torch

from dlverify.evidence.separability import certificate
from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.ensembles import Perceptron, train
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


def corners(inputs: int) -> Array:
    """The corners of the cube, shape `(2^inputs, inputs)`, zeros and ones, in counting order."""
    return np.array(list(itertools.product((0.0, 1.0), repeat=inputs)))


def boolean_functions(points: int) -> Array:
    """All functions from so many points to {0, 1}, shape `(2^points, points)`, in counting order."""
    return np.array(list(itertools.product((0, 1), repeat=points)))


def truth_tables(functions: Array) -> tuple[str, ...]:
    """The values of each function as a text, "0 1 1 0"."""
    return tuple(" ".join(str(int(value)) for value in function) for function in functions)


@dataclass(frozen=True)
class World:
    """A finite world: its points, its functions, and an order in which points become training points.

    Attributes:
        points: Shape `(points, inputs)`.
        targets: The functions that may be the truth, shape `(targets, points)`, zeros and ones.
        order: The numbers of the points; the first n are a sample of size n.
    """

    points: Array
    targets: Array
    order: Array


@dataclass(frozen=True)
class ErrorsOverTargets(Experiment):
    """Share of wrong answers of a learner in {0, 1}^inputs, averaged over the functions that may be the truth.

    A learner sees the labels of its sample and nothing else, so it is fitted once for each pattern of labels.

    Attributes:
        learner: The classifier, as scikit-learn's are.
        inputs: How many Boolean inputs.
        sizes: Numbers of training points.
        targets: "all" functions to {0, 1}, or the "monotone" ones, which never fall when an input rises.
        sample: Each training point stands in the sample "once", or three times, once of them with the "wrong label".
        where: Which answers count: on the "training" points as they are labelled, on "unseen" points, on "all" points.
    """

    learner: Subject
    inputs: int = 3
    sizes: tuple[int, ...] = (1, 3, 5)
    targets: Literal["all", "monotone"] = "all"
    sample: Literal["once", "wrong label"] = "once"
    where: tuple[str, ...] = ("unseen",)

    def draw(self, lab: Lab) -> World:
        """The corners of the cube, the functions on them, and an order of the corners."""
        points = corners(self.inputs)
        targets = boolean_functions(len(points))
        if self.targets == "monotone":
            below = [(i, j) for i, j in np.ndindex(len(points), len(points)) if (points[i] <= points[j]).all()]
            targets = targets[[all(f[i] <= f[j] for i, j in below) for f in targets]]
        return World(points, targets, lab.generator("order").permutation(len(points)))

    def measure(self, lab: Lab, given: World) -> Quantity:
        """Exact shares, shape `(where, sizes)`."""
        shares = np.empty((len(self.where), len(self.sizes)), dtype=object)
        for column, size in enumerate(self.sizes):
            seen, unseen = given.order[:size], given.order[size:]
            answers: dict[tuple[int, ...], Array] = {}
            counts = {"training": [0, 0], "unseen": [0, 0], "all": [0, 0]}
            for target in given.targets:
                rows, labels = self._sample(seen, target)
                key = tuple(labels.tolist())
                if key not in answers:
                    answers[key] = self.learner().fit(given.points[rows], labels).predict(given.points)
                wrong = answers[key] != target
                judged = {"training": answers[key][rows] != labels, "unseen": wrong[unseen], "all": wrong}
                for where, errors in judged.items():
                    counts[where][0] += int(errors.sum())
                    counts[where][1] += len(errors)
            shares[:, column] = [Fraction(*counts[where]) for where in self.where]
        axes = Axis("judged on the points", self.where), Axis("training points", self.sizes)
        return Quantity(shares, "share of wrong answers, mean over all targets", "", axes)

    def _sample(self, seen: Array, target: Array) -> tuple[Array, Array]:
        """The numbers of the sampled points, and their labels."""
        if self.sample == "once":
            return seen, target[seen]
        return np.tile(seen, 3), np.concatenate([target[seen], 1 - target[seen], target[seen]])


@dataclass(frozen=True)
class SlopeSample:
    """A sample of responses to inputs of +-1, and a slope to start from.

    Attributes:
        inputs: Shape `(points,)`.
        targets: Shape `(points,)`, whole numbers.
        start: A whole number.
    """

    inputs: Array
    targets: Array
    start: float


@dataclass(frozen=True)
class SlopePath(Experiment):
    """The path of a slope w that an optimizer fits to targets by w x, with a penalty on w^2.

    For n points the summed loss takes the learning rate 1 / (8 n) and the penalty n / 4 w^2. With a power of two for n
    all numbers are short binary fractions, which float64 does not round in a dozen steps.

    Attributes:
        loss: The loss; called with `reduction`.
        reduction: Whether the losses of the points are summed or averaged.
        optimizer: The optimizer; called with a list of parameters, `lr` and `weight_decay`.
        rate: The averaged loss takes the learning rate of the summed one "times n", or "unchanged".
        penalty: The averaged loss takes the penalty of the summed one "over n", or "unchanged".
        points: n, a power of two.
        steps: How many steps.
    """

    loss: Subject = Subject("torch.nn", "MSELoss")
    reduction: Literal["sum", "mean"] = "mean"
    optimizer: Subject = Subject("torch.optim", "SGD")
    rate: Literal["times n", "unchanged"] = "times n"
    penalty: Literal["over n", "unchanged"] = "over n"
    points: int = 4
    steps: int = 8

    def draw(self, lab: Lab) -> SlopeSample:
        """Signs for inputs, targets from -8 to 8, and the start 16."""
        inputs = lab.generator("inputs").choice([-1.0, 1.0], self.points)
        targets = lab.generator("targets").integers(-8, 9, self.points).astype(np.float64)
        return SlopeSample(inputs, targets, 16.0)

    def measure(self, lab: Lab, given: SlopeSample) -> Quantity:
        """The slope after 0, 1, ... steps."""
        averaged = self.reduction == "mean"
        rate = (self.points if averaged and self.rate == "times n" else 1) / (8 * self.points)
        decay = self.points / 2 / (self.points if averaged and self.penalty == "over n" else 1)
        slope = lab.tensor(np.float64(given.start)).requires_grad_()
        optimizer = self.optimizer([slope], lr=rate, weight_decay=decay)
        criterion = self.loss(reduction=self.reduction)
        inputs, targets = lab.tensor(given.inputs), lab.tensor(given.targets)
        path = [slope.item()]
        for _ in range(self.steps):
            optimizer.zero_grad()
            criterion(slope * inputs, targets).backward()
            optimizer.step()
            path.append(slope.item())
        return Quantity(path, "slope", "", (Axis("step", tuple(range(self.steps + 1))),))


@dataclass(frozen=True)
class Log:
    """What was recorded of somebody's play.

    Attributes:
        best: The better arm in each state, shape `(states,)`.
        states: Shape `(shares, plays)`.
        arms: The arm that was played, shape `(shares, plays)`.
        rewards: 0 or 1, shape `(shares, plays)`.
    """

    best: Array
    states: Array
    arms: Array
    rewards: Array


@dataclass(frozen=True)
class LearnedPlay(Experiment):
    """Mean reward of the play that is learned from a log of somebody's play with two arms.

    In every state one arm pays 9 times in 10, the other once. The log holds each arm as often as stated, and its rewards in
    exactly those proportions, so that no number depends on luck.

    Attributes:
        learner: A classifier or a regressor, as scikit-learn's are.
        learns: "actions": which arm belongs to a state, and plays it; "rewards": what an arm pays in a state, and plays the
            arm that pays most, each of several equally often.
        labels: The arms in the log are those that were "played", or, for the same states, the "best" ones.
        shares: Shares of the better arm among the plays of the log.
        states: How many states.
    """

    learner: Subject
    learns: Literal["actions", "rewards"] = "actions"
    labels: Literal["played", "best"] = "played"
    shares: tuple[int, ...] = (10, 20, 30, 40, 60, 70, 80, 90)
    states: int = 4

    def draw(self, lab: Lab) -> Log:
        """The better arm of each state; then 100 plays in each state, for each share."""
        best = lab.generator("best").integers(2, size=self.states)
        states, arms, rewards = [], [], []
        for share, state in itertools.product(self.shares, range(self.states)):
            good, bad = [best[state]] * share, [1 - best[state]] * (100 - share)
            states.append([state] * 100)
            arms.append(good + bad)
            # Of ten plays of the better arm nine are rewarded, of ten of the other one.
            rewards.append(
                [int(play % 10 < 9) for play in range(share)] + [int(play % 10 < 1) for play in range(100 - share)]
            )
        shape = (len(self.shares), 100 * self.states)
        return Log(best, *(np.reshape(part, shape) for part in (states, arms, rewards)))

    def measure(self, lab: Lab, given: Log) -> Quantity:
        """The mean reward, an exact one for each share."""
        values = []
        everywhere = np.array(list(itertools.product(range(self.states), (0, 1))))
        for states, arms, rewards in zip(given.states, given.arms, given.rewards, strict=True):
            if self.learns == "actions":
                labels = arms if self.labels == "played" else given.best[states]
                chosen = self.learner().fit(states[:, None], labels).predict(np.arange(self.states)[:, None])
                plays = [[int(arm)] for arm in chosen]
            else:
                fitted = self.learner().fit(np.column_stack([states, arms]), rewards)
                worth = fitted.predict(everywhere).reshape(self.states, 2)
                plays = [np.flatnonzero(row == row.max()).tolist() for row in worth]
            earned = [
                sum((Fraction(9 if arm == best else 1, 10) for arm in arms_played), Fraction(0)) / len(arms_played)
                for arms_played, best in zip(plays, given.best, strict=True)
            ]
            values.append(sum(earned, Fraction(0)) / self.states)
        axes = (Axis("share of the better arm in the log", self.shares, "%"),)
        return Quantity(np.array(values, dtype=object), "mean reward of the learned play", "", axes)


PROPERTIES = (
    "never negative",
    "zero where prediction and target agree",
    "positive where they differ",
    "symmetric",
    "triangle inequality",
    "smallest where prediction and target agree",
)
"""What `LossProperties` looks for; the first five make a distance."""


@dataclass(frozen=True)
class Values:
    """Values that predictions and targets take.

    Attributes:
        values: Numbers `(values,)`, or distributions `(values, outcomes)`.
    """

    values: Array


@dataclass(frozen=True)
class LossProperties(Experiment):
    """Which properties a loss has on all pairs, and triples, of a finite set of values.

    Attributes:
        loss: The loss; called with `reduction="none"`.
        values: Whole "numbers" from -4 to 4, or "distributions" over four outcomes, whose probabilities are powers of two; the loss is given
            the logarithms of those that are predictions.
    """

    loss: Subject
    values: Literal["numbers", "distributions"] = "numbers"

    def draw(self, lab: Lab) -> Values:
        """The values: nine numbers, or the thirteen distributions made of quarters, or of 1/2, 1/4, 1/8 and 1/8."""
        if self.values == "numbers":
            return Values(np.arange(-4.0, 5.0))
        skewed = sorted(set(itertools.permutations((0.5, 0.25, 0.125, 0.125))))
        return Values(np.array([(0.25,) * 4, *skewed]))

    def measure(self, lab: Lab, given: Values) -> Quantity:
        """Whether the loss has each property, shape `(6,)`."""
        number = len(given.values)
        first, second = np.divmod(np.arange(number**2), number)
        predictions, targets = lab.tensor(given.values[first]), lab.tensor(given.values[second])
        losses = self.loss(reduction="none")(
            predictions.log() if self.values == "distributions" else predictions, targets
        )
        table = losses.reshape(number, number, -1).sum(2).double().cpu().numpy()  # (prediction, target)
        apart = ~np.eye(number, dtype=bool)
        found = [
            (table >= 0).all(),
            (table.diagonal() == 0).all(),
            (table[apart] > 0).all(),
            (table == table.T).all(),
            (table[:, None, :] <= table[:, :, None] + table[None, :, :]).all(),
            ((table.diagonal() < table) | ~apart).all(),
        ]
        return Quantity(np.array(found, dtype=bool), "has the property", "", (Axis("property", PROPERTIES),))


@dataclass(frozen=True)
class Family:
    """A family of networks with a threshold at the end, all of which share their hidden units.

    Attributes:
        hidden: Weights and bias of each hidden unit, shape `(units, inputs + 1)`; without units where there is no hidden layer.
        last: Weights and bias of the last layer, shape `(networks, features + 1)`.
    """

    hidden: Array
    last: Array


@dataclass(frozen=True)
class RealisedFunctions(Experiment):
    """Which Boolean functions of the corners of a cube the networks of a family compute, "output > 0" being 1.

    Weights are small whole numbers and the last biases halves of odd ones, so that nothing is rounded and no output is 0.

    Attributes:
        layer: The layer; called with (inputs, outputs), and has `weight` and `bias`.
        activation: After the hidden layer.
        inputs: How many Boolean inputs.
        hidden: How many hidden units each network uses, none or two.
        parameters: "all" of the family, or "one": a single network, the conjunction of all inputs.
    """

    layer: Subject = Subject("torch.nn", "Linear")
    activation: Subject = Subject("torch.nn", "ReLU")
    inputs: int = 2
    hidden: int = 0
    parameters: Literal["all", "one"] = "all"

    def draw(self, lab: Lab) -> Family:
        """Weights from -2 to 2 with every bias that matters; hidden ones from -1 to 1, and outer ones -1 or 1."""
        if self.hidden == 0:
            biases = np.arange(-2 * self.inputs, 2 * self.inputs + 2) - 0.5
            rows = [(*w, b) for w in itertools.product(range(-2, 3), repeat=self.inputs) for b in biases]
            conjunction = [[*[1.0] * self.inputs, 0.5 - self.inputs]]
            return Family(np.empty((0, self.inputs + 1)), np.array(conjunction if self.parameters == "one" else rows))
        units = np.array(list(itertools.product((-1.0, 0.0, 1.0), repeat=self.inputs + 1)))
        rows = []
        for pair in itertools.combinations(range(len(units)), self.hidden):
            for signs in itertools.product((-1.0, 1.0), repeat=self.hidden):
                weights = np.zeros(len(units))
                weights[list(pair)] = signs
                rows += [(*weights, bias) for bias in (-1.5, -0.5, 0.5)]
        return Family(units, np.array(rows[:1] if self.parameters == "one" else rows))

    def measure(self, lab: Lab, given: Family) -> Quantity:
        """Whether some network computes each function, shape `(2^(2^inputs),)`."""
        signal = lab.tensor(corners(self.inputs))
        with torch.no_grad():
            if self.hidden:
                signal = self.activation()(self._affine(lab, given.hidden)(signal))
            outputs = self._affine(lab, given.last)(signal)  # (corners, networks)
        found = set(truth_tables((outputs > 0).T.cpu().numpy()))
        names = truth_tables(boolean_functions(2**self.inputs))
        return Quantity(np.array([name in found for name in names]), "realised", "", (Axis("Boolean function", names),))

    def _affine(self, lab: Lab, rows: Array) -> torch.nn.Module:
        made: torch.nn.Module = self.layer(rows.shape[1] - 1, len(rows)).to(lab.device, lab.torch_dtype)
        with torch.no_grad():
            made.weight.copy_(lab.tensor(rows[:, :-1]))  # type: ignore[operator]
            made.bias.copy_(lab.tensor(rows[:, -1]))  # type: ignore[operator]
        return made


@dataclass(frozen=True)
class Truths:
    """What several truths say about one sample.

    Attributes:
        inputs: Shape `(points,)`, whole numbers.
        targets: Shape `(truths, points)`, whole numbers.
        slopes: Parameters at which the risk is taken, shape `(slopes,)`.
    """

    inputs: Array
    targets: Array
    slopes: Array


@dataclass(frozen=True)
class EmpiricalRisks(Experiment):
    """The empirical risk of the model w x as a function of w, for several truths.

    The k-th truth is 2 x + 1 + k (x - x_1) ... (x - x_m): it agrees with the first at x_1, ..., x_m and hardly anywhere
    else. Everything is a whole number.

    Attributes:
        loss: The loss; called with `reduction="sum"`.
        after: A module that the model's outputs pass.
        points: Points of the sample.
        agree: m, at how many of them the truths agree.
        truths: How many truths.
    """

    loss: Subject = Subject("torch.nn", "MSELoss")
    after: Subject = Subject("torch.nn", "Identity")
    points: int = 5
    agree: int = 5
    truths: int = 3

    def draw(self, lab: Lab) -> Truths:
        """Different whole inputs from -6 to 6, and slopes from -8 to 8."""
        inputs = lab.generator("inputs").choice(np.arange(-6.0, 7.0), self.points, replace=False)
        bump = np.prod([inputs - place for place in inputs[: self.agree]], axis=0)
        targets = 2 * inputs + 1 + np.arange(self.truths)[:, None] * bump
        return Truths(inputs, targets, np.arange(-8.0, 9.0))

    def measure(self, lab: Lab, given: Truths) -> Quantity:
        """The risks, shape `(truths, slopes)`."""
        inputs, criterion, after = lab.tensor(given.inputs[:, None]), self.loss(reduction="sum"), self.after()
        model = torch.nn.Linear(1, 1, bias=False).to(lab.device, lab.torch_dtype)
        risks = np.empty((len(given.targets), len(given.slopes)))
        with torch.no_grad():
            for row, targets in enumerate(given.targets):
                for column, slope in enumerate(given.slopes):
                    model.weight.fill_(slope)
                    risks[row, column] = criterion(after(model(inputs)), lab.tensor(targets[:, None])).item()
        names = tuple(f"truth {number + 1}" for number in range(self.truths))
        axes = Axis("what the sample is drawn from", names), Axis("parameter", tuple(given.slopes.tolist()))
        return Quantity(risks, "empirical risk", "", axes)


@dataclass(frozen=True)
class Places:
    """Points to fit responses at.

    Attributes:
        points: For each sample size, shape `(size, 2)`.
    """

    points: tuple[Array, ...]


@dataclass(frozen=True)
class FollowedDirections(Experiment):
    """How many independent directions of the responses a regression follows by more than half.

    The method is fitted to each of n responses that are 1 at one point and 0 at the others; its predictions at the n points
    are the columns of a matrix, whose singular values say how far it follows a direction: 1 fully, 0 not at all. A model with p parameters,
    linear in them, has p that are 1 or a little less, and otherwise zeros.

    Attributes:
        method: The regressor, as scikit-learn's are.
        sizes: Sample sizes n.
        inputs: All "distinct", or each of them "twice".
    """

    method: Subject
    sizes: tuple[int, ...] = (5, 10, 20, 40, 80)
    inputs: Literal["distinct", "twice"] = "distinct"

    def draw(self, lab: Lab) -> Places:
        """Points of a grid of 10 by 10 with spacing 1, in random order; each sample has the one before it inside."""
        places = np.array(list(itertools.product(np.arange(-4.5, 5.0), repeat=2)))
        drawn = places[lab.generator("places").permutation(len(places))]
        if self.inputs == "twice":
            drawn = np.repeat(drawn, 2, axis=0)
        return Places(tuple(drawn[:size] for size in self.sizes))

    def measure(self, lab: Lab, given: Places) -> Quantity:
        """The numbers of directions, shape `(sizes,)`."""
        counts = []
        for points in given.points:
            fitted = self.method().fit(points, np.eye(len(points)))
            followed = np.linalg.svd(fitted.predict(points), compute_uv=False)
            counts.append(int((followed > 0.5).sum()))
        axes = (Axis("sample size", self.sizes, scale="log2"),)
        return Quantity(counts, "directions of the responses that the method follows", "", axes, scale="log2")


COMPONENTS = ("nothing", "data", "architecture", "initial weights", "loss", "algorithm", "learning rate", "order")
"""What `RepeatedTraining` changes, one at a time."""


@dataclass(frozen=True)
class Components:
    """What a training run is made of, as far as it is drawn.

    Attributes:
        inputs: Shape `(samples, 3)`.
        targets: Shape `(samples, 1)`.
        weights: Of the two layers, shapes `(8, 3)`, `(8,)`, `(1, 8)`, `(1,)`.
        orders: Seeds of two orders of the samples.
    """

    inputs: Array
    targets: Array
    weights: tuple[Array, ...]
    orders: tuple[int, int]


@dataclass(frozen=True)
class RepeatedTraining(Experiment):
    """Whether a training run, repeated with one component changed, ends with other weights, bit for bit.

    A network of one hidden layer, 32 samples in minibatches of 8, two epochs. Changed are one target, the activation (to a
    sigmoid), one initial weight, the loss (to the absolute error), the optimizer (to Adagrad), the learning rate (halved),
    and the seed of the order.

    Attributes:
        optimizer: Called with parameters and `lr`.
        loss: The loss.
        activation: Between the two layers.
        loader: Puts samples into an order; called with a data set, `batch_size`, `shuffle` and `generator`.
        order: The loader's generator is "seeded" anew in every run, or it takes torch's "global" one as it stands.
        rate: The learning rate.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64")

    optimizer: Subject = Subject("torch.optim", "SGD")
    loss: Subject = Subject("torch.nn", "MSELoss")
    activation: Subject = Subject("torch.nn", "Tanh")
    loader: Subject = Subject("torch.utils.data", "DataLoader")
    order: Literal["seeded", "global"] = "seeded"
    rate: float = 0.0625

    def draw(self, lab: Lab) -> Components:
        """Samples, weights and two seeds."""
        shapes = ((8, 3), (8,), (1, 8), (1,))
        weights = tuple(lab.normal(f"weights {number}", shape)[0] for number, shape in enumerate(shapes))
        first, second = lab.generator("orders").choice(2**31, 2, replace=False).tolist()
        return Components(lab.normal("inputs", (32, 3))[0], lab.normal("targets", (32, 1))[0], weights, (first, second))

    def measure(self, lab: Lab, given: Components) -> Quantity:
        """Whether any final weight differs from that of the first run, shape `(8,)`."""
        first = self._trained(lab, given, "nothing")
        differs = [not torch.equal(first, self._trained(lab, given, component)) for component in COMPONENTS]
        return Quantity(np.array(differs), "ends with other weights", "", (Axis("changed", COMPONENTS),))

    def _trained(self, lab: Lab, given: Components, changed: str) -> torch.Tensor:
        """The final weights in one row."""
        targets, weights = given.targets.copy(), [part.copy() for part in given.weights]
        if changed == "data":
            targets[0] += 1
        if changed == "initial weights":
            weights[0][0, 0] += 1
        activation = torch.nn.Sigmoid() if changed == "architecture" else self.activation()
        network = torch.nn.Sequential(torch.nn.Linear(3, 8), activation, torch.nn.Linear(8, 1)).to(
            lab.device, lab.torch_dtype
        )
        with torch.no_grad():
            for parameter, values in zip(network.parameters(), weights, strict=True):
                parameter.copy_(lab.tensor(values))
        rate = self.rate / 2 if changed == "learning rate" else self.rate
        make: Any = torch.optim.Adagrad if changed == "algorithm" else self.optimizer
        optimizer = make(network.parameters(), lr=rate)
        criterion = torch.nn.L1Loss() if changed == "loss" else self.loss()
        generator = torch.Generator().manual_seed(given.orders[changed == "order"]) if self.order == "seeded" else None
        data = torch.utils.data.TensorDataset(lab.tensor(given.inputs), lab.tensor(targets))
        batches = self.loader(data, batch_size=8, shuffle=True, generator=generator)
        for inputs, aims in itertools.chain(batches, batches):
            optimizer.zero_grad()
            criterion(network(inputs), aims).backward()
            optimizer.step()
        return torch.cat([parameter.detach().flatten() for parameter in network.parameters()])


@dataclass(frozen=True)
class Beginning:
    """The exclusive or of two signs, and initial weights.

    Attributes:
        inputs: Shape `(4, 2)`, signs.
        targets: Shape `(4, 1)`, zeros and ones.
        weights: Weights and biases of the layers, first to last.
        orders: Numbers of the points in each minibatch, shape `(steps, batch)`.
    """

    inputs: Array
    targets: Array
    weights: tuple[Array, ...]
    orders: Array

    @property
    def loss(self) -> float:
        """The mean squared error of a single layer with those weights."""
        return float(np.square(self.inputs @ self.weights[0].T + self.weights[1] - self.targets).mean())


@dataclass(frozen=True)
class LowestLossOnXor(Experiment):
    """Lowest mean squared error on the exclusive or that training has met when it has tried more and more learning rates.

    Attributes:
        layer: The layer; called with (inputs, outputs), and has `weight` and `bias`.
        optimizer: Called with parameters and `lr`.
        hidden: Units of a hidden layer; without, the network is one layer.
        rates: Learning rates, in the order in which they are tried, each from the same initial weights.
        batch: Points in a minibatch, 1, 2 or 4.
        steps: Steps with each learning rate; the loss over all four points is looked at before and after each.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    layer: Subject = Subject("torch.nn", "Linear")
    optimizer: Subject = Subject("torch.optim", "SGD")
    hidden: int = 0
    rates: tuple[float, ...] = tuple(2.0**power for power in range(-8, -1))
    batch: int = 4
    steps: int = 32

    def draw(self, lab: Lab) -> Beginning:
        """Normal weights, with the variance 1 / inputs, and the order of the points."""
        inputs = 2 * corners(2) - 1
        widths = (2, self.hidden, 1) if self.hidden else (2, 1)
        weights: list[Array] = []
        for number, (enter, leave) in enumerate(itertools.pairwise(widths)):
            weights += [
                lab.normal(f"weight {number}", (leave, enter), enter**-0.5)[0],
                lab.normal(f"bias {number}", (leave,), 0.5)[0],
            ]
        targets = (inputs[:, :1] != inputs[:, 1:]).astype(np.float64)
        return Beginning(inputs, targets, tuple(weights), lab.orders("order", 4, self.batch, self.steps)[0])

    def measure(self, lab: Lab, given: Beginning) -> Quantity:
        """The lowest loss so far, shape `(rates,)`."""
        inputs, targets = lab.tensor(given.inputs), lab.tensor(given.targets)
        lowest = []
        for rate in self.rates:
            layers = [self.layer(*weight.shape[::-1]) for weight in given.weights[::2]]
            network = torch.nn.Sequential(
                layers[0], *(part for layer in layers[1:] for part in (torch.nn.ReLU(), layer))
            )
            network = network.to(lab.device, lab.torch_dtype)
            with torch.no_grad():
                for parameter, values in zip(network.parameters(), given.weights, strict=True):
                    parameter.copy_(lab.tensor(values))
            optimizer = self.optimizer(network.parameters(), lr=rate)
            losses = []
            for order in given.orders:
                optimizer.zero_grad()
                errors = (network(inputs) - targets).square()
                losses.append(errors.detach().mean())
                errors[order].mean().backward()
                optimizer.step()
            with torch.no_grad():
                losses.append((network(inputs) - targets).square().mean())
            seen = torch.stack(losses)
            lowest.append(
                seen[seen.isfinite()].min().item()
            )  # a rate that is too large diverges, and finds nothing lower
        axes = (Axis("learning rates tried, up to", self.rates, scale="log2"),)
        return Quantity(np.minimum.accumulate(lowest), "lowest mean squared error", "", axes, scale="log")


@dataclass(frozen=True)
class Answers:
    """Right answers, and answers of which more and more are right.

    Attributes:
        right: Shape `(questions,)`, zeros and ones.
        given: Shape `(questions + 1, questions)`: the first k of row k are right.
    """

    right: Array
    given: Array


@dataclass(frozen=True)
class LossOfAnswers(Experiment):
    """The loss of answers 0 or 1 to yes-no questions, as more of them are right.

    Attributes:
        loss: The loss; called with answers and right answers.
        questions: How many questions, a power of two.
    """

    loss: Subject = Subject("torch.nn", "MSELoss")
    questions: int = 8

    def draw(self, lab: Lab) -> Answers:
        """Right answers at random, at least one 1 among them."""
        right = lab.generator("answers").integers(2, size=self.questions).astype(np.float64)
        right[-1] = 1
        wrong = np.arange(self.questions) >= np.arange(self.questions + 1)[:, None]
        return Answers(right, np.where(wrong, 1 - right, right))

    def measure(self, lab: Lab, given: Answers) -> Quantity:
        """The losses, shape `(questions + 1,)`."""
        criterion, right = self.loss(), lab.tensor(given.right)
        losses = [float(criterion(lab.tensor(answers), right)) for answers in given.given]
        shares = tuple(number / self.questions for number in range(self.questions + 1))
        return Quantity(losses, "loss", "", (Axis("share of right answers", shares),))


@dataclass(frozen=True)
class Graphs:
    """All directed graphs on a few nodes, without edges from a node to itself.

    Attributes:
        edges: Booleans, shape `(graphs, nodes, nodes)`; row i, column j: an edge from i to j.
    """

    edges: Array


@dataclass(frozen=True)
class OrderableGraphs(Experiment):
    """How many directed graphs a sorter can put into an order in which each edge leads forward.

    Attributes:
        sorter: Called with the predecessors of each node; has `static_order()`, and raises a `ValueError` where there is none.
        nodes: How many nodes.
        shown: The sorter is given "all edges", or those from a "lower" to a higher number alone.
    """

    sorter: Subject = Subject("graphlib", "TopologicalSorter")
    nodes: int = 4
    shown: Literal["all edges", "lower"] = "all edges"

    def draw(self, lab: Lab) -> Graphs:
        """All 2^(nodes (nodes - 1)) graphs."""
        places = [(i, j) for i, j in np.ndindex(self.nodes, self.nodes) if i != j]
        edges = np.zeros((2 ** len(places), self.nodes, self.nodes), dtype=bool)
        for row, present in enumerate(itertools.product((False, True), repeat=len(places))):
            edges[row][tuple(zip(*places, strict=True))] = present
        return Graphs(edges)

    def measure(self, lab: Lab, given: Graphs) -> Quantity:
        """The numbers of graphs that were ordered, by their number of edges."""
        counts = [0] * (self.nodes * (self.nodes - 1) + 1)
        for edges in given.edges:
            shown = np.triu(edges) if self.shown == "lower" else edges
            graph = {node: np.flatnonzero(shown[:, node]).tolist() for node in range(self.nodes)}
            try:
                order = list(self.sorter(graph).static_order())
            except ValueError:
                continue
            counts[int(edges.sum())] += sorted(order) == list(range(self.nodes))
        return Quantity(counts, "graphs that can be ordered", "", (Axis("edges", tuple(range(len(counts)))),))


@dataclass(frozen=True)
class Circuit:
    """A weighted graph without cycles, its nodes in a random order of their numbers.

    Attributes:
        weights: Whole numbers, shape `(nodes, nodes)`; row i, column j: what node i passes to node j, 0 for no edge.
        order: The nodes in an order in which each edge leads forward.
    """

    weights: Array
    order: Array


@dataclass(frozen=True)
class ReversePass(Experiment):
    """Derivatives of the last node of a graph with respect to every node, from one reverse pass.

    A node's value is 1 plus the values that enter it, each times its edge's weight: whole numbers, which are not rounded.

    Attributes:
        differentiate: Called with the last node's value, those of all nodes, and what `torch.autograd.grad` takes besides.
        nodes: How many nodes.
        evaluated: The nodes are evaluated in an order in which edges lead "forward", or "as numbered", where the value of a
            node that is still to come counts as 0.
        recorded: "all edges" carry derivatives; or "one cut", the heaviest, hands on a value without its history.
    """

    differentiate: Subject = Subject("torch.autograd", "grad")
    nodes: int = 9
    evaluated: Literal["forward", "as numbered"] = "forward"
    recorded: Literal["all edges", "one cut"] = "all edges"

    def draw(self, lab: Lab) -> Circuit:
        """Weights from 0 to 3 forward; between neighbours 1 to 3, so that a path leads from every node to the last."""
        numbers = lab.generator("weights")
        ordered = np.triu(numbers.integers(0, 4, (self.nodes, self.nodes)), 1)
        ordered[np.arange(self.nodes - 1), np.arange(1, self.nodes)] = numbers.integers(1, 4, self.nodes - 1)
        order = np.roll(np.arange(self.nodes), 1 + int(lab.generator("order").integers(self.nodes - 1)))
        weights = np.zeros_like(ordered)
        weights[np.ix_(order, order)] = ordered
        return Circuit(weights, order)

    def measure(self, lab: Lab, given: Circuit) -> Quantity:
        """The derivatives, shape `(nodes,)`, first to last node of the order."""
        weights = lab.tensor(given.weights.astype(np.float64))
        last = int(given.order[-1])
        cut = int(np.abs(given.weights[:, last]).argmax()) if self.recorded == "one cut" else None
        values: dict[int, torch.Tensor] = {}
        for node in given.order.tolist() if self.evaluated == "forward" else range(self.nodes):
            value = torch.ones_like(weights[0, 0]).requires_grad_()
            for before in np.flatnonzero(given.weights[:, node]).tolist():
                if before in values:
                    entering = values[before].detach() if (before, node) == (cut, last) else values[before]
                    value = value + weights[before, node] * entering
            values[node] = value
        nodes = [values[node] for node in given.order.tolist()]
        found = self.differentiate(nodes[-1], nodes, allow_unused=True, materialize_grads=True)
        return Quantity(
            torch.stack(list(found)), "derivative of the last node", "", (Axis("node", tuple(range(self.nodes))),)
        )


@dataclass(frozen=True)
class Classes:
    """Two classes of points in the plane, for each member.

    Attributes:
        points: Shape `(members, samples, 2)`.
        inner: The first class, booleans `(members, samples)`.
    """

    points: Array
    inner: Array


def ring(lab: Lab, data: str, samples: int) -> Classes:
    """Two classes with half the points each.

    A disc of radius 1 and the "ring" from 3/2 to 5/2 around it; two discs 4 apart, "side by side"; or "quadrants", with both
    coordinates 1/4 to 1 in size, of the same sign in one class and of different signs in the other.
    """
    angles = lab.uniform("angles", (samples,), 0.0, 2 * np.pi)
    shares = lab.uniform("areas", (samples,))
    inner = np.broadcast_to(np.arange(samples) % 2 == 0, angles.shape)
    if data == "ring":
        radii = np.where(inner, np.sqrt(shares), np.sqrt(1.5**2 + shares * (2.5**2 - 1.5**2)))
        points = np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=-1)
    elif data == "quadrants":
        sign = np.where(angles < np.pi, 1.0, -1.0)
        across, up = 0.25 + 0.75 * shares, 0.25 + 0.75 * (angles / np.pi % 1)
        points = np.stack([sign * across, sign * up * np.where(inner, 1, -1)], axis=-1)
    else:
        radii = np.sqrt(shares)
        points = np.stack([radii * np.cos(angles) + np.where(inner, 0, 4), radii * np.sin(angles)], axis=-1)
    return Classes(lab.rounded(points), inner)


@dataclass(frozen=True)
class SeparableFeatures(Experiment):
    """Whether two classes of points are linearly separable in given features, with a certificate that is checked exactly.

    Attributes:
        features: Makes features of points; called with `degree` and `include_bias=False`, as scikit-learn's are.
        degrees: Degrees.
        data: A disc in a "ring", two discs "side by side", or "quadrants".
        samples: How many points.
    """

    features: Subject = Subject("sklearn.preprocessing", "PolynomialFeatures")
    degrees: tuple[int, ...] = (1, 2, 3)
    data: Literal["ring", "side by side", "quadrants"] = "ring"
    samples: int = 400

    def draw(self, lab: Lab) -> Classes:
        """The points."""
        return ring(lab, self.data, self.samples)

    def measure(self, lab: Lab, given: Classes) -> Quantity:
        """Whether they are separable, shape `(degrees,)`."""
        found = []
        for degree in self.degrees:
            made = self.features(degree=degree, include_bias=False).fit_transform(given.points[0])
            found.append(certificate(made, given.inner[0]).separable)
        return Quantity(np.array(found), "linearly separable", "", (Axis("degree of the features", self.degrees),))


@dataclass(frozen=True)
class Trained:
    """Classes to train on and to test on, and initial weights.

    Attributes:
        training: Points to train on.
        testing: Fresh points.
        weights: Of the two layers of the network, each `(members, ...)`.
        linear: Of the linear classifier, each `(members, ...)`.
    """

    training: Classes
    testing: Classes
    weights: tuple[Array, ...]
    linear: tuple[Array, ...]


@dataclass(frozen=True)
class LearnedFeatures(Experiment):
    """How often a network of one hidden layer is right, and a linear classifier wrong, about fresh points.

    Both are trained on the same raw coordinates, with the squared error against +-1.

    Attributes:
        optimizer: Called with a list of parameters and `lr`.
        data: A disc in a "ring", or two discs "side by side".
        trained: "both layers" of the network, or the "last layer" behind hidden units that stay as they were drawn.
        width: Hidden units.
        samples: Points to train on; five times as many are tested on.
        steps: Full-batch steps.
        rate: The learning rate.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64")

    optimizer: Subject = Subject("torch.optim", "Adam")
    data: Literal["ring", "side by side"] = "ring"
    trained: Literal["both layers", "last layer"] = "both layers"
    width: int = 6
    samples: int = 200
    steps: int = 200
    rate: float = 0.1

    def draw(self, lab: Lab) -> Trained:
        """Points, and weights uniform in +-1/sqrt(inputs of the layer), as `torch.nn.Linear` draws them."""
        drawn = ring(lab, self.data, 6 * self.samples)
        training, testing = (
            Classes(drawn.points[:, rows], drawn.inner[:, rows])
            for rows in (slice(self.samples), slice(self.samples, None))
        )
        shapes = ((self.width, 2), (self.width,), (1, self.width), (1,))
        bounds = (2**-0.5, 2**-0.5, self.width**-0.5, self.width**-0.5)
        weights = tuple(
            lab.uniform(f"network {n}", s, -b, b) for n, (s, b) in enumerate(zip(shapes, bounds, strict=True))
        )
        linear = tuple(lab.uniform(f"linear {n}", s, -(2**-0.5), 2**-0.5) for n, s in enumerate(((1, 2), (1,))))
        return Trained(training, testing, weights, linear)

    def measure(self, lab: Lab, given: Trained) -> Quantity:
        """The share that the network is right about and the share that the linear classifier is not, `(members, 2)`."""
        raw = [lab.tensor(classes.points) for classes in (given.training, given.testing)]
        weights = [lab.tensor(part) for part in given.weights]
        linear = self._right(lab, given, Perceptron((2, 1)), [lab.tensor(part) for part in given.linear], raw)
        if self.trained == "both layers":
            network = self._right(lab, given, Perceptron((2, self.width, 1)), weights, raw)
        else:
            hidden = [(points @ weights[0].mT + weights[1].unsqueeze(1)).relu() for points in raw]
            network = self._right(lab, given, Perceptron((self.width, 1)), weights[2:], hidden)
        axes = Axis("member", tuple(lab.members)), Axis("of", ("network, right", "linear classifier, wrong"))
        return Quantity(np.stack([network, 1 - linear], axis=1), "share of answers", "", axes)

    def _right(
        self, lab: Lab, given: Trained, network: Perceptron, start: list[torch.Tensor], points: list[torch.Tensor]
    ) -> Array:
        """Shares of right answers on the fresh points."""
        targets = lab.tensor(np.where(given.training.inner, 1.0, -1.0)[..., None])
        outcome = train(
            network, start, (points[0], targets), optimizer=lambda p: self.optimizer(p, lr=self.rate), steps=self.steps
        )
        with torch.no_grad():
            answers = network.forward(outcome.parameters, points[1]).squeeze(2) > 0
        shares: Array = (answers.cpu().numpy() == given.testing.inner).mean(axis=1)
        return shares
