"""In orthogonal coordinates of its parameters the loss of a ReLU network has a Hessian with the same eigenvalues."""

import numpy as np

from dlverify import Assumption, Claim, equal, gamma, vary
from dlverify.experiments.landscape import Reparametrised, SmallNetwork
from dlverify.quantity import Array


def spectrum(experiment: Reparametrised, given: SmallNetwork) -> Array:
    """The eigenvalues of H, in closed form: with theta = Q phi the Hessian is Q' H Q, similar to H."""
    return np.linalg.eigvalsh(given.hessian())


def weyl(experiment: Reparametrised, given: SmallNetwork, unit_roundoff: float) -> Array:
    """As where layers are rescaled, and P roundings from either product with Q, whose entries are exact: |Q|' |H| |Q|.

    An entry of the Hessian is a sum over n samples of products of two or three factors, each of which took at most
    features + hidden + 4 roundings: three times that and n + 4 for products, sum and mean. Weyl's inequality then bounds
    the eigenvalues by the Frobenius norm. The two solvers work in float64: P reflections from both sides, with P + 2
    roundings for the inner product and 8 more each (Higham 2002, lemma 19.2), and as many again for the iteration.
    """
    turns = np.abs([given.turn(times) for times in experiment.amounts])
    size = np.linalg.norm(turns.transpose(0, 2, 1) @ given.hessian(absolute=True) @ turns, axis=(1, 2))
    parameters = turns.shape[1]
    roundings = 3 * (experiment.features + experiment.hidden + 4 + parameters) + experiment.samples + 4 + 2 * parameters
    solvers = 2 * gamma(4 * parameters * (parameters + 10), 2.0**-53)
    budget: Array = (gamma(roundings, unit_roundoff) + solvers) * size
    return budget[:, None]


CLAIM = Claim(
    entry="sharpness-not-reparametrisation-invariant",
    says=(
        "Orthogonal changes of variables, unlike a rescaling, leave every eigenvalue of the Hessian of a ReLU network's "
        "loss as it is."
    ),
    paper="Horn & Johnson 2013, section 2.5 (similarity)",
    experiments=vary(Reparametrised(change="turned", amounts=(0, 1, 2, 3), report="spectrum"), minimum=(True, False)),
    predict=spectrum,
    judge=equal(within=weyl),
    assumptions=(
        Assumption("orthogonal", "the coordinates are turned, not stretched", broken_by={"change": "stretched"}),
    ),
)
