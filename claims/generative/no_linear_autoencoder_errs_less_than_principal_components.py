"""No linear autoencoder reconstructs its training data better than their principal components do."""

import itertools

import numpy as np

from dlverify import Assumption, Claim, at_least, gamma, vary
from dlverify.experiments.autoencoders import Samples, TrainedCodes
from dlverify.quantity import Array


def trailing(experiment: TrainedCodes, given: Samples) -> Array:
    """Sum of the eigenvalues beyond the k-th of the covariance X^T X / n of the centred data (Eckart & Young 1936).

    A linear autoencoder of any depth with biases is x -> A x + b, A of rank k at most. The best b makes up for the mean,
    and no X A^T of rank k comes nearer to X than the sum of the squares of its singular values from the (k + 1)-th on.
    """
    centred = given.training - given.training.mean(0)
    falling = np.linalg.eigvalsh(centred.T @ centred / len(centred))[::-1]
    return np.array([falling[code:].sum() for code in experiment.codes])


def rounded(experiment: TrainedCodes, given: Samples, unit_roundoff: float) -> Array:
    """By how much rounding moves the error of the network, and the floor.

    The network: d + 1 products and sums on a path through each of 4 layers, and a difference; rounding grows by the
    product of the layers' largest norms. A weight, or bias, of a layer of m inputs starts within 1 / sqrt(m), and no step
    of Adam exceeds 7 1/3 rates. An error e of the outputs moves the squared error r^2 by 2 r e + e^2 <= 3 r e. The floor:
    2 n in the mean and Gram matrix of n digits, d reflections of 10 d operations on either side (Higham 2002, theorem 19.4).
    """
    digits, pixels = given.training.shape
    size = 1 + float(np.square(given.training).sum(1).mean())  # a digit, and 1 for the biases
    travel = 22 / 3 * experiment.lr * experiment.steps
    budgets = []
    for code in experiment.codes:
        widths = (pixels, experiment.hidden, code, experiment.hidden, pixels)
        norms = [((m + 1) * n) ** 0.5 * (m**-0.5 + travel) for m, n in itertools.pairwise(widths)]
        network = 3 * np.prod(norms) * gamma(4 * (pixels + 1) + 1, unit_roundoff)
        budgets.append(size * (network + gamma(2 * digits + 20 * pixels**2, unit_roundoff)))
    return np.array(budgets)


CLAIM = Claim(
    entry="autoencoder",
    says="The error of a linear autoencoder on its training data is at least the variance beyond as many principal components.",
    paper="Eckart & Young 1936; Baldi & Hornik 1989; Hinton & Salakhutdinov 2006",
    experiments=vary(TrainedCodes(), steps=(0, 30, 300)),
    predict=trailing,
    judge=at_least(within=rounded),
    assumptions=(
        Assumption(
            "linear",
            "nothing nonlinear stands between the layers",
            broken_by={"network": "dlverify.lab.architectures.generative:autoencoder(activation='ReLU')"},
            case="300",
        ),
    ),
)
