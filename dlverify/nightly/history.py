"""An item over many nights: the sizes of its effect, the steps in them, and one of four labels.

    regression        red in its last night, or its detector raised an alarm then
    suspicious        as stated, but it was red in some night, or its effect took a step for the worse
    no change         none of these
    not enough data   none of these in fewer than `LEAST` nights

Records of another version of the claim file have expired, by its hash. A step is where the level of the effect changes,
found by ruptures' optimal partition (Killick et al. 2012, in its linear kernel: least squares). Effects are divided by
their spread from night to night, so that a step does not count as spread, and held within `CLIP` spreads of their median,
so that one wild night is no step; a step costs the chi-squared quantile that a step at any of n places of pure noise
exceeds with probability `RATE` at most, were the noise normal. Measured on 1,000 series each of 10, 30, 100 and 365
nights of normal, Student (3 degrees), exponential and binomial (10 of .95) noise: a step in 0 to 6 of 1,000. A step of
five spreads is found after five nights, always in 30; one of two spreads after ten nights in two series of three.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from dlverify.nightly.detector import State, updated
from dlverify.nightly.effects import Effect
from dlverify.nightly.night import WINDOW, NightError, detectors_before, nights

NEW = State()
Label = Literal["regression", "suspicious", "no change", "not enough data"]

LEAST = 10
"""Two levels of `SHORTEST` nights: with fewer there is nothing that could be a step."""
SHORTEST = 5
"""Nights that a level lasts at least: held within `CLIP` spreads, fewer do not exceed the price of a step anyhow."""
CLIP = 3.0
RATE = 1e-4
NORMAL = 0.6744897501960817  # median of |z| of a standard normal z
LATELY = 14
"""Nights over which the level now is shown: two weeks."""


@dataclass(frozen=True)
class Step:
    """A change of level.

    Attributes:
        night: The first night of the new level.
        before: The level before it, the median.
        after: The level from it on.
        worse: Whether it goes against what the claim states.
        changed: What else changed that night: versions, the experiment's source.
    """

    night: str
    before: float
    after: float
    worse: bool
    changed: tuple[str, ...]


@dataclass(frozen=True)
class Story:
    """An item over its nights.

    Attributes:
        id: `<cell>::<claim>::<part>`.
        effects: One a night since the claim was last edited, the earliest first.
        expired: How many earlier nights spoke of another version of the claim.
        steps: Where the level changed.
        label: One of the four.
        why: The reason in words.
    """

    id: str
    effects: tuple[Effect, ...]
    expired: int
    steps: tuple[Step, ...]
    label: Label
    why: str

    @property
    def cell(self) -> str:
        """The name of the cell."""
        return self.effects[-1].cell

    @property
    def claim(self) -> str:
        """The claim's id."""
        return self.effects[-1].claim

    @property
    def item(self) -> str:
        """The part, as pytest shows it."""
        return self.effects[-1].item

    @property
    def level(self) -> float | None:
        """The median effect of the last two weeks of nights; None where nothing was measured."""
        found = [effect.effect for effect in self.effects if effect.effect is not None][-LATELY:]
        return statistics.median(found) if found else None


def stories(folder: Path, claim: str | None = None, last: int = WINDOW) -> list[Story]:
    """What the last nights of a folder say of a claim, or of all, one story for each item.

    An item is gone, and has no story, where the last night ran its claim and its cell and not it.

    Args:
        folder: Where the nights are.
        claim: The claim; all where None.
        last: How many nights. What the detectors knew before them is kept.
    """
    looked = nights(folder)[-last:]
    found: dict[str, list[Effect]] = {}
    for night in looked:
        for effect in night.effects(claim):
            found.setdefault(effect.id, []).append(effect)
    if not looked:
        return []
    before = detectors_before(folder, looked[0].name)
    planned = set(looked[-1].plan()["items"])
    cells, claims = ({name.split("::", 2)[place] for name in planned} for place in (0, 1))
    return [
        story(effects, before.get(name, NEW))
        for name, effects in sorted(found.items())
        if name in planned or effects[-1].cell not in cells or effects[-1].claim not in claims
    ]


