"""Curvature along relative changes of the parameters is the same however a ReLU network's layers are rescaled."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.landscape import Reparametrised, SmallNetwork
from dlverify.quantity import Array


def as_drawn(experiment: Reparametrised, given: SmallNetwork) -> Array:
    """theta_i H_ij theta_j of the network as drawn: in (d_i theta_i) (H_ij / d_i d_j) (d_j theta_j) the factors cancel."""
    hessian: Array = given.point[:, None] * given.hessian() * given.point
    return hessian[None]


CLAIM = Claim(
    entry="sharpness-not-reparametrisation-invariant",
    says=(
        "The matrix theta_i H_ij theta_j, the Hessian along relative changes of the parameters, stays the same when a ReLU "
        "layer is multiplied by alpha and the next divided by it: so a sharpness of the function can be defined."
    ),
    paper="Kwon, Kim, Park & Choi 2021 (adaptive sharpness)",
    experiments=vary(Reparametrised(report="relative Hessian"), minimum=(True, False)),
    predict=as_drawn,
    judge=equal(),
    assumptions=(
        Assumption("relative", "changes are taken relative to the parameters", broken_by={"report": "Hessian"}),
        Assumption("next-layer", "the next layer is divided by alpha", broken_by={"change": "unbalanced"}),
        Assumption(
            "homogeneous", "the activation is positively homogeneous", broken_by={"activation": "torch.nn:Tanh"}
        ),
    ),
)
