"""A kernel has no negative eigenvalue."""

from dlverify import Assumption, Claim, at_least, rounding, vary
from dlverify.experiments.classical_ml import Plane, SmallestEigenvalues


def zero(experiment: SmallestEigenvalues, given: Plane) -> int:
    """0: K = Phi Phi^T has c^T K c = |Phi^T c|^2 for all c, be the features six or, for the radial kernels, without number."""
    return 0


def roundings(experiment: SmallestEigenvalues, given: Plane) -> float:
    """A value of the kernel from two coordinates, 12; eigenvalues by n reflections of n rows and as many rotations, 20 n^2.

    A reflection of n rows rounds as a sum of n terms does, ten times as often at most (Higham 2002, section 19.3).
    """
    return 12 + 20 * max(experiment.sizes) ** 2


def terms(experiment: SmallestEigenvalues, given: Plane) -> float:
    """With r the largest distance from 0 no value exceeds (1 + r^2)^2, nor n of them in a row n times that.

    The radial kernels are exponentials of distances that are computed from |x|^2, |z|^2 and x . z, each at most r^2.
    """
    largest = float((given.inputs**2).sum(1).max())
    return max(experiment.sizes) * (1 + 4 * largest) * (1 + largest) ** 2


PAIRWISE = "sklearn.metrics.pairwise"

CLAIM = Claim(
    entry="kernel-methods",
    says="The matrix of a kernel's values between any points has no negative eigenvalue, as an inner product of features has not; "
    "tanh(x . z - 1) is no such kernel.",
    paper="Aronszajn 1950; Scholkopf & Smola 2002",
    experiments=vary(
        SmallestEigenvalues(f"{PAIRWISE}:rbf_kernel"),
        kernel=(
            f"{PAIRWISE}:linear_kernel",
            f"{PAIRWISE}:polynomial_kernel(degree=2, gamma=1, coef0=1)",
            f"{PAIRWISE}:rbf_kernel(gamma=1.0)",
            f"{PAIRWISE}:laplacian_kernel(gamma=1.0)",
        ),
    ),
    predict=zero,
    judge=at_least(within=rounding(operations=roundings, scale=terms)),
    assumptions=(
        Assumption(
            "inner-product",
            "the kernel is an inner product of features",
            broken_by={"kernel": f"{PAIRWISE}:sigmoid_kernel(gamma=1.0, coef0=-1.0)"},
        ),
        Assumption(
            "no-distance",
            "a kernel grows with likeness, and a distance does not",
            broken_by={"kernel": f"{PAIRWISE}:euclidean_distances"},
        ),
    ),
    why_graded="Eigenvalues are computed in floating point; the_quadratic_kernel_is_an_inner_product_of_six_features has a proof.",
)
