"""Experiments on what networks of one hidden layer, and deeper ones, can represent, and on what training finds of it.

The networks are real `torch.nn.Linear` layers around the activation under test, with weights that are given. What is
certified over a continuum holds for their weights, read back as exact doubles; what the modules themselves return is in
the enclosure too, at every point at which they are evaluated.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Literal

import numpy as np
import torch

from dlverify.evidence.certified import (
    Enclosure,
    Formula,
    OneHiddenLayer,
    Target,
    monotone_error,
    sup_error,
    target_values,
)
from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity, Scale


class Power(torch.nn.Module):
    """The activation z^degree: a polynomial, with which no width helps; torch has none.

    Attributes:
        degree: The exponent.
    """

    def __init__(self, degree: int = 2) -> None:
        super().__init__()
        self.degree = degree

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """The power, by repeated products, which for numbers of few digits round nothing."""
        return math.prod([inputs] * self.degree, start=torch.ones_like(inputs))


@dataclass(frozen=True)
class Weights:
    """A network of one hidden layer: constant + sum_j outer_j activation(inner_j . x + bias_j).

    Attributes:
        inner: Shape `(width, inputs)`.
        bias: Shape `(width,)`.
        outer: Shape `(width,)`.
        constant: The last layer's bias.
    """

    inner: Array
    bias: Array
    outer: Array
    constant: float

    def __post_init__(self) -> None:
        """Copy the arrays, so that nobody changes them."""
        for name in ("inner", "bias", "outer"):
            array = np.array(getattr(self, name), dtype=np.float64)
            array.setflags(write=False)
            object.__setattr__(self, name, array)


@dataclass(frozen=True)
class Networks:
    """Networks of growing size.

    Attributes:
        networks: One for each size.
    """

    networks: tuple[Weights, ...]


def module(lab: Lab, activation: Subject, weights: Weights) -> torch.nn.Sequential:
    """The network as real modules: linear layer, activation, linear layer."""
    width, inputs = weights.inner.shape
    first, last = torch.nn.Linear(inputs, width), torch.nn.Linear(width, 1)
    network = torch.nn.Sequential(first, activation(), last).to(device=lab.device, dtype=lab.torch_dtype)
    with torch.no_grad():
        first.weight.copy_(lab.tensor(weights.inner))
        first.bias.copy_(lab.tensor(weights.bias))
        last.weight.copy_(lab.tensor(weights.outer[None, :]))
        last.bias.copy_(lab.tensor(np.array([weights.constant])))
    return network


def curve(values: Any, name: str, along: str, sizes: tuple[int, ...], upper: Any = None) -> Quantity:
    """Values, or enclosures, over sizes that double; exact ones stay exact."""
    kind = None if isinstance(values[0], float) else object
    scale: Scale = "log2" if isinstance(values[0], int) else "log"
    return Quantity(np.array(values, dtype=kind), name, "", (Axis(along, sizes, scale="log2"),), upper, scale)


def returned(lab: Lab, network: torch.nn.Module, points: Array) -> Array:
    """What the modules return at points `(points, inputs)`, shape `(points, features)`.

    Raises:
        FloatingPointError: They return what is no finite number.
    """
    with torch.no_grad():
        values: Array = network(lab.tensor(points)).double().cpu().numpy()
    broken = np.argwhere(~np.isfinite(values))
    if len(broken):
        where = ", ".join(f"{x:g}" for x in points[broken[0, 0]])
        raise FloatingPointError(
            f"the modules return {values[tuple(broken[0])]} at x = {where}; nothing follows from that"
        )
    return values


def last_layer(network: torch.nn.Sequential) -> tuple[Array, float]:
    """The outer weights, shape `(width,)`, and the constant, read back from the modules."""
    found = {name: parameter.detach().double().cpu().numpy() for name, parameter in network.named_parameters()}
    return found["2.weight"][0], float(found["2.bias"][0])


def read_back(network: torch.nn.Sequential, formula: Formula) -> OneHiddenLayer:
    """The function that the modules' own weights define, with the activation that the formula names."""
    found = {name: parameter.detach().double().cpu().numpy() for name, parameter in network.named_parameters()}
    return OneHiddenLayer(found["0.weight"], found["0.bias"], *last_layer(network), formula)


