"""Experiments on layers that normalise: what they make of a batch, of weights before them, and of minibatches."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Literal

import numpy as np
import torch

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.data import digits
from dlverify.lab.ensembles import train
from dlverify.lab.modules import Modules
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


@dataclass(frozen=True)
class Batches:
    """What a normalising layer is given.

    Attributes:
        values: Shape `(batches, samples, channels, *positions)`; all but the last batch come earlier, in training.
        scale: The learned scale gamma, shape `(channels,)`.
        shift: The learned shift beta, shape `(channels,)`.
    """

    values: Array
    scale: Array
    shift: Array


@dataclass(frozen=True)
class LayerOutputs(Experiment):
    """What a normalising layer with a scale and a shift for each channel returns for a batch.

    Attributes:
        layer: The layer; has `weight` and `bias`.
        called_with: Beside `eps`: "channels", as batch and instance norm are, "groups and channels", as group norm, or
            "shape", that of a sample, as layer norm.
        mode: "training" or "evaluation".
        earlier: How many batches it has seen in training before.
        samples: Samples of a batch.
        channels: Channels of a sample.
        groups: Into how many groups of neighbours the channels fall.
        positions: The shape of a channel; of two numbers for what is made for images.
        eps: What is added to the variance.
        report: The "outputs", or "alone", whether the outputs of each sample are, bit for bit, what it gets in a batch
            of its own.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    layer: Subject = Subject("torch.nn", "BatchNorm2d")
    called_with: Literal["channels", "groups and channels", "shape"] = "channels"
    mode: Literal["training", "evaluation"] = "training"
    earlier: int = 0
    samples: int = 4
    channels: int = 8
    groups: int = 8
    positions: tuple[int, ...] = (2, 2)
    eps: float = 1e-5
    report: Literal["outputs", "alone"] = "outputs"

    def draw(self, lab: Lab) -> Batches:
        """Normal numbers; each channel of each batch with a mean between -1 and 1 and a size between 1/2 and 2."""
        batches, ones = self.earlier + 1, (1,) * len(self.positions)
        values = lab.normal("values", (batches, self.samples, self.channels, *self.positions))[0]
        means = lab.uniform("means", (batches, 1, self.channels, *ones), -1.0, 1.0)[0]
        sizes = lab.uniform("sizes", (batches, 1, self.channels, *ones), 0.5, 2.0)[0]
        scale = lab.uniform("scale", (self.channels,), 0.5, 2.0)[0]
        return Batches(lab.rounded(sizes * values + means), scale, lab.uniform("shift", (self.channels,), -1.0, 1.0)[0])

    def measure(self, lab: Lab, given: Batches) -> Quantity:
        """The outputs for the last batch, `(samples, channels, positions)`; or one boolean a sample."""
        shapes = {
            "channels": (self.channels,),
            "groups and channels": (self.groups, self.channels),
            "shape": ((self.channels, *self.positions),),
        }
        module = self.layer(*shapes[self.called_with], eps=self.eps).to(lab.device, lab.torch_dtype)
        *earlier, batch = lab.tensor(given.values)
        with torch.no_grad():
            for parameter, values in ((module.weight, given.scale), (module.bias, given.shift)):
                parameter.copy_(lab.tensor(values).view(-1, *(1,) * (parameter.dim() - 1)).expand_as(parameter))
            for before in earlier:
                module(before)
            module.train(self.mode == "training")
            outputs = module(batch)
            samples = Axis("sample", tuple(range(self.samples)))
            if self.report == "alone":
                apart = [torch.equal(module(batch[k : k + 1])[0], outputs[k]) for k in range(self.samples)]
                return Quantity(np.array(apart), "output is that of the sample alone", "", (samples,))
        channels = Axis("channel", tuple(range(self.channels)))
        places = Axis("position", tuple(range(int(np.prod(self.positions)))))
        return Quantity(
            outputs.flatten(2) if self.positions else outputs[:, :, None], "output", "", (samples, channels, places)
        )


@dataclass(frozen=True)
class Columns:
    """Values of one channel, a batch of its own for each size.

    Attributes:
        batches: One array of shape `(m,)` for each batch size m.
    """

    batches: tuple[Array, ...]


