"""Convolution commutes and associates, which cross-correlation does not."""

import itertools

import numpy as np

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.convolution import Factors, TripleProducts
from dlverify.quantity import Array


def coefficients(experiment: TripleProducts, given: Factors) -> Array:
    """At place n the sum of a_i b_j c_k over i + j + k = n, as where polynomials are multiplied, whatever the order."""
    product = np.zeros(sum(experiment.lengths) - 2)
    for i, j, k in itertools.product(*map(range, experiment.lengths)):
        product[i + j + k] += given.a[i] * given.b[j] * given.c[k]
    return product


CLAIM = Claim(
    entry="conv-formula-is-cross-correlation",
    says="Convolutions of three sequences give one result, whatever their order and brackets; cross-correlations do not.",
    paper="Goodfellow, Bengio & Courville 2016, section 9.1",
    experiments=vary(TripleProducts("scipy.signal:convolve(method='direct')"), lengths=((3, 3, 3), (2, 3, 5))),
    predict=coefficients,
    judge=equal(),
    assumptions=(
        Assumption(
            "reversed",
            "one of two factors is reversed",
            broken_by={"operation": "scipy.signal:correlate(method='direct')"},
        ),
    ),
)