def certified_error(
    lab: Lab,
    network: torch.nn.Sequential,
    formula: Formula,
    target: Target,
    box: list[tuple[float, float]],
    points: Array,
    gap: float,
) -> tuple[float, float]:
    """Lower and upper end of sup |network - target| over a box.

    The lower end is what the modules return at the points, and at the point where the certificate finds the error
    largest. The upper end is the certificate of the weights, plus the most by which the modules leave the formula. The
    certificate is as narrow as `gap` times the error that the points show.
    """
    shown = float(np.abs(returned(lab, network, points)[:, 0] - target_values(target, points)[0]).max())
    weights = read_back(network, formula)
    found = sup_error(weights, target, box, gap=max(shown, 2.0**-40) * gap)
    points = np.concatenate([points, [found.at]])
    found_there = returned(lab, network, points)[:, 0]
    values, value_errors = weights.values(points)
    aims, aim_errors = target_values(target, points)
    left = np.abs(found_there - values) + value_errors
    low = np.abs(found_there - aims) - aim_errors
    return max(float(low.max()) * (1 - 2.0**-50), 0.0), float((found.high + left.max()) * (1 + 2.0**-50))


@dataclass(frozen=True)
class _Ridge:
    """A function of direction . x between two ends, as numpy computes it for the knots."""

    direction: tuple[float, ...]
    low: float
    high: float
    function: Callable[[Array], Array]


# The target as Arb sees it, and as a sum of ridges. sin(pi x) cos(pi y) + x y is such a sum since
# sin a cos b = (sin(a + b) + sin(a - b)) / 2 and x y = ((x + y)^2 - (x - y)^2) / 4.
_SMOOTH: dict[str, tuple[Target, tuple[_Ridge, ...]]] = {
    "arch": (lambda x: x.sin_pi(), (_Ridge((1.0,), 0.0, 1.0, lambda s: np.sin(np.pi * s)),)),
    "saddle": (
        lambda x, y: x.sin_pi() * y.cos_pi() + x * y,
        (
            _Ridge((1.0, 1.0), 0.0, 2.0, lambda s: np.sin(np.pi * s) / 2 + s * s / 4),
            _Ridge((1.0, -1.0), -1.0, 1.0, lambda d: np.sin(np.pi * d) / 2 - d * d / 4),
        ),
    ),
}


