"""A support vector machine learns the side and not the odds."""

from typing import Any

import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.classical_ml import CellScores, Labelled
from dlverify.quantity import Array, as_array


def side(experiment: CellScores, given: Labelled) -> Array:
    """sign(2 eta - 1) for a share eta of positive points: 1, -1, or 0 at 1/2, whatever the share is beside that.

    A cell with p positive and q negative points costs w^2 / 2 + C (p max(0, 1 - w) + q max(0, 1 + w)), whose slope
    between -1 and 1 is w + C (q - p): negative up to w = 1 where p - q >= 1 / C, and so on.
    """
    counts = [2 * positive - experiment.points for positive in experiment.positives]
    return as_array([(count > 0) - (count < 0) for count in counts])


def residuals(edge: int = 1) -> dict[str, Any]:
    """The mean hinge loss of a score f exceeds 2 (1 - eta), that of f = 1, by three terms, none negative where eta >= 1/2."""
    f, eta = sympy.symbols("f eta", real=True)

    def positive_part(value: Any) -> Any:
        return (value + sympy.Abs(value)) / 2

    miss, wrong = positive_part(edge - f), positive_part(edge + f)
    outside = positive_part(f - 1) + positive_part(-1 - f)
    mean = eta * miss + (1 - eta) * wrong
    return {"excess": sympy.expand(mean - 2 * (1 - eta) - (1 - eta) * outside - (2 * eta - 1) * miss)}


CLAIM = Claim(
    entry="binary-classification-two-models",
    says="Where a share eta of the points is positive the hinge loss of a support vector machine is smallest at sign(2 eta - 1): "
    "it learns the more probable class, and no probability.",
    paper="Bartlett, Jordan & McAuliffe 2006",
    experiments=vary(CellScores("sklearn.svm:LinearSVC(loss='hinge', random_state=0)")),
    predict=side,
    judge=equal(),
    assumptions=(
        Assumption(
            "hinge",
            "the loss has a kink at 1: squared, it learns 2 eta - 1, nearly, with the penalty",
            broken_by={"fit": "sklearn.svm:LinearSVC(loss='squared_hinge', random_state=0)"},
        ),
        Assumption(
            "small-penalty", "one point more weighs as much as the penalty: C >= 1 / 2", broken_by={"strength": 0.25}
        ),
    ),
    proof=Proof(
        "The mean hinge loss less 2 (1 - eta) is (1 - eta) times a distance from [-1, 1], and (2 eta - 1) max(0, 1 - f).",
        residuals,
        broken=lambda: residuals(edge=2),
    ),
)
