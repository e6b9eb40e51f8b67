"""A backward pass applies the chain rule."""

from fractions import Fraction
from typing import Any

import sympy

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.differentiation import Network, NetworkGradients
from dlverify.quantity import Array, as_array


def symbolic_derivatives(experiment: NetworkGradients, given: Network) -> Array:
    """The output as one expression in all parameters and inputs, differentiated by sympy, evaluated in rationals.

    relu(z) is Max(0, z), with derivative 1 for z > 0 and 0 for z < 0; relu(z) - relu(-z) is z.
    """
    values: dict[sympy.Symbol, Fraction] = {}

    def named(name: str, array: Array) -> Any:
        """A matrix of symbols for the numbers of an array."""
        rows = array.reshape(len(array), -1)
        symbols = sympy.Matrix(*rows.shape, lambda i, j: sympy.Symbol(f"{name}{i}_{j}", real=True))
        values.update(zip(symbols, (Fraction(float(number)) for number in rows.flat), strict=True))
        return symbols

    units = {"square": lambda z: z**2, "relu": lambda z: sympy.Max(0, z), "relu pair": lambda z: z}
    signal, branch = named("x", given.inputs), None
    for number, (weight, bias) in enumerate(zip(given.weights, given.biases, strict=True)):
        signal = named(f"w{number}_", weight) * signal + named(f"b{number}_", bias)
        if number < len(given.weights) - 1:
            signal = signal.applyfunc(units[experiment.units])
        branch = branch or signal
    output = sum(signal) + sum(branch or signal)
    numbers = {symbol: sympy.Rational(value.numerator, value.denominator) for symbol, value in values.items()}
    found = [sympy.diff(output, symbol).xreplace(numbers).doit() for symbol in values]
    return as_array([Fraction(int(value.p), int(value.q)) for value in found])


CLAIM = Claim(
    entry="backprop-equals-chain-rule",
    says="Where every operation is differentiable, one backward pass gives the derivative by every parameter and every input: "
    "exactly that of the function that the program computes.",
    paper="Rumelhart, Hinton & Williams 1986; Griewank & Walther 2008; Kakade & Lee 2018",
    experiments=vary(NetworkGradients(), units=("square", "relu", "relu pair")),
    predict=symbolic_derivatives,
    judge=equal(),
    assumptions=(
        Assumption(
            "differentiable",
            "no operation is fed its kink; at 0 torch differentiates relu(z) - relu(-z), which is z, to 0",
            broken_by={"at": "kink"},
            case="relu-pair",
        ),
        Assumption("recorded", "every branch is recorded", broken_by={"branches": "detached"}),
    ),
)
