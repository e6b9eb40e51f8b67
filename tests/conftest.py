"""A claim to play with, and pytest run on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.figure  # noqa: F401 - see below
import pytest
import scipy.special  # noqa: F401
import sympy  # noqa: F401
import torch._dynamo  # noqa: F401 - pytest inside pytest forgets what it imported, and these cannot be imported twice

import dlverify.figures.page  # noqa: F401
import dlverify.lab.ensembles  # noqa: F401
from dlverify import catalog
from dlverify.nightly.night import Night, detectors_before

DOUBLING = '''
"""Doubling doubles."""
from dataclasses import dataclass
from typing import ClassVar, Literal
import numpy as np
import torch
from dlverify import *


@dataclass(frozen=True)
class Doubling(Experiment):
    """Twice a vector."""

    dtypes: ClassVar = ("float64", "float32")
    factor: float = 2.0
    start: Literal["normal", "zero"] = "normal"

    def draw(self, lab):
        return lab.normal("x", (4,))[0]

    def measure(self, lab, given):
        return Quantity(self.factor * lab.tensor(given), "double", axes=(Axis("place", (0, 1, 2, 3)),))


@dataclass(frozen=True)
class Coin(Experiment):
    """A coin that shows heads with probability `heads`."""

    heads: float = 0.99

    def draw(self, lab):
        return lab.uniform("coin", ())

    def measure(self, lab, given):
        return Quantity(self.heads - given, "how far on the heads' side", axes=(Axis("member", tuple(lab.members)),))


def twice(experiment, given):
    return 2 * given


WITHIN = rounding(operations=1, scale=lambda experiment, given: np.abs(2 * given) + 1e-300)
CONTROL = Assumption("factor-two", "the factor is two", broken_by={"factor": 3.0})
CLAIM = Claim(
    says="Doubling doubles.",
    experiments=vary(Doubling()),
    predict=twice,
    judge=equal(within=WITHIN),
    assumptions=(CONTROL,),
)
'''

COIN = """
CLAIM = Claim(
    says="The coin mostly shows heads.",
    experiments=vary(Coin()),
    predict=lambda experiment, given: 0.0,
    judge=mostly("above", p0=0.5, p1=0.95),
    assumptions=(Assumption("loaded", "the coin is loaded", broken_by={"heads": 0.3}),),
)
"""


class Claims:
    """A folder with claims, and what pytest makes of it."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        pytester.makeini("[pytest]\nclaim_folders = claims\n")

    def write(self, text: str = DOUBLING, *, replace: dict[str, str] | None = None, name: str = "toy/doubling") -> Path:
        """Write a claim file, the doubling one with some texts replaced where nothing else is said."""
        for old, new in (replace or {}).items():
            assert old in text, old
            text = text.replace(old, new)
        path = self.pytester.path / "claims" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run(self, *arguments: str, folder: tuple[str, ...] = ("claims",)) -> pytest.RunResult:
        """Run pytest on the claims, in this process."""
        catalog._load.cache_clear()  # the last run's modules were forgotten with it
        return self.pytester.runpytest_inprocess(*folder, "-p", "no:xdist", "--no-figures", *arguments)

    def records(self, path: str = "build/records/latest.jsonl") -> dict[str, dict[str, Any]]:
        """The records of the last run by item."""
        rows = [json.loads(line) for line in (self.pytester.path / path).read_text().splitlines()]
        return {f"{row['claim']}::{row['item']}": row for row in rows}


@pytest.fixture
def claims(pytester: pytest.Pytester) -> Claims:
    """A folder for claims with pytest at hand."""
    return Claims(pytester)


@pytest.fixture
def output() -> Callable[[pytest.RunResult], str]:
    """The output of a run as one line, so that a wrapped sentence can be found in it."""
    return lambda result: " ".join(" ".join(result.outlines + result.errlines).split())


def write_nights(folder: Path, rows: list[dict[str, Any]], dates: list[str]) -> None:
    """Nights that recorded these rows, each the same, as the command leaves them."""
    for date in dates:
        night = Night(folder / date)
        plan = {
            "schema": 1,
            "night": date,
            "seed": int(date.replace("-", "")),
            "run": "run",
            "items": [f"{row['cell']}::{row['claim']}::{row['item']}" for row in rows],
            "machine": {"versions": [["torch", "2.13.0"]]},
            "started": f"{date}T01:00:00+00:00",
        }
        night.folder.mkdir(parents=True, exist_ok=True)
        (night.folder / "plan.json").write_text(json.dumps(plan))
        night.path.write_text("".join(json.dumps({**row, "night": date}) + "\n" for row in rows))
        night.close(plan, detectors_before(folder, date))