@dataclass(frozen=True)
class LargestOutput(Experiment):
    """The largest absolute value that batch norm returns for m values of one channel.

    Attributes:
        layer: The layer; called with the number of channels and `eps`, has `weight`.
        inputs: "outlier", a large number among zeros, "normal", or "heavy-tailed", Cauchy numbers.
        mode: "training" or "evaluation", before any training.
        scale: The learned scale gamma.
        sizes: The batch sizes m.
        eps: What is added to the variance.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    layer: Subject = Subject("torch.nn", "BatchNorm1d")
    inputs: Literal["outlier", "normal", "heavy-tailed"] = "outlier"
    mode: Literal["training", "evaluation"] = "training"
    scale: float = 1.0
    sizes: tuple[int, ...] = (2, 4, 8, 16, 32, 64)
    eps: float = 1e-5

    def draw(self, lab: Lab) -> Columns:
        """The batches; an outlier is 2^20."""
        batches = []
        for m in self.sizes:
            values = np.zeros(m)
            values[0] = 2.0**20
            if self.inputs != "outlier":
                numbers = lab.generator(f"batch of {m}")
                values = numbers.standard_normal(m) if self.inputs == "normal" else numbers.standard_cauchy(m)
            batches.append(lab.rounded(values))
        return Columns(tuple(batches))

    def measure(self, lab: Lab, given: Columns) -> Quantity:
        """The largest, for each batch size."""
        largest = []
        for batch in given.batches:
            module = self.layer(1, eps=self.eps).to(lab.device, lab.torch_dtype).train(self.mode == "training")
            with torch.no_grad():
                module.weight.fill_(self.scale)
                largest.append(module(lab.tensor(batch)[:, None]).abs().max())
        axis = Axis("batch size", self.sizes, scale="log2")
        return Quantity(torch.stack(largest), "largest |output|", "", (axis,), scale="log2")


@dataclass(frozen=True)
class Layer:
    """A linear layer below a normalising one, and a loss that is linear in what comes out.

    Attributes:
        inputs: Shape `(samples, features)`.
        weight: Shape `(units, features)`.
        coefficients: The loss is the sum of outputs times these, shape `(samples, units)`.
    """

    inputs: Array
    weight: Array
    coefficients: Array


def _drawn(lab: Lab, samples: int, features: int, units: int) -> Layer:
    return Layer(
        lab.normal("inputs", (samples, features))[0],
        lab.normal("weight", (units, features))[0],
        lab.normal("coefficients", (samples, units))[0],
    )


def _differentiated(lab: Lab, layer: Subject, training: bool, given: Layer, weight: Array) -> tuple[torch.Tensor, ...]:
    """Outputs of linear and normalising layer, and the weight with the gradient of the loss in it."""
    units, features = weight.shape
    linear = torch.nn.Linear(features, units, bias=False, device=lab.device, dtype=lab.torch_dtype)
    norm = layer(units).to(lab.device, lab.torch_dtype).train(training)
    with torch.no_grad():
        linear.weight.copy_(lab.tensor(weight))
    outputs = norm(linear(lab.tensor(given.inputs)))
    (outputs * lab.tensor(given.coefficients)).sum().backward()
    return outputs.detach(), linear.weight


@dataclass(frozen=True)
class ScaledWeights(Experiment):
    """Whether a factor of the weights before a normalising layer shows in its outputs, and how in the gradient.

    The factors are powers of two, by which numbers are multiplied without rounding.

    Attributes:
        layer: The normalising layer; called with the number of units.
        mode: "training" or "evaluation".
        factors: By what the weights of every other unit are multiplied.
        samples: Samples of the batch.
        features: Inputs of the linear layer.
        units: Its outputs.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    layer: Subject = Subject("torch.nn", "BatchNorm1d", (("eps", 1e-30),))
    mode: Literal["training", "evaluation"] = "training"
    factors: tuple[float, ...] = (0.015625, 0.125, 0.5, 2.0, 8.0, 64.0)
    samples: int = 32
    features: int = 16
    units: int = 8

    def draw(self, lab: Lab) -> Layer:
        """Normal numbers."""
        return _drawn(lab, self.samples, self.features, self.units)

    def measure(self, lab: Lab, given: Layer) -> Quantity:
        """Whether outputs, and gradients times the factor, stay the same bit for bit: booleans `(factors, 2)`."""
        training = self.mode == "training"
        outputs, weight = _differentiated(lab, self.layer, training, given, given.weight)
        same = []
        for factor in self.factors:
            rows = np.where(np.arange(self.units) % 2 == 0, factor, 1.0)[:, None]
            now, scaled = _differentiated(lab, self.layer, training, given, rows * given.weight)
            assert weight.grad is not None and scaled.grad is not None
            same.append([torch.equal(now, outputs), torch.equal(lab.tensor(rows) * scaled.grad, weight.grad)])
        axes = Axis("factor", self.factors, scale="log2"), Axis("what", ("outputs", "gradient times factor"))
        return Quantity(np.array(same), "same bits", "", axes)


