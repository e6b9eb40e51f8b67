"""Rescaling the layers of a ReLU network lets the top Hessian eigenvalue of one minimum grow without bound."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, gamma, vary
from dlverify.experiments.landscape import Reparametrised, SmallNetwork
from dlverify.quantity import Array


def scales(experiment: Reparametrised, given: SmallNetwork) -> Array:
    """The diagonal of D^-1 for every alpha = 2^k: 1 / alpha for W and b, alpha for v, 1 for c."""
    powers = np.repeat([1, 1, -1, 0], [array.size for array in given.parameters])
    return np.array([2.0 ** -(k * powers) for k in experiment.amounts])


def top_eigenvalues(experiment: Reparametrised, given: SmallNetwork) -> Array:
    """Of D^-1 H D^-1, with H in closed form: at least alpha^-2 H_ii over W and b and alpha^2 H_jj over v, without bound."""
    d = scales(experiment, given)
    return np.linalg.eigvalsh(d[:, :, None] * given.hessian() * d[:, None])[:, -1]


def weyl(experiment: Reparametrised, given: SmallNetwork, unit_roundoff: float) -> Array:
    """An eigenvalue moves by at most the norm of what is added to a symmetric matrix (Weyl), the Frobenius norm here.

    An entry of the Hessian is a sum over n samples of products of two or three factors, each of which took at most
    features + hidden + 4 roundings: three times that and n + 4 for products, sum and mean, relative to the sum of
    absolute values. The two solvers work in float64: P reflections from both sides, with P + 2 roundings for the inner
    product and 8 more each (Higham 2002, lemma 19.2), and as many again for the iteration on the tridiagonal matrix.
    """
    d = scales(experiment, given)
    roundings = 3 * (experiment.features + experiment.hidden + 4) + experiment.samples + 4
    sizes = np.linalg.norm(d[:, :, None] * given.hessian(absolute=True) * d[:, None], axis=(1, 2))
    parameters = d.shape[1]
    solvers = 2 * gamma(4 * parameters * (parameters + 10), 2.0**-53)
    budget: Array = (gamma(roundings, unit_roundoff) + solvers) * sizes
    return budget


def the_first(experiment: Reparametrised, given: SmallNetwork) -> float:
    """The top eigenvalue at alpha = 1, for every alpha: sharpness as a property of the solution."""
    return float(np.linalg.eigvalsh(given.hessian())[-1])


CLAIM = Claim(
    entry="sharpness-not-reparametrisation-invariant",
    says=(
        "Along the minima that arise from one by multiplying a ReLU layer by alpha and dividing the next, all the same "
        "function, the top eigenvalue of the Hessian is that of D^-1 H D^-1 and grows as alpha^2 or alpha^-2."
    ),
    paper="Dinh, Pascanu, Bengio & Bengio 2017, theorem 4",
    experiments=vary(Reparametrised(), minimum=(True, False)),
    predict=top_eigenvalues,
    judge=equal(within=weyl),
    assumptions=(
        Assumption("next-layer", "the next layer is divided by alpha", broken_by={"change": "unbalanced"}),
        Assumption(
            "rescaled",
            "the parameters are rescaled: in turned coordinates nothing grows",
            broken_by={"change": "turned", "amounts": (0, 1, 2, 3)},
        ),
    ),
    errata=(Erratum("property-of-the-solution", "sharpness belongs to the solution", number=40, predict=the_first),),
)
