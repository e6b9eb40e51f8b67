"""Experiments on models of a density: tables of frequencies, drawing by a distribution function, sequences, flows, RBMs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Literal

import numpy as np
import torch

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.data import digits
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity, pictures_of

CELLS = ("(0, 0)", "(0, 1)", "(1, 0)", "(1, 1)")
"""The values of x in the example with ten points."""

TABLES = ("P(x)", "P(x | y = 0)", "P(x | y = 1)", "P(x, y = 0)", "P(x, y = 1)", "P(y = 0 | x)", "P(y = 1 | x)")
"""What is worked out for each of them: 28 probabilities."""


@dataclass(frozen=True)
class Labelled:
    """Labelled points.

    Attributes:
        inputs: Shape `(points, features)`, zeros and ones.
        labels: Shape `(points,)`, zeros and ones.
    """

    inputs: Array
    labels: Array


@dataclass(frozen=True)
class Frequencies(Experiment):
    """Relative frequencies of ten labelled points in {0, 1}^2, as fractions.

    Attributes:
        count: Counts how often each pair of two lists of values occurs; has `elements` and `count`.
        report: The fractions as they are, "exact", or "rounded" to hundredths.
        counted: "cells", so that each value of x is counted as a whole; or "features", each on its own within a class, and
            multiplied, as naive Bayes does.
        flipped: Place of a point whose label is exchanged, from 0; -1 for none.
    """

    count: Subject = Subject("scipy.stats.contingency", "crosstab")
    report: Literal["exact", "rounded"] = "rounded"
    counted: Literal["cells", "features"] = "cells"
    flipped: int = -1

    def draw(self, lab: Lab) -> Labelled:
        """The ten points in the order in which the notes list them."""
        inputs = np.array([(0, 0)] * 2 + [(0, 1)] * 3 + [(1, 0)] + [(1, 1)] * 4, dtype=np.float64)
        labels = np.array([1, 1, 1, 0, 1, 0, 0, 0, 0, 1], dtype=np.float64)
        if self.flipped >= 0:
            labels[self.flipped] = 1 - labels[self.flipped]
        return Labelled(lab.rounded(inputs), lab.rounded(labels))

    def measure(self, lab: Lab, given: Labelled) -> Quantity:
        """The probabilities, shape `(tables, cells)`."""
        points, labels = given.inputs.astype(int), given.labels.astype(int)
        of_class = [int((labels == label).sum()) for label in (0, 1)]
        if self.counted == "cells":
            counts = self._counts(points @ [2, 1], labels, 4)
            joint = [[Fraction(number, len(labels)) for number in row] for row in counts]
        else:
            first, second = (self._counts(points[:, feature], labels, 2) for feature in (0, 1))
            joint = [
                [Fraction(a[y] * b[y], of_class[y] * len(labels)) for y in (0, 1)]
                for a, b in ((first[cell // 2], second[cell % 2]) for cell in range(4))
            ]
        prior = [Fraction(number, len(labels)) for number in of_class]
        marginal = [sum(row) for row in joint]
        values = [marginal]
        values += [[row[y] / prior[y] for row in joint] for y in (0, 1)]
        values += [[row[y] for row in joint] for y in (0, 1)]
        values += [[row[y] / total for row, total in zip(joint, marginal, strict=True)] for y in (0, 1)]
        if self.report == "rounded":
            values = [[Fraction(round(100 * value), 100) for value in row] for row in values]
        return Quantity(np.array(values, dtype=object), "probability", "", (Axis("table", TABLES), Axis("x", CELLS)))

    def _counts(self, values: Array, labels: Array, most: int) -> list[list[int]]:
        """How many points have each value 0, ..., most - 1 (a row) and each label 0, 1 (a column)."""
        table = self.count(values, labels)
        found = {
            (int(value), int(label)): int(table.count[row, column])
            for row, value in enumerate(table.elements[0])
            for column, label in enumerate(table.elements[1])
        }
        return [[found.get((value, label), 0) for label in (0, 1)] for value in range(most)]


LAWS = {"P(x)": (0.2, 0.3, 0.1, 0.4), "P(x | y = 1)": (0.4, 0.4, 0.0, 0.2)}
"""Two of those tables, over the values 0, 1, 2, 3 that stand for the four cells."""


@dataclass(frozen=True)
class Numbers:
    """Numbers between 0 and 1, one row a member.

    Attributes:
        numbers: Shape `(members, draws)`.
    """

    numbers: Array


def _bunched(numbers: Array) -> Array:
    """Numbers of the Beta(2, 2) law from uniform ones: u with 3 u^2 - 2 u^3 = q is 1/2 + cos((arccos(1 - 2 q) + 4 pi) / 3)."""
    moved: Array = 0.5 + np.cos((np.arccos(1 - 2 * numbers) + 4 * np.pi) / 3)
    return moved


@dataclass(frozen=True)
class ValuesOfNumbers(Experiment):
    """How many of a row of numbers between 0 and 1 the inverse of a distribution function maps to each value.

    Attributes:
        distribution: Called with `values`, a pair of values and probabilities; has `ppf`.
        law: Whose distribution function it is.
        spacing: The numbers are "even", the middles of equal parts, or "bunched": those moved as the Beta(2, 2) law has it.
        draws: How many numbers.
    """

    distribution: Subject = Subject("scipy.stats", "rv_discrete")
    law: Literal["P(x)", "P(x | y = 1)"] = "P(x)"
    spacing: Literal["even", "bunched"] = "even"
    draws: int = 1000

    def draw(self, lab: Lab) -> Numbers:
        """The numbers; nothing is random."""
        numbers = (np.arange(self.draws) + 0.5) / self.draws
        return Numbers(lab.rounded((numbers if self.spacing == "even" else _bunched(numbers))[None]))

    def measure(self, lab: Lab, given: Numbers) -> Quantity:
        """The counts, shape `(4,)`."""
        found = self.distribution(values=(range(4), LAWS[self.law])).ppf(given.numbers[0])
        counts = np.array([int((found == value).sum()) for value in range(4)], dtype=object)
        return Quantity(counts, "numbers that are mapped to x", "", (Axis("x", CELLS),))


@dataclass(frozen=True)
class DrawnFrequencies(Experiment):
    """Relative frequencies of what the inverse of a distribution function makes of random numbers between 0 and 1.

    Attributes:
        distribution: Called with `values`, a pair of values and probabilities; has `ppf`.
        law: Whose distribution function it is.
        numbers: The random numbers: "uniform", or of the "beta" law with both parameters 2.
        draws: How many numbers a member draws.
    """

    distribution: Subject = Subject("scipy.stats", "rv_discrete")
    law: Literal["P(x)", "P(x | y = 1)"] = "P(x)"
    numbers: Literal["uniform", "beta"] = "uniform"
    draws: int = 4096

    def draw(self, lab: Lab) -> Numbers:
        """The numbers."""
        numbers = lab.uniform("numbers", (self.draws,))
        return Numbers(numbers if self.numbers == "uniform" else lab.rounded(_bunched(numbers)))

    def measure(self, lab: Lab, given: Numbers) -> Quantity:
        """Largest distance of the distribution function of what was drawn from that of P(x), shape `(members,)`."""
        asked = np.cumsum(LAWS["P(x)"])
        inverse = self.distribution(values=(range(4), LAWS[self.law])).ppf
        drawn = np.stack([inverse(row) for row in given.numbers])
        found = np.stack([(drawn <= value).mean(1) for value in range(4)], axis=1)
        axes = (Axis("seed", tuple(lab.members)),)
        return Quantity(np.abs(found - asked).max(1), "largest distance of the distribution functions", "", axes)


@dataclass(frozen=True)
class SequenceMass(Experiment):
    """Total of the products of a recurrent network's outputs along all sequences of symbols, for each length.

    The network has read the symbols so far, an empty beginning as zeros; the outputs that follow are taken for the
    probabilities of the next symbol. Each beginning is read once.

    Attributes:
        network: The recurrent network; called with (symbols, hidden) and `batch_first`.
        head: What turns a score for each symbol into the outputs.
        symbols: How many symbols there are.
        hidden: Features of the hidden state.
        longest: The sequences have 1, 2, ..., `longest` symbols.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    network: Subject = Subject("torch.nn", "RNN")
    head: Subject = Subject("torch.nn", "Softmax", (("dim", -1),))
    symbols: int = 3
    hidden: int = 8
    longest: int = 4

    def draw(self, lab: Lab) -> Array:
        """Weights of the last layer, shape `(symbols, hidden)`, large enough for outputs that are far from even."""
        scores: Array = lab.normal("scores", (self.symbols, self.hidden), 4.0)[0]
        return scores

    def measure(self, lab: Lab, given: Array) -> Quantity:
        """The totals, shape `(longest,)`; all arithmetic up to the last sum is the lab's."""
        with lab.seeded("network"):
            network = self.network(self.symbols, self.hidden, batch_first=True).to(lab.device, lab.torch_dtype)
        head, scores = self.head(), lab.tensor(given)
        letters = torch.eye(self.symbols, device=lab.device, dtype=lab.torch_dtype)
        read = torch.zeros(1, 1, self.symbols, device=lab.device, dtype=lab.torch_dtype)
        products = torch.ones(1, device=lab.device, dtype=lab.torch_dtype)
        totals = []
        with torch.no_grad():
            for _ in range(self.longest):
                outputs = head(network(read)[0][:, -1] @ scores.T)
                products = (products[:, None] * outputs).flatten()
                totals.append(math.fsum(products.double().cpu().tolist()))
                following = letters.repeat(len(read), 1)[:, None]
                read = torch.cat([read.repeat_interleave(self.symbols, 0), following], dim=1)
        lengths = Axis("length of the sequences", tuple(range(1, self.longest + 1)), "symbols")
        return Quantity(totals, "total of all sequences", "", (lengths,))


