"""A recurrent network with normalised steps makes the probabilities of all sequences add up to one."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Erratum, Proof, equal, rounding, vary
from dlverify.experiments.densities import SequenceMass
from dlverify.quantity import Array


def one(experiment: SequenceMass, given: Array) -> Array:
    """1 at every length: sum over x_1 ... x_t of p(x_1) ... p(x_t | x_<t), summed from the last symbol to the first."""
    return np.ones(experiment.longest)


def roundings(experiment: SequenceMass, given: Array) -> Array:
    """A step's outputs add up to 1 but for the roundings of their own sum and quotient; then a product follows each step.

    With n symbols: n - 1 sums, 1 quotient, 1 product, and 1 that rounds what a kernel computes in a finer dtype. Errors of
    scores and exponentials do not count, since the outputs are divided by the sum of the same exponentials.
    """
    steps = np.arange(1, experiment.longest + 1)
    return steps * (experiment.symbols + 2)


def residuals(normalised: bool = True) -> dict[str, Any]:
    """Whatever the scores: one step's probabilities add up to 1, so m that follows a beginning of mass m does to m."""
    scores = sympy.symbols("a b c", real=True)
    mass = sympy.Symbol("m", positive=True)
    total = sum(sympy.exp(score) for score in scores) if normalised else 1 + sympy.exp(scores[0])
    return {"induction step": sum(mass * sympy.exp(score) / total for score in scores) - mass}


CLAIM = Claim(
    entry="generative-model-families",
    says="A recurrent network whose outputs are normalised at each step gives all sequences of a length probability 1 together.",
    paper="Goodfellow 2016 (tutorial on adversarial networks), section 2; Graves 2013",
    experiments=vary(SequenceMass(), network=("torch.nn:RNN", "torch.nn:GRU", "torch.nn:LSTM")),
    predict=one,
    judge=equal(within=rounding(operations=roundings)),
    assumptions=(
        Assumption("normalised", "each step's outputs add up to one", broken_by={"head": "torch.nn:Softplus"}),
    ),
    errata=(
        Erratum(
            "any-recurrent-network",
            "A recurrent network is a generative model, whatever it puts out: a probability for each symbol of its own, say.",
            number=59,
            broken_by={"head": "torch.nn:Sigmoid"},
        ),
    ),
    proof=Proof(
        "Probabilities by softmax add up to one after every beginning, so by induction those of all sequences do.",
        residuals,
        broken=lambda: residuals(normalised=False),
    ),
)
