"""Are the finite worlds those that they stand for?"""

import numpy as np
import pytest

from dlverify.lab.designs import gaussian_designs, pairwise_coins


@pytest.mark.parametrize(("rows", "columns"), [(4, 2), (6, 3), (3, 5), (9, 1)])
def test_gaussian_designs_have_the_moments_of_standard_normal_matrices(rows, columns):
    designs = gaussian_designs(np.random.default_rng(0), rows, columns)
    small, large = sorted((rows, columns))
    grams = [matrix.T @ matrix if rows == large else matrix @ matrix.T for matrix in designs.matrices]
    np.testing.assert_allclose(designs.weights.sum(), 1, rtol=1e-13)
    np.testing.assert_allclose(np.tensordot(designs.weights, grams, 1), large * np.eye(small), atol=1e-12)
    traces = [np.trace(np.linalg.inv(gram)) for gram in grams]
    np.testing.assert_allclose(designs.weights @ traces, small / (large - small - 1), rtol=1e-12)


@pytest.mark.parametrize("rows", [2, 3, 4])
def test_nearly_square_designs_are_refused(rows):
    with pytest.raises(ValueError, match="sides must differ by 2 or more"):
        gaussian_designs(np.random.default_rng(0), rows, 3)


@pytest.mark.parametrize("count", [1, 3, 4, 7, 64])
def test_coins_are_fair_and_independent_in_pairs(count):
    coins = pairwise_coins(count)
    assert (abs(coins) == 1).all()
    assert (coins.sum(1) == 0).all()
    assert (coins @ coins.T == coins.shape[1] * np.eye(count)).all()