@dataclass(frozen=True)
class CouplingWeights:
    """A coupling layer's weights and inputs to it.

    Attributes:
        weights: Of the layers of its network, each of shape `(outputs, inputs)`.
        biases: Each of shape `(outputs,)`.
        inputs: Shape `(samples, features)`.
    """

    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    inputs: Array


@dataclass(frozen=True)
class CouplingDeterminants(Experiment):
    """Logarithm of the determinant of a coupling layer's derivative, by automatic differentiation, at several points.

    Attributes:
        coupling: The layer; called with which features pass and the width of its network of two linear layers, which are its
            only parameters. Returns latent values first.
        features: Of the data; every other one passes.
        width: Of the hidden layer.
        samples: How many points.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    coupling: Subject = Subject("dlverify.lab.architectures.generative", "Coupling")
    features: int = 4
    width: int = 8
    samples: int = 8

    @property
    def passes(self) -> tuple[bool, ...]:
        """Which features pass."""
        return tuple(feature % 2 == 0 for feature in range(self.features))

    def draw(self, lab: Lab) -> CouplingWeights:
        """Weights of variance one over the number of inputs, biases and inputs of variance one."""
        widths = (self.features, self.width, 2 * self.features)
        pairs = list(zip(widths, widths[1:], strict=False))
        weights = tuple(
            lab.normal(f"weight {layer}", (rows, columns), columns**-0.5)[0]
            for layer, (columns, rows) in enumerate(pairs)
        )
        biases = tuple(lab.normal(f"bias {layer}", (rows,))[0] for layer, (_, rows) in enumerate(pairs))
        return CouplingWeights(weights, biases, lab.normal("inputs", (self.samples, self.features))[0])

    def measure(self, lab: Lab, given: CouplingWeights) -> Quantity:
        """The logarithms, shape `(samples,)`; the determinant of the derivative is taken in float64."""
        layer = self.coupling(self.passes, self.width).to(lab.device, lab.torch_dtype)
        flat = [part for pair in zip(given.weights, given.biases, strict=True) for part in pair]
        with torch.no_grad():
            for parameter, values in zip(layer.parameters(), flat, strict=True):
                parameter.copy_(lab.tensor(values))
        derivatives = [
            torch.autograd.functional.jacobian(lambda x: layer(x[None])[0][0], point)
            for point in lab.tensor(given.inputs)
        ]
        logarithms = torch.linalg.slogdet(torch.stack(derivatives).double())[1]
        return Quantity(logarithms, "log-determinant", "", (Axis("point", tuple(range(self.samples))),))


@dataclass(frozen=True)
class Points:
    """Points of the plane for each member.

    Attributes:
        training: Shape `(members, samples, 2)`.
        unseen: The same.
        orders: Minibatches, shape `(members, steps, batch)`.
        shifts: Where a grid begins, in units of its spacing, shape `(members, 2)`.
    """

    training: Array
    unseen: Array
    orders: Array
    shifts: Array


@dataclass(frozen=True)
class TrainedFlow(Experiment):
    """What a flow makes of points of the plane, trained to make them likely.

    Attributes:
        flow: The flow; called without arguments, returns the logarithm of its density.
        gaussian: Fitted by likelihood; has `fit` and `score_samples`, as scikit-learn's mixtures have.
        optimizer: The optimizer; called with a list of parameters and `lr`.
        data: Two "moons", or points of the "gaussian" law with the moons' mean and covariance.
        report: The "gain", by how many nats the mean log-density of unseen points exceeds that of the Gaussian law fitted
            to the same training points; or "mass", how far the integral of the density is from 1: the sum over a square grid
            from -reach to reach, times the area of a cell. The grid begins at random within a cell, so that the sum is right
            on average but for what lies beyond.
        samples: How many training points, and how many unseen ones.
        noise: Of the moons.
        steps: How many steps.
        batch: Points in a step.
        lr: The learning rate.
        reach: Of the grid.
        spacing: Of the grid.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64")

    flow: Subject = Subject("dlverify.lab.architectures.generative", "Flow")
    gaussian: Subject = Subject("sklearn.mixture", "GaussianMixture", (("reg_covar", 0.0),))
    optimizer: Subject = Subject("torch.optim", "Adam")
    data: Literal["moons", "gaussian"] = "moons"
    report: Literal["gain", "mass"] = "gain"
    samples: int = 512
    noise: float = 0.1
    steps: int = 150
    batch: int = 128
    lr: float = 0.02
    reach: float = 8.0
    spacing: float = 0.1

    def draw(self, lab: Lab) -> Points:
        """The points, the minibatches and the shift of the grid; the flow draws its own weights."""
        from sklearn.datasets import make_moons

        clouds = []
        for member in lab.members:
            numbers = lab.generator("points", member)
            cloud = make_moons(2 * self.samples, noise=self.noise, random_state=int(numbers.integers(2**32)))[0]
            if self.data == "gaussian":
                cloud = numbers.multivariate_normal(cloud.mean(0), np.cov(cloud.T), 2 * self.samples)
            clouds.append(cloud)
        stacked = np.stack(clouds)
        orders = lab.orders("order", self.samples, self.batch, max(self.steps, 1))
        training, unseen = (lab.rounded(part) for part in (stacked[:, : self.samples], stacked[:, self.samples :]))
        return Points(training, unseen, orders, lab.uniform("shift", (2,)))

    def measure(self, lab: Lab, given: Points) -> Quantity:
        """One number a member, shape `(members,)`."""
        from dlverify.lab.ensembles import train
        from dlverify.lab.modules import Modules

        modules = Modules(self.flow)
        data = lab.tensor(given.training)
        trained = train(
            modules,
            modules.initial(lab),
            (data, data),
            optimizer=lambda parameters: self.optimizer(parameters, lr=self.lr),
            steps=self.steps,
            orders=lab.tensor(given.orders[:, : self.steps]),
            loss=lambda densities, _: -densities.mean(1),
        ).parameters
        axes = (Axis("seed", tuple(lab.members)),)
        with torch.no_grad():
            if self.report == "mass":
                side = np.arange(-self.reach, self.reach, self.spacing)
                corners = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)
                masses = []
                for member, shift in enumerate(given.shifts):  # one by one: the grid is large
                    one = [parameter[member : member + 1] for parameter in trained]
                    grid = lab.tensor(lab.rounded(corners + self.spacing * shift))[None]
                    density = modules.forward(one, grid).double().exp()
                    masses.append(float(density.sum()) * self.spacing**2)
                return Quantity(
                    np.abs(np.array(masses) - 1), "distance of the density's integral from 1", "", axes, scale="log"
                )
            found = modules.forward(trained, lab.tensor(given.unseen)).double().mean(1).cpu().numpy()
            around = lab.tensor(_middles(given.unseen[0]))
            density = modules.forward([parameter[:1] for parameter in trained], around.view(1, -1, 2)).exp()
        fitted = [
            self.gaussian().fit(seen).score_samples(held).mean()
            for seen, held in zip(given.training, given.unseen, strict=True)
        ]
        pictures = pictures_of(
            {"density of the flow, over a rectangle around the unseen points": density.view(1, *around.shape[:2])}
        )
        gains = found - np.array(fitted)
        return Quantity(gains, "gain in log-density over a Gaussian law", "nats", axes, pictures=pictures)


