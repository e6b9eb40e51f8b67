"""Claims as values: what is said, the theory, the experiments, the judge, and what must break."""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from dlverify.evidence.finding import GRADES, Grade
from dlverify.evidence.judges import Judge
from dlverify.evidence.proof import Proof
from dlverify.experiment import Experiment, ExperimentError
from dlverify.lab.conditions import TIERS
from dlverify.lab.subjects import Subject

Predict = Callable[[Any, Any], Any]
"""The theory: a function of (experiment, given) that sees no outcome."""


class ClaimError(ValueError):
    """A claim that is not well formed; the message says what was given and what is allowed."""


@dataclass(frozen=True)
class Case:
    """One experiment of a claim.

    Attributes:
        name: Its slug, the part in brackets of `holds[...]`.
        experiment: The experiment.
        tier: The smallest tier that runs it.
    """

    name: str
    experiment: Experiment
    tier: str = "quick"


@dataclass(frozen=True)
class Assumption:
    """A hypothesis of the claim, and the experiment that breaks it.

    Attributes:
        slug: Its name, part of `refuted[...]`.
        says: The hypothesis in words.
        broken_by: Fields to change in a case so that the hypothesis fails; the same judge must then find REFUTED.
        why_kept: Instead, why it cannot be broken in an experiment.
        case: The case to change; the first where None.
        effect: How far the change moves the measured values, a number or a function of (experiment, given): where the
            rounding budget exceeds it, a precision cannot tell and is not run. By default the size of the predicted values.
    """

    slug: str
    says: str
    broken_by: Mapping[str, Any] | None = None
    why_kept: str = ""
    case: str | None = None
    effect: float | Predict | None = None


@dataclass(frozen=True)
class Erratum:
    """What the notes print, put in the place of what is right: it must be REFUTED where the claim HOLDS.

    Attributes:
        slug: Its name, part of `erratum[...]`.
        says: What is printed, in our own words.
        number: Its number in the register of the notes.
        predict: The printed theory, or
        broken_by: the printed setting.
        case: The case to judge; the first where None.
        judge: The printed relation, where it differs from the claim's.
    """

    slug: str
    says: str
    number: int | None = None
    predict: Predict | None = None
    broken_by: Mapping[str, Any] | None = None
    case: str | None = None
    judge: Judge | None = None


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One statement, put to experiments that could come out otherwise.

    Attributes:
        says: The statement, in one sentence or two.
        experiments: The cases, from `vary(...)`.
        predict: The theory.
        judge: The relation of measured to predicted.
        assumptions: At least one with `broken_by`.
        entry: The id of the entry in `notes.toml` that it puts to the test; optional outside this repository.
        paper: The literature.
        errata: What the notes print instead.
        proof: A proof for all values, where there is one.
        why_graded: Why its best grade of evidence is below the one that its entry can carry.
    """

    says: str
    experiments: tuple[Case, ...]
    predict: Predict
    judge: Judge
    assumptions: tuple[Assumption, ...]
    entry: str | None = None
    paper: str = ""
    errata: tuple[Erratum, ...] = ()
    proof: Proof | None = None
    why_graded: str = ""
    names: Mapping[str, Case] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check what can be checked without running anything.

        Raises:
            ClaimError: The claim is not well formed.
        """
        if not self.says.strip():
            raise ClaimError("the claim says nothing; `says` is its statement in one sentence")
        if not self.experiments:
            raise ClaimError("the claim has no experiments; give vary(SomeExperiment(...), field=(values, ...))")
        object.__setattr__(self, "names", {case.name: case for case in self.experiments})
        if len(self.names) < len(self.experiments):
            raise ClaimError(f"two cases share a name: {', '.join(sorted(case.name for case in self.experiments))}")
        if not any(case.tier == "quick" for case in self.experiments):
            raise ClaimError("no case is in the quick tier, so that an everyday run would show nothing")
        _check_theory("predict", self.predict)
        if not any(assumption.broken_by for assumption in self.assumptions):
            raise ClaimError(
                "no assumption is breakable, so the claim could not fail; give one Assumption with "
                "broken_by={field: value}"
            )
        _check_slugs("assumption", [assumption.slug for assumption in self.assumptions])
        _check_slugs("erratum", [erratum.slug for erratum in self.errata])
        for assumption in self.assumptions:
            _check_assumption(self, assumption)
        for erratum in self.errata:
            _check_erratum(self, erratum)

    @property
    def grade(self) -> Grade:
        """Its best grade of evidence."""
        grades: list[Grade] = [self.judge.grade] + (["proof"] if self.proof else [])
        return min(grades, key=GRADES.index)

    def case(self, name: str | None) -> Case:
        """The case of that name, or the first."""
        return self.experiments[0] if name is None else self.names[name]

    @property
    def subjects(self) -> tuple[str, ...]:
        """The paths of the subjects that its cases exercise."""
        return tuple(sorted({s.path for case in self.experiments for s in case.experiment.subjects.values()}))


