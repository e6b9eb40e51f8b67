"""Dropout changes nothing in evaluation."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.regularization import Inputs, PassedOn
from dlverify.quantity import Array


def as_given(experiment: PassedOn, given: Inputs) -> Array:
    """x, whatever p is: units that survive training are divided by 1 - p there, so that nothing is left to be corrected."""
    return given.values


CLAIM = Claim(
    entry="dropout",
    says="In evaluation dropout returns its inputs, bit for bit and in every pass, whatever the probability of being dropped.",
    paper="Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov 2014, section 10",
    experiments=vary(PassedOn()),
    predict=as_given,
    judge=equal(),
    assumptions=(Assumption("in-evaluation", "the layer does not train", broken_by={"mode": "training"}),),
)