@dataclass(frozen=True)
class SquaredLengths(Experiment):
    """Squared lengths of the weights of each unit before a normalising layer, after one step of an optimizer.

    Attributes:
        layer: The normalising layer; called with the number of units.
        optimizer: The optimizer; called with a list of parameters and `lr`.
        rates: The learning rates.
        samples: Samples of the batch.
        features: Inputs of the linear layer.
        units: Its outputs.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    layer: Subject = Subject("torch.nn", "BatchNorm1d", (("eps", 1e-30),))
    optimizer: Subject = Subject("torch.optim", "SGD")
    rates: tuple[float, ...] = (0.0625, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0)
    samples: int = 16
    features: int = 8
    units: int = 4

    def draw(self, lab: Lab) -> Layer:
        """Normal numbers."""
        return _drawn(lab, self.samples, self.features, self.units)

    def measure(self, lab: Lab, given: Layer) -> Quantity:
        """The squared lengths, `(rates, units)`, added up in float64."""
        lengths = []
        for rate in self.rates:
            _, weight = _differentiated(lab, self.layer, True, given, given.weight)
            self.optimizer([weight], lr=rate).step()
            lengths.append(weight.detach().double().square().sum(1))
        axes = Axis("learning rate", self.rates, scale="log2"), Axis("unit", tuple(range(self.units)))
        return Quantity(torch.stack(lengths), "squared length of the weights", "", axes, scale="log")


@dataclass(frozen=True)
class Population:
    """All the values of one feature of a data set.

    Attributes:
        values: Shape `(population,)`, increasing.
    """

    values: Array


@dataclass(frozen=True)
class CentreNoise(Experiment):
    """How much the centre of batch norm, the input that it maps to zero, varies among the minibatches of a data set.

    Batch norm is an affine map of each channel; the outputs for the smallest and the largest value of the minibatch tell
    where it is zero. Every minibatch has a channel of its own.

    Attributes:
        layer: The layer; called with the number of channels.
        mode: "training" or "evaluation".
        minibatches: "all" of a size, or "neighbours" only, values that follow one another in size.
        population: How many values the data set has.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    layer: Subject = Subject("torch.nn", "BatchNorm1d", (("eps", 1e-30),))
    mode: Literal["training", "evaluation"] = "training"
    minibatches: Literal["all", "neighbours"] = "all"
    population: int = 10

    def draw(self, lab: Lab) -> Population:
        """The numbers 1, 2, ... around their middle, each moved by 1/4 at most."""
        moved = np.arange(self.population) + lab.uniform("population", (self.population,), -0.25, 0.25)[0]
        return Population(lab.rounded(moved - (self.population - 1) / 2))

    def measure(self, lab: Lab, given: Population) -> Quantity:
        """The variance over the minibatches of each size from 2 on."""
        sizes, variances = tuple(range(2, self.population + 1)), []
        for size in sizes:
            chosen = np.array(list(itertools.combinations(range(self.population), size)))
            if self.minibatches == "neighbours":
                chosen = np.arange(self.population - size + 1)[:, None] + np.arange(size)
            batch = lab.tensor(given.values[chosen.T])  # (size, minibatches)
            module = self.layer(len(chosen)).to(lab.device, lab.torch_dtype).train(self.mode == "training")
            with torch.no_grad():
                outputs = module(batch).double()
            low, high = batch[0].double(), batch[-1].double()
            centres = low - outputs[0] * (high - low) / (outputs[-1] - outputs[0])
            variances.append(centres.var(correction=0))
        axis = Axis("batch size", sizes, scale="log2")
        return Quantity(torch.stack(variances), "variance of the centre", "", (axis,))


