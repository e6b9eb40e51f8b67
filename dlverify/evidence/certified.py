"""Certified enclosures of the largest error of a network: over every point of an interval or a box, not over a grid.

Two ways to know what happens between the points at which a network is evaluated:

- `sup_error`: the activation is given by a formula. Over a cell with centre c and radii r the error e = f - g is its
  Taylor polynomial of degree 2 at c plus a remainder. The network's remainder is at most
  sum_j |v_j| (|w_j| . r)^3 sup |activation'''| / 6, the supremum over the cell; the target's is the coefficient of
  degree 3 of a power series over the cell as an Arb ball. |P| of a polynomial of degree 2 is at most its largest value
  at the corners plus sum_d r_d^2 |P_dd| / 2, the error of its multilinear interpolation. Cells are halved until the
  enclosure is as narrow as asked. A ReLU is its own polynomial on either side of its kink: an interval is cut at the
  kinks, and where a cell crosses one, as in more dimensions it must, the unit adds by how far it can leave its line.
- `monotone_error`: of the activation nothing is known but that it is nondecreasing, and its values at the ends of the
  cells, whoever computed them: an activation of the user's own is certified by what it returns.

What is rigorous: the exponential and the target are Arb balls (Johansson 2017); sums and products are float64, with
their rounding bounded beforehand (Higham 2002, lemma 3.1 and section 3.1) and added. Every double is taken as the exact
number that it is.

Traps: in python-flint 0.9 the power `x**2` of a ball with the middle 0 is nan, so targets multiply, `x * x`; and the root
of a ball that reaches below 0 is nan, so targets take `x.nonnegative_part().sqrt()`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from dlverify.evidence.arb import load_flint
from dlverify.evidence.rounding import gamma
from dlverify.quantity import Array

Target = Callable[..., Any]
"""A smooth function of one argument for each input, written with the methods that `flint.arb` and `flint.arb_series` share:
`lambda x: (2 * x).sin_pi()`, `lambda x, y: x.exp() * y`."""

Formula = Literal["relu", "sigmoid", "tanh", "square"]

NOTHING_KNOWN = 1e200
"""The upper end of an error of which nothing is known: above all errors, and still a finite number, in any unit of it."""

UNIT = 2.0**-53
TINY = 1e-300  # absolute slack for results that underflow
BITS = 64  # of the balls: eleven more than a double, so that what a ball loses is below a double's own rounding
CHUNK = 4096  # cells evaluated at a time, which bounds the memory


@dataclass(frozen=True)
class Enclosure:
    """A number between two doubles, for certain.

    Attributes:
        low: Lower end.
        high: Upper end; `NOTHING_KNOWN` where nothing is known.
        at: A point at which the lower end is reached.
        cells: How many cells it took.
    """

    low: float
    high: float
    at: tuple[float, ...]
    cells: int


@dataclass(frozen=True)
class OneHiddenLayer:
    """The function f(x) = constant + sum_j outer_j activation(inner_j . x + bias_j), its doubles taken as exact.

    Attributes:
        inner: Shape `(width, inputs)`.
        bias: Shape `(width,)`.
        outer: Shape `(width,)`.
        constant: The last layer's bias.
        activation: "relu", "sigmoid", "tanh" or "square".
    """

    inner: Array
    bias: Array
    outer: Array
    constant: float = 0.0
    activation: Formula = "relu"

    def __post_init__(self) -> None:
        """Refuse what is no such network.

        Raises:
            ValueError: Shapes that do not fit, a number that is not finite, or an unknown activation.
        """
        for name in ("inner", "bias", "outer"):
            object.__setattr__(self, name, np.array(getattr(self, name), dtype=np.float64))
        width = len(self.bias) if self.bias.ndim == 1 else -1
        if self.inner.ndim != 2 or len(self.inner) != width or self.outer.shape != (width,):
            raise ValueError(
                "expected inner (width, inputs), bias (width,) and outer (width,), found "
                f"{self.inner.shape}, {self.bias.shape} and {self.outer.shape}"
            )
        if not all(np.isfinite(part).all() for part in (self.inner, self.bias, self.outer, self.constant)):
            raise ValueError("expected finite weights, found one that is infinite or not a number")
        if self.activation not in get_args(Formula):
            raise ValueError(
                f"expected an activation of {', '.join(get_args(Formula))}, found {self.activation!r}; monotone_error takes "
                "any nondecreasing one by its values"
            )

    def values(self, points: Array) -> tuple[Array, Array]:
        """The values f(x) at points `(points, inputs)`, and bounds on how far each is from the exact one."""
        points = _points(points, self.inner.shape[1])
        local = _network_taylor(_as_sigmoid(self), points, np.zeros_like(points))
        return local.value, local.error


def sup_error(
    network: OneHiddenLayer,
    target: Target,
    box: Sequence[tuple[float, float]],
    *,
    gap: float,
    most_cells: int = 200_000,
) -> Enclosure:
    """An enclosure of sup |f(x) - g(x)| over all x in a box.

    Args:
        network: f.
        target: g, three times differentiable on the box; a kink of g belongs on the edge between two boxes.
        box: One (low, high) for each input.
        gap: How wide the enclosure may be; it stays wider where rounding does not allow better or the cells run out.
        most_cells: How many cells may be evaluated.

    Returns:
        The enclosure, valid in any case.

    Raises:
        ValueError: No such box or gap, or a target that is not finite and smooth in it.
    """
    lows, highs = _checked_box(box, network.inner.shape[1])
    if not gap > 0:
        raise ValueError(f"expected a positive gap, found {gap}")
    network = _as_sigmoid(network)
    cuts = _kinks(network, lows, highs)
    corners = np.array(list(itertools.product(*zip(lows, highs, strict=True))))
    places = np.concatenate([corners, cuts[:, None]]) if len(lows) == 1 else corners
    found = _bounds(network, target, places, places)
    low, at, settled, count = -math.inf, places[0], float(found.high.max()), len(places)
    first, last = _first_cells(lows, highs, cuts)
    while True:
        best = int(np.argmax(found.low))
        if found.low[best] > low:
            low, at = float(found.low[best]), found.centre[best]
        if not len(first):
            break
        found = _bounds(network, target, first, last)
        count += len(first)
        reached = max(low, float(found.low.max()))
        open_ = (found.high > reached + gap) & found.divisible
        if count + 2 ** len(lows) * int(open_.sum()) > most_cells:
            open_[:] = False
        settled = max(settled, float(found.high[~open_].max(initial=-math.inf)))
        if settled == math.inf:
            where = found.centre[~open_ & np.isinf(found.high)][:1].tolist() or places.tolist()
            raise ValueError(
                f"expected a target that is smooth and finite, found no bound on it near {tuple(where[0])}; a kink or a pole "
                "of it belongs between two boxes"
            )
        first, last = _halved(first[open_], last[open_], found.centre[open_])
    return Enclosure(max(low, 0.0), settled, tuple(float(x) for x in at), count)


def monotone_error(edges: Array, activations: Array, outer: Array, constant: float, target: Target) -> Enclosure:
    """An enclosure of sup |f(x) - g(x)| over an interval, for f(x) = constant + sum_j outer_j a_j(x), each a_j nondecreasing.

    Between two edges each a_j lies between its values there, so f does between two sums, and g in its value over the ball.
    The values may be off by 4 units in the last place, of 1 at least, as far as libraries let a function of a few
    operations be (so that vectors and the elements left over may differ, and fall by that much).

    Args:
        edges: Ends of the cells, increasing, shape `(cells + 1,)`.
        activations: The values a_j(edge), shape `(cells + 1, width)`.
        outer: Shape `(width,)`.
        constant: The last layer's bias.
        target: g, continuous.

    Returns:
        The enclosure. Its upper end is `NOTHING_KNOWN` where some a_j falls, since then nothing is known in between.

    Raises:
        ValueError: Shapes that do not fit, edges that do not increase, or a target without bounds.
    """
    edges, activations, outer = (np.asarray(part, dtype=np.float64) for part in (edges, activations, outer))
    if edges.ndim != 1 or len(edges) < 2 or activations.shape != (len(edges), *outer.shape) or outer.ndim != 1:
        raise ValueError(
            "expected edges (cells + 1,), activations (cells + 1, width) and outer (width,), found "
            f"{edges.shape}, {activations.shape} and {outer.shape}"
        )
    if not (np.diff(edges) > 0).all():
        raise ValueError("expected edges that increase")
    off = 8 * UNIT * np.maximum(np.abs(activations), 1.0)
    sizes = np.maximum(np.abs(activations), 1.0) @ np.abs(outer) + abs(constant)
    error = _gamma(len(outer) + 12) * sizes + TINY  # 8 of these for the values, 4 to spare
    exact, ball = _at_edges_and_between(target, edges)
    unbounded = ~np.isfinite(ball.middle + ball.radius)
    if unbounded.any():
        raise ValueError(
            f"expected a target that is finite over every cell, found no bound on it right of {edges[:-1][unbounded][0]}; write "
            "x * x for x**2 and x.nonnegative_part().sqrt() for x.sqrt()"
        )
    distance = np.abs(activations @ outer + constant - exact.middle)
    slack = error + exact.radius + 4 * UNIT * (sizes + np.abs(exact.middle))
    lows = distance - slack
    best = int(np.argmax(lows))
    high = NOTHING_KNOWN
    if (np.diff(activations, axis=0) >= -(off[:-1] + off[1:])).all():
        rising, falling = np.maximum(outer, 0.0), np.minimum(outer, 0.0)
        least = activations[:-1] @ rising + activations[1:] @ falling + constant
        most = activations[1:] @ rising + activations[:-1] @ falling + constant
        farthest = np.maximum(np.abs(most - ball.middle), np.abs(ball.middle - least))
        # Each sum mixes values of both ends, so that its terms are bounded by those of the two together.
        allowed = ball.radius + 2 * (error[:-1] + error[1:]) + 8 * UNIT * (sizes[:-1] + sizes[1:] + np.abs(ball.middle))
        high = float(np.max(farthest + allowed))
    return Enclosure(max(float(lows[best]), 0.0), high, (float(edges[best]),), len(edges) - 1)


@dataclass(frozen=True)
class _Balls:
    """Middles and radii, float64."""

    middle: Array
    radius: Array


@dataclass(frozen=True)
class _Taylor:
    """Values, gradients and Hessians at the centres of cells, and what they leave over.

    Attributes:
        value: Shape `(cells,)`.
        error: Bound on the error of `value`.
        gradient: Shape `(cells, inputs)`.
        gradient_error: Bound on the error of each component.
        hessian: Shape `(cells, inputs, inputs)`.
        hessian_error: Bound on the error of each component.
        remainder: Bound on the difference of function and polynomial over the cell, `(cells,)`.
    """

    value: Array
    error: Array
    gradient: Array
    gradient_error: Array
    hessian: Array
    hessian_error: Array
    remainder: Array


@dataclass(frozen=True)
class _Bounds:
    """What is known of |f - g| on cells.

    Attributes:
        centre: Shape `(cells, inputs)`.
        low: Lower bound on |f - g| at the centre.
        high: Upper bound over the cell.
        divisible: Whether halving the cell can lower its upper bound.
    """

    centre: Array
    low: Array
    high: Array
    divisible: Array


def _gamma(operations: int) -> float:
    return float(gamma(operations, UNIT))


def _points(points: Array, inputs: int) -> Array:
    found = np.asarray(points, dtype=np.float64)
    if found.ndim != 2 or found.shape[1] != inputs:
        raise ValueError(f"expected points of shape (points, {inputs}), found {found.shape}")
    return found


def _checked_box(box: Sequence[tuple[float, float]], inputs: int) -> tuple[Array, Array]:
    ends = np.asarray(box, dtype=np.float64)
    if ends.shape != (inputs, 2):
        raise ValueError(f"expected a box of {inputs} pairs (low, high), one for each input, found {box!r}")
    if not (np.isfinite(ends).all() and (ends[:, 0] < ends[:, 1]).all()):
        raise ValueError(f"expected finite pairs (low, high) with low below high, found {box!r}")
    return ends[:, 0], ends[:, 1]


def _as_sigmoid(network: OneHiddenLayer) -> OneHiddenLayer:
    """A tanh network as a sigmoid one: tanh(z) = 2 sigmoid(2 z) - 1, and doubling rounds nothing.

    The constant is a sum, exact only in more digits: its rounding, a unit of the sum of |outer|, is in every error bound.
    """
    if network.activation != "tanh":
        return network
    constant = math.fsum([network.constant, *(-network.outer)])
    return OneHiddenLayer(2 * network.inner, 2 * network.bias, 2 * network.outer, constant, "sigmoid")


def _kinks(network: OneHiddenLayer, lows: Array, highs: Array) -> Array:
    """The doubles nearest to the kinks -b / w inside an interval; none in more dimensions, where kinks are surfaces.

    A kink that is no double lies within a rounding of the cut, and the term for crossed kinks covers what is left.
    """
    if network.activation != "relu" or len(lows) > 1:
        return np.empty(0)
    bent = network.inner[:, 0] != 0
    kinks = -network.bias[bent] / network.inner[bent, 0]
    return np.unique(kinks[(kinks > lows[0]) & (kinks < highs[0])])


def _first_cells(lows: Array, highs: Array, cuts: Array) -> tuple[Array, Array]:
    """A few cells to begin with: eight a side, and none across a kink of an interval."""
    sides = [np.unique([*np.linspace(low, high, 9), low, high]) for low, high in zip(lows, highs, strict=True)]
    if len(cuts):
        sides[0] = np.unique([lows[0], *cuts, highs[0]])
    first = np.array(list(itertools.product(*(side[:-1] for side in sides))))
    last = np.array(list(itertools.product(*(side[1:] for side in sides))))
    return first, last


def _halved(first: Array, last: Array, centre: Array) -> tuple[Array, Array]:
    """The 2^inputs children of each cell; they share their ends exactly, so that they cover it."""
    halves = [(first, centre), (centre, last)]
    inputs = range(first.shape[1])
    children = [
        tuple(np.stack([halves[side][end][:, d] for d, side in zip(inputs, sides, strict=True)], 1) for end in (0, 1))
        for sides in itertools.product((0, 1), repeat=first.shape[1])
    ]
    return np.concatenate([low for low, _ in children]), np.concatenate([high for _, high in children])


def _bounds(network: OneHiddenLayer, target: Target, first: Array, last: Array) -> _Bounds:
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite gives no bound, and says so
        pieces = [
            _bounds_of_chunk(network, target, first[start : start + CHUNK], last[start : start + CHUNK])
            for start in range(0, len(first), CHUNK)
        ]
    return _Bounds(*(np.concatenate([getattr(piece, name) for piece in pieces]) for name in _Bounds.__annotations__))


def _bounds_of_chunk(network: OneHiddenLayer, target: Target, first: Array, last: Array) -> _Bounds:
    """|P| over the corners, what the interpolation between them leaves, remainder and rounding."""
    centre = first + (last - first) / 2
    radius = np.where(first == last, 0.0, np.nextafter(np.maximum(last - centre, centre - first), np.inf))
    network_part, target_part = _network_taylor(network, centre, radius), _target_taylor(target, centre, radius)
    value = network_part.value - target_part.value
    gradient = network_part.gradient - target_part.gradient
    hessian = network_part.hessian - target_part.hessian
    square = radius[:, :, None] * radius[:, None, :]
    error = network_part.error + target_part.error
    error = error + 4 * UNIT * (np.abs(network_part.value) + np.abs(target_part.value)) + TINY
    gradient_error = network_part.gradient_error + target_part.gradient_error
    hessian_error = network_part.hessian_error + target_part.hessian_error
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=first.shape[1])))
    linear = (radius * gradient) @ signs.T
    quadratic = np.einsum("nij,si,sj->ns", square * hessian, signs, signs) / 2
    at_corners = np.abs(value[:, None] + linear + quadratic).max(1)
    bent = np.einsum("nii->n", square * np.abs(hessian)) / 2
    size = np.abs(value) + (radius * np.abs(gradient)).sum(1) + (square * np.abs(hessian)).sum((1, 2))
    uncertain = (radius * gradient_error).sum(1) + (square * hessian_error).sum((1, 2))
    truncated = bent + network_part.remainder + target_part.remainder
    rounded = error + uncertain + 64 * UNIT * (size + truncated) + TINY
    high = at_corners + truncated + rounded
    high = np.where(np.isnan(high), np.inf, high)
    low = np.abs(value) - error - TINY
    low = np.where(np.isnan(low), -np.inf, low * (1 - 4 * UNIT))
    # A cell that is as narrow as doubles are, or that loses nothing but rounding, has nothing to gain.
    divisible = (centre > first).all(1) & (centre < last).all(1)
    divisible &= np.isinf(high) | (np.nan_to_num(high) - low > 4 * rounded)
    return _Bounds(centre, low, high, divisible)


def _network_taylor(network: OneHiddenLayer, centre: Array, radius: Array) -> _Taylor:
    """The network's polynomial of degree 2; `radius` 0 gives values alone."""
    inner, outer, inputs = network.inner, network.outer, network.inner.shape[1]
    before = centre @ inner.T + network.bias  # (cells, width)
    before_error = _gamma(inputs + 2) * (np.abs(centre) @ np.abs(inner).T + np.abs(network.bias)) + TINY
    # How far a pre-activation moves within the cell, from where it is computed to be.
    reach = (radius @ np.abs(inner).T + before_error) * (1 + _gamma(inputs + 8))
    value, value_error, slope, slope_error, bend, bend_error, third, crossed = _ACTIVATIONS[network.activation](
        before, before_error, reach
    )
    size = np.abs(outer)
    by_inner = outer[:, None] * inner  # (width, inputs)
    by_pairs = (by_inner[:, :, None] * inner[:, None, :]).reshape(len(outer), -1)
    rounding = _gamma(len(outer) + 4)
    hessian = (bend @ by_pairs).reshape(-1, inputs, inputs)
    hessian_error = (rounding * np.abs(bend) + bend_error) @ np.abs(by_pairs)
    cubes = third * reach * reach * reach
    return _Taylor(
        value @ outer + network.constant,
        (rounding * np.abs(value) + value_error) @ size * (1 + 1e-9)
        + 4 * UNIT * (size.sum() + abs(network.constant))
        + TINY,
        slope @ by_inner,
        (rounding * np.abs(slope) + slope_error) @ np.abs(by_inner) * (1 + 1e-9) + TINY,
        hessian,
        hessian_error.reshape(hessian.shape) * (1 + 1e-9) + TINY,
        (cubes / 6 + crossed) @ size * (1 + 1e-9),
    )


