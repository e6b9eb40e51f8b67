"""Backpropagation computes gradients and moves nothing."""

from fractions import Fraction

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.differentiation import GradientSources, Lines
from dlverify.quantity import Array, as_array


def descent(experiment: GradientSources, given: Lines) -> Array:
    """Slope 2 - a and intercept 1 - c with (a, c) multiplied by I - lr H in each step; without steps the line stays 0.

    The least squares line is 2 x + 1, and the loss is quadratic with H = 2 (mean x^2, mean x; mean x, 1) = (1, 1; 1, 2).
    """
    lr = Fraction(experiment.lr) if experiment.applied else Fraction(0)
    a, c, rows = Fraction(2), Fraction(1), []
    for _ in range(experiment.steps):
        a, c = a - lr * (a + c), c - lr * (a + 2 * c)
        rows.append([2 - a, 1 - c])
    return as_array(rows)


def found_by_backpropagation(experiment: GradientSources, given: Lines) -> Array:
    """The least squares line 2 x + 1, on which a method that finds slope and intercept must settle."""
    return as_array([[2, 1]] * experiment.steps)


CLAIM = Claim(
    entry="backprop-is-not-the-optimiser",
    says="Backward passes alone leave every parameter as it was, to the last bit; an optimizer moves it, along the same path "
    "whether its gradients come from backpropagation or from forward mode.",
    paper="Goodfellow, Bengio & Courville 2016, section 6.5; Griewank & Walther 2008",
    experiments=vary(GradientSources(), source=("backward", "forward mode"), applied=(True, False)),
    predict=descent,
    judge=equal(),
    assumptions=(
        Assumption("with-gradients", "the optimizer is given gradients", broken_by={"source": "none"}),
        Assumption("exact", "gradients are derivatives, not differences", broken_by={"source": "differences"}),
        Assumption(
            "same-optimizer", "the optimizer is plain descent", broken_by={"optimizer": "torch.optim:SGD(momentum=0.5)"}
        ),
    ),
    errata=(
        Erratum(
            "finds-the-line",
            "Backpropagation is how slope and intercept are found: on the points (0, 1) and (1, 3) they are 2 and 1.",
            number=25,
            predict=found_by_backpropagation,
            case="backward-false",
        ),
    ),
)
