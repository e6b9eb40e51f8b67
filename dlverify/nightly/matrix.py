"""The cells of a night: device x dtype x precision x variant, and the parts of claims that each of them runs.

A cell is named `cuda-float32-tf32-fused`, a part of a claim in it `<cell>::<claim>::<part>`: stable names, by which one
can be run again. What the arithmetic does not touch has one cell: a proof, an exact comparison, a certificate, an
experiment that knows one dtype. A variant runs the parts whose subjects have one.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence
from concurrent.futures import CancelledError, Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from dlverify import catalog, running
from dlverify.claim import Assumption, ClaimError, Erratum
from dlverify.evidence.judges import Mostly
from dlverify.experiment import Experiment
from dlverify.lab.conditions import DTYPES, Conditions
from dlverify.records import Record
from dlverify.running import Unit

GRADES_OF = {"capturable": ("rounding", "statistical"), "compile": ("rounding",)}
"""The grades of evidence that a variant runs; others run all. Both round in other places, so that bits that agree are
nothing to expect; and each object is compiled anew, in seconds, which seeds by the dozen would turn into hours."""


@dataclass(frozen=True)
class Cell:
    """Conditions under which claims run, with a stable name.

    Attributes:
        device: "cpu", "cuda" or "mps".
        dtype: The floating dtype; of what has none, a proof, "float64".
        precision: "ieee" or "tf32".
        variant: One of `dlverify.lab.variants.VARIANTS`.
    """

    device: str
    dtype: str
    precision: str = "ieee"
    variant: str = "stock"

    def __str__(self) -> str:
        return f"{self.device}-{self.dtype}-{self.precision}-{self.variant}"


@dataclass(frozen=True)
class Item:
    """A part of a claim in a cell.

    Attributes:
        cell: The name of the cell.
        claim: The claim's id.
        unit: The part with its conditions.
        stated: The verdict that the claim states.
        alpha: The probability of a false alarm that its judge may spend; 0 where nothing is random.
        problem: Why the claim file cannot be loaded; empty where it can.
    """

    cell: str
    claim: str
    unit: Unit
    stated: Literal["HOLDS", "REFUTED"]
    alpha: float = 0.0
    problem: str = ""

    @property
    def id(self) -> str:
        """`<cell>::<claim>::<part>`."""
        return f"{self.cell}::{self.claim}::{'loads' if self.problem else self.unit.item}"


@dataclass(frozen=True)
class Machine:
    """What a machine, or a worker of a cluster, has.

    Attributes:
        devices: "cpu" first.
        gpus: How many CUDA devices.
        tf32: Whether they compute in TF32.
        names: What they are called.
        versions: Of python and of the packages.
    """

    devices: tuple[str, ...]
    gpus: int
    tf32: bool
    names: tuple[str, ...]
    versions: tuple[tuple[str, str], ...]


def machine() -> Machine:
    """This machine; imports torch, so it is asked in a worker."""
    import platform

    from dlverify.lab.conditions import cuda_devices, has_mps, has_tf32

    gpus = cuda_devices()
    devices = ("cpu", *["cuda"] * bool(gpus), *["mps"] * has_mps())
    names = (f"{platform.machine()} {platform.system()}", *gpus)
    return Machine(devices, len(gpus), has_tf32(), names, tuple(running.versions().items()))


def together(machines: Iterable[Machine]) -> Machine:
    """What all the workers of a cluster have."""
    found = list(machines)
    return Machine(
        tuple(device for device in ("cpu", "cuda", "mps") if all(device in one.devices for one in found)),
        sum(one.gpus for one in found),
        all(one.tf32 for one in found),
        tuple(sorted({name for one in found for name in one.names})),
        found[0].versions,
    )


def items_of(path: Path, folder: Path, seed: int, tier: str, on: Machine) -> list[Item]:
    """What a night runs of one claim file; loads the file, so it is called in a worker.

    Raises:
        ClaimError: The file cannot be loaded.
    """
    loaded = catalog.load(path, folder)
    found = []
    for unit in running.units(loaded, folder, tier):
        for cell, conditions in _cells(loaded, unit, Conditions(seed=seed, tier=tier), on):
            own = replace(unit, conditions=conditions)
            if running.is_proof(unit):
                stated: Literal["HOLDS", "REFUTED"] = "HOLDS" if unit.part == "proof" else "REFUTED"
                found.append(Item(str(cell), loaded.id, own, stated))
            else:
                trial = running.select(loaded.claim, unit)
                alpha = trial.judge.alpha if isinstance(trial.judge, Mostly) else 0.0
                found.append(Item(str(cell), loaded.id, own, trial.expected, alpha))
    return found


def _cells(loaded: catalog.Loaded, unit: Unit, base: Conditions, on: Machine) -> list[tuple[Cell, Conditions]]:
    """The cells of a part, each with the conditions that pytest would be given for it."""
    from dlverify.lab.variants import VARIANTS, variant_of

    if running.is_proof(unit):
        return [(Cell("cpu", "float64"), base)]
    trial = running.select(loaded.claim, unit)
    experiment, subjects = trial.experiment, list(_case_of(loaded, unit).subjects.values())
    # What is exact, and what knows one dtype, ignores the dtype asked for: `running` decides by the same rule.
    rounded = trial.judge.grade in ("rounding", "statistical") and len(experiment.dtypes) > 1
    dtypes = [dtype for dtype in DTYPES if dtype in experiment.dtypes] if rounded else [experiment.dtypes[0]]
    elsewhere = subjects and not any(subject.module.startswith(("torch", "dlverify")) for subject in subjects)
    devices = ("cpu",) if elsewhere or trial.judge.grade == "certified" else on.devices
    found = []
    for device in devices:
        for dtype in dtypes:
            if (device, dtype) == ("mps", "float64"):
                continue
            tf32 = device == "cuda" and dtype == "float32" and rounded and on.tf32
            for precision in ("ieee", "tf32") if tf32 else ("ieee",):
                # The experiment's own dtype goes unsaid, so that the line that replays it is the everyday one.
                said = None if dtype == experiment.dtypes[0] else dtype
                stock = replace(base, device=device, dtype=said, precision=precision)
                for variant in VARIANTS:
                    if trial.judge.grade not in GRADES_OF.get(variant, (trial.judge.grade,)):
                        continue
                    if variant == "compile" and experiment.second_derivatives:
                        continue
                    conditions = stock
                    if variant != "stock":
                        made = {subject.path: variant_of(subject, variant, device, dtype) for subject in subjects}
                        conditions = replace(stock, subjects=tuple((name, new) for name, new in made.items() if new))
                        measured = running.select(loaded.claim, unit, conditions).experiment
                        if not any(subject.stands_for for subject in measured.subjects.values()):
                            continue  # it has none, or the control puts something else in its place
                    found.append((Cell(device, dtype, precision, variant), conditions))
    return found


def _case_of(loaded: catalog.Loaded, unit: Unit) -> Experiment:
    """The experiment as the case has it, before a control changes it."""
    claim = loaded.claim
    if unit.part == "holds":
        return claim.names[unit.name].experiment
    changes: tuple[Assumption | Erratum, ...] = claim.assumptions if unit.part == "refuted" else claim.errata
    return claim.case(next(change.case for change in changes if change.slug == unit.name)).experiment


def collect(
    files: Sequence[tuple[str, Path]], folder: Path, seed: int, tier: str, on: Machine, executor: Executor
) -> list[Item]:
    """All that a night runs. Claim files are loaded by the executor's workers, so that one that crashes harms itself alone.

    Raises:
        CancelledError: The executor was shut down, or lost its cluster.
    """
    waiting = [(name, path, executor.submit(items_of, path, folder, seed, tier, on)) for name, path in files]
    found: list[Item] = []
    for name, path, future in waiting:
        try:
            found += future.result()
        except CancelledError:
            raise
        except Exception as error:  # a claim file may raise, crash or hang
            problem = str(error) if isinstance(error, ClaimError) else f"{path} cannot be loaded: {error}"
            unit = Unit(folder, path, "holds", "", Conditions(seed=seed, tier=tier))
            found.append(Item(str(Cell("cpu", "float64")), name, unit, "HOLDS", 0.0, problem))
    return found


def chosen(items: Iterable[Item], patterns: Sequence[str]) -> list[Item]:
    """The items whose id, or whose cell, matches one of the patterns; brackets stand for themselves."""
    escaped = [pattern.replace("[", "[[]") for pattern in patterns]
    return [
        item
        for item in items
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in escaped for name in (item.id, item.cell))
    ]


def unloadable(item: Item, run_id: str) -> Record:
    """The record of a claim file that cannot be loaded."""
    unjudged = running.unjudged(item.unit, item.unit.conditions or Conditions(), run_id, item.problem)
    return {**unjudged, "name": "loads", "item": "loads", "about": "the claim file can be loaded"}