@dataclass(frozen=True)
class InterpolationError(Experiment):
    """Largest error over a whole interval or square of a network that interpolates, one unit a piece: an enclosure.

    Attributes:
        activation: The activation; the weights are those for the ReLU.
        target: "arch", sin(pi x) on [0, 1], or "saddle", sin(pi x) cos(pi y) + x y on the unit square, interpolated along
            the two diagonals.
        pieces: How many pieces, along each diagonal of the square.
        spacing: "even" knots, or "squared" ones, which crowd at the lower end.
    """

    activation: Subject = Subject("torch.nn", "ReLU")
    target: Literal["arch", "saddle"] = "arch"
    pieces: tuple[int, ...] = (4, 8, 16, 32, 64)
    spacing: Literal["even", "squared"] = "even"

    def draw(self, lab: Lab) -> Networks:
        """One unit from each knot on: its outer weight is by how much the slope changes there."""
        return Networks(tuple(self._interpolant(pieces) for pieces in self.pieces))

    def _interpolant(self, pieces: int) -> Weights:
        parts = []
        constant = 0.0
        for ridge in _SMOOTH[self.target][1]:
            along = np.arange(pieces + 1) / pieces
            knots = ridge.low + (ridge.high - ridge.low) * (along if self.spacing == "even" else along * along)
            values = ridge.function(knots)
            slopes = np.diff(values) / np.diff(knots)
            constant += float(values[0])
            parts.append((np.tile(ridge.direction, (pieces, 1)), -knots[:-1], np.diff(slopes, prepend=0.0)))
        inner, bias, outer = (np.concatenate(part) for part in zip(*parts, strict=True))
        return Weights(inner, bias, outer, constant)

    def measure(self, lab: Lab, given: Networks) -> Quantity:
        """The enclosure for each number of pieces."""
        target, ridges = _SMOOTH[self.target]
        inputs = len(ridges[0].direction)
        ends = []
        for pieces, weights in zip(self.pieces, given.networks, strict=True):
            side = np.linspace(0.0, 1.0, (8 if inputs == 1 else 4) * pieces + 1)
            points = np.array(list(itertools.product(side, repeat=inputs)))
            network = module(lab, self.activation, weights)
            ends.append(certified_error(lab, network, "relu", target, [(0.0, 1.0)] * inputs, points, 1e-6))
        low, high = zip(*ends, strict=True)
        return curve(low, "largest error", "pieces", self.pieces, high)


@dataclass(frozen=True)
class WitnessError(Experiment):
    """Largest error over [0, 1], against sin(2 pi x), of a sigmoid network whose weights are written down: an enclosure.

    Attributes:
        activation: The activation.
        inner: The hidden weights.
        bias: The hidden biases.
        outer: The outer weights.
        constant: The last bias.
        spike: Height of a spike that two further units add, steep ones half of 1e-5 to either side of 0.7503: too narrow for a
            grid of 1,001 points.
    """

    activation: Subject = Subject("torch.nn", "Sigmoid")
    inner: tuple[float, ...] = ()
    bias: tuple[float, ...] = ()
    outer: tuple[float, ...] = ()
    constant: float = 0.0
    spike: float = 0.0

    def draw(self, lab: Lab) -> Networks:
        """The weights."""
        inner, bias, outer = np.array(self.inner), np.array(self.bias), np.array(self.outer)
        if self.spike:
            steep, middle, half = 2.0**24, 0.7503, 0.5e-5
            inner = np.append(inner, [steep, steep])
            bias = np.append(bias, [-steep * (middle - half), -steep * (middle + half)])
            outer = np.append(outer, [self.spike, -self.spike])
        return Networks((Weights(inner[:, None], bias, outer, self.constant),))

    def measure(self, lab: Lab, given: Networks) -> Quantity:
        """The enclosure."""
        network = module(lab, self.activation, given.networks[0])
        points = np.linspace(0.0, 1.0, 1001)[:, None]
        low, high = certified_error(lab, network, "sigmoid", lambda x: (2 * x).sin_pi(), [(0.0, 1.0)], points, 1e-3)
        return Quantity(low, "largest error", upper=high)


# The target as Arb sees it and as numpy computes the steps' heights.
_CONTINUOUS: dict[str, tuple[Target, Callable[[Array], Array]]] = {
    "sine": (lambda x: (2 * x).sin_pi(), lambda x: np.sin(2 * np.pi * x)),
    "bend": (lambda x: abs(x - 0.375), lambda x: np.abs(x - 0.375)),
    "root": (lambda x: x.nonnegative_part().sqrt(), np.sqrt),
}

_CELLS_A_STEP = 64  # the activation then moves by at most steepness / 4 / 64 of a step within a cell


