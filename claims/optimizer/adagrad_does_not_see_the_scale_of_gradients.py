"""Adagrad does not see the scale of gradients."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.optimizer import Gradients, UpdateRatios


def unchanged(experiment: UpdateRatios, given: Gradients) -> float:
    """One, to the last bit: c g_t / sqrt(c^2 G_t) = g_t / sqrt(G_t), and for a power of two c without any rounding."""
    return 1.0


CLAIM = Claim(
    entry="adagrad",
    says="With epsilon = 0 Adagrad's updates stay the same when all gradients are multiplied by one number.",
    paper="Duchi, Hazan & Singer 2011",
    experiments=vary(UpdateRatios("torch.optim:Adagrad(eps=0)", multiplied="all")),
    predict=unchanged,
    judge=equal(),
    assumptions=(
        Assumption(
            "nothing-added",
            "epsilon is zero: a positive one is a length that gradients are compared with",
            broken_by={"optimizer": "torch.optim:Adagrad(eps=1e-8)"},
        ),
        Assumption("divides", "the gradient is divided by its own size", broken_by={"optimizer": "torch.optim:SGD"}),
    ),
)
