"""Certified enclosures contain the truth, are as narrow as asked, and find what a grid does not see."""

import itertools
import math
import sys
from fractions import Fraction

import flint
import mpmath
import numpy as np
import pytest

from dlverify.evidence import certified
from dlverify.evidence.certified import OneHiddenLayer, monotone_error, sup_error, target_values
from dlverify.evidence.finding import NotAvailable

FORMULAS = {
    "relu": lambda z: max(z, mpmath.mpf(0)),
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "tanh": mpmath.tanh,
    "square": lambda z: z * z,
}
SINE = (lambda x: (2 * x).sin_pi(), lambda x: mpmath.sinpi(2 * x))
SADDLE = (lambda x, y: x.sin_pi() * y.cos_pi() + x * y, lambda x, y: mpmath.sinpi(x) * mpmath.cospi(y) + x * y)
UNIT_BOX = [(0.0, 1.0)]


def drawn(activation, width=12, inputs=1, seed=0, scale=6.0):
    numbers = np.random.default_rng(seed)
    inner = numbers.normal(0, scale, (width, inputs))
    bias = -(inner * numbers.uniform(0, 1, (width, inputs))).sum(1)
    return OneHiddenLayer(inner, bias, numbers.normal(0, 1, width), float(numbers.normal()), activation)


def exactly(network, point):
    """The network in 60 digits, from its doubles."""
    with mpmath.workdps(60):
        total = mpmath.mpf(network.constant)
        for weights, bias, outer in zip(network.inner, network.bias, network.outer, strict=True):
            before = mpmath.mpf(float(bias)) + sum(
                mpmath.mpf(float(w)) * mpmath.mpf(float(x)) for w, x in zip(weights, point, strict=True)
            )
            total += mpmath.mpf(float(outer)) * FORMULAS[network.activation](before)
        return total


def error_at(network, function, point):
    with mpmath.workdps(60):
        return abs(exactly(network, point) - function(*(mpmath.mpf(float(x)) for x in point)))


@pytest.mark.parametrize("activation", FORMULAS)
@pytest.mark.parametrize("seed", range(6))
def test_the_enclosure_of_an_interval_contains_what_brute_force_finds(activation, seed):
    network = drawn(activation, seed=seed)
    found = sup_error(network, SINE[0], UNIT_BOX, gap=1e-7)
    assert found.high - found.low <= 1e-7
    assert error_at(network, SINE[1], found.at) >= found.low  # reached where it says
    grid = np.linspace(0, 1, 20_001)[:, None]
    brute = np.abs(network.values(grid)[0] - np.sin(2 * np.pi * grid[:, 0]))
    assert found.low - 1e-12 <= brute.max() + 1e-4  # the grid misses no more than a step of it
    for place in grid[np.argsort(brute)[-5:]]:
        assert error_at(network, SINE[1], place) <= found.high


@pytest.mark.parametrize("activation", FORMULAS)
def test_the_enclosure_of_a_square_contains_what_brute_force_finds(activation):
    network = drawn(activation, inputs=2, scale=2.0)
    found = sup_error(network, SADDLE[0], UNIT_BOX * 2, gap=1e-3)
    assert found.high - found.low <= 1e-3
    assert error_at(network, SADDLE[1], found.at) >= found.low
    side = np.linspace(0, 1, 301)
    grid = np.array(list(itertools.product(side, side)))
    x, y = grid.T
    brute = np.abs(network.values(grid)[0] - np.sin(np.pi * x) * np.cos(np.pi * y) - x * y).max()
    assert found.low - 2e-2 <= brute <= found.high


@pytest.mark.parametrize("pieces", [1, 3, 4, 7, 16])
def test_chords_of_a_parabola_are_off_by_a_quarter_of_their_length_squared(pieces):
    knots = np.arange(pieces) / pieces
    outer = np.full(pieces, 2 / pieces)
    outer[0] = 1 / pieces
    network = OneHiddenLayer(np.ones((pieces, 1)), -knots, outer)
    found = sup_error(network, lambda x: x * x, UNIT_BOX, gap=1e-9)
    assert found.low - 1e-15 <= 1 / (4 * pieces**2) <= found.high + 1e-15  # weights of 3 and 7 pieces are rounded
    assert found.high - found.low <= 1e-9
    if pieces in (1, 4, 16):
        assert Fraction(found.low) <= Fraction(1, 4 * pieces**2) <= Fraction(found.high)


