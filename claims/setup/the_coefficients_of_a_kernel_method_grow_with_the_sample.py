"""The coefficients of a kernel method grow with the sample."""

from dlverify import Assumption, Case, Claim, Erratum, equal
from dlverify.experiments.setup import FollowedDirections, Places
from dlverify.quantity import Array, as_array

RADIAL = "sklearn.kernel_ridge:KernelRidge(kernel='rbf', gamma=3.0, alpha=0.015625)"
NEIGHBOUR = "sklearn.neighbors:KNeighborsRegressor(n_neighbors=1)"


def the_sample_size(experiment: FollowedDirections, given: Places) -> Array:
    """n, all directions of the responses.

    Nearest neighbours repeat every response. The matrix of kernel ridge is K (K + a)^-1 with K_ij = exp(-3 |x_i - x_j|^2):
    off the diagonal of K a row sums to less than (1 + 2 exp(-3) + 2 exp(-12) + ...)^2 - 1 < 0.21 on a grid of spacing 1,
    so that all eigenvalues k of K exceed 0.79 (Gershgorin), and k / (k + 1/64) > 0.98.
    """
    return as_array(experiment.sizes)


def no_more_than_before(experiment: FollowedDirections, given: Places) -> int:
    """As many as for the smallest sample: a fixed number of parameters."""
    return experiment.sizes[0]


CLAIM = Claim(
    entry="ml-is-parametric-inference",
    says=(
        "Kernel ridge regression with a radial kernel, and nearest neighbours, have as many free coefficients as there are "
        "points: no fixed number of parameters."
    ),
    paper="Schölkopf, Herbrich & Smola 2001; Micchelli 1986",
    experiments=(
        Case("radial-kernel", FollowedDirections(RADIAL)),
        Case("nearest-neighbour", FollowedDirections(NEIGHBOUR)),
    ),
    predict=the_sample_size,
    judge=equal(),
    assumptions=(
        Assumption(
            "no-finite-set-of-features",
            "the kernel is no product of finitely many features, as (1 + x.z)^2 in the plane is of 6",
            broken_by={
                "method": "sklearn.kernel_ridge:KernelRidge(kernel='poly', degree=2, gamma=1.0, alpha=0.015625)"
            },
        ),
        Assumption(
            "not-parametric",
            "the method is not a model with a fixed parameter",
            broken_by={"method": "sklearn.linear_model:LinearRegression"},
        ),
        Assumption("distinct-inputs", "no input stands twice", broken_by={"inputs": "twice"}),
    ),
    errata=(
        Erratum(
            "parametric",
            "Machine learning is parametric inference: what is learned has a fixed number of parameters.",
            number=45,
            predict=no_more_than_before,
        ),
    ),
)
