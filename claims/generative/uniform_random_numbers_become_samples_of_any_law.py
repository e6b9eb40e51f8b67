"""Uniform random numbers become samples of any law whose distribution function is known."""

import math

from dlverify import Assumption, Claim, mostly, vary
from dlverify.experiments.densities import DrawnFrequencies, Numbers

P1 = 0.99
"""The share of seeds that Massart's inequality guarantees."""


def massart(experiment: DrawnFrequencies, given: Numbers) -> float:
    """sqrt(ln(2 / (1 - p)) / (2 n)): n independent draws come that near to their law with probability p at least.

    P(sup |F_n - F| > e) <= 2 exp(-2 n e^2) for every law, discrete ones too (Massart 1990). For n = 4,096 it is 0.0254, while
    numbers of the Beta(2, 2) law miss F(00) = 0.2 by 0.096, and samples of P(x | y = 1) miss it by 0.2.
    """
    return math.sqrt(math.log(2 / (1 - P1)) / (2 * experiment.draws))


CLAIM = Claim(
    entry="inverse-cdf-sampling",
    says="Mapped by the inverse of the distribution function, n uniform random numbers come as near to the law as n draws must.",
    paper="Devroye 1986, section II.2; Massart 1990",
    experiments=vary(DrawnFrequencies(), draws=(256, 4096)),
    predict=massart,
    judge=mostly("below", p0=0.5, p1=P1),
    assumptions=(
        Assumption("uniform", "the numbers are uniform", broken_by={"numbers": "beta"}, case="4096"),
        Assumption("knows-the-law", "the model knows the law of the data, P(x)", broken_by={"law": "P(x | y = 1)"}),
    ),
    why_graded="that random numbers are spread evenly enough is a matter of most seeds; "
    "a_distribution_function_cuts_the_numbers_up_to_one_by_probability has the intervals exactly",
)