@dataclass(frozen=True)
class StaircaseError(Experiment):
    """Largest error over [0, 1] of a staircase, one steep unit a step: an enclosure.

    Nothing is taken for granted of the activation but that it is nondecreasing: all else is what it returns.

    Attributes:
        activation: The activation, with limits 0 and 1 and the value 1/2 at 0.
        target: "sine" sin(2 pi x), "bend" |x - 3/8| or "root" the square root.
        widths: How many hidden units.
        steepness: Weight of a hidden unit, in units of the width.
        missing: How many of the first steps are left out.
    """

    activation: Subject = Subject("torch.nn", "Sigmoid")
    target: Literal["sine", "bend", "root"] = "sine"
    widths: tuple[int, ...] = (4, 8, 16, 32, 64, 128)
    steepness: float = 16.0
    missing: int = 0

    def draw(self, lab: Lab) -> Networks:
        """Step j = 1..width rises in the middle between (j - 1) / width and j / width, by the target's difference."""
        function = _CONTINUOUS[self.target][1]
        networks = []
        for width in self.widths:
            heights = function(np.arange(width + 1) / width)
            steep = self.steepness * width
            places = (np.arange(1, width + 1) - 0.5) / width
            rises = np.where(np.arange(width) < self.missing, 0.0, np.diff(heights))
            networks.append(Weights(np.full((width, 1), steep), -steep * places, rises, float(heights[0])))
        return Networks(tuple(networks))

    def measure(self, lab: Lab, given: Networks) -> Quantity:
        """The enclosure for each width."""
        target = _CONTINUOUS[self.target][0]
        found = [
            steps_error(lab, self.activation, weights, np.linspace(0.0, 1.0, _CELLS_A_STEP * width + 1), target)
            for width, weights in zip(self.widths, given.networks, strict=True)
        ]
        low, high = [each.low for each in found], [each.high for each in found]
        return curve(low, "largest error", "width", self.widths, high)


def steps_error(lab: Lab, activation: Subject, weights: Weights, edges: Array, target: Target) -> Enclosure:
    """The enclosure of a network with nonnegative hidden weights, from what its activation returns at the edges."""
    network = module(lab, activation, weights)
    hidden = returned(lab, network[:2], edges[:, None])
    return monotone_error(edges, hidden, *last_layer(network), target)


@dataclass(frozen=True)
class StepError(Experiment):
    """Largest error of one unit against the step 1[x > 1/2], over a compact part of [0, 1]: an enclosure.

    Attributes:
        activation: The activation, nondecreasing.
        epsilons: The accuracies asked for.
        kept: "most" of the interval, all but the epsilon around the jump, or the "whole" of it.
        steepness: The unit's weight in units of (2 / epsilon) ln(2 / epsilon).
    """

    activation: Subject = Subject("torch.nn", "Sigmoid")
    epsilons: tuple[float, ...] = (0.1, 0.01, 1e-3, 1e-4, 1e-5)
    kept: Literal["most", "whole"] = "most"
    steepness: float = 1.0

    def draw(self, lab: Lab) -> Networks:
        """One unit, centred at the jump."""
        slopes = [self.steepness * 2 / epsilon * math.log(2 / epsilon) for epsilon in self.epsilons]
        return Networks(tuple(Weights(np.array([[s]]), np.array([-s / 2]), np.ones(1), 0.0) for s in slopes))

    def measure(self, lab: Lab, given: Networks) -> Quantity:
        """The enclosure for each epsilon: the larger one of the parts to the left and to the right of the jump."""
        low, high = [], []
        for epsilon, weights in zip(self.epsilons, given.networks, strict=True):
            away = epsilon / 2 if self.kept == "most" else 0.0
            left = steps_error(lab, self.activation, weights, np.array([0.0, 0.5 - away]), lambda x: 0)
            right = steps_error(lab, self.activation, weights, np.array([0.5 + away, 1.0]), lambda x: 1)
            low.append(max(left.low, right.low))
            high.append(max(left.high, right.high))
        return Quantity(low, "largest error", "", (Axis("epsilon", self.epsilons, scale="log"),), high, "log")