def _middles(points: Array) -> Array:
    """The middles of 24 by 16 cells around points of the plane, shape `(16, 24, 2)`, the upper ones first."""
    (left, bottom), (right, top) = points.min(0) - 0.25, points.max(0) + 0.25
    across, down = (np.arange(24) + 0.5) / 24, (np.arange(16) + 0.5) / 16
    return np.stack(np.meshgrid(left + (right - left) * across, top - (top - bottom) * down), axis=-1)


@dataclass(frozen=True)
class Machine:
    """A Boltzmann machine's parameters, and values of its visible units.

    Attributes:
        weights: Shape `(hidden, visible)`.
        hidden: Biases, shape `(hidden,)`.
        visible: Biases, shape `(visible,)`.
        inputs: Zeros and ones, shape `(2**visible, visible)`: all there are.
        coupling: The energy falls by so much for every two neighbouring hidden units that are both 1.
    """

    weights: Array
    hidden: Array
    visible: Array
    inputs: Array
    coupling: float


@dataclass(frozen=True)
class HiddenUnits(Experiment):
    """Probability of each hidden unit of a restricted Boltzmann machine to be 1, given the visible ones.

    Attributes:
        machine: The machine; called with `n_components`; has `components_`, `intercept_hidden_`, `intercept_visible_` and
            `transform`, as scikit-learn's has.
        visible: Visible units.
        hidden: Hidden units.
        coupling: The energy falls by so much for every two neighbouring hidden units that are both 1. The machine
            does not know of it.
        scale: Of weights and biases.
    """

    machine: Subject = Subject("sklearn.neural_network", "BernoulliRBM")
    visible: int = 4
    hidden: int = 3
    coupling: float = 0.0
    scale: float = 1.0

    def draw(self, lab: Lab) -> Machine:
        """Parameters, normal numbers times `scale`, and all values of the visible units."""
        inputs = np.array(list(np.ndindex(*(2,) * self.visible)), dtype=np.float64)
        return Machine(
            lab.normal("weights", (self.hidden, self.visible), self.scale)[0],
            lab.normal("hidden", (self.hidden,), self.scale)[0],
            lab.normal("visible", (self.visible,), self.scale)[0],
            lab.rounded(inputs),
            self.coupling,
        )

    def measure(self, lab: Lab, given: Machine) -> Quantity:
        """The probabilities, shape `(2**visible, hidden)`."""
        machine = self.machine(n_components=self.hidden)
        machine.components_ = np.array(given.weights)
        machine.intercept_hidden_ = np.array(given.hidden)
        machine.intercept_visible_ = np.array(given.visible)
        visible = tuple("".join(str(int(bit)) for bit in row) for row in given.inputs)
        axes = Axis("visible units", visible), Axis("hidden unit", tuple(range(1, self.hidden + 1)))
        return Quantity(machine.transform(np.array(given.inputs)), "probability of 1", "", axes)