def _relu(before: Array, before_error: Array, reach: Array) -> tuple[Array, ...]:
    """Linear on either side of 0; a unit whose kink the cell crosses leaves its line by at most reach - |z|."""
    zero = np.zeros_like(before)
    crossed = np.maximum(reach * (1 + 8 * UNIT) - np.abs(before) * (1 - 8 * UNIT), 0.0)
    active = (before > 0).astype(np.float64)
    # At a kink a centre's own side is uncertain by what rounding leaves of z: that is in `crossed` too, since it is in reach.
    return np.maximum(before, 0.0), before_error, active, zero, zero, zero, zero, crossed


def _square(before: Array, before_error: Array, reach: Array) -> tuple[Array, ...]:
    """z^2, 2 z, 2: the polynomial is the function."""
    zero, two = np.zeros_like(before), np.full_like(before, 2.0)
    value = before * before
    value_error = 2 * np.abs(before) * before_error + before_error * before_error + 2 * UNIT * value + TINY
    return value, value_error, 2 * before, 2 * before_error, two, zero, zero, zero


def _sigmoid(before: Array, before_error: Array, reach: Array) -> tuple[Array, ...]:
    """Value, slope s (1 - s) and bend s (1 - s) (1 - 2 s) from E = exp(-|z|), an Arb ball.

    Each is a few operations on E, and |second|, |third derivative| <= slope <= E, since the third is slope (1 - 6 slope)
    with 0 < slope <= 1/4; none exceeds 1/8. The slope changes by at most a factor e^|z - z'|.
    """
    flint = load_flint()
    arb = flint.arb
    with flint.ctx.workprec(BITS):
        # Beyond -800 an exponential is 0 as a double, up to TINY.
        balls = [arb(z).exp() for z in np.maximum(-np.abs(before), -800.0).ravel().tolist()]
        lost = 2.0 ** -min((ball.rel_accuracy_bits() for ball in balls), default=BITS)  # rad <= 2^-bits |mid|
    tail = np.array([float(ball) for ball in balls]).reshape(before.shape)
    small, large = tail / (1 + tail), 1 / (1 + tail)
    slope = small * large
    value = np.where(before < 0, small, large)
    bend = slope * ((1 - tail) * large) * -np.sign(before)
    # sigma changes by at most slope e^error error <= 2 slope error where error <= 1/2, and by at most error / 4 anywhere.
    moved = np.where(before_error <= 0.5, 2 * slope * before_error, before_error / 4)
    # E rounds twice and is used twice in a slope, with at most 8 operations; the rest is to spare.
    relative = 32 * UNIT + 4 * lost
    # e^-x <= 2^-floor(1.44 x), and a power of 2 with an integer exponent is exact.
    nearest = np.clip(np.abs(before) * (1 - 4 * UNIT) - reach * (1 + 4 * UNIT), 0.0, 700.0)
    third = np.minimum(0.125, np.ldexp(1.0, -np.floor(1.44 * nearest).astype(np.int64)))
    zero = np.zeros_like(before)
    error, slope_error = relative * value + moved + TINY, relative * slope + moved + TINY
    return value, error, slope, slope_error, bend, slope_error, third, zero  # 1 - E cancels, by no more than 1


