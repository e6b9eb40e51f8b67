"""Augmenting by reflections leaves the even part of the fit."""

from typing import Any

import numpy as np
import sympy

from dlverify import Assumption, Claim, Proof, equal, rounding, vary
from dlverify.experiments.augmentation import AugmentedFits, Curve
from dlverify.quantity import Array


def even_fit(experiment: AugmentedFits, given: Curve) -> Array:
    """Least squares of the points themselves on even powers alone, in rationals; all odd coefficients vanish."""
    even = range(0, experiment.degree + 1, 2)
    features = sympy.Matrix([[sympy.Rational(x) ** power for power in even] for x in given.places])
    targets = sympy.Matrix([sympy.Rational(y) for y in given.responses])
    coefficients = np.zeros(experiment.degree + 1)
    coefficients[::2] = [float(c) for c in (features.T * features).LUsolve(features.T * targets)]
    return coefficients


def roundings(experiment: AugmentedFits, given: Curve) -> float:
    """Powers; a least-squares problem of m equations and n unknowns, order m n (Higham 2002, theorem 20.3)."""
    return 6 * 2 * experiment.points * (experiment.degree + 1) + experiment.degree


def sensitivity(experiment: AugmentedFits, given: Curve) -> float:
    """4 k^2 |y| / |A| for condition k of the equations A (Higham 2002, theorem 20.1)."""
    places = np.concatenate([given.places, -given.places])[:, None]
    values = np.linalg.svd(places ** np.arange(experiment.degree + 1), compute_uv=False)
    return float(4 * (values[0] / values[-1]) ** 2 * np.sqrt(2) * np.linalg.norm(given.responses) / values[0])


def residuals(factor: int = 1) -> dict[str, Any]:
    """The loss averaged over x and -x, of even part e and odd part o: (e - y)^2 + o^2, least where o = 0 and e fits alone."""
    e, o, y = sympy.symbols("e o y", real=True)
    averaged = ((e + o - y) ** 2 + (e - o - y) ** 2) / 2
    return {"averaged over the orbit": sympy.expand(averaged - (e - y) ** 2 - factor * o**2)}


CLAIM = Claim(
    entry="data-augmentation",
    says="Joining every point (x, y) by (-x, y) minimises the loss averaged over reflections: the fit is the least-squares fit by even powers "
    "alone, whatever the points. That lowers variance where the target is even, and loses its odd part where it is not.",
    paper="Chen, Dobriban & Lee 2020; Simard, LeCun, Denker & Victorri 1998",
    experiments=vary(AugmentedFits(), degree=(3, 5)),
    predict=even_fit,
    judge=equal(within=rounding(operations=roundings, scale=sensitivity)),
    assumptions=(
        Assumption(
            "whole-orbit", "points are reflected; the same points again change nothing", broken_by={"copies": "(x, y)"}
        ),
        Assumption("labels-stay", "the label of a reflected point is the same", broken_by={"copies": "(-x, -y)"}),
    ),
    proof=Proof(
        "For all even and odd parts and labels the loss averaged over reflections penalises the odd part alone.",
        residuals,
        broken=lambda: residuals(factor=2),
    ),
)
