"""Epsilon takes the part of Adadelta's learning rate."""

import numpy as np

from dlverify import Assumption, Claim, Erratum, equal, rounding, vary
from dlverify.experiments.adaptive import Numbers, StepsByArgument
from dlverify.quantity import Array

RHO = 0.9


def step_lengths(gradient: float, epsilons: Array, steps: int) -> Array:
    """sqrt(A_(t-1) / ((1 - rho^t) g^2 + epsilon)) g, with A_t, the averaged squares of steps plus epsilon, from epsilon on.

    The averaged square of a constant g is (1 - rho^t) g^2. So the first step is sqrt(epsilon) g / sqrt((1 - rho) g^2 +
    epsilon), which is sqrt(epsilon / (1 - rho)) for g far above sqrt(epsilon), and the others are in proportion.
    """
    level, lengths = epsilons.copy(), []
    for t in range(1, steps + 1):
        square = gradient**2 * level / ((1 - RHO**t) * gradient**2 + epsilons)
        level = RHO * level + (1 - RHO) * (square + epsilons)
        lengths.append(np.sqrt(square))
    return np.stack(lengths, axis=1)


def by_epsilon(experiment: StepsByArgument, given: Numbers) -> Array:
    """The step lengths for each epsilon."""
    return step_lengths(float(given.values[0]), np.array(experiment.values), experiment.steps)


def by_nothing(experiment: StepsByArgument, given: Numbers) -> Array:
    """As if nothing could set the length of the steps: those of the default epsilon, 1e-6, for all."""
    return step_lengths(float(given.values[0]), np.full(len(experiment.values), 1e-6), experiment.steps)


def roundings(experiment: StepsByArgument, given: Numbers) -> Array:
    """The average of squared gradients carries 3 t + 1, under the root half of that, and r = d / 2 + 3 t / 2 + 11 / 2 a step.

    Here d is what the average of squared steps carries: a step squared gives 2 r + 4, so that d grows by 3 t + 15 a step,
    to 3/2 t^2 + 33/2 t. Nothing is subtracted. Twice, since the prediction rounds as much in float64.
    """
    t = np.arange(1, experiment.steps + 1)
    return 2 * (0.75 * t**2 + 10 * t + 8)


CASE = StepsByArgument("torch.optim:Adadelta")

CLAIM = Claim(
    entry="adadelta-no-learning-rate",
    says="No learning rate occurs in Adadelta's rule, but epsilon takes its part: the first step is sqrt(epsilon / (1 - rho)) "
    "for gradients far above sqrt(epsilon), and later ones grow from it.",
    paper="Zeiler 2012, algorithm 1",
    experiments=vary(CASE, gradient=(1.0, 100.0)) + vary(CASE, optimizer=("torch.optim:Adadelta(foreach=True)",)),
    predict=by_epsilon,
    judge=equal(within=rounding(operations=roundings, scale=by_epsilon)),
    assumptions=(
        Assumption(
            "averages-steps",
            "the numerator is an average of earlier steps, which epsilon starts",
            broken_by={"optimizer": "torch.optim:RMSprop(alpha=0.9)"},
        ),
        Assumption("no-rate", "nothing multiplies the step", broken_by={"optimizer": "torch.optim:Adadelta(lr=0.5)"}),
    ),
    errata=(Erratum("no-learning-rate", "Adadelta has no learning rate.", number=17, predict=by_nothing),),
)