def vary(experiment: Experiment, *, tier: str = "quick", **values: tuple[Any, ...]) -> tuple[Case, ...]:
    """One case for each combination of values: `vary(StepLengths(), gradient=("constant", "growing"), lr=(0.01, 1.0))`.

    A case is named by its values, `constant-0.01`; a single one is named `default`. Tuples of cases add up:
    `vary(E()) + vary(E(), width=(512,), tier="full")`.

    Raises:
        ClaimError: A field, a value or the tier does not exist.
    """
    if tier not in TIERS:
        raise ClaimError(f"unknown tier {tier!r}; choose one of {', '.join(TIERS)}")
    cases = []
    for combination in itertools.product(*values.values()):
        changes = dict(zip(values, combination, strict=True))
        try:
            changed = experiment.changed(**changes)
        except ExperimentError as error:
            raise ClaimError(str(error)) from None
        cases.append(Case("-".join(slug(value) for value in combination) or "default", changed, tier))
    return tuple(cases)


def slug(value: Any) -> str:
    """A value as part of an item's name: letters, digits, dots and dashes."""
    if isinstance(value, (tuple, list)):
        return "x".join(slug(part) for part in value) or "none"
    if isinstance(value, int | float | Fraction) and not isinstance(value, bool):
        size = str(abs(value)) if isinstance(value, int) else f"{abs(float(value)):.6g}"
        return f"m{size}" if value < 0 else size
    text = str(value)
    if isinstance(value, Subject) or re.fullmatch(r"[\w.]+:\w+(\(.*\))?", text):
        text = text.partition(":")[2]
    return re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-").lower() or "empty"


def _check_theory(name: str, theory: Any) -> None:
    try:
        parameters = list(inspect.signature(theory).parameters.values())
    except TypeError:
        raise ClaimError(f"{name} is {theory!r}; it must be a function of (experiment, given)") from None
    required = [p.name for p in parameters if p.default is p.empty and p.kind is not p.VAR_KEYWORD]
    if len(required) != 2:
        raise ClaimError(
            f"{name} takes ({', '.join(required)}); a theory takes (experiment, given) alone, so that it cannot see the "
            "outcome"
        )


def _check_slugs(kind: str, slugs: list[str]) -> None:
    for name in slugs:
        if not re.fullmatch(r"[a-z0-9]+([-.][a-z0-9]+)*", name):
            raise ClaimError(f"the {kind} {name!r} is no slug; write lower-case words with dashes, as in never-forgets")
    if len(set(slugs)) < len(slugs):
        raise ClaimError(f"two of {', '.join(slugs)} share a name")
    if kind == "assumption" and "proof" in slugs:
        raise ClaimError("the assumption 'proof' would be mistaken for the broken proof; name it otherwise")


def _check_assumption(claim: Claim, assumption: Assumption) -> None:
    name = f"the assumption {assumption.slug!r}"
    if not assumption.broken_by:
        if not assumption.why_kept:
            raise ClaimError(
                f"{name} has neither broken_by={{field: value}} nor why_kept=, the reason it cannot be broken"
            )
        return
    _check_changes(claim, name, assumption.broken_by, assumption.case)


def _check_erratum(claim: Claim, erratum: Erratum) -> None:
    name = f"the erratum {erratum.slug!r}"
    if erratum.predict is None and not erratum.broken_by:
        raise ClaimError(
            f"{name} changes nothing; give predict=, the printed theory, or broken_by=, the printed setting"
        )
    if erratum.predict is not None:
        _check_theory(f"predict of {name}", erratum.predict)
    _check_changes(claim, name, erratum.broken_by or {}, erratum.case)


def _check_changes(claim: Claim, name: str, changes: Mapping[str, Any], case: str | None) -> None:
    if case is not None and case not in claim.names:
        raise ClaimError(f"{name} names the case {case!r}; the cases are {', '.join(claim.names)}")
    experiment = claim.case(case).experiment
    try:
        changed = experiment.changed(**changes)
    except ExperimentError as error:
        raise ClaimError(f"{name} cannot be broken so: {error}") from None
    if changes and changed == experiment:
        raise ClaimError(
            f"{name} breaks nothing: {dict(changes)!r} is what the case {claim.case(case).name!r} has already"
        )
