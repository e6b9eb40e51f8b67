"""Cross-entropy is neither symmetric nor zero at its target."""

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.setup import LossProperties, Values
from dlverify.quantity import Array


def in_bits(experiment: LossProperties, given: Values) -> Array:
    """The properties of -sum_k p_k log2 q_k, a fraction where all q_k are powers of two."""
    bits = [[Fraction(-int(np.log2(q))) for q in row] for row in given.values]
    probabilities = [[Fraction(p) for p in row] for row in given.values.tolist()]
    count = range(len(bits))
    of = {(q, p): sum(x * y for x, y in zip(bits[q], probabilities[p], strict=True)) for q in count for p in count}
    pairs, triples = [(q, p) for q, p in of if q != p], itertools.product(count, repeat=3)
    return np.array(
        [
            all(value >= 0 for value in of.values()),
            all(of[p, p] == 0 for p in count),
            all(of[pair] > 0 for pair in pairs),
            all(of[q, p] == of[p, q] for q, p in pairs),
            all(of[q, p] <= of[q, r] + of[r, p] for q, r, p in triples),
            all(of[p, p] < of[q, p] for q, p in pairs),
        ]
    )


def residuals(entropy: int = 1) -> dict[str, Any]:
    """Cross-entropy is entropy plus Kullback and Leibler's divergence, so that it is not zero where that is."""
    p, q = sympy.symbols("p1:5", positive=True), sympy.symbols("q1:5", positive=True)
    pairs = list(zip(p, q, strict=True))
    cross = -sum(x * sympy.log(y) for x, y in pairs)
    divergence = sum(x * (sympy.log(x) - sympy.log(y)) for x, y in pairs)
    own = -sum(x * sympy.log(x) for x in p)
    return {
        "cross-entropy": sympy.expand(cross - entropy * own - divergence),
        "at q = p": sympy.expand((cross - own).subs(dict(zip(q, p, strict=True)))),
    }


CLAIM = Claim(
    entry="loss-as-distance",
    says=(
        "The cross-entropy of two distributions is not symmetric, and of a distribution with itself it is its entropy, "
        "not 0; yet for each target it is smallest there, and nowhere else."
    ),
    paper="Gneiting & Raftery 2007",
    experiments=vary(LossProperties("torch.nn:CrossEntropyLoss", values="distributions")),
    predict=in_bits,
    judge=equal(),
    assumptions=(
        Assumption(
            "entropy-included",
            "the entropy of the target is not taken off, as it is in Kullback and Leibler's divergence",
            broken_by={"loss": "torch.nn:KLDivLoss"},
        ),
        Assumption(
            "of-distributions", "predictions are distributions, not numbers", broken_by={"loss": "torch.nn:L1Loss"}
        ),
    ),
    proof=Proof(
        "Cross-entropy is entropy plus Kullback and Leibler's divergence, which is 0 at q = p.",
        residuals,
        broken=lambda: residuals(entropy=0),
    ),
)