def test_ends_are_rounded_outward():
    tenth = OneHiddenLayer([[0.0]], [0.0], [0.0], 0.1)  # the double 0.1, which is no tenth
    third = flint.arb(1) / 3
    found = sup_error(tenth, lambda x: third, UNIT_BOX, gap=1e-12)
    truth = Fraction(1, 3) - Fraction(0.1)
    assert Fraction(found.low) < truth < Fraction(found.high)
    assert found.high - found.low < 1e-14
    steps = monotone_error(np.array([0.0, 1.0]), np.zeros((2, 1)), np.ones(1), 0.1, lambda x: third)
    assert Fraction(steps.low) < truth < Fraction(steps.high)
    assert steps.high - steps.low < 1e-13


@pytest.mark.parametrize("activation", FORMULAS)
def test_enclosures_shrink_with_the_gap_and_are_nested_around_the_truth(activation):
    network = drawn(activation, seed=3)
    found = [sup_error(network, SINE[0], UNIT_BOX, gap=gap) for gap in (1.0, 1e-1, 1e-2, 1e-3, 1e-5, 1e-8, 1e-11)]
    assert [each.high - each.low for each in found] == sorted((each.high - each.low for each in found), reverse=True)
    assert max(each.low for each in found) <= min(each.high for each in found)
    assert found[-1].high - found[-1].low <= 1e-11
    assert [each.cells for each in found] == sorted(each.cells for each in found)


def test_a_spike_between_the_points_of_a_grid_is_found():
    steep, middle, half = 2.0**24, 0.1234567, 5e-6
    spike = OneHiddenLayer(
        [[steep]] * 2, [-steep * (middle - half), -steep * (middle + half)], [1.0, -1.0], 0.0, "sigmoid"
    )
    seen = np.abs(spike.values(np.linspace(0, 1, 1001)[:, None])[0]).max()
    found = sup_error(spike, lambda x: 0, UNIT_BOX, gap=1e-3)
    assert seen < 1e-100
    assert 0.998 < found.low <= 1 <= found.high + 1e-9
    assert abs(found.at[0] - middle) < half
    assert found.cells < 2000


def test_a_kink_that_is_no_double_is_not_lost():
    network = OneHiddenLayer([[3.0]], [-1.0], [1.0])  # relu(3 x - 1), with its kink at 1/3
    found = sup_error(network, lambda x: 3 * x - 1, UNIT_BOX, gap=1e-9)  # off by 1 - 3 x to the left of it
    assert found.low <= 1 <= found.high
    found = sup_error(network, lambda x: x * 0, [(0.0, 0.4)], gap=1e-12)
    assert found.low <= 3 * 0.4 - 1 <= found.high + 1e-16


def test_an_error_that_is_largest_at_a_kink_costs_few_cells():
    network = OneHiddenLayer([[1.0], [1.0]], [0.0, -1 / 3], [1.0, -2.0])  # up to 1/3 and down again
    found = sup_error(network, lambda x: 0, UNIT_BOX, gap=1e-12)
    assert found.low <= 1 / 3 <= found.high <= found.low + 1e-12
    assert found.cells < 20


def test_steep_and_saturated_units_neither_overflow_nor_blur():
    steps = OneHiddenLayer([[1e8], [-1e8]], [-0.5e8, 0.25e8], [1.0, -1.0], 1.0, "sigmoid")
    found = sup_error(steps, lambda x: 1, [(0.6, 1.0)], gap=1e-9)  # 1 + 1 - 0 there
    assert Fraction(found.low) <= 1 <= Fraction(found.high)
    assert found.high - found.low < 1e-9
    values, errors = steps.values(np.array([[0.0], [1.0]]))
    assert values.tolist() == [0.0, 2.0]
    assert errors.max() < 1e-13


@pytest.mark.parametrize("activation", FORMULAS)
def test_values_come_with_bounds_that_hold(activation):
    network = drawn(activation, width=40, seed=7, scale=20.0)
    points = np.random.default_rng(1).uniform(-1, 2, (40, 1))
    values, errors = network.values(points)
    assert errors.max() < 1e-11 * max(1.0, np.abs(values).max())
    for point, value, error in zip(points, values, errors, strict=True):
        assert abs(exactly(network, point) - mpmath.mpf(float(value))) <= error


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
def test_rounding_before_a_steep_unit_is_in_the_bound(activation):
    numbers = np.random.default_rng(8)
    steep, places = 10.0 ** numbers.uniform(6, 9, 200), numbers.uniform(0, 1, 200)
    for weight, place in zip(steep, places, strict=True):
        unit = OneHiddenLayer([[weight]], [-weight * place], [1.0], 0.0, activation)
        (value,), (error,) = unit.values(np.array([[place]]))  # exactly 0 but for the rounding of the bias
        assert abs(exactly(unit, [place]) - mpmath.mpf(float(value))) <= error < 1e-6


