"""Adam's path does not depend on the curvatures along its axes."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.adaptive import Numbers, ScaledAxes


def unchanged(experiment: ScaledAxes, given: Numbers) -> float:
    """No difference, to the last bit: the gradient is c x, of which Adam sees no factor c, exactly so for a power of two."""
    return 0.0


CLAIM = Claim(
    entry="adam-works-well-generally",
    says="On a quadratic along the coordinates Adam's path is the same at every condition number (epsilon = 0): badly scaled "
    "coordinates cost it nothing, as long as the axes are those of the coordinates.",
    paper="Kingma & Ba 2015, section 2.1",
    experiments=vary(
        ScaledAxes("torch.optim:Adam(eps=0)"),
        optimizer=("torch.optim:Adam(eps=0)", "torch.optim:Adam(eps=0, foreach=True)"),
    ),
    predict=unchanged,
    judge=equal(),
    assumptions=(
        Assumption("along-the-axes", "the quadratic is not turned", broken_by={"axes": "turned"}),
        Assumption(
            "divides",
            "a gradient is divided by its own size; descent slows down in flat directions",
            broken_by={"optimizer": "torch.optim:SGD"},
        ),
        Assumption("nothing-added", "epsilon is zero", broken_by={"optimizer": "torch.optim:Adam(eps=1e-8)"}),
    ),
)