_ACTIVATIONS: dict[str, Callable[[Array, Array, Array], tuple[Array, ...]]] = {
    "relu": _relu,
    "sigmoid": _sigmoid,
    "square": _square,
}


def _target_taylor(target: Target, centre: Array, radius: Array) -> _Taylor:
    """The target's polynomial of degree 2, from power series along the axes and the diagonals between them."""
    flint = load_flint()
    arb, series = flint.arb, flint.arb_series
    cells, inputs = centre.shape
    pairs = list(itertools.combinations(range(inputs), 2))
    directions = [[float(d == k) for k in range(inputs)] for d in range(inputs)]
    directions += [[float(k in pair) for k in range(inputs)] for pair in pairs]
    middles, radii = np.zeros((2, cells, len(directions), 3))
    remainder = np.zeros(cells)
    with flint.ctx.workprec(BITS):
        for cell, (middle, reach) in enumerate(zip(centre.tolist(), radius.tolist(), strict=True)):
            for index, direction in enumerate(directions):
                arguments = [series([arb(m), u], 3) for m, u in zip(middle, direction, strict=True)]
                for degree, ball in enumerate(_coefficients(target, arguments, 3)):
                    middles[cell, index, degree] = float(ball)
                    radii[cell, index, degree] = float(ball.rad())
            if any(reach):
                # Steps of any size up to the radii, from anywhere in the cell: the coefficient of degree 3 bounds them all.
                arguments = [series([arb(m, r), arb(0, r)], 4) for m, r in zip(middle, reach, strict=True)]
                remainder[cell] = float(_coefficients(target, arguments, 4)[3].abs_upper()) * (1 + 4 * UNIT) + TINY
    radii = radii * (1 + 4 * UNIT) + 2 * UNIT * np.abs(middles) + TINY
    gradient, gradient_error = middles[:, :inputs, 1], radii[:, :inputs, 1]
    hessian, hessian_error = np.zeros((2, cells, inputs, inputs))
    for d in range(inputs):
        hessian[:, d, d], hessian_error[:, d, d] = 2 * middles[:, d, 2], 2 * radii[:, d, 2]
    for index, (d, k) in enumerate(pairs, start=inputs):  # D(e_d + e_k) = H_dd / 2 + H_dk + H_kk / 2
        mixed = middles[:, index, 2] - middles[:, d, 2] - middles[:, k, 2]
        error = (radii[:, index, 2] + radii[:, d, 2] + radii[:, k, 2]) * (1 + 8 * UNIT)
        error = error + 4 * UNIT * np.abs(middles[:, [index, d, k], 2]).sum(1)
        hessian[:, d, k] = hessian[:, k, d] = mixed
        hessian_error[:, d, k] = hessian_error[:, k, d] = error
    return _Taylor(middles[:, 0, 0], radii[:, 0, 0], gradient, gradient_error, hessian, hessian_error, remainder)