@dataclass(frozen=True)
class ParabolaError(Experiment):
    """Largest error of a piecewise linear network against x^2 on a dyadic grid of [0, 1], exactly.

    With numbers of pieces that are powers of two all weights, products and sums are short binary fractions, which
    floating-point arithmetic does not round.

    Attributes:
        activation: The activation; the weights are those for the ReLU.
        pieces: How many pieces.
        short: How many pieces fewer the networks have, equally long again.
    """

    activation: Subject = Subject("torch.nn", "ReLU")
    pieces: tuple[int, ...] = (2, 4, 8, 16, 32, 64)
    short: int = 0

    def draw(self, lab: Lab) -> Networks:
        """The chords of equal pieces, lowered by half of what they are too high: slopes h, 3 h, 5 h, ..."""
        networks = []
        for pieces in self.pieces:
            number = pieces - self.short
            outer = np.full(number, 2 / number)
            outer[0] = 1 / number
            bias = -np.arange(number) / number
            networks.append(Weights(np.ones((number, 1)), bias, outer, -1 / (8 * number**2)))
        return Networks(tuple(networks))

    def measure(self, lab: Lab, given: Networks) -> Quantity:
        """The largest |network(x) - x^2| over eight points a piece, as fractions."""
        errors = []
        for pieces, weights in zip(self.pieces, given.networks, strict=True):
            grid = np.arange(8 * pieces + 1) / (8 * pieces)
            values = returned(lab, module(lab, self.activation, weights), grid[:, None])[:, 0]
            pairs = zip(values.tolist(), grid.tolist(), strict=True)
            errors.append(max(abs(Fraction(value) - Fraction(x) ** 2) for value, x in pairs))
        return curve(errors, "largest error", "pieces", self.pieces)


@dataclass(frozen=True)
class KinkError(Experiment):
    """Largest error against |x| on a dyadic grid of [-1, 1] of networks that are fitted to it as well as they can be.

    Hidden weights are drawn; the outer ones solve the linear programme of the least largest error on the grid. Weights are
    short binary fractions, so that polynomials of low degree are computed without rounding.

    Attributes:
        activation: The activation.
        widths: How many hidden units.
    """

    activation: Subject = Subject("dlverify.experiments.activation", "Power", (("degree", 2),))
    widths: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)

    def draw(self, lab: Lab) -> Networks:
        """Hidden weights and biases among the eighths from -1 to 1, weights without 0; outer weights to be fitted."""
        numbers = lab.generator("hidden")
        networks = []
        for width in self.widths:
            inner = numbers.integers(1, 9, (width, 1)) * numbers.choice([-1, 1], (width, 1)) / 8
            bias = numbers.integers(-8, 9, width) / 8
            networks.append(Weights(inner, bias, np.zeros(width), 0.0))
        return Networks(tuple(networks))

    def measure(self, lab: Lab, given: Networks) -> Quantity:
        """The largest error for each width, as fractions."""
        grid = np.arange(-32, 33) / 32
        errors = []
        for weights in given.networks:
            fitted = self._fitted(lab, weights, grid)
            values = returned(lab, module(lab, self.activation, fitted), grid[:, None])[:, 0]
            pairs = zip(values.tolist(), grid.tolist(), strict=True)
            errors.append(max(abs(Fraction(value) - abs(Fraction(x))) for value, x in pairs))
        return curve(errors, "largest error", "width", self.widths)

    def _fitted(self, lab: Lab, weights: Weights, grid: Array) -> Weights:
        """Outer weights and constant of least largest error on the grid, to 16 binary places."""
        from scipy.optimize import linprog

        hidden = returned(lab, module(lab, self.activation, weights)[:2], grid[:, None])
        features = np.hstack([hidden, np.ones((len(grid), 1))])
        # Unknowns: outer weights, constant, largest error e; features . weights - |x| lies within e of 0. Bounded weights
        # keep the products short.
        one = np.ones((len(grid), 1))
        found = linprog(
            np.append(np.zeros(features.shape[1]), 1.0),
            A_ub=np.block([[features, -one], [-features, -one]]),
            b_ub=np.concatenate([np.abs(grid), -np.abs(grid)]),
            bounds=[(-64.0, 64.0)] * features.shape[1] + [(0.0, None)],
        )
        best = np.round(found.x[:-1] * 2**16) / 2**16
        return Weights(weights.inner, weights.bias, best[:-1], float(best[-1]))


