"""The likeliest model is nearest to the data."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, vary
from dlverify.experiments.likelihood import Counts, NearestModels
from dlverify.quantity import Array


def sum_of_observations(experiment: NearestModels, given: Counts) -> Array:
    """Likelihood and divergence agree on the model whose expected sum is that of the observations: its moment is matched."""
    return (given.values.astype(int) @ np.arange(experiment.outcomes))[:, None].astype(object)


def residuals(entropies: int = 1) -> dict[str, Any]:
    """Outcome by outcome p log q is p log p - p log(p / q): the mean log-likelihood is -H(p) - KL(p | q), for all models q.

    A binomial model of m trials has the terms x log s + (m - x) log(1 - s) and a constant; their mean is largest where
    the mean of x is m s: the slope is (mean - m s) / (s (1 - s)), which falls from plus to minus there.
    """
    p, q = sympy.symbols("p q", positive=True)
    s, trials, mean = sympy.symbols("s m x", positive=True)
    divergence = p * sympy.expand_log(sympy.log(p / q))
    log_likelihood = mean * sympy.log(s) + (trials - mean) * sympy.log(1 - s)
    return {
        "log-likelihood": p * sympy.log(q) - (entropies * p * sympy.log(p) - divergence),
        "slope": sympy.diff(log_likelihood, s) - (mean - trials * s) / (s * (1 - s)),
    }


CLAIM = Claim(
    entry="mle-minimises-kl",
    says="Of all models the one with the largest likelihood is that with the smallest divergence KL(data | model); of binomial "
    "models it is the one with the mean of the data.",
    paper="White 1982; Bishop 2006, section 1.6.1",
    experiments=vary(NearestModels()) + vary(NearestModels(), tier="full", outcomes=(4, 5), observations=(12,)),
    predict=sum_of_observations,
    judge=equal(),
    assumptions=(
        Assumption(
            "from-the-data", "the divergence is from data to model, not from model to data", broken_by={"seen": "input"}
        ),
        Assumption(
            "divergence",
            "the difference is that divergence, not total variation",
            broken_by={"divergence": "torch.nn:L1Loss", "takes": "probabilities"},
        ),
    ),
    proof=Proof(
        "For all data p and models q the mean log-likelihood is -H(p) - KL(p | q), of which the first does not depend on q.",
        residuals,
        broken=lambda: residuals(entropies=2),
    ),
)