def story(effects: Sequence[Effect], state: State = NEW) -> Story:
    """What the nights of one item say.

    Args:
        effects: One a night, the earliest first.
        state: Where its detector stood before them.
    """
    source = next((effect.claim_source for effect in reversed(effects) if effect.claim_source), "")
    own = tuple(effect for effect in effects if effect.claim_source in (source, ""))
    measured = [effect for effect in own if effect.effect is not None]
    for effect in own:
        state = updated(state, effect) if effect.grade == "statistical" else state
    steps = _steps(measured)
    label, why = _label(own, measured, steps, state)
    return Story(own[-1].id, own, len(effects) - len(own), steps, label, why)


def _label(own: Sequence[Effect], measured: Sequence[Effect], steps: Sequence[Step], state: State) -> tuple[Label, str]:
    red = [effect for effect in own if effect.is_red]
    if own[-1].is_red:
        first = next(night for night, *rest in _tails(own) if all(effect.is_red for effect in (night, *rest)))
        since = "" if first is own[-1] else f" since {first.night}"
        return "regression", f"{own[-1].verdict} where {own[-1].expected} is stated{since}: {own[-1].message}"
    if state.alarm:
        return "regression", f"the nights taken together speak against it: the detector stands at {state.value:.2g}"
    worse = [step for step in steps if step.worse]
    if worse:
        step = worse[-1]
        along = f", when {' and '.join(step.changed)} changed" if step.changed else ""
        return "suspicious", f"a step for the worse on {step.night}, from {step.before:.3g} to {step.after:.3g}{along}"
    if red:
        return "suspicious", f"red in {len(red)} of {len(own)} nights, on {red[-1].night} for the last time"
    if len(measured) < LEAST:
        return "not enough data", f"measured in {len(measured)} nights, and {LEAST} are needed to find a step"
    better = f"; a step for the better on {steps[-1].night}" if steps else ""
    return "no change", f"as stated in all {len(measured)} nights{better}"


def _tails(effects: Sequence[Effect]) -> list[Sequence[Effect]]:
    return [effects[index:] for index in range(len(effects))]


def _steps(measured: Sequence[Effect]) -> tuple[Step, ...]:
    values = np.array([effect.effect for effect in measured], dtype=np.float64)
    found = []
    places = step_places(values)
    edges = [0, *places, len(values)]
    for start, place, stop in zip(edges, edges[1:], edges[2:], strict=False):
        before, after = float(np.median(values[start:place])), float(np.median(values[place:stop]))
        last, first = measured[place - 1], measured[place]
        changed = [
            f"{name} ({last.versions.get(name)} to {version})"
            for name, version in first.versions.items()
            if last.versions.get(name) != version
        ]
        if last.experiment_source != first.experiment_source:
            changed.append("the experiment's source")
        worse = after < before if first.expected == "HOLDS" else after > before
        found.append(Step(first.night, before, after, worse, tuple(changed)))
    return tuple(found)


def step_places(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[int]:
    """The places where a new level begins, shape (nights,) in; none where there are fewer than `LEAST` nights.

    Raises:
        NightError: ruptures is not installed.
    """
    if len(values) < LEAST or (values == values[0]).all():
        return []
    try:
        import ruptures
    except ImportError:
        raise NightError(
            "steps are found by ruptures, which is not installed: pip install 'dlverify[nightly]'"
        ) from None
    from scipy.stats import chi2

    jumps = np.abs(np.diff(values))
    # Of normal noise: the median jump is NORMAL sqrt(2) spreads, the mean one 2 / sqrt(pi).
    spread = float(np.median(jumps)) / (NORMAL * 2**0.5) or float(jumps.mean()) * np.pi**0.5 / 2
    held = np.clip((values - np.median(values)) / spread, -CLIP, CLIP)
    price = float(chi2.isf(RATE / len(values), 1))
    ends = ruptures.KernelCPD(kernel="linear", min_size=SHORTEST).fit(held[:, None]).predict(pen=price)
    return [int(end) for end in ends[:-1]]
