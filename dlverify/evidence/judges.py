"""Judges: the relations between what was measured and what was predicted, each with its grade of evidence."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from dlverify.evidence.finding import Finding, Grade, verdict_of
from dlverify.evidence.sequential import ALPHA, BETA, Plan, decide, plan
from dlverify.quantity import Array, Quantity, is_exact

Relation = Literal["equal", "at_most", "at_least"]
Within = Callable[[Any, Any, float], Array]

_WORDS = {"equal": "equal to", "at_most": "at most", "at_least": "at least"}


class BudgetError(ValueError):
    """A budget that is no size."""


@dataclass(frozen=True)
class Compares:
    """Each measured value stands in a relation to the predicted one; grade exact, or rounding within a budget.

    The discrepancy is |m - p| for "equal", max(m - p, 0) for "at_most" and max(p - m, 0) for "at_least", divided by
    the budget. Without a budget nothing is allowed: the comparison is one of integers, fractions, booleans, or of
    floating-point numbers to the last bit.

    Attributes:
        relation: "equal", "at_most" or "at_least".
        within: The budget, a function of (experiment, given, unit roundoff), or None for an exact comparison.
    """

    relation: Relation
    within: Within | None = None

    @property
    def grade(self) -> Grade:
        """The grade of evidence."""
        return "exact" if self.within is None else "rounding"

    def budget(self, experiment: Any, given: Any, unit_roundoff: float) -> Array | None:
        """What is allowed, in the unit of the measured values."""
        return None if self.within is None else np.asarray(self.within(experiment, given, unit_roundoff))

    def find(self, measured: Quantity, predicted: Any, budget: Array | None) -> Finding:
        """Compare, and name the worst place.

        Raises:
            BudgetError: The budget is negative or no number.
        """
        if budget is not None and not (budget >= 0).all():
            raise BudgetError(
                f"the budget of {measured.name} is {np.asarray(budget).min()} somewhere; a budget is a size, 0 or more"
            )
        values = measured.values
        expected = _shaped(predicted, values.shape, measured.name)
        if self.within is None and is_exact(values) and not is_exact(expected):
            expected = _as_fractions(expected)
        if self.within is None and is_exact(expected) and values.dtype.kind == "f":
            values = _as_fractions(values)
        if values.dtype == bool or expected.dtype == bool:
            far: Any = values != expected
        else:
            signed = values - expected
            far = {"equal": abs(signed), "at_most": np.maximum(signed, 0), "at_least": np.maximum(-signed, 0)}[
                self.relation
            ]
        distance = np.asarray(far)  # of arrays without axes numpy makes plain numbers
        ratios = _ratios(distance, budget)
        worst = np.unravel_index(int(np.argmax(ratios)), ratios.shape) if ratios.size else ()
        ratio = float(ratios[worst]) if ratios.size else 0.0
        place = {axis.name: axis.values[index] for axis, index in zip(measured.axes, worst, strict=True)}
        witness = {**place, "measured": values[worst], "predicted": expected[worst]}
        where = f" at {_place(place)}" if place else ""
        allowed = (
            "and nothing is allowed"
            if budget is None
            else f"and {_number(np.broadcast_to(budget, ratios.shape)[worst])} is allowed for rounding ({_number(ratio)} of it)"
        )
        message = (
            f"{measured.name} should be {_WORDS[self.relation]} the prediction; the worst of {ratios.size} "
            f"value{'s' * (ratios.size != 1)}{where} is {_number(witness['measured'])} against {_number(witness['predicted'])}, "
            f"{'' if distance.dtype == bool else f'off by {_number(distance[worst])}, '}{allowed}"
        )
        boundless = 0 if budget is None else int(np.isinf(np.broadcast_to(budget, ratios.shape)).sum())
        if boundless:
            message += f"; {boundless} of the values could not have failed, since rounding may lead anywhere there"
        return Finding(verdict_of(ratio, ratio), ratio, ratio, message, witness)


@dataclass(frozen=True)
class Certifies:
    """A certified enclosure [low, high] of each measured value stands in a relation to a positive bound.

    Attributes:
        relation: "at_most" or "at_least".
    """

    relation: Literal["at_most", "at_least"]
    grade: Grade = "certified"

    def budget(self, experiment: Any, given: Any, unit_roundoff: float) -> Array | None:
        """No budget: the enclosure holds rounding already."""
        return None

    def find(self, measured: Quantity, predicted: Any, budget: Array | None) -> Finding:
        """Compare both ends with the bound.

        Raises:
            ValueError: What was measured is no enclosure.
        """
        if measured.upper is None:
            raise ValueError(f"{measured.name} has no upper ends; a certified claim measures enclosures")
        bound = _shaped(predicted, measured.values.shape, measured.name).astype(np.float64)
        low, high = measured.values.astype(np.float64), measured.upper.astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            lows, highs = (low / bound, high / bound) if self.relation == "at_most" else (bound / high, bound / low)
        worst = np.unravel_index(int(np.argmax(highs)), highs.shape)
        place = {axis.name: axis.values[index] for axis, index in zip(measured.axes, worst, strict=True)}
        verdict = verdict_of(float(lows.max()), float(highs.max()))
        where = f" at {_place(place)}" if place else ""
        message = (
            f"{measured.name} should be {_WORDS[self.relation]} {_number(bound[worst])}{where}; "
            f"it lies in [{_number(low[worst])}, {_number(high[worst])}] for certain"
        )
        if verdict == "INCONCLUSIVE":
            message += "; a finer subdivision, more bits or a subject nearer to its formula would narrow the enclosure"
        witness = {**place, "low": low[worst], "high": high[worst], "bound": bound[worst]}
        return Finding(verdict, float(lows.max()), float(highs.max()), message, witness)


@dataclass(frozen=True)
class Mostly:
    """In most seeds the measured value lies beyond the margin: the capped sequential test of `evidence.sequential`.

    One seed is one outcome: "this seed's value is above (below) the predicted margin", or, for booleans, "is true".
    HOLDS rejects "at most a share p0 of seeds", REFUTED rejects "at least a share p1".

    Attributes:
        relation: "above" or "below" the margin that `predict` returns.
        p0: The negation's edge.
        p1: The claim's edge, from a pilot on other seeds.
        alpha: P(another verdict than the stated one, although things are as stated).
        beta: P(the stated verdict, although things are not).
    """

    relation: Literal["above", "below"]
    p0: float
    p1: float
    alpha: float = ALPHA
    beta: float = BETA
    grade: Grade = "statistical"

    def plan(self, stated: Literal["HOLDS", "REFUTED"]) -> Plan:
        """The sequential plan; for a control the two error rates are exchanged."""
        return plan(self.p0, self.p1, stated=stated, alpha=self.alpha, beta=self.beta)

    def budget(self, experiment: Any, given: Any, unit_roundoff: float) -> Array | None:
        """No budget: what is allowed is a share of seeds."""
        return None

    def outcomes(self, measured: Quantity, predicted: Any) -> Array:
        """One boolean a member: does it lie beyond the margin?"""
        values = measured.values
        margin = _shaped(predicted, values.shape, measured.name)
        found = values > margin if self.relation == "above" else values < margin
        return np.asarray(found if found.ndim == 1 else found.reshape(len(found), -1).all(axis=1))

    def find(self, measured: Quantity, outcomes: Array, plan: Plan) -> Finding | None:
        """Read the outcomes one by one; None where more members are needed."""
        decision = decide(plan, [bool(outcome) for outcome in outcomes])
        if decision.verdict is None:
            return None
        message = (
            f"{measured.name} is {self.relation} the margin in {decision.successes} of {decision.used} seeds; the claim "
            f"needs {self.p1:.0%} and its negation allows {self.p0:.0%}"
        )
        if decision.verdict == "REFUTED":
            message += f": below the claim edge of {self.p1:.0%}"
        statistics = {
            "n": decision.used,
            "k": decision.successes,
            "cap": plan.cap,
            "critical": plan.critical,
            "p0": plan.p0,
            "p1": plan.p1,
            "alpha": plan.alpha,
            "beta": plan.beta,
            "stated": plan.stated,
            "path": list(decision.path),
        }
        return Finding(decision.verdict, decision.low, decision.high, message, {}, statistics)


Judge = Compares | Certifies | Mostly


def equal(within: Within | None = None) -> Compares:
    """Measured equals predicted: exactly, or within a rounding budget."""
    return Compares("equal", within)


def at_most(within: Within | None = None) -> Compares:
    """Measured is at most the predicted bound: exactly, or up to a rounding budget."""
    return Compares("at_most", within)


def at_least(within: Within | None = None) -> Compares:
    """Measured is at least the predicted bound: exactly, or up to a rounding budget."""
    return Compares("at_least", within)


def certainly_at_most() -> Certifies:
    """The certified enclosure lies at or below the predicted bound."""
    return Certifies("at_most")


def certainly_at_least() -> Certifies:
    """The certified enclosure lies at or above the predicted bound."""
    return Certifies("at_least")


def mostly(relation: Literal["above", "below"], *, p0: float, p1: float) -> Mostly:
    """At least a share p1 of all seeds lies above (below) the margin that `predict` returns; more than p0 for sure."""
    return Mostly(relation, p0, p1)


def _shaped(predicted: Any, shape: tuple[int, ...], name: str) -> Array:
    values = np.asarray(predicted.values if isinstance(predicted, Quantity) else predicted)
    if values.dtype.kind in "iu":
        values = values.astype(object)
    try:
        return np.broadcast_to(values, shape)
    except ValueError:
        raise ValueError(f"{name} was measured with shape {shape}, but predicted with shape {values.shape}") from None


def _as_fractions(values: Array) -> Array:
    exact = np.empty(values.shape, dtype=object)
    for index, value in np.ndenumerate(values):
        exact[index] = Fraction(value)
    return exact


def _ratios(distance: Array, budget: Array | None) -> Array:
    far = np.asarray(distance, dtype=np.float64)
    if budget is None:
        return np.where(np.asarray(distance != 0, dtype=bool), np.inf, 0.0)
    allowed = np.broadcast_to(budget, far.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(far == 0, 0.0, far / allowed)


def _place(place: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {_number(value)}" for name, value in place.items())


def _number(value: Any) -> str:
    if isinstance(value, (bool, np.bool_, str, int)):
        return str(value)
    if isinstance(value, Fraction):
        return str(value) if len(str(value)) <= 24 else f"{float(value):.6g}"
    number = float(value)
    return f"{number:.6g}" if math.isfinite(number) else str(number)