def test_rounding_of_sums_that_cancel_is_in_the_bound():
    biases = np.array([1e16, 1.0, 1e16] * 33)
    network = OneHiddenLayer(np.zeros((99, 1)), biases, np.array([1.0, 1.0, -1.0] * 33))
    (value,), (error,) = network.values(np.array([[0.0]]))
    assert value != 33  # the exact sum
    assert abs(value - 33) <= error
    found = monotone_error(np.array([0.0, 1.0]), np.ones((2, 99)), biases * network.outer, 0.0, lambda x: 33)
    assert found.low == 0
    assert found.high > abs(value - 33)


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "square"])
@pytest.mark.parametrize("radius", [1e-3, 0.05, 0.7])
def test_a_polynomial_leaves_no_more_than_its_remainder(activation, radius):
    network = drawn(activation, width=6, inputs=2, seed=5, scale=3.0)
    centre, reach = np.array([[0.4, 0.7]]), np.full((1, 2), radius)
    taylor = certified._network_taylor(network, centre, reach)
    numbers = np.random.default_rng(2)
    for step in numbers.uniform(-radius, radius, (200, 2)):
        polynomial = taylor.value[0] + taylor.gradient[0] @ step + step @ taylor.hessian[0] @ step / 2
        assert abs(float(exactly(network, centre[0] + step)) - polynomial) <= taylor.remainder[0] + 1e-12


@pytest.mark.parametrize(
    ("before", "least"), [(0.0, 0.9), (2.0, 0.05), (5.0, 0.1), (12.0, 0.1), (-12.0, 0.1), (40.0, 0.05)]
)
def test_the_remainder_of_one_sigmoid_unit_is_neither_too_small_nor_idle(before, least):
    unit, radius = OneHiddenLayer([[1.0]], [before], [1.0], 0.0, "sigmoid"), 0.25
    taylor = certified._network_taylor(unit, np.array([[0.0]]), np.array([[radius]]))
    with mpmath.workdps(60):
        coefficients = mpmath.taylor(lambda x: FORMULAS["sigmoid"](x + before), 0, 2)
        steps = [mpmath.mpf(step) for step in np.linspace(-radius, radius, 101)]
        left = max(abs(exactly(unit, [step]) - mpmath.polyval(coefficients[::-1], step)) for step in steps)
    assert least * taylor.remainder[0] <= left <= taylor.remainder[0]


@pytest.mark.parametrize("before", [0.0, 1e-12, -1e-9, 1e-4, -0.3, 1.3, 9.0, -30.0])
def test_derivatives_of_a_sigmoid_unit_have_bounds_that_hold(before):
    unit = OneHiddenLayer([[1.0]], [before], [1.0], 0.0, "sigmoid")
    taylor = certified._network_taylor(unit, np.array([[0.0]]), np.array([[0.0]]))
    with mpmath.workdps(60):
        value = 1 / (1 + mpmath.exp(-mpmath.mpf(before)))
        slope = value * (1 - value)
        bend = slope * (1 - 2 * value)
    assert abs(slope - mpmath.mpf(taylor.gradient[0, 0])) <= taylor.gradient_error[0, 0] < 1e-14
    assert abs(bend - mpmath.mpf(taylor.hessian[0, 0, 0])) <= taylor.hessian_error[0, 0, 0] < 1e-14


@pytest.mark.parametrize("radius", [1e-3, 0.3])
def test_a_target_leaves_no_more_than_its_remainder(radius):
    centre, reach = np.array([[0.4, 0.7]]), np.full((1, 2), radius)
    taylor = certified._target_taylor(lambda x, y: (x * y).exp() + x * x * y, centre, reach)
    x, y = centre[0]
    e = math.exp(x * y)
    assert taylor.gradient[0] == pytest.approx([y * e + 2 * x * y, x * e + x * x], rel=1e-14)
    mixed = (1 + x * y) * e + 2 * x
    assert taylor.hessian[0] == pytest.approx(np.array([[y * y * e + 2 * y, mixed], [mixed, x * x * e]]), rel=1e-13)
    for step in np.random.default_rng(3).uniform(-radius, radius, (200, 2)):
        a, b = centre[0] + step
        polynomial = taylor.value[0] + taylor.gradient[0] @ step + step @ taylor.hessian[0] @ step / 2
        assert abs(math.exp(a * b) + a * a * b - polynomial) <= taylor.remainder[0] + 1e-12


