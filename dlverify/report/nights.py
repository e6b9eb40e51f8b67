"""What the nights of a folder say beside a run: what really changed, night by night, with the course of each effect."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from markupsafe import Markup, escape

from dlverify.nightly.effects import Effect
from dlverify.nightly.history import Label, Story, stories
from dlverify.nightly.night import WINDOW, NightError, nights
from dlverify.records import RecordError

LABELS: tuple[Label, ...] = get_args(Label)
CHANGED = ("regression", "suspicious")
WIDTH, HEIGHT, LEFT, RIGHT, EDGE = 420.0, 84.0, 46.0, 8.0, 12.0
"""Units of a drawing: all of it, the margins left and right, and those above and below."""


@dataclass(frozen=True)
class Line:
    """One night.

    Attributes:
        name: Its date.
        seed: The root of its random numbers.
        parts: How many parts were planned.
        red: How many are not as stated; None where the night is not over.
        alarms: How many detectors raised an alarm.
        not_run: How many parts were not run.
    """

    name: str
    seed: int
    parts: int
    red: int | None = None
    alarms: int = 0
    not_run: int = 0


@dataclass(frozen=True)
class Nights:
    """The last nights of a folder.

    Attributes:
        lines: A line for each, the latest first.
        stories: What they say of each part in each cell.
        problem: Why they could not be read; empty where they could.
    """

    lines: tuple[Line, ...]
    stories: tuple[Story, ...]
    problem: str = ""

    def of(self, claim: str) -> tuple[Story, ...]:
        """The stories of a claim."""
        return self._by_claim.get(claim, ())

    @functools.cached_property
    def _by_claim(self) -> dict[str, tuple[Story, ...]]:
        found: dict[str, list[Story]] = {}
        for story in self.stories:
            found.setdefault(story.claim, []).append(story)
        return {claim: tuple(own) for claim, own in found.items()}

    def labelled(self, label: str) -> list[Story]:
        """The stories with a label."""
        return [story for story in self.stories if story.label == label]

    @property
    def cells(self) -> dict[str, Counter[str]]:
        """How many parts of each cell have which label."""
        found: dict[str, Counter[str]] = {}
        for story in self.stories:
            found.setdefault(story.cell, Counter())[story.label] += 1
        return dict(sorted(found.items()))


def read(folder: Path) -> Nights | None:
    """The last nights of a folder; None where there is none."""
    found = nights(folder)[-WINDOW:]
    if not found:
        return None
    try:
        lines = []
        for night in found:
            plan = night.plan()
            line = Line(night.name, plan["seed"], len(plan["items"]))
            if night.is_over:
                end = night.end()
                line = Line(line.name, line.seed, line.parts, len(end["red"]), len(end["alarms"]), end["not_run"])
            lines.append(line)
        return Nights(tuple(reversed(lines)), tuple(stories(folder)))
    except (NightError, RecordError) as error:
        return Nights((), (), str(error))
    except (KeyError, TypeError, ValueError) as error:
        return Nights((), (), f"the nights in {folder} cannot be read ({type(error).__name__}: {error})")


def leading(told: Sequence[Story], cell: str) -> list[Story]:
    """The stories of a claim that its page draws: those in one cell, and what changed in any other.

    Args:
        told: All of them.
        cell: The cell; where it has none, as where the run was none of a night, that with most effects over the nights.
    """
    of: Counter[str] = Counter()
    for story in told:
        of[story.cell] += len(story.effects)
    lead = cell if cell in of or not of else of.most_common(1)[0][0]
    return [story for story in told if story.cell == lead or story.label in CHANGED]


def draw(story: Story) -> Markup:
    """The effect, night by night, with its standard error, its steps and its red nights; colours are the stylesheet's.

    Empty where there are not two nights to compare.
    """
    dates = [effect.night for effect in story.effects]
    if sum(effect.is_red or effect.effect is not None for effect in story.effects) < 2:
        return Markup("")
    seen = [(place, effect) for place, effect in enumerate(story.effects) if effect.effect is not None]
    sizes = [end for _, effect in seen for end in _ends(effect)] or [0.0]
    low, high = min(sizes), max(sizes)
    if low == high:
        low, high = low - 1, high + 1

    def x(place: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (place + 0.5) / len(dates)

    def y(size: float) -> float:
        return EDGE + (HEIGHT - 2 * EDGE) * (high - size) / (high - low)

    marks = [
        f'<text class="tick" x="{LEFT - 6:.0f}" y="{y(size) + 3.5:.1f}">{size:.3g}</text>'
        for size in ((low, high) if len(set(sizes)) > 1 else sizes[:1])
    ]
    if low < 0 < high and len(set(sizes)) > 1:
        marks.append(f'<line class="axis" x1="{LEFT:.0f}" x2="{WIDTH - RIGHT:.0f}" y1="{y(0):.1f}" y2="{y(0):.1f}"/>')
    paths = {"error": "", "night": "", "red": ""}
    for place, effect in enumerate(story.effects):
        at = y(effect.effect) if effect.effect is not None else HEIGHT - EDGE
        if effect.is_red:
            paths["red"] += f"M{x(place) - 3:.1f} {at - 3:.1f}l6 6m0-6l-6 6"
        elif effect.effect is not None:
            bottom, top = _ends(effect)
            paths["error"] += f"M{x(place):.1f} {y(bottom):.1f}V{y(top):.1f}" * (bottom < top)
            paths["night"] += f"M{x(place):.1f} {at:.1f}h0"
    marks += [f'<path class="{kind}" d="{path}"/>' for kind, path in paths.items() if path]
    places = [0, *(dates.index(step.night) for step in story.steps), len(dates)]
    levels = [*(step.before for step in story.steps[:1]), *(step.after for step in story.steps)]
    for start, stop, level in zip(places, places[1:], levels, strict=False):
        ends = f'x1="{x(start - 0.5):.1f}" x2="{x(stop - 0.5):.1f}" y1="{y(level):.1f}" y2="{y(level):.1f}"'
        marks.append(f'<line class="level" {ends}/>')
    return Markup(
        f'<svg class="course" role="img" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}"><title>{escape(_title(story))}</title>'
        f"{''.join(marks)}</svg>"
    )


def _ends(effect: Effect) -> tuple[float, float]:
    size = effect.effect or 0.0
    return size - effect.error, size + effect.error


def _title(story: Story) -> str:
    first, last = story.effects[0], story.effects[-1]
    unit = next((effect.unit for effect in story.effects if effect.unit), "")
    level = "" if story.level is None else f", {story.level:.3g} lately" + (f" ({unit})" if unit else "")
    return f"The effect of {story.item} from {first.night} to {last.night}{level}: {story.label}, {story.why}."
