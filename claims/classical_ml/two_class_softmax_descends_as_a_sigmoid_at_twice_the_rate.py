"""Two-class softmax descends as a sigmoid at twice the rate."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.classical_ml import Classifier, ClassifierDescent
from dlverify.quantity import Array


def descent(experiment: ClassifierDescent, given: Classifier) -> Array:
    """Steps 2 lr mean((t - sigmoid(v . x)) x) of v = w1 - w2, with t = 1 for the first class; a bias is the weight of 1."""
    inputs = np.column_stack([given.inputs, np.ones(len(given.inputs))])
    difference, path = given.weights[0] - given.weights[1], []
    for _ in range(experiment.steps):
        missing = (given.labels == 0) - 1 / (1 + np.exp(-inputs @ difference))
        difference = difference + 2 * experiment.lr * (missing @ inputs) / len(inputs)
        path.append(difference)
    return np.stack(path)


def roundings(experiment: ClassifierDescent, given: Classifier) -> float:
    """A logit (features + 1), its probability (8), the mean over samples (samples + 2), rate and update (2); twice, for the theory."""
    return 2 * (experiment.features + experiment.samples + 13)


def terms(experiment: ClassifierDescent, given: Classifier) -> Array:
    """For each step that came before: |w1| + |w2|, and 2 lr mean(|x| (1 + |x| (|w1| + |w2|))) as the sigmoid's slope is below 1.

    Errors add up and do not grow: logistic loss is convex, and 2 lr is below 2 / L, with L = mean |x|^2 / 4 the curvature
    at most. w1 + w2 does not change, so |w1| + |w2| is at most |w1 + w2| + |w1 - w2|.
    """
    lengths = np.sqrt(1 + (given.inputs**2).sum(1))
    weights = np.linalg.norm(given.weights[:2].sum(0)) + np.linalg.norm(descent(experiment, given), axis=1)
    step = weights + 2 * experiment.lr * (lengths * (1 + lengths * weights[:, None])).mean(1)
    return np.cumsum(step)[:, None]


def residuals(rate: int = 2) -> dict[str, Any]:
    """By the chain rule through z1 = w1 x and z2 = w2 x, for one sample of the first class; a mean adds them up."""
    w, v, x, lr = sympy.symbols("w1 w2 x lr", real=True)
    softmax_loss = -sympy.log(sympy.exp(w * x) / (sympy.exp(w * x) + sympy.exp(v * x)))
    difference = sympy.Symbol("d", real=True)
    sigmoid_loss = sympy.log(1 + sympy.exp(-difference * x))
    steps = [-lr * softmax_loss.diff(parameter) for parameter in (w, v)]
    step = -rate * lr * sigmoid_loss.diff(difference).subs(difference, w - v)
    return {"w1 + w2 stays": steps[0] + steps[1], "w1 - w2 moves": steps[0] - steps[1] - step}


CLAIM = Claim(
    entry="softmax-regression",
    says="Descent on two-class softmax moves w1 - w2 as descent on the sigmoid moves its weights at twice the rate, step by step: "
    "both are one fit.",
    paper="Hastie, Tibshirani & Friedman 2009, section 4.4",
    experiments=vary(ClassifierDescent()),
    predict=descent,
    judge=equal(within=rounding(operations=roundings, scale=terms)),
    assumptions=(
        Assumption("two-classes", "there are two classes", broken_by={"classes": 3}),
        Assumption(
            "not-penalised",
            "the weights are not penalised: with w1 = -w2 a penalty on both is half of the same one on w1 - w2",
            broken_by={"optimizer": "torch.optim:SGD(weight_decay=0.1)"},
        ),
        Assumption("descent", "steps are gradients", broken_by={"optimizer": "torch.optim:Adam"}),
    ),
    proof=Proof(
        "A step of descent on softmax leaves w1 + w2 and moves w1 - w2 by twice the step on the sigmoid, at any weights.",
        residuals,
        broken=lambda: residuals(rate=1),
    ),
)
