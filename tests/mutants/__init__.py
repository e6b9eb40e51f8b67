"""Implementations that are wrong in one named point each: the claims must tell them from right ones.

A mutant runs on default settings and returns finite values: what crashes is not told from a typing error. It is killed
where a case that holds for the right implementation is REFUTED; an ERROR is no kill.
"""

from __future__ import annotations

import importlib
import pkgutil
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlverify import Conditions, Subject, catalog, running

ROOT = Path(__file__).parents[2]
CLAIMS = ROOT / "claims"


@dataclass(frozen=True)
class Mutant:
    """A wrong implementation.

    Attributes:
        subject: The dotted path of what it stands in for.
        thing: The class or function.
        defect: What is wrong with it.
        survives: Why no claim tells it from the right one, where none does.
    """

    subject: str
    thing: Any
    defect: str
    survives: str = ""

    @property
    def name(self) -> str:
        """How it is called."""
        return str(self.thing.__name__)


_MUTANTS: list[Mutant] = []


def mutant(subject: str, survives: str = "") -> Callable[[Any], Any]:
    """Register a class or function, whose docstring says the defect, as a mutant of a subject."""

    def register(thing: Any) -> Any:
        _MUTANTS.append(Mutant(subject, thing, " ".join(thing.__doc__.split()), survives))
        return thing

    return register


def mutants() -> list[Mutant]:
    """All of them."""
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        importlib.import_module(module.name)
    return list(_MUTANTS)


def outcomes(mutant: Mutant, claims: set[str] | None = None) -> Iterator[running.Record]:
    """Records of the cases that measure what the mutant stands in for, with the mutant in its place."""
    conditions = Conditions(subjects=((mutant.subject, Subject.of(mutant.thing)),))
    for name, path in catalog.claim_files([CLAIMS]):
        if claims is None or name in claims:
            units = running.exercising(catalog.load(path, CLAIMS), CLAIMS, [mutant.subject])
            yield from running.run([unit for unit in units if unit.part == "holds"], conditions)


def examine(index: int) -> dict[str, tuple[bool, float]]:
    """For each claim that measures what the mutant stands in for: whether it refutes the mutant, and in how many seconds."""
    import torch

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    found: dict[str, tuple[bool, float]] = {}
    for record in outcomes(mutants()[index]):
        killed, seconds = found.get(record["claim"], (False, 0.0))
        found[record["claim"]] = killed or record["verdict"] == "REFUTED", seconds + record["seconds"]
    return found