@dataclass(frozen=True)
class FiniteWorld:
    """A probability space of six points.

    Attributes:
        places: Where the points lie, shape `(6,)`.
        masses: Their masses in units of their sum, integers, shape `(6,)`.
    """

    places: Array
    masses: Array


@dataclass(frozen=True)
class ServingSets(Experiment):
    """How many sets K serve in the theorem, out of all 64 subsets of a probability space of six points.

    The target is the step 1[x > 0]; the networks are single units with weights 1, 2, 4, ..., 32. A set serves if the
    condition on its measure holds and some network lies within epsilon of the target on it.

    Attributes:
        activation: The activation.
        inequality: "at least": mu(K) >= 1 - epsilon, or "below": mu(K) < 1 - epsilon.
        order: "epsilon first": K and network are chosen for each epsilon, or "pair first": one pair for every epsilon > 0.
        epsilons: The values of epsilon, in tenths.
    """

    activation: Subject = Subject("torch.nn", "Sigmoid")
    inequality: Literal["at least", "below"] = "at least"
    order: Literal["epsilon first", "pair first"] = "epsilon first"
    epsilons: tuple[int, ...] = tuple(range(1, 16))

    def draw(self, lab: Lab) -> FiniteWorld:
        """Three points to either side of 0, with integer masses from 1 to 20."""
        masses = lab.generator("masses").integers(1, 21, 6)
        masses.setflags(write=False)
        return FiniteWorld(lab.rounded(np.array([-0.75, -0.5, -0.25, 0.25, 0.5, 0.75])), masses)

    def measure(self, lab: Lab, given: FiniteWorld) -> Quantity:
        """The number of sets for each epsilon, by enumeration in fractions."""
        masses = [Fraction(int(mass), int(given.masses.sum())) for mass in given.masses]
        far = []
        for weight in (1.0, 2.0, 4.0, 8.0, 16.0, 32.0):
            network = module(lab, self.activation, Weights(np.array([[weight]]), np.zeros(1), np.ones(1), 0.0))
            values = returned(lab, network, given.places[:, None])[:, 0]
            far.append([abs(Fraction(f) - (x > 0)) for f, x in zip(values.tolist(), given.places, strict=True)])
        epsilons = [Fraction(tenths, 10) for tenths in self.epsilons]
        counts = [0] * len(epsilons)
        for chosen in itertools.product((False, True), repeat=len(masses)):
            measure = sum((m for m, is_in in zip(masses, chosen, strict=True) if is_in), Fraction(0))
            errors = [max((e for e, is_in in zip(row, chosen, strict=True) if is_in), default=-1) for row in far]
            serves = [[self._large(measure, epsilon) and error < epsilon for epsilon in epsilons] for error in errors]
            if self.order == "pair first":
                # Below every epsilon of the list there are smaller ones: in their limit an error must be 0, a measure 1.
                limit = measure == 1 if self.inequality == "at least" else measure < 1
                ever = any(all(row) and error <= 0 and limit for row, error in zip(serves, errors, strict=True))
                serves = [[ever] * len(epsilons)]
            counts = [count + any(column) for count, column in zip(counts, zip(*serves, strict=True), strict=True)]
        axis = Axis("epsilon", tuple(tenths / 10 for tenths in self.epsilons))
        return Quantity(np.array(counts, dtype=object), "sets that serve, of 64", "", (axis,))

    def _large(self, measure: Fraction, epsilon: Fraction) -> bool:
        return measure >= 1 - epsilon if self.inequality == "at least" else measure < 1 - epsilon


