"""Adam does not see the scale of the loss."""

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.optimizer import Gradients, UpdateRatios


def unchanged(experiment: UpdateRatios, given: Gradients) -> float:
    """One, to the last bit: averages of c g and of (c g)^2 are c and c^2 times as large, exactly so for a power of two c."""
    return 1.0


def as_momentum(experiment: UpdateRatios, given: Gradients) -> list[list[float]]:
    """c: gradient descent with momentum is linear in the gradients, so that its steps are multiplied as they are."""
    return [[factor] * experiment.steps for factor in experiment.factors]


CLAIM = Claim(
    entry="adam-is-not-momentum-plus-sgd",
    says="With epsilon = 0 Adam's steps stay the same when the loss is multiplied by a number, where those of gradient descent "
    "with momentum are multiplied by it: Adam is not momentum plus SGD.",
    paper="Kingma & Ba 2015, section 2.1",
    experiments=vary(
        UpdateRatios("torch.optim:Adam(eps=0)", multiplied="all"),
        optimizer=("torch.optim:Adam(eps=0)", "torch.optim:Adam(eps=0, foreach=True)", "torch.optim:AdamW(eps=0)"),
    ),
    predict=unchanged,
    judge=equal(),
    assumptions=(
        Assumption(
            "nothing-added",
            "epsilon is zero: a positive one is a length that gradients are compared with",
            broken_by={"optimizer": "torch.optim:Adam(eps=1e-8)"},
        ),
        Assumption(
            "divides",
            "the average of gradients is divided by their size",
            broken_by={"optimizer": "torch.optim:SGD(momentum=0.9)"},
        ),
    ),
    errata=(Erratum("momentum-plus-sgd", "Adam is momentum plus SGD.", number=15, predict=as_momentum),),
)