def _coefficients(target: Target, arguments: list[Any], length: int) -> list[Any]:
    """The first coefficients of the target's power series; not numbers where flint refuses, as at a pole."""
    arb = load_flint().arb
    try:
        found = target(*arguments)
    except (ValueError, ZeroDivisionError):
        return [arb.nan()] * length
    given = list(found.coeffs()) if hasattr(found, "coeffs") else [arb(found)]  # a number where it is constant
    return (given + [arb(0)] * length)[:length]


def target_values(target: Target, points: Array) -> tuple[Array, Array]:
    """The target at points `(points, inputs)`, and bounds on how far each value is from the exact one."""
    arb = load_flint().arb
    with load_flint().ctx.workprec(BITS):
        found = _as_balls([arb(target(*map(arb, point))) for point in points.tolist()])
    return found.middle, found.radius


def _at_edges_and_between(target: Target, edges: Array) -> tuple[_Balls, _Balls]:
    """The target at the edges, and over the cells between them."""
    flint = load_flint()
    arb = flint.arb
    with flint.ctx.workprec(BITS):
        ends = [arb(edge) for edge in edges.tolist()]
        points = [arb(target(end)) for end in ends]
        cells = [arb(target(left.union(right))) for left, right in itertools.pairwise(ends)]
        return _as_balls(points), _as_balls(cells)


def _as_balls(found: list[Any]) -> _Balls:
    middle, radius = (np.array(part) for part in zip(*((float(b), float(b.rad())) for b in found), strict=True))
    return _Balls(middle, radius * (1 + 4 * UNIT) + 2 * UNIT * np.abs(middle) + TINY)