def test_too_few_cells_widen_the_enclosure_and_leave_it_right():
    network = drawn("sigmoid", seed=4)
    narrow = sup_error(network, SINE[0], UNIT_BOX, gap=1e-6)
    wide = sup_error(network, SINE[0], UNIT_BOX, gap=1e-6, most_cells=20)
    assert wide.cells <= 20 < narrow.cells
    assert wide.low <= narrow.low <= narrow.high <= wide.high
    assert wide.high - wide.low > 1e-6


def test_a_target_that_only_narrow_cells_can_bound_is_bounded():
    network = OneHiddenLayer([[0.0]], [0.0], [0.0])
    found = sup_error(network, lambda x: 1 / (x + 0.01), UNIT_BOX, gap=1e-3)  # over wide cells the ball contains a pole
    assert found.low <= 100 <= found.high <= found.low + 1e-3 + 1e-9


class TestMonotone:
    """The black box: what the values at the ends of cells say."""

    edges = np.linspace(0.0, 1.0, 257)

    def staircase(self, width=8):
        numbers = np.random.default_rng(width)
        network = OneHiddenLayer(
            numbers.uniform(5, 50, (width, 1)),
            -numbers.uniform(0, 40, width),
            numbers.normal(0, 1, width),
            0.3,
            "sigmoid",
        )
        return network, 1 / (1 + np.exp(-(self.edges[:, None] * network.inner[:, 0] + network.bias)))

    @pytest.mark.parametrize("width", [1, 3, 8, 30])
    def test_it_contains_the_certificate_of_the_formula(self, width):
        network, activations = self.staircase(width)
        formula = sup_error(network, SINE[0], UNIT_BOX, gap=1e-9)
        found = monotone_error(self.edges, activations, network.outer, network.constant, SINE[0])
        assert found.low <= formula.high
        assert found.high >= formula.low
        assert found.low <= error_at(network, SINE[1], found.at) + 1e-12
        coarse = monotone_error(self.edges[::16], activations[::16], network.outer, network.constant, SINE[0])
        assert coarse.low <= found.low <= found.high <= coarse.high

    def test_every_nondecreasing_function_with_these_values_is_covered(self):
        edges, values = np.array([0.0, 0.5, 1.0]), np.array([[0.0], [0.25], [1.0]])
        found = monotone_error(edges, values, np.ones(1), 0.0, lambda x: 0)
        assert found.low == pytest.approx(1.0, abs=1e-13)
        assert found.high == pytest.approx(1.0, abs=1e-13)
        found = monotone_error(edges, values, -np.ones(1), 1.0, lambda x: 1)  # 1 - a, against 1
        assert found.high == pytest.approx(1.0, abs=1e-13)
        found = monotone_error(edges, values, np.ones(1), 0.0, lambda x: x)  # a may be 0.25 almost up to 1
        assert found.high == pytest.approx(0.75, abs=1e-8)  # a ball has its radius in 30 bits

    def test_between_the_edges_one_unit_may_rise_before_another(self):
        both = np.array([[0.0, 0.0], [1.0, 1.0]])
        for outer, aim in itertools.product(([1.0, -1.0], [-1.0, 1.0]), (-0.5, 0.5)):  # 0 at both edges
            found = monotone_error(np.array([0.0, 1.0]), both, np.array(outer), 0.0, lambda x, aim=aim: aim)
            assert found.low == pytest.approx(0.5, abs=1e-13)
            assert found.high == pytest.approx(1.5, abs=1e-13)

    def test_nothing_is_known_between_the_values_of_a_function_that_falls(self):
        values = np.array([[0.0], [0.5], [0.4]])
        found = monotone_error(np.array([0.0, 0.5, 1.0]), values, np.ones(1), 0.0, lambda x: 0)
        assert found.high == certified.NOTHING_KNOWN
        assert found.low == pytest.approx(0.5)

    def test_a_fall_by_a_unit_in_the_last_place_is_a_matter_of_rounding(self):
        values = np.array([[0.0], [1.0], [1.0 - 2.0**-53]])
        found = monotone_error(np.array([0.0, 0.5, 1.0]), values, np.ones(1), 0.0, lambda x: 0)
        assert 1 <= found.high <= 1 + 1e-13

    def test_a_root_is_a_target_at_its_end_too(self):
        found = monotone_error(
            self.edges, self.edges[:, None], np.ones(1), 0.0, lambda x: x.nonnegative_part().sqrt()
        )  # sqrt(x) - x is at most 1/4
        assert found.low <= 0.25 <= found.high < 0.33

    @pytest.mark.parametrize("target", [lambda x: (x - 0.5) ** 2, lambda x: x.sqrt()])
    def test_traps_of_balls_are_named(self, target):
        with pytest.raises(
            ValueError, match=r"no bound on it right of 0.*; write x \* x for x\*\*2 and x.nonnegative_part"
        ):
            monotone_error(np.array([0.0, 1.0]), np.zeros((2, 1)), np.ones(1), 0.0, target)

    @pytest.mark.parametrize(
        ("edges", "activations", "outer", "message"),
        [
            (np.zeros(3), np.zeros((2, 1)), np.ones(1), r"found \(3,\), \(2, 1\) and \(1,\)"),
            (np.zeros(3), np.zeros((3, 1)), np.ones(2), r"found \(3,\), \(3, 1\) and \(2,\)"),
            (np.zeros(1), np.zeros((1, 1)), np.ones(1), r"expected edges \(cells \+ 1,\)"),
            (np.array([0.0, 0.0]), np.zeros((2, 1)), np.ones(1), "edges that increase"),
        ],
    )
    def test_shapes_are_checked(self, edges, activations, outer, message):
        with pytest.raises(ValueError, match=message):
            monotone_error(edges, activations, outer, 0.0, lambda x: x)