def linear_pieces(values: Array) -> int:
    """Pieces of a function from its exact values on an even grid: one more than there are changes of slope."""
    return 1 + int(np.count_nonzero(np.diff(values, 2)))


@dataclass(frozen=True)
class TentPieces(Experiment):
    """Linear pieces on [0, 1], and hidden units, of L tents of three units each, one put into the other.

    A tent is 2 a(x) - 4 a(x - 1/2) + 2 a(x - 1). The grid has four cells for each multiple of 2^-L; all values are short
    binary fractions, so nothing is rounded.

    Attributes:
        activation: The activation a.
        tents: The numbers L.
    """

    activation: Subject = Subject("torch.nn", "ReLU")
    tents: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)

    def draw(self, lab: Lab) -> Networks:
        """One tent."""
        return Networks((Weights(np.ones((3, 1)), np.array([0.0, -0.5, -1.0]), np.array([2.0, -4.0, 2.0]), 0.0),))

    def measure(self, lab: Lab, given: Networks) -> Quantity:
        """Pieces and units for each L, integers of shape `(depths, 2)`."""
        counts = []
        for tents in self.tents:
            layers = [module(lab, self.activation, given.networks[0]) for _ in range(tents)]
            grid = np.arange(2 ** (tents + 2) + 1) / 2 ** (tents + 2)
            units = sum(len(last_layer(layer)[0]) for layer in layers)
            values = returned(lab, torch.nn.Sequential(*layers), grid[:, None])[:, 0]
            counts.append([linear_pieces(values), units])
        axes = (Axis("tents", self.tents), Axis("count", ("linear pieces", "hidden units")))
        return Quantity(np.array(counts, dtype=object), "count", "", axes, scale="log2")


@dataclass(frozen=True)
class ShallowPieces(Experiment):
    """Linear pieces of networks of one hidden layer with drawn weights, all short binary fractions.

    Attributes:
        activation: The activation.
        widths: How many hidden units.
        times: How often the network is put into itself; 1 is one hidden layer.
    """

    activation: Subject = Subject("torch.nn", "ReLU")
    widths: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)
    times: int = 1

    def draw(self, lab: Lab) -> Networks:
        """Kinks among the eighths from -7 to 7, some of them shared, slopes powers of 2, outer weights eighths without 0."""
        numbers = lab.generator("weights")
        networks = []
        for width in self.widths:
            inner = 2.0 ** numbers.integers(-1, 3, width) * numbers.choice([-1, 1], width)
            bias = -inner * numbers.integers(-56, 57, width) / 8
            outer = numbers.integers(1, 9, width) * numbers.choice([-1, 1], width) / 8
            networks.append(Weights(inner[:, None], bias, outer, 0.0))
        return Networks(tuple(networks))

    def measure(self, lab: Lab, given: Networks) -> Quantity:
        """The pieces on [-8, 8] for each width, on a grid of sixteenths."""
        grid = np.arange(-128, 129)[:, None] / 16
        counts = []
        for weights in given.networks:
            network = torch.nn.Sequential(*[module(lab, self.activation, weights)] * self.times)
            counts.append(linear_pieces(returned(lab, network, grid)[:, 0]))
        return curve(counts, "linear pieces", "width", self.widths)


@dataclass(frozen=True)
class Start:
    """What a training is given.

    Attributes:
        inputs: Shape `(samples, 1)`.
        targets: Shape `(samples, 1)`.
        parameters: Initial parameters of `Perceptron((1, width, 1))`, each `(members, ...)`.
    """

    inputs: Array
    targets: Array
    parameters: tuple[Array, ...]