@dataclass(frozen=True)
class LabelledBatches:
    """Data, and the minibatches of each member.

    Attributes:
        inputs: Shape `(samples, 64)`.
        labels: Shape `(samples,)`.
        orders: Shape `(members, steps, batch)`.
    """

    inputs: Array
    labels: Array
    orders: Array


@dataclass(frozen=True)
class LargestRates(Experiment):
    """The largest learning rate at which a perceptron learns digits with a layer behind each linear one, over that without.

    Both arms have the same He weights and minibatches; rates are powers of two. An arm that learns at no rate counts as the
    rate below all.

    Attributes:
        layer: The layer in front of each ReLU; called with the number of units.
        optimizer: The optimizer; called with parameters and `lr`.
        depth: Hidden layers.
        width: Their units.
        rates: The rates, as exponents of 2, in rising order.
        learned: The training accuracy that counts as learned.
        samples: Digits to train on.
        batch: Of a minibatch.
        steps: How many steps.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32",)

    layer: Subject = Subject("torch.nn", "BatchNorm1d", (("track_running_stats", False),))
    optimizer: Subject = Subject("torch.optim", "SGD")
    depth: int = 6
    width: int = 32
    rates: tuple[int, ...] = (-5, -3, -1, 1, 3)
    learned: float = 0.5
    samples: int = 512
    batch: int = 50
    steps: int = 100

    def draw(self, lab: Lab) -> LabelledBatches:
        """The same digits for all members, and minibatches."""
        data = digits()
        orders = lab.orders("orders", self.samples, self.batch, self.steps)
        return LabelledBatches(lab.rounded(data.pixels[: self.samples]), data.labels[: self.samples], orders)

    def measure(self, lab: Lab, given: LabelledBatches) -> Quantity:
        """The exponents' difference, shape `(members,)`."""
        highest = []
        for layer in (Subject("torch.nn", "Identity"), self.layer):
            learned = self._accuracies(lab, given, layer) >= self.learned
            places = np.where(learned, np.arange(1, len(self.rates) + 1)[:, None], 0).max(axis=0)
            highest.append(np.array([self.rates[0] - 1, *self.rates])[places])
        axis = Axis("member", tuple(lab.members))
        return Quantity(highest[1] - highest[0], "log2 of the largest rates' ratio", "", (axis,))

    def _accuracies(self, lab: Lab, given: LabelledBatches, layer: Subject) -> Array:
        """Training accuracies, shape `(rates, members)`."""

        def make() -> torch.nn.Module:
            widths = (64, *[self.width] * self.depth)
            parts: list[torch.nn.Module] = []
            for inner, outer in itertools.pairwise(widths):
                parts += [torch.nn.Linear(inner, outer), layer(outer), torch.nn.ReLU()]
            network = torch.nn.Sequential(*parts, torch.nn.Linear(widths[-1], 10))
            for part in network:
                if isinstance(part, torch.nn.Linear):
                    torch.nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
                    torch.nn.init.zeros_(part.bias)
            return network

        network, count = Modules(make), len(self.rates)
        makers = [partial(self.optimizer, lr=2.0**rate) for rate in self.rates]
        data = lab.tensor(given.inputs), lab.tensor(given.labels)
        trained = train(
            network,
            [torch.cat([part] * count) for part in network.initial(lab)],
            data,
            optimizer=[maker for maker in makers for _ in lab.members],
            steps=self.steps,
            orders=lab.tensor(np.concatenate([given.orders] * count)),
            loss="cross_entropy",
            chunk=max(2, count * len(lab.members)),
        )
        with torch.no_grad():
            outputs = network.forward(trained.parameters, data[0].expand(count * len(lab.members), -1, -1))
        # Where training has diverged outputs are no numbers, which are no label either.
        right = (outputs.argmax(2) == data[1]) & outputs.isfinite().all(2)
        accuracies: Array = right.double().mean(1).view(count, -1).cpu().numpy()
        return accuracies
