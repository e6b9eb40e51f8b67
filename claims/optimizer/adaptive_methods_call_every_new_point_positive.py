"""Adaptive methods call every new point positive where descent calls all of them right."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.adaptive import Numbers, SeparatedPoints


def lost_negatives(experiment: SeparatedPoints, given: Numbers) -> list[int]:
    """None of the training points, and all new points of label -1.

    X' y has the signs s = (1, 1, 1; y_i for a feature of point i), if there are more positives; and X s = 4 y. So if the
    weights are a multiple of s the residual is one of y, the gradient one of X' y, and the step, which divides each
    coordinate by its size, one of s again. A new point has nothing but the features y, 1, 1, which add up to y + 2 > 0.
    """
    return [0, int((given.values[experiment.positives + experiment.negatives :] < 0).sum())]


CASE = SeparatedPoints("torch.optim:Adam")

CLAIM = Claim(
    entry="adam-works-well-generally",
    says="There are separable data on which Adam, RMSprop and Adagrad learn every training point and call every new point "
    "positive, while gradient descent makes no mistake.",
    paper="Wilson, Roelofs, Stern, Srebro & Recht 2017, section 3.3",
    experiments=vary(CASE, optimizer=("torch.optim:Adam", "torch.optim:RMSprop", "torch.optim:Adagrad"))
    + vary(CASE, positives=(31,), negatives=(29,)),
    predict=lost_negatives,
    judge=equal(),
    assumptions=(
        Assumption(
            "divides",
            "each coordinate's step is divided by the size of its gradients",
            broken_by={"optimizer": "torch.optim:SGD"},
        ),
        Assumption("more-positives", "positives are more frequent", broken_by={"positives": 15, "negatives": 45}),
    ),
)