def test_target_values_have_bounds_that_hold():
    points = np.random.default_rng(0).uniform(0, 1, (20, 2))
    values, errors = target_values(SADDLE[0], points)
    assert errors.max() < 1e-15
    for point, value, error in zip(points, values, errors, strict=True):
        with mpmath.workdps(60):
            assert abs(SADDLE[1](*map(mpmath.mpf, map(float, point))) - mpmath.mpf(float(value))) <= error
    assert target_values(lambda x: 2, np.zeros((1, 1)))[0].tolist() == [2.0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1.0]], [0.0, 0.0], [1.0]), r"found \(1, 1\), \(2,\) and \(1,\)"),
        (([1.0], [0.0], [1.0]), r"expected inner \(width, inputs\)"),
        (([[1.0]], [0.0], [1.0, 2.0]), r"and \(2,\)"),
        (([[math.inf]], [0.0], [1.0]), "expected finite weights"),
        (([[1.0]], [0.0], [1.0], math.nan), "expected finite weights"),
        (([[1.0]], [0.0], [1.0], 0.0, "gelu"), "expected an activation of relu, sigmoid, tanh, square, found 'gelu'"),
    ],
)
def test_a_network_is_checked(arguments, message):
    with pytest.raises(ValueError, match=message):
        OneHiddenLayer(*arguments)


@pytest.mark.parametrize(
    ("box", "gap", "message"),
    [
        ([(0, 1), (0, 1)], 1e-3, "a box of 1 pairs"),
        ([(1, 0)], 1e-3, "low below high"),
        ([(0, math.inf)], 1e-3, "finite pairs"),
        ([(0, 1)], 0.0, "a positive gap, found 0.0"),
        ([(0, 1)], math.nan, "a positive gap, found nan"),
    ],
)
def test_box_and_gap_are_checked(box, gap, message):
    with pytest.raises(ValueError, match=message):
        sup_error(drawn("relu"), SINE[0], box, gap=gap)


@pytest.mark.parametrize("target", [lambda x: 1 / x, lambda x: 1 / (x - 0.3), lambda x: x.sqrt()])
def test_a_target_without_bounds_is_named(target):
    with pytest.raises(ValueError, match=r"found no bound on it near \(\S+,\); a kink or a pole"):
        sup_error(drawn("relu"), target, UNIT_BOX, gap=1e-3)


def test_points_are_checked():
    with pytest.raises(ValueError, match=r"expected points of shape \(points, 1\), found \(3,\)"):
        drawn("relu").values(np.zeros(3))


def test_without_python_flint_it_is_not_available(monkeypatch):
    monkeypatch.setitem(sys.modules, "flint", None)
    with pytest.raises(NotAvailable, match="python-flint is not installed"):
        sup_error(drawn("relu"), SINE[0], UNIT_BOX, gap=1e-3)


def test_the_precision_of_others_is_left_alone():
    with flint.ctx.workprec(41):
        sup_error(drawn("sigmoid"), SINE[0], UNIT_BOX, gap=1e-3)
        monotone_error(np.array([0.0, 1.0]), np.zeros((2, 1)), np.ones(1), 0.0, SINE[0])
        assert flint.ctx.prec == 41
