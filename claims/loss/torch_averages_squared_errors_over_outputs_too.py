"""Torch averages squared errors over outputs, too."""

import math

import numpy as np

from dlverify import Assumption, Claim, equal, rounding, vary
from dlverify.experiments.evaluation import MeanOverOutputs, Pairs
from dlverify.quantity import Array


def printed_over_outputs(experiment: MeanOverOutputs, given: Pairs) -> Array:
    """The notes' (1/N) sum over samples and outputs of (y - prediction)^2, divided by the number D of outputs once more."""
    squares = (given.targets - given.predictions) ** 2
    printed = [math.fsum(squares[:, :outputs].ravel()) / experiment.samples for outputs in experiment.outputs]
    return np.array(printed) / experiment.outputs


def roundings(experiment: MeanOverOutputs, given: Pairs) -> Array:
    """A difference, which counts twice, and its square; N D - 1 sums; a quotient; and the prediction's, as many but sums."""
    return experiment.samples * np.array(experiment.outputs) + 8


CLAIM = Claim(
    entry="mse-normalisation",
    says="The notes' mean squared error, summed over D outputs and averaged over samples, is D times what torch's MSELoss "
    "returns, which is averaged over outputs as well; they agree for one output.",
    paper="PyTorch documentation of torch.nn.MSELoss",
    experiments=vary(MeanOverOutputs(), samples=(1, 8)),
    predict=printed_over_outputs,
    judge=equal(within=rounding(operations=roundings, scale=printed_over_outputs)),
    assumptions=(
        Assumption(
            "mean",
            "the reduction is the mean, torch's default",
            broken_by={"loss": "torch.nn:MSELoss(reduction='sum')"},
        ),
        Assumption("squared", "the errors are squared", broken_by={"loss": "torch.nn:L1Loss"}),
    ),
)
