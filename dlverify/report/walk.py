"""The path of a sequential test against its boundaries, as a small SVG whose colours the stylesheet gives."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 420.0, 150.0, 34.0, 26.0, 10.0, 62.0
"""Units of the drawing: all of it, and the margins in which its labels stand."""


def draw(statistics: Mapping[str, Any]) -> Markup:
    """The log likelihood ratio, seed by seed, between the line for HOLDS and that for REFUTED, up to the cap.

    The allowed rates are those of `evidence.sequential`: a control exchanges the two.
    """
    path = [0.0, *(float(value) for value in statistics["path"])]
    alpha, beta, cap = float(statistics["alpha"]), float(statistics["beta"]), int(statistics["cap"])
    holds, refuted = (beta, alpha) if statistics["stated"] == "HOLDS" else (alpha, beta)
    lower, upper = math.log(holds / 2), math.log(2 / refuted)
    low, high = min(lower, *path) - 1, max(upper, *path) + 1

    def x(seeds: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * seeds / max(cap, len(path) - 1, 1)

    def y(ratio: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - ratio) / (high - low)

    points = " ".join(f"{x(seeds):.1f},{y(ratio):.1f}" for seeds, ratio in enumerate(path))
    last = len(path) - 1
    found = "HOLDS" if path[-1] <= lower else "REFUTED" if path[-1] >= upper else "the cap"
    title = (
        f"After {last} of at most {cap} seeds the logarithm of the likelihood ratio is {path[-1]:.3g} and reaches {found}: "
        f"the line for HOLDS is at {lower:.3g}, that for REFUTED at {upper:.3g}."
    )
    lines = [
        f'<line class="{name}" x1="{x(0):.1f}" x2="{x(cap):.1f}" y1="{y(at):.1f}" y2="{y(at):.1f}"/>'
        f'<text x="{x(cap) + 6:.1f}" y="{y(at) + 3.5:.1f}">{word}</text>'
        f'<text class="tick" x="{LEFT - 6:.1f}" y="{y(at) + 3.5:.1f}">{at:.1f}</text>'
        for name, word, at in (("refuted", "REFUTED", upper), ("holds", "HOLDS", lower))
    ]
    axis = [
        f'<line class="axis" x1="{x(0):.1f}" x2="{x(cap):.1f}" y1="{y(0):.1f}" y2="{y(0):.1f}"/>',
        f'<text class="tick" x="{LEFT - 6:.1f}" y="{y(0) + 3.5:.1f}">0</text>',
        f'<line class="axis" x1="{x(cap):.1f}" x2="{x(cap):.1f}" y1="{TOP:.1f}" y2="{HEIGHT - BOTTOM:.1f}"/>',
        f'<text class="middle" x="{x(cap):.1f}" y="{HEIGHT - 8:.1f}">cap {cap}</text>',
        f'<text x="{x(0):.1f}" y="{HEIGHT - 8:.1f}">seeds read one by one: {last}</text>',
    ]
    return Markup(
        f'<svg class="walk" role="img" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}"><title>{escape(title)}</title>'
        f'{"".join(axis)}{"".join(lines)}<polyline points="{points}"/>'
        f'<circle cx="{x(last):.1f}" cy="{y(path[-1]):.1f}" r="3"/></svg>'
    )
