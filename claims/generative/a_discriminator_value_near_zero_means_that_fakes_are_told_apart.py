"""A discriminator's value near zero means that fakes are told apart, and a generator at its aim keeps it at -2 log 2."""

from decimal import Decimal
from typing import Any

import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, vary
from dlverify.experiments.adversarial import DiscriminatorValues


def logarithms(experiment: DiscriminatorValues, given: None) -> list[int]:
    """log a + log(1 - b) in units of 0.0001, in decimal arithmetic of 28 digits; b is 1 - a, or a where fakes are taken for real."""
    answers = [Decimal(str(answer)) for answer in experiment.answers]
    rejected = answers if experiment.fakes == "told apart" else [1 - answer for answer in answers]
    values = [real.ln() + fake.ln() for real, fake in zip(answers, rejected, strict=True)]
    return [int((10_000 * value).to_integral_value()) for value in values]


def zero_at_the_aim(experiment: DiscriminatorValues, given: None) -> list[int]:
    """The value that the notes have training approach, 0, also where D answers alike to real samples and fakes."""
    return [0 for _ in experiment.answers]


def residuals(product: int = 4) -> dict[str, Any]:
    """Where both get the answer a, a (1 - a) = 1/4 - (a - 1/2)^2: the value is at most -2 log 2, and that at a = 1/2 alone.

    Where a fake gets 1 - a the value is 2 log a, which rises to 0 as a tends to 1, a value that no sigmoid takes.
    """
    a = sympy.Symbol("a", positive=True)
    return {
        "answers alike": a * (1 - a) - (sympy.Rational(1, product) - (a - sympy.Rational(1, 2)) ** 2),
        "at one half": sympy.log(a) + sympy.log(1 - sympy.Rational(1, 2)) - sympy.log(a) + sympy.log(2),
        "told apart": sympy.limit(2 * sympy.log(a), a, 1),
    }


CLAIM = Claim(
    entry="gan-discriminator-value",
    says="With answers 0.99 and 0.01 the discriminator's objective is 2 log 0.99 = -0.0201, near its supremum 0; but where it "
    "answers alike to real samples and fakes it is at most -2 log 2 = -1.3863, so that a value near 0 means that the generator loses.",
    paper="Goodfellow et al. 2014, theorem 1",
    experiments=vary(DiscriminatorValues(), fakes=("told apart", "taken for real")),
    predict=logarithms,
    judge=equal(),
    assumptions=(
        Assumption(
            "logarithms",
            "answers are scored by their logarithms, not by squared errors",
            broken_by={"loss": "torch.nn:MSELoss"},
        ),
    ),
    errata=(
        Erratum(
            "zero-at-the-aim",
            "the objective nears 0 while the samples become indistinguishable",
            number=56,
            predict=zero_at_the_aim,
            case="taken-for-real",
        ),
    ),
    proof=Proof(
        "For every answer a given to both, a (1 - a) is 1/4 less a square; told apart, the value tends to 0.",
        residuals,
        broken=lambda: residuals(product=2),
    ),
)
