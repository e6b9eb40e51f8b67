"""Linear residual blocks sum over all paths, with and without each of the branches."""

import itertools
import math
from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.connectivity import Chain, ResidualPaths
from dlverify.quantity import Array


def all_paths(experiment: ResidualPaths, given: Chain) -> Array:
    """The sum over the 2^n sets of blocks of the product of their branches, applied; by length, n choose k paths.

    (I + A_n) ... (I + A_1) = sum over S of the product of A_i, i in S, the last block first. Lengths of paths are thus
    distributed as the heads of n fair coins.
    """
    blocks = range(experiment.blocks)
    if experiment.report == "paths by length":
        return np.array([math.comb(experiment.blocks, length) for length in (*blocks, experiment.blocks)])
    total = np.zeros_like(given.inputs)
    for chosen in itertools.chain.from_iterable(itertools.combinations(blocks, k) for k in (*blocks, len(blocks))):
        path = given.inputs
        for block in chosen:
            path = path @ given.weights[block].T
        total = total + path
    return total


def residuals(around: int = 1) -> dict[str, Any]:
    """One more block: paths without it are the P of before, those with it A P; of length k there are as Pascal says."""
    m = sympy.symbols("m", positive=True, integer=True)
    n, k = sympy.symbols("n k", positive=True, integer=True)
    branch, paths = sympy.MatrixSymbol("A", m, m), sympy.MatrixSymbol("P", m, m)
    counts = sympy.binomial(n + 1, k) - around * sympy.binomial(n, k) - sympy.binomial(n, k - 1)
    return {
        "sum over paths": (around * sympy.Identity(m) + branch) * paths - (paths + branch * paths),
        "paths by length": sympy.gammasimp(counts.rewrite(sympy.gamma)),
    }


CLAIM = Claim(
    entry="resnet-ensemble-of-paths",
    says="n residual blocks with linear branches compute the sum over all 2^n paths through or around the branches, "
    "n choose k of which have length k.",
    paper="Veit, Wilber & Belongie 2016, section 3",
    experiments=vary(ResidualPaths(), blocks=(1, 4, 8)) + vary(ResidualPaths(blocks=8), report=("paths by length",)),
    predict=all_paths,
    judge=equal(),
    assumptions=(
        Assumption(
            "linear-branches",
            "branches are linear: behind a ReLU what two branches add is no sum over paths",
            broken_by={"activation": "torch.nn:ReLU"},
            case="4",
        ),
        Assumption(
            "ways-around",
            "every block has a way around: without one there is a single path, through all branches",
            broken_by={"shortcut": "torch.nn:Dropout(p=1.0)"},
            case="paths-by-length",
        ),
    ),
    proof=Proof(
        "(I + A) P = P + A P for any sum of paths P, and the numbers of paths by length follow Pascal's rule.",
        residuals,
        broken=lambda: residuals(0),
    ),
)
