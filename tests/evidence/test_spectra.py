"""Are the certified singular values right, and are their ends ends?"""

import numpy as np
import pytest

from dlverify.evidence.spectra import smallest_singular_value, spectral_norm

RANDOM = np.random.default_rng(1)


@pytest.mark.parametrize(
    ("matrix", "smallest", "largest"),
    [
        (np.diag([3.0, -2.0, 1.0]), 1.0, 3.0),
        (np.diag([1.0, 1e-20]), 1e-20, 1.0),
        (np.array([[1e-200]]), 1e-200, 1e-200),
        (np.ones((4, 4)), 0.0, 4.0),
        (np.zeros((3, 2)), 0.0, 0.0),
        (np.array([[3.0, 4.0]]), 5.0, 5.0),
    ],
)
def test_known_singular_values_are_enclosed_closely(matrix, smallest, largest):
    for (low, high), value in ((smallest_singular_value(matrix), smallest), (spectral_norm(matrix), largest)):
        assert low <= value <= high
        assert high - low <= 1e-13 * value + 1e-15 * largest


@pytest.mark.parametrize("shape", [(1, 1), (2, 5), (8, 8), (9, 4)])
def test_the_ends_agree_with_the_eigenvalues_that_arb_isolates(shape):
    import flint

    matrix = RANDOM.standard_normal(shape)
    tall = matrix if shape[0] >= shape[1] else matrix.T
    with flint.ctx.workprec(300):
        exact = flint.arb_mat(tall.tolist())
        roots = sorted((v.real.sqrt() for v in flint.acb_mat(exact.transpose() * exact).eig(multiple=True)), key=float)
        for (low, high), root in ((smallest_singular_value(matrix), roots[0]), (spectral_norm(matrix), roots[-1])):
            assert flint.arb(low) < root or flint.arb(low).overlaps(root)
            assert flint.arb(high) > root or flint.arb(high).overlaps(root)
            assert high - low <= 1e-12 * high


def test_what_numpy_gets_wrong_is_enclosed():
    # Singular values 1 and 1e-12 behind a rotation: numpy's smallest carries an error of 1e-16, a ten-thousandth of it.
    matrix = np.array([[1.0, 1.0], [1.0, 1.0 + 2.0**-40]])
    low, high = smallest_singular_value(matrix)
    exact = 2.0**-40 / spectral_norm(matrix)[0]  # the determinant is the product of both
    assert low <= exact * (1 + 1e-13)
    assert high >= exact * (1 - 1e-13)


@pytest.mark.parametrize("matrix", [np.ones(3), np.array([[np.nan]]), np.array([[np.inf]])])
def test_what_is_no_finite_matrix_is_refused(matrix):
    with pytest.raises(ValueError, match="finite matrix"):
        spectral_norm(matrix)