@dataclass(frozen=True)
class LearnedMachine(Experiment):
    """By how many nats the log-likelihood of unseen digits under a trained Boltzmann machine exceeds that of single pixels.

    Pixels are black or white. The machine's likelihood is exact: its hidden units are few enough to sum over all
    their values. Single pixels are each black with the share of training digits that have them black, one of either
    added.

    Attributes:
        machine: The machine; called with `n_components` and `random_state`, has `fit` and the three arrays of parameters, as
            scikit-learn's has.
        pixels: The digits as they are, "images"; or every pixel "shuffled" among all digits on its own.
        hidden: Hidden units.
        training: How many digits are trained on; the rest are unseen.
    """

    machine: Subject = Subject(
        "sklearn.neural_network", "BernoulliRBM", (("learning_rate", 0.1), ("batch_size", 20), ("n_iter", 10))
    )
    pixels: Literal["images", "shuffled"] = "images"
    hidden: int = 8
    training: int = 1297

    def draw(self, lab: Lab) -> Array:
        """The digits of every member in an order of its own, zeros and ones of shape `(members, digits, pixels)`."""
        rows = []
        for member in lab.members:
            numbers = lab.generator("digits", member)
            images = numbers.permutation(digits().pixels > 0.5).astype(np.float64)
            rows.append(images if self.pixels == "images" else numbers.permuted(images, axis=0))
        return lab.rounded(np.stack(rows))

    def measure(self, lab: Lab, given: Array) -> Quantity:
        """The means over unseen digits, shape `(members,)`."""
        states = np.array(list(np.ndindex(*(2,) * self.hidden)), dtype=np.float64)
        gains, learned = [], []
        for member, images in zip(lab.members, given, strict=True):
            seen, unseen = images[: self.training], images[self.training :]
            seed = int(lab.generator("machine", member).integers(2**32))
            machine = self.machine(n_components=self.hidden, random_state=seed).fit(np.array(seen))
            weights, visible, hidden = machine.components_, machine.intercept_visible_, machine.intercept_hidden_
            learned.append(weights.reshape(-1, 8, 8))
            energies = states @ hidden + np.logaddexp(0, visible + states @ weights).sum(1)
            likelihoods = unseen @ visible + np.logaddexp(0, hidden + unseen @ weights.T).sum(1)
            black = (seen.sum(0) + 1) / (len(seen) + 2)
            single = unseen @ np.log(black) + (1 - unseen) @ np.log(1 - black)
            gains.append((likelihoods - np.logaddexp.reduce(energies) - single).mean())
        axes = (Axis("seed", tuple(lab.members)),)
        pictures = pictures_of({"weights from the pixels to each hidden unit": learned[0][:8]})
        return Quantity(
            np.array(gains), "gain in log-likelihood over single pixels", "nats a digit", axes, pictures=pictures
        )
