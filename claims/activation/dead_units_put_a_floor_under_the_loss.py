"""Dead units put a floor under the loss, which no training passes."""

from fractions import Fraction

from dlverify import Assumption, Claim, at_least, vary
from dlverify.experiments.activation import FitOfAbsoluteValue, Start


def explained(x: list[Fraction], y: list[Fraction]) -> Fraction:
    """The most of the sum of squares of y, whose mean is 0, that one unit explains which is on to the right of its kink t.

    With A the inputs right of t (0 to the left) and B the indicator of being there, both less their means, the
    best c + v relu(x - t) explains (p - t q)^2 / (AA - 2 t AB + t^2 BB), where p = A . y and q = B . y. Between two inputs
    A and B are fixed, and a ratio of squares with one zero has one other stationary point, its largest value, at
    t = (p AB - q AA) / (p BB - q AB). So kinks at inputs and at those points are all there is to try.
    """
    most, n = Fraction(0), len(x)
    for left, on, rest in ((x[i], x[i + 1 :], y[i + 1 :]) for i in range(n - 1)):
        p, q, less = sum(a * r for a, r in zip(on, rest, strict=True)), sum(rest), 1 - Fraction(len(on), n)
        aa, ab, bb = sum(a * a for a in on) - sum(on) ** 2 / n, sum(on) * less, len(on) * less
        kinks = [left]
        if p * bb != q * ab and left < (best := (p * ab - q * aa) / (p * bb - q * ab)) < on[0]:
            kinks.append(best)
        for t in kinks:
            most = max(most, Fraction((p - t * q) ** 2 / (aa - 2 * t * ab + t * t * bb)))
    return most


def best_of_the_live(experiment: FitOfAbsoluteValue, given: Start) -> Fraction:
    """The variance of |x| without live units; with one, less what its kink explains, on whichever side it is on."""
    x, y = ([Fraction(value) for value in part[:, 0]] for part in (given.inputs, given.targets))
    rest = [target - sum(y, Fraction(0)) / len(y) for target in y]
    variance = sum((target**2 for target in rest), Fraction(0))
    if experiment.dead < experiment.width:
        variance -= max(explained(x, rest), explained([-a for a in reversed(x)], rest[::-1]))
    return variance / len(y)


CLAIM = Claim(
    entry="uat-existence-vs-training",
    says="While one of the two units that |x| needs is dead, no training brings the mean squared error below 0.686 of the "
    "variance of |x|, and with both dead not below the variance.",
    paper="Lu, Shin, Su & Karniadakis 2020",
    experiments=vary(FitOfAbsoluteValue(start="facing", runs=8, report="exact loss"), dead=(1, 2)),
    predict=best_of_the_live,
    judge=at_least(),
    assumptions=(Assumption("a-dead-unit", "one of the two units is dead", broken_by={"dead": 0}),),
)
