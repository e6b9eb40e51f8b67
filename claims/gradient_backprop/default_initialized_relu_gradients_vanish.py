"""ReLU networks as PyTorch initializes them lose four tenths of a decade of gradient a layer."""

import numpy as np

from dlverify import Assumption, Claim, mostly, vary
from dlverify.experiments.gradient_backprop import LogInputGradients, Starts
from dlverify.quantity import Array


def markov(experiment: LogInputGradients, given: Starts) -> Array:
    """At least (depth - 1) / 2 * log10 6 + 1/2 log10 3 - 1 decades are lost, in 99 of 100 networks at each depth.

    A weight is uniform within +-1/sqrt(n), of variance 1 / (3n): a layer before a ReLU multiplies the mean square of a
    gradient by n / (3n) / 2 = 1/6 exactly, for symmetric weights at any width; the last layer makes it 1/3. By Markov's
    inequality more than ten times the root mean square is found with probability at most 1/100, so that at least 96 of
    100 networks keep below it at all four depths. Pilot: 207 of 208 other seeds. Nothing bounds the loss from above.
    """
    lost = (np.array(experiment.depths) - 1) / 2 * np.log10(6) + np.log10(3) / 2 - 1
    return np.stack([np.full(len(lost), -np.inf), lost])


CLAIM = Claim(
    entry="vanishing-exploding-gradient",
    says="In plain ReLU networks of torch.nn.Linear layers without biases, as they are initialized by default, the input "
    "gradient falls by log10(6) / 2 = 0.39 decades a layer or more: below 1e-116 at 302 layers.",
    paper="He, Zhang, Ren & Sun 2015; Hanin & Nica 2020",
    experiments=vary(LogInputGradients(initialize="torch:positive", depths=(12, 32, 102, 302)), width=(64,))
    + vary(LogInputGradients(initialize="torch:positive"), width=(40, 96), tier="full"),
    predict=markov,
    judge=mostly("above", p0=0.5, p1=0.95),
    assumptions=(
        Assumption(
            "default-weights",
            "weights are as torch.nn.Linear draws them",
            broken_by={"initialize": "torch.nn.init:kaiming_normal_(nonlinearity='relu')"},
        ),
        Assumption("plain", "no way leads around the layers", broken_by={"blocks": True}),
    ),
    why_graded="How fast random networks lose their gradient is a matter of chance; the bound is certified by another claim.",
)
