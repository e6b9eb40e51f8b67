"""Attention answers more symbols than a fixed code can hold."""

import math

from dlverify import Assumption, Claim, mostly, vary
from dlverify.experiments.recurrent import Sentences, Translation


def best_share_from_one_code(experiment: Translation, given: Sentences) -> float:
    """The largest expected share of right symbols that any encoder and decoder reach through one code.

    A number between -1 and 1 to which Gaussian noise of standard deviation s is added carries log2(1 + 1 / s^2) / 2 bits
    at most, so three of them carry 6.1 of the 24 bits of 8 symbols out of 8. To get a share 1 - D of random symbols right takes
    log2 V - H(D) - D log2(V - 1) bits a symbol at least (rate-distortion theorem; Cover & Thomas 2006, sections 9.1, 10.3).
    """
    from scipy.optimize import brentq

    bits = experiment.code / 2 * math.log2(1 + 1 / experiment.noise**2) / experiment.length
    symbols = experiment.symbols

    def missing(wrong: float) -> float:
        entropy = -wrong * math.log2(wrong) - (1 - wrong) * math.log2(1 - wrong)
        return math.log2(symbols) - entropy - wrong * math.log2(symbols - 1) - bits

    return 1 - brentq(missing, 1e-12, 1 - 1 / symbols) if missing(1e-12) > 0 else 1.0


CLAIM = Claim(
    entry="encoder-decoder-bottleneck",
    says="An encoder-decoder with attention, trained to reverse or to copy 8 random symbols, gets more of them right than any "
    "network could that passes them through one code of three noisy numbers.",
    paper="Bahdanau, Cho & Bengio 2015; Luong, Pham & Manning 2015; Shannon 1959",
    experiments=vary(Translation(), task=("reversed", "copy")),
    predict=best_share_from_one_code,
    # The bound is 0.557. Pilot, 224 seeds of another root for each task: all above, the least 0.618 reversed and 0.609
    # copied, medians 0.875. Without attention none of 48, the most 0.232; of unrelated answers none of 48, the most 0.139.
    judge=mostly("above", p0=0.5, p1=0.95),
    assumptions=(
        Assumption(
            "attends",
            "the decoder reads all codes",
            broken_by={"network": "dlverify.lab.architectures.recurrent:EncoderDecoder(attention=False)"},
        ),
        Assumption("answerable", "the answer is in the sequence", broken_by={"task": "unrelated"}),
    ),
    why_graded="The exact bound of the linear code is a_fixed_code_loses_what_is_longer_than_itself.",
)
