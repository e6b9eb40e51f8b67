"""Only units that weigh both inputs make them interact."""

from fractions import Fraction
from typing import Any

import sympy

from dlverify import Assumption, Claim, Erratum, Proof, at_least, equal, vary
from dlverify.experiments.elementwise import Interactions, Mixtures
from dlverify.quantity import Array, as_array


def mixing_units(experiment: Interactions, given: Mixtures) -> Array:
    """|sum over the units that weigh both of v (relu(u + w + b) - relu(u + b) - relu(w + b) + relu(b))|, the others left out."""
    sizes = []
    for inner, bias, outer, _ in given.networks:
        total = Fraction(0)
        for u, w, b, v in zip(inner[:, 0], inner[:, 1], bias, outer[0], strict=True):
            if u != 0 and w != 0:
                corners = [max(Fraction(z), Fraction(0)) for z in (u + w + b, u + b, w + b, b)]
                total += Fraction(v) * (corners[0] - corners[1] - corners[2] + corners[3])
        sizes.append(abs(total))
    return as_array(sizes)


def some_interaction(experiment: Interactions, given: Mixtures) -> int:
    """1, the smallest integer that is not 0: the activation is nonlinear, and all weights are integers."""
    return 1


def residuals(mixed: int = 0, f: Any = None) -> dict[str, Any]:
    """Units v f(u x + w y + b) with any activation f; a sum's derivative is the sum of theirs."""
    x, y, u, w, b, v, z = sympy.symbols("x y u w b v z", real=True)
    f = f or sympy.Function("f")

    def interaction(unit: Any) -> Any:
        return sympy.diff(unit, x, y)

    second = sympy.Subs(sympy.diff(f(z), z, 2), z, u * x + w * y + b)
    unit = v * f(u * x + w * y + b)
    lone_x, lone_y = f(u * x + mixed * y + b), f(w * y + b)
    contrast = sum(
        sign * (lone_x + lone_y).subs({x: i, y: j}) for i, j, sign in ((1, 1, 1), (1, 0, -1), (0, 1, -1), (0, 0, 1))
    )
    return {
        "affine": interaction(u * x + w * y + b),
        "mixing unit": (interaction(unit) - v * u * w * second).doit(),
        "units that weigh one input, derivative": interaction(lone_x + lone_y),
        "units that weigh one input, differences": contrast,
    }


CLAIM = Claim(
    entry="nonlinearity-creates-interactions",
    says="In a network of one hidden layer two inputs interact only through units that weigh both; whatever the activation, "
    "without such units f(1, 1) - f(1, 0) - f(0, 1) + f(0, 0) is 0, as for an affine function.",
    paper="Friedman & Popescu 2008; Sorokina, Caruana, Riedewald & Fink 2008",
    experiments=vary(Interactions(), width=(8, 32)),
    predict=mixing_units,
    judge=equal(),
    assumptions=(
        Assumption(
            "one-hidden-layer", "nothing nonlinear follows the last layer", broken_by={"after": "torch.nn:ReLU"}
        ),
        Assumption(
            "elementwise",
            "each hidden unit sees its own input alone",
            broken_by={"activation": "torch.nn:Softmax(dim=-1)"},
        ),
    ),
    errata=(
        Erratum(
            "nonlinearity-suffices",
            "A nonlinear hidden layer makes inputs interact.",
            number=47,
            predict=some_interaction,
            judge=at_least(),
        ),
    ),
    proof=Proof(
        "The mixed derivative of a unit is v u w f'', so that it vanishes where u or w is 0, and so do the differences.",
        residuals,
        broken=lambda: residuals(mixed=1, f=lambda z: z**2),
    ),
)
