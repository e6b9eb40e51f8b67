"""A loss falls as performance rises."""

from fractions import Fraction

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.setup import Answers, LossOfAnswers
from dlverify.quantity import Array


def wrong_answers(experiment: LossOfAnswers, given: Answers) -> Array:
    """The share of wrong answers: an error of 1 for each of them, 0 for the others, squared or not."""
    number = experiment.questions
    return np.array([Fraction(number - right, number) for right in range(number + 1)], dtype=object)


def right_answers(experiment: LossOfAnswers, given: Answers) -> Array:
    """The share of right answers, the performance."""
    return 1 - wrong_answers(experiment, given)


CLAIM = Claim(
    entry="hypothesis-set-and-optimiser",
    says="A loss measures how bad answers are: of answers 0 and 1 it is the share of wrong ones, and to lower it is to improve.",
    paper="Bottou & Bousquet 2008",
    experiments=vary(LossOfAnswers(), loss=("torch.nn:MSELoss", "torch.nn:L1Loss")),
    predict=wrong_answers,
    judge=equal(),
    assumptions=(
        Assumption("a-loss", "it is a loss, not a similarity", broken_by={"loss": "torch.nn:CosineSimilarity(dim=0)"}),
    ),
    errata=(Erratum("performance", "The loss is the performance of a model.", number=46, predict=right_answers),),
)
