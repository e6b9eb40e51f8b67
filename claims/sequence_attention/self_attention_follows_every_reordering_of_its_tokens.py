"""Self-attention follows every reordering of its tokens."""

import itertools
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.evidence.rounding import gamma
from dlverify.experiments.attention import Heads, SelfAttention
from dlverify.quantity import Array


def nothing(experiment: SelfAttention, given: Heads) -> Array:
    """0: tokens enter sums over all keys alone, so that a token's output does not depend on where it stands."""
    return np.zeros(len(given.orders))


def carried(experiment: SelfAttention, given: Heads, unit_roundoff: float) -> float:
    """Twice the error of one output, with d the width and n tokens; quantities with bars are sums of sizes, for any head.

    q, k, v are off by gamma(d + 1) of q', k', v', a score by gamma(3 d + 7) S with S = max q' k' / sqrt(w), w the width of a head;
    weights by the factor exp(2 gamma S) and n + 6 roundings, the average of values by n + d + 2 more, the output by d + 1.
    """
    d, n, size = experiment.width, experiment.tokens, np.abs(given.inputs)
    q, k, v = (size @ np.abs(weight).T + np.abs(bias) for weight, bias in zip(given.into, given.into_bias, strict=True))
    score = (q @ k.T).max() / np.sqrt(d / experiment.heads)
    moved, steps = np.expm1(2 * gamma(3 * d + 7, unit_roundoff) * score), gamma(2 * n + 2 * d + 9, unit_roundoff)
    largest = (v.max(0) @ np.abs(given.out).T + np.abs(given.out_bias)).max()
    return float(2 * (moved + steps + moved * steps) * largest)


def residuals(places: int = 0) -> dict[str, Any]:
    """Three tokens with any scores s_ij and values v_j, in each order: token i's output is the same in all of them.

    `places` adds a number of each place to the value that stands there, as positions do.
    """
    s = [[sympy.Symbol(f"s{i}{j}", real=True) for j in range(3)] for i in range(3)]
    v, p = sympy.symbols("v0:3", real=True), sympy.symbols("p0:3", positive=True)

    def output(order: tuple[int, ...], token: int) -> Any:
        weights = [sympy.exp(s[token][other]) for other in order]
        values = [v[other] + places * p[place] for place, other in enumerate(order)]
        return sum(weight * value for weight, value in zip(weights, values, strict=True)) / sum(weights)

    orders = itertools.islice(itertools.permutations(range(3)), 1, None)
    return {f"order {order}": sympy.expand(output(order, 0) - output((0, 1, 2), 0)) for order in orders}


CLAIM = Claim(
    entry="scaled-dot-product-attention",
    says=(
        "Without positions or mask, self-attention gives every token the same output wherever the token stands and in whatever order the "
        "others do: it sees a set, and no sequence."
    ),
    paper="Vaswani et al. 2017, section 3.5; Lee et al. 2019 (Set Transformer)",
    experiments=vary(SelfAttention(report="reordering"), heads=(1, 4)),
    predict=nothing,
    judge=equal(within=carried),
    assumptions=(
        Assumption("no-positions", "nothing tells a token where it stands", broken_by={"positions": True}, effect=0.1),
        Assumption("no-mask", "every token sees all the others", broken_by={"causal": True}, effect=0.1),
    ),
    proof=Proof(
        "With three tokens, any scores and any values, a token's output is the same in each of the six orders.",
        residuals,
        broken=lambda: residuals(places=1),
    ),
)
