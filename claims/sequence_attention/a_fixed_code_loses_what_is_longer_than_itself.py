"""A fixed code loses what is longer than itself: of T white numbers d can hold d, and a decoder that attends holds all."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.recurrent import BestReconstruction, Encoder


def what_exceeds_the_code(experiment: BestReconstruction, given: Encoder) -> list[int]:
    """max(T - d, 0) for a sequence of T numbers of variance 1 and a state of d.

    A linear encoder E and decoder D leave the squared norm of I - D E; D E has rank d at most, so that at least T - d
    directions are lost whole (Eckart & Young 1936). The best decoder projects on the rows of E and loses no more, where
    these are independent.
    """
    return [max(length - experiment.units, 0) for length in experiment.lengths]


CLAIM = Claim(
    entry="encoder-decoder-bottleneck",
    says="From the last state of a recurrent encoder of d linear units the best linear decoder rebuilds T white numbers with "
    "an expected squared error of max(T - d, 0); from all its states with none.",
    paper="Sutskever, Vinyals & Le 2014; Cho et al. 2014; Bahdanau, Cho & Bengio 2015; Eckart & Young 1936",
    experiments=vary(BestReconstruction("torch.nn:RNN(nonlinearity='relu')"), units=(2, 4, 8)),
    predict=what_exceeds_the_code,
    judge=equal(),
    assumptions=(
        Assumption("fixed-code", "the decoder reads the last state alone", broken_by={"read": "every state"}),
        Assumption(
            "white", "the numbers of a sequence do not depend on one another", case="4", broken_by={"sources": 3}
        ),
        Assumption(
            "linear",
            "encoder and decoder are linear",
            why_kept="one real number can hold any sequence; what limits a "
            "nonlinear code is its precision, as in attention_answers_more_than_a_fixed_code_can_hold",
        ),
    ),
)