@dataclass(frozen=True)
class FitOfAbsoluteValue(Experiment):
    """Mean squared error with which a trained ReLU network of one hidden layer ends on |x| over [-1, 1].

    Attributes:
        optimizer: The optimizer; called with a list of parameters and `lr`.
        width: Hidden units; two are enough, |x| = relu(x) + relu(-x).
        start: "random", uniform in +-1/sqrt(inputs of the layer), as `torch.nn.Linear` draws; "facing", units that rise to
            the right and to the left in turns, each with its kink near 0, so that nothing stands in the way of a good fit;
            or "constructed", relu(x) + relu(-x) and the rest zero.
        dead: How many of the last units are dead: a bias of -5 keeps them off on all of [-1, 1], without a gradient.
        steps: Full-batch steps.
        lr: The learning rate.
        samples: Points of the grid.
        runs: Networks a member.
        report: "loss", as trained, or "exact loss", of the trained weights, in fractions.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64")

    optimizer: Subject = Subject("torch.optim", "Adam")
    width: int = 2
    start: Literal["random", "facing", "constructed"] = "random"
    dead: int = 0
    steps: int = 200
    lr: float = 0.05
    samples: int = 64
    runs: int = 1
    report: Literal["loss", "exact loss"] = "loss"

    def draw(self, lab: Lab) -> Start:
        """The grid and the initial weights."""
        shapes = ((self.width, 1), (self.width,), (1, self.width), (1,))
        names = ("first weight", "first bias", "last weight", "last bias")
        narrow = self.width**-0.5
        low, high = {
            "random": ((-1.0, -1.0, -narrow, -narrow), (1.0, 1.0, narrow, narrow)),
            "facing": ((0.5, -0.25, 0.5, -0.25), (1.0, 0.25, 1.0, 0.25)),
            "constructed": ((1.0, 0.0, 1.0, 0.0), (1.0, 0.0, 1.0, 0.0)),
        }[self.start]
        parts = zip(names, shapes, low, high, strict=True)
        drawn = [np.concatenate(lab.uniform(name, (self.runs, *shape), *ends)) for name, shape, *ends in parts]
        if self.start != "random":
            drawn[0] = drawn[0] * (-1.0) ** np.arange(self.width)[:, None]
        if self.start == "constructed":
            drawn[2][:, :, 2:] = 0.0
        drawn[1][:, self.width - self.dead :] = -5.0
        inputs = lab.rounded(np.linspace(-1, 1, self.samples)[:, None])
        return Start(inputs, lab.rounded(np.abs(inputs)), tuple(lab.rounded(part) for part in drawn))

    def measure(self, lab: Lab, given: Start) -> Quantity:
        """The final loss of each run."""
        from dlverify.lab.ensembles import Perceptron, train

        training = train(
            Perceptron((1, self.width, 1)),
            [lab.tensor(part) for part in given.parameters],
            (lab.tensor(given.inputs), lab.tensor(given.targets)),
            optimizer=lambda parameters: self.optimizer(parameters, lr=self.lr),
            steps=self.steps,
        )
        losses: Any = training.losses[-1]
        if self.report == "exact loss":
            losses = exact_losses(given, [part.double().cpu().numpy() for part in training.parameters])
        members = Axis("member", tuple(lab.members)) if self.runs == 1 else Axis("run", tuple(range(len(losses))))
        return Quantity(losses, "final mean squared error", "", (members,), scale="log")


def exact_losses(given: Start, parameters: list[Array]) -> Array:
    """The mean squared errors of ReLU networks, whose weights are taken as exact, in fractions."""
    points = [(Fraction(x), Fraction(y)) for x, y in zip(given.inputs[:, 0], given.targets[:, 0], strict=True)]
    losses = []
    for inner, bias, outer, constant in zip(*parameters, strict=True):
        units = [tuple(map(Fraction, unit)) for unit in zip(inner[:, 0], bias, outer[0], strict=True)]
        last = Fraction(constant[0])
        errors = [last + sum(v * max(w * x + b, Fraction(0)) for w, b, v in units) - y for x, y in points]
        losses.append(sum(error * error for error in errors) / len(points))
    return np.array(losses, dtype=object)
