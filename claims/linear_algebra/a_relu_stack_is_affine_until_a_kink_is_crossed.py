"""A ReLU stack is affine until a kink is crossed."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.linear_algebra import Layers, SecondDifferences


def affine(experiment: SecondDifferences, given: Layers) -> int:
    """0 after any number of layers: f(x + h) - 2 f(x) + f(x - h) = (A x + A h) - 2 A x + (A x - A h) for affine f."""
    return 0


CLAIM = Claim(
    entry="linear-collapse",
    says="Along a line on which no input of a ReLU is negative a ReLU stack is affine too; one crossed kink bends it.",
    paper="Goodfellow, Bengio & Courville 2016, section 6.1; Montufar et al. 2014",
    # A linear stack whatever enters its layers; a ReLU stack whose lowest input is far from its kink, and just on it.
    experiments=vary(SecondDifferences(clearance=-16.0), activation=("torch.nn:Identity",))
    + vary(SecondDifferences(), activation=("torch.nn:ReLU",), clearance=(64.0, 0.0)),
    predict=affine,
    judge=equal(),
    assumptions=(
        Assumption(
            "linear",
            "where numbers below 0 enter an activation, it has no kink there",
            broken_by={"activation": "torch.nn:ReLU"},
            case="identity",
        ),
        Assumption(
            "no-kink-crossed",
            "nothing that enters a ReLU is negative: with biases so large even a nonlinear network passes for linear",
            broken_by={"clearance": -1.0},
            case="relu-0",
        ),
    ),
    why_graded="the proof is that of stacked_linear_layers_collapse_into_one; this is its boundary, in exact arithmetic",
)
