"""Another divisor of the squared error scales the stable steps and moves no minimum."""

from fractions import Fraction
from typing import Any

import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.linear_models import Points, StableRates
from dlverify.quantity import Array, as_array


def two_over_curvature(experiment: StableRates, given: Points) -> Array:
    """2 / lambda with lambda = 2 sum x^2 / n, the larger curvature where sum x = 0: n / N times that for n = N.

    Descent multiplies the error of the slope by 1 - lr lambda, which has size 1 there.
    """
    squares = sum(Fraction(x) ** 2 for x in given.inputs)
    return as_array([2 / (2 * squares / divisor) for divisor in experiment.divisors])


def residuals(penalty: int = 0) -> dict[str, Any]:
    """N points enter by the means of x, y, x^2, x y, y^2 alone, and all sums are N times those; for any N and n."""
    w, b, x, y, xy, yy = sympy.symbols("w b mean(x) mean(y) mean(xy) mean(yy)", real=True)
    points, divisor, variance = sympy.symbols("N n variance", positive=True)
    xx = variance + x**2
    squares = yy - 2 * w * xy - 2 * b * y + w**2 * xx + 2 * w * b * x + b**2
    loss, mean_loss = points * squares / divisor + penalty * w**2, squares + penalty * w**2
    gradient, mean_gradient = (sympy.Matrix([function.diff(w), function.diff(b)]) for function in (loss, mean_loss))
    slope = (xy - x * y) / variance
    best = {w: slope, b: y - slope * x}
    return {
        "gradient at the closed form": gradient.subs(best),
        "gradient anywhere": gradient - points / divisor * mean_gradient,
        "curvatures": sympy.hessian(loss, (w, b)) - points / divisor * sympy.hessian(mean_loss, (w, b)),
    }


CLAIM = Claim(
    entry="linear-regression-model",
    says="Dividing the summed squared error of N points by n instead of N leaves the best line where it is, scales the gradient "
    "by N / n and the largest stable learning rate by n / N.",
    paper="Goodfellow, Bengio & Courville 2016, section 5.1.4",
    experiments=vary(StableRates()),
    predict=two_over_curvature,
    judge=equal(),
    assumptions=(
        Assumption("plain", "descent has no momentum", broken_by={"optimizer": "torch.optim:SGD(momentum=0.5)"}),
        Assumption("summed", "nothing else divides the sum", broken_by={"loss": "torch.nn:MSELoss"}),
        Assumption(
            "no-penalty",
            "the divisor divides all of the loss",
            broken_by={"optimizer": "torch.optim:SGD(weight_decay=4.0)"},
        ),
    ),
    proof=Proof(
        "For any N points that do not all have the same x and any divisor n, gradient and curvatures scale by N / n, and the "
        "gradient vanishes at the same line.",
        residuals,
        broken=lambda: residuals(penalty=1),
    ),
)
