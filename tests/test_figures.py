"""Figures: drawn from records alone, the same bytes every time, readable whatever the records hold."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import warnings
import xml.etree.ElementTree as ElementTree
from fractions import Fraction
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from dlverify import figures
from dlverify.evidence.finding import Finding
from dlverify.evidence.judges import at_least, at_most, certainly_at_most, equal, mostly
from dlverify.figures.maps import MOST_MAPS, RISING, SIGNED, choose_maps, colours_of, maps_of, reads_as_map
from dlverify.figures.numbers import number
from dlverify.figures.page import BLUE, GREEN, GREY, VERMILLION, WIDTH, YELLOW, Page, Table, blank_page
from dlverify.figures.panels import PLOT
from dlverify.figures.scale import Scale
from dlverify.figures.strip import rung
from dlverify.quantity import Axis, Quantity
from dlverify.records import FIELDS, Record, RecordError, encode

MOST_BYTES = 75_000  # a map of noise; of 28 kB on average, four hundred figures weigh less than 12 MB
STEPS = Axis("step", tuple(range(1, 201)), "", "log")
RATES = Axis("learning rate", (0.1, 0.2, 0.4), "1/s")
NAMES = Axis("optimizer", ("SGD", "Adagrad", "AdamW with a long name"))
T = np.arange(1, 201.0)
HOSTILE = "a <script>alert(1)</script> & $\\frac{1}{0}$ ]]> -- '\"\x00\x1b[31m\ud800\ufffe 中文 \n\n 🙂 " * 9


def row(part: str = "holds", name: str = "default", **changes: Any) -> Record:
    """A record of schema 1 with all its fields."""
    stated = "HOLDS" if part in ("holds", "proof") else "REFUTED"
    plain = {
        "schema": 1,
        "claim": "toy/statement",
        "says": "Doubling doubles.",
        "part": part,
        "name": name,
        "item": f"{part}[{name}]" if name else part,
        "index": 0,
        "parts": 1,
        "default": True,
        "about": "the factor is two",
        "tier": "quick",
        "verdict": stated,
        "expected": stated,
        "grade": "exact",
        "message": "as it should be",
        "low": 0.0 if stated == "HOLDS" else "inf",
        "high": 0.0 if stated == "HOLDS" else "inf",
        "relation": "equal",
        "quantity": "double",
        "unit": "",
        "scale": "linear",
        "axes": [],
        "measured": None,
        "upper": None,
        "predicted": None,
        "budget": None,
        "pictures": [],
        "witness": {},
        "statistics": {},
        "parameters": {},
        "subject": {"optimizer": "torch.optim:SGD(momentum=0.9)"},
        "device": "cpu",
        "dtype": "float64",
    }
    assert set(plain) <= set(FIELDS)
    return {**dict.fromkeys(FIELDS), **plain, **changes}


def judged(part: str, name: str, judge: Any, measured: Quantity, predicted: Any, budget: Any = None) -> Record:
    """The record of a part as running makes it of a measurement."""
    if judge.grade == "statistical":
        finding = judge.find(measured, judge.outcomes(measured, predicted), judge.plan(row(part)["expected"]))
        predicted = np.broadcast_to(predicted, measured.values.shape)
    else:
        finding = judge.find(measured, predicted, budget)
    assert isinstance(finding, Finding)
    axes = [{"name": a.name, "unit": a.unit, "scale": a.scale, "values": encode(a.values)} for a in measured.axes]
    return row(
        part,
        name,
        verdict=finding.verdict,
        grade=judge.grade,
        message=finding.message,
        low=encode(finding.low),
        high=encode(finding.high),
        relation=judge.relation,
        quantity=measured.name,
        unit=measured.unit,
        scale=measured.scale,
        axes=axes,
        measured=encode(measured.values),
        upper=None if measured.upper is None else encode(measured.upper),
        predicted=encode(np.asarray(predicted)),
        budget=None if budget is None else encode(np.asarray(budget)),
        witness=encode(finding.witness),
        statistics=encode(finding.statistics),
    )


def whole(*rows: Record) -> list[Record]:
    """The rows as all parts of one claim."""
    return [{**row, "index": index, "parts": len(rows)} for index, row in enumerate(rows)]


def rounded(low: float, shape: tuple[int, ...]) -> Any:
    """Numbers that look like rounding errors, the same ones each time."""
    return low * np.cos(np.arange(np.prod(shape))).reshape(shape)


def curves() -> list[Record]:
    """Four cases along a logarithmic axis within a rounding budget, a control that diverges and a printed error."""
    near = equal(within=lambda *_: 1)
    rows = []
    for i, rate in enumerate((0.01, 0.1, 0.1, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)):
        line = rate / np.sqrt(T)
        values = Quantity(line + rounded(1e-15, T.shape), "step length", "m", (STEPS,), scale="log")
        rows.append(judged("holds", f"case-{i}", near, values, line, np.full(200, 4e-15)))
    grows = Quantity(0.01 * T**2, "step length", "m", (STEPS,), scale="log")
    rows.append(judged("refuted", "keeps-every-gradient", near, grows, 0.01 / np.sqrt(T), np.full(200, 4e-15)))
    right = Quantity(0.01 / np.sqrt(T), "step length", "m", (STEPS,), scale="log")
    rows.append(judged("erratum", "no-root", near, right, 0.01 / T, np.full(200, 4e-15)))
    return whole(*rows)


def slices() -> list[Record]:
    """Two numeric axes: a line for each place of the shorter one; a bound with a control above it."""
    values = Quantity(np.exp(-np.outer(RATES.values, T / 20)), "loss", "", (RATES, STEPS))
    broken = Quantity(np.exp(np.outer(RATES.values, T / 200)), "loss", "", (RATES, STEPS))
    bound = 1.2 * values.values
    within = at_most(within=lambda *_: 1)
    slack = np.full(values.values.shape, 1e-9)
    return whole(
        judged("holds", "default", within, values, bound, slack),
        judged("refuted", "stable", within, broken, bound, slack),
    )


def identity() -> list[Record]:
    """Unordered values, as an output of a network over samples and features."""
    axes = (Axis("sample", tuple(range(32))), Axis("feature", tuple(range(8))))
    right = rounded(3.0, (32, 8)) * np.linspace(0.5, 2, 8)
    budget = np.full((32, 8), 1e-13)
    return whole(
        *(
            judged(
                "holds",
                f"depth-{d}",
                equal(within=lambda *_: 1),
                Quantity(right * d + 1e-14, "out", "", axes),
                right * d,
                budget,
            )
            for d in (1, 3)
        ),
        judged(
            "refuted",
            "linear",
            equal(within=lambda *_: 1),
            Quantity(np.maximum(right, 0), "out", "", axes),
            right,
            budget,
        ),
    )


def scalars() -> list[Record]:
    """One exact number a case, and one of each control."""
    one = (Axis("model", ("model",)),)
    return whole(
        *(
            judged("holds", name, equal(), Quantity([value], "parameters", "", one), [value])
            for name, value in (
                ("lenet", 61706),
                ("mlp", Fraction(199210, 3)),
                ("a-case-with-a-very-long-name-1", 7850),
            )
        ),
        judged("refuted", "bias", equal(), Quantity([61470], "parameters", "", one), [61706]),
        judged("erratum", "sixty-thousand", equal(), Quantity([61706], "parameters", "", one), [60000]),
    )


def labels() -> list[Record]:
    """A categorical axis, with a lower bound."""
    values = Quantity((0.9, 0.8, 0.7), "accuracy", "", (NAMES,))
    return whole(
        judged("holds", "default", at_least(), values, 0.6),
        judged("refuted", "trained", at_least(), Quantity((0.1, 0.8, 0.12), "accuracy", "", (NAMES,)), 0.6),
    )


def booleans() -> list[Record]:
    """Yes or no along an axis of numbers, over a threshold."""
    axis = Axis("learning rate", tuple(np.linspace(0.1, 3, 30).tolist()))
    stable = np.array(axis.values) < 2
    return whole(
        judged("holds", "default", equal(), Quantity(stable, "converges", "", (axis,)), stable),
        judged(
            "refuted", "no-momentum", equal(), Quantity(np.array(axis.values) < 2.7, "converges", "", (axis,)), stable
        ),
    )


def enclosures() -> list[Record]:
    """Certified enclosures of an error against a bound, over widths; one case undecided."""
    widths = Axis("width", (4, 8, 16, 32, 64), "", "log2")
    error = 1 / np.array(widths.values)
    judge = certainly_at_most()

    def enclosed(low: Any, high: Any) -> Quantity:
        return Quantity(low, "sup of the error", "", (widths,), upper=high, scale="log")

    return whole(
        judged("holds", "sine", judge, enclosed(0.7 * error, 0.9 * error), error),
        judged("holds", "cosine", judge, enclosed(0.4 * error, 1.2 * error), error),
        judged("refuted", "two-layers", judge, enclosed(2 * error, 4 * error), error),
    )


def certified_numbers() -> list[Record]:
    """Certified enclosures of single numbers."""
    judge = certainly_at_most()
    return whole(
        judged("holds", "sine", judge, Quantity(0.7, "error", upper=0.9), 1.0),
        judged("holds", "step", judge, Quantity(0.01, "error", upper=0.01), 0.5),
        judged("refuted", "two-layers", judge, Quantity(1.7, "error", upper=1.9), 1.0),
    )


def seeds(stated: str = "HOLDS") -> list[Record]:
    """A sequential test: most seeds lie above the margin; without the mechanism few do."""
    judge = mostly("above", p0=0.5, p1=0.95)

    def members(count: int, shift: float) -> Quantity:
        return Quantity(shift + rounded(1.0, (count,)), "gap of accuracy", "%", (Axis("member", tuple(range(count))),))

    rows = [
        judged("holds", "small", judge, members(64, 0.9), 0.0),
        judged("holds", "large", judge, members(64, 1.5), 0.0),
        judged("refuted", "same-batch", judge, members(64, -0.2), 0.0),
        judged("erratum", "always", judge, members(64, -0.7), 0.0),
    ]
    return whole(*rows[: 4 if stated == "HOLDS" else 1])


def illustrated() -> list[Record]:
    """Seeds with pictures: digits and what is made of them, and a control that makes nothing of them."""
    square, names = (
        np.arange(6 * 64.0).reshape(6, 8, 8) % 7,
        ("digits", "what the network makes of the digits it has never seen"),
    )
    rows = []
    for record in seeds():
        made = 0 * square if record["part"] == "refuted" else square / 2 - 1
        values = encode(square), encode(made)
        shown = [{"name": name, "caption": "", "values": one} for name, one in zip(names, values, strict=True)]
        rows.append({**record, "pictures": shown * (record["name"] in ("large", "same-batch", "always"))})
    return rows


def gallery() -> list[Record]:
    """As many pictures as a quantity may have, as large as they may be and full of detail, on both sides."""
    noise = np.sin(np.arange(1728) ** 2)
    shapes = (12, 12, 12), (3, 24, 24), (12, 24, 6), (1, 1, 24)
    shown = [
        {
            "name": f"noise in {shape} " * 9,
            "caption": "as it comes " * i * 6,
            "values": encode(noise[: np.prod(shape)].reshape(shape)),
        }
        for i, shape in enumerate(shapes)
    ]
    return [{**record, "pictures": shown} for record in seeds()]


def proof() -> list[Record]:
    """A proof and nothing else."""
    return whole(
        row("proof", "", grade="proof", dtype="", relation=None, subject={}),
        row("refuted", "proof", grade="proof", dtype="", relation=None, subject={}),
    )


def zeros() -> list[Record]:
    """A prediction of zero that is met up to rounding, and a control that is not."""
    budget, near = np.full(200, 1e-15), equal(within=lambda *_: 1)
    return whole(
        judged(
            "holds",
            "default",
            near,
            Quantity(rounded(1e-17, T.shape), "residual", "", (STEPS,), scale="log"),
            0 * T,
            budget,
        ),
        judged("refuted", "orthogonal", near, Quantity(0.3 / T, "residual", "", (STEPS,), scale="log"), 0 * T, budget),
    )


def troubles() -> list[Record]:
    """Every way in which a part is not as stated."""
    return whole(
        row("holds", "fell", verdict="REFUTED", low="inf", high="inf", witness={"measured": 3, "predicted": "7/2"}),
        row("holds", "open", verdict="INCONCLUSIVE", grade="certified", low=0.4, high=30.0),
        row("holds", "crash", verdict="ERROR", low="nan", high="nan", message="RuntimeError: out of memory " * 9),
        row("holds", "no-gpu", verdict="NOT RUN", low="nan", high="nan", message="no CUDA device on this machine"),
        *(row("holds", f"fine-{i}", grade="rounding", low=10.0 ** (i - 9), high=10.0 ** (i - 9)) for i in range(9)),
        row("refuted", "toothless", verdict="HOLDS", low=0.2, high=0.2),
        row(
            "refuted",
            "toothy",
            grade="rounding",
            low=12.0,
            high=12.0,
            witness={"measured": 1.0, "predicted": 1.0 + 1e-9},
        ),
    )


def extremes() -> list[Record]:
    """Numbers at the ends of what floats hold, and values that are none."""
    values = [1e308, -1e308, "inf", "-inf", "nan", 5e-324, 0.0, 1.0]
    axis = [{"name": "place", "unit": "", "scale": "log", "values": [0, 1, 2, 3, 4, 5, 6, 7]}]
    huge = [10**400, -(10**400), "1/3"]
    short = [{"name": "place", "unit": "", "scale": "linear", "values": ["a", "b", "c"]}]
    return whole(
        *(
            row(
                "holds",
                scale,
                scale=scale,
                axes=axis,
                measured=values,
                predicted=values[::-1],
                budget=1.0,
                quantity=scale,
            )
            for scale in ("linear", "log", "log2", "symlog")
        ),
        row("refuted", "exact", axes=short, measured=huge, predicted=huge[::-1]),
        row("refuted", "empty", axes=[{**axis[0], "values": []}], measured=[], predicted=[]),
    )


def crowd() -> list[Record]:
    """More of everything than fits: parts, slices with bounds that differ, words."""
    rates = Axis(
        "learning rate of the first of both layers", tuple(float(x) for x in np.geomspace(1e-3, 1, 12)), "1/s", "log"
    )
    line = np.abs(rounded(1.0, (12, 200))) + np.arange(1, 13)[:, None] * np.linspace(1, 2, 200)
    values = Quantity(
        line, "norm of the gradient of the training loss with respect to the first layer", "1/m", (rates, STEPS)
    )
    about = (
        "every gradient that is larger than one in norm is scaled down before it enters the running average of squares"
    )
    rows = [
        judged(*part, at_most(), values, 1.1 * line)
        for part in (("holds", f"depth-{i}-of-the-stack") for i in range(40))
    ]
    rows += [judged("refuted", f"never-clipped-{i}", at_most(), values, 0.5 * line) for i in range(12)]
    rows += [judged("erratum", f"clipped-by-value-{i}", at_most(), values, 0.1 * line) for i in range(12)]
    return whole(*({**row, "says": f"{about}, and {about}, and {about}.", "about": about} for row in rows))


def coarse() -> list[Record]:
    """A budget that is wide enough to be seen, as in bfloat16."""
    near = equal(within=lambda *_: 1)
    values = Quantity(1 / T + rounded(0.02, T.shape), "step length", "", (STEPS,))
    broken = Quantity(1 / np.sqrt(T), "step length", "", (STEPS,))
    budget = np.full(200, 0.04)
    return whole(
        judged("holds", "default", near, values, 1 / T, budget), judged("refuted", "root", near, broken, 1 / T, budget)
    )


def square(names: tuple[str, str], rows: int, columns: int) -> tuple[Axis, Axis]:
    """Two axes that count."""
    return Axis(names[0], tuple(range(rows))), Axis(names[1], tuple(range(columns)))


def pixels() -> list[Record]:
    """Pictures of both signs in two channels, within a rounding budget; a control that shifts them, and an erratum."""
    near, axes = equal(within=lambda *_: 1), (Axis("channel", (0, 1)), *square(("row", "column"), 6, 8))
    right = np.arange(2)[:, None, None] + np.subtract.outer(np.arange(6.0), np.arange(8.0))
    budget, off = np.full(right.shape, 1e-13), right + rounded(1e-15, right.shape)
    return whole(
        judged("holds", "stride-1", near, Quantity(off, "response", "V", axes), right, budget),
        judged("holds", "stride-2", near, Quantity(off, "response", "V", axes), right, budget),
        judged("refuted", "unshifted", near, Quantity(np.roll(right, 1, axis=2), "response", "V", axes), right, budget),
        judged("erratum", "flipped", near, Quantity(off, "response", "V", axes), right[:, ::-1], budget),
    )


def masks() -> list[Record]:
    """Yes or no for each output and input, of sequences of two lengths; a control that reads ahead."""

    def causal(length: int) -> Any:
        return np.tri(length, dtype=bool)

    def read(values: Any) -> Quantity:
        return Quantity(values, "reads", "", square(("output at step", "input at step"), *values.shape))

    return whole(
        judged("holds", "12", equal(), read(causal(12)), causal(12)),
        judged("holds", "30", equal(), read(causal(30)), causal(30)),
        judged("refuted", "one-direction", equal(), read(np.ones((12, 12), dtype=bool)), causal(12)),
    )


def properties() -> list[Record]:
    """Yes or no for each of some labels, as a list; of many, from left to right; and over labels by numbers."""
    few, many = Axis("property", ("symmetric", "never negative", "triangle inequality", "0110")), np.arange(16) % 3 == 0
    words = Axis("function", tuple(f"{k:04b}" for k in range(16)))
    right = np.array([True, True, False, True])
    rows = [
        judged("holds", "squared", equal(), Quantity(right, "has the property", "", (few,)), right),
        judged("refuted", "root", equal(), Quantity(~right, "has the property", "", (few,)), right),
        judged("erratum", "separable", equal(), Quantity(many, "separable", "", (words,)), ~many),
    ]
    return whole(*rows)


def functions() -> list[Record]:
    """Yes or no for each of many labels."""
    words, right = Axis("function", tuple(f"{k:04b}" for k in range(16))), np.arange(16) % 3 == 0
    return whole(judged("holds", "default", equal(), Quantity(right, "separable", "", (words,)), right))


def diagram() -> list[Record]:
    """What comes of two numbers that were varied, over many decades."""
    axes = (
        Axis("weight scale", tuple(np.linspace(0.5, 3, 11).tolist())),
        Axis("depth", tuple(range(2, 40, 2)), "layers"),
    )
    right = np.power.outer(axes[0].values, axes[1].values)
    return whole(
        judged("holds", "default", equal(), Quantity(right, "gradient", "", axes, scale="log"), right),
        judged("refuted", "normalized", equal(), Quantity(0 * right + 1, "gradient", "", axes, scale="log"), right),
    )


def kernels() -> list[Record]:
    """Labels by the same labels, of values that differ in size among the cases."""
    points = tuple(f"({x}, {x * x - 9})" for x in range(7))
    axes = Axis("point", points), Axis("other point", points)
    right = np.multiply.outer(np.arange(7), np.arange(7))
    return whole(
        *(judged("holds", f"degree-{k}", equal(), Quantity(right**k, "kernel", "", axes), right**k) for k in (1, 2, 6)),
        judged("refuted", "constant", equal(), Quantity(right + 1, "kernel", "", axes), right),
    )


def noise() -> list[Record]:
    """A picture of which no two neighbours have one colour, larger than can be shown, in many cases."""
    axes = square(("row", "column"), 60, 70)
    right = np.sin(np.arange(60 * 70) ** 2).reshape(60, 70)
    rows = [judged("holds", f"case-{i}", equal(), Quantity(right, "output", "", axes), right) for i in range(9)]
    rows += [judged("refuted", f"control-{i}", equal(), Quantity(-right, "output", "", axes), right) for i in range(3)]
    return whole(*rows)


def no_numbers() -> list[Record]:
    """A map with infinite values and some that are no numbers, with labels of all kinds."""
    axes = [
        {"name": "row", "unit": "", "scale": "linear", "values": [0, "inf", "1/3", 4]},
        {"name": "column", "unit": HOSTILE[:9], "scale": "linear", "values": ["nan", "<b>", True, "a label too long"]},
    ]
    some = [[1e308, -1e308, "inf", "-inf"], ["nan", 5e-324, 0, 1], [1e-300, 0.5, 2, 3], [4, 5, 6, 7]]
    return whole(
        row("holds", axes=axes, measured=some, predicted=some, budget=1.0),
        row("refuted", axes=axes, measured=some, predicted=some[::-1], budget=1.0),
    )


def hostile() -> list[Record]:
    """Text that would break a careless writer of XML, wherever text can come from."""
    axis = [{"name": HOSTILE, "unit": HOSTILE, "scale": "linear", "values": [HOSTILE, "</svg>"]}]
    words = dict(says=HOSTILE, about=HOSTILE, quantity=HOSTILE, unit=HOSTILE, subject={"x": HOSTILE}, message=HOSTILE)
    return whole(
        row("holds", HOSTILE, axes=axis, measured=[1, 2], predicted=[1, 2], **words),
        row("holds", "crash", verdict="ERROR", low="nan", high="nan", **words),
        row(
            "refuted",
            "default",
            axes=axis,
            measured=[1, 2],
            predicted=[1, 3],
            witness={"measured": HOSTILE, "predicted": 1},
            pictures=[
                {"name": HOSTILE, "caption": HOSTILE, "values": [[["nan", 1e308, "-inf"]]]},
                {"name": "</svg>", "caption": "", "values": [[[True, 5e-324], [-1e308, 3]]]},
            ],
            **words,
        ),
    )


KINDS = {
    make.__name__: make
    for make in (
        curves, slices, identity, scalars, labels, booleans, enclosures, certified_numbers, seeds, proof, zeros, troubles,
        extremes, hostile, crowd, coarse, pixels, masks, properties, functions, diagram, kernels, noise, no_numbers,
        illustrated, gallery,
    )
}  # fmt: skip
every_kind = pytest.mark.parametrize("kind", KINDS)


def texts(svg: str) -> list[tuple[str, float, float, float, float]]:
    """Each text of a figure with its box: left, right, top and bottom, by the metrics of the font."""
    found = []
    for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"):
        style = dict(part.split(": ") for part in element.attrib["style"].split("; "))
        font = FontProperties(
            family="DejaVu Sans", size=float(style["font-size"][:-2]), weight=int(style.get("font-weight", 400))
        )
        width, height, _ = TextToPath().get_text_width_height_descent(element.text, font, False)
        left = float(element.attrib["x"]) - width * {"start": 0, "middle": 0.5, "end": 1}[style["text-anchor"]]
        bottom = float(element.attrib["y"])
        found.append((str(element.text), left, left + width, bottom - 0.75 * font.get_size(), bottom))
    return found


@every_kind
def test_every_kind_is_drawn_without_a_warning(kind):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svg = figures.draw(KINDS[kind]())
    assert len(svg.encode()) < MOST_BYTES
    root = ElementTree.fromstring(svg)
    names = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert names[:3] == ["svg", "title", "desc"]
    assert set(names) - {"RDF", "Work", "type", "format"} <= {
        "svg", "title", "desc", "metadata", "defs", "style", "clipPath", "rect", "g", "path", "use", "text",
    }  # fmt: skip
    assert "nan" not in "".join(element.attrib.get("d", "") for element in root.iter())


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "hostile"])  # whose characters no font here has
def test_no_text_is_cut_off_or_overlaps_another(kind):
    svg = figures.draw(KINDS[kind]())
    height = float(ElementTree.fromstring(svg).attrib["viewBox"].split()[3])
    boxes = texts(svg)
    for i, (text, left, right, top, bottom) in enumerate(boxes):
        assert left >= 0, text
        assert right <= WIDTH, text
        assert 0 <= top < bottom <= height, text
        for other, other_left, other_right, other_top, other_bottom in boxes[:i]:
            apart = right <= other_left or other_right <= left or bottom <= other_top or other_bottom <= top
            assert apart, f"{text!r} overlaps {other!r}"


SAYS = {
    "curves": ["marks: measured; line: predicted; 4 of 9 cases", "step", "step length [m]", "case-0", "case-8",
               "keeps-every-gradient, broken: the factor is two", "no-root, as printed: the factor is two"],
    "slices": ["marks: measured; line: bound; grey: wrong side", "learning rate 0.2", "REFUTED: 1.5, not ≤ 0.022"],
    "identity": ["predicted", "out"],
    "scalars": ["lenet", "parameters (another scale)", "REFUTED: 61470, not 61706"],
    "labels": ["SGD", "accuracy", "REFUTED: 0.1, not ≥ 0.6"],
    "booleans": ["yes", "no", "learning rate", "REFUTED: yes, not no"],
    "enclosures": ["bars: enclosed for certain; line: bound; grey: wrong side", "width", "16"],
    "seeds": ["marks: measured; line: margin; grey: wrong side", "share of the seeds, sorted", "50%", "95%",
              "HOLDS: 23 of 27", "The test, seed by seed", "27 seeds read"],
    "illustrated": ["Pictures of the first seed", "large", "digits", "white 0, black 6", "white -1, black 2", "all 0",
                    "Pictures of the first seed, broken on purpose", "same-batch, broken: the factor is two"],
    "gallery": ["1 of 12 images; white -1, black 1", "The test, seed by seed"],
    "proof": ["HOLDS: residual = 0", "REFUTED: residual ≠ 0"],
    "zeros": ["0", "0.1", "REFUTED: 0.3, not 0"],
    "crowd": ["marks: measured; line: bound; grey: wrong side; 4 of 40 cases", "bound", "and 34 more cases"],
    "coarse": ["marks: measured; line: predicted; grey: allowed"],
    "pixels": ["down: row; across: column; 1 of 2 cases", "response [V]", "measured", "predicted", "difference",
               "stride-1, channel 0: all 48 equal", "stride-1, channel 1: all 48 equal"],
    "masks": ["down: output at step; across: input at step", "12: all 144 equal", "30: all 900 equal", "yes", "no", "same",
              "differs", "one-direction, broken: the factor is two: 66 of 144 differ"],
    "properties": ["down: property", "never negative", "0110", "all 4 equal"],
    "functions": ["across: function", "0000", "all 16 equal"],
    "diagram": ["down: weight scale; across: depth [layers]", "all 209 equal", "gradient"],
    "kernels": ["down: point; across: other point", "(3, 0)", "degree-1: all 49 equal", "degree-6: all 49 equal"],
    "noise": ["down: row; across: column; 1 of 9 cases; 24 × 24 of 60 × 70", "case-0: all 4200 equal"],
}  # fmt: skip


@pytest.mark.parametrize("kind", SAYS)
def test_what_a_figure_says_follows_from_the_records(kind):
    words = [text for text, *_ in texts(figures.draw(KINDS[kind]()))]
    assert [text for text in SAYS[kind] if text not in words] == []


AXES = {
    "pixels": (square(("row", "column"), 4, 9), 0.5, True),
    "few pixels": (square(("row", "column"), 3, 9), 0.5, False),
    "a matrix": (square(("output node", "signal"), 5, 6), 0.5, True),
    "attention": (square(("query", "key"), 8, 8), 0.5, True),
    "one by another": (square(("position", "other position"), 8, 8), 0.5, True),
    "channels of pixels": ((Axis("channel", (0, 1, 2)), *square(("row", "column"), 4, 4)), 0.5, True),
    "pixels of one sample": ((*square(("row", "column"), 4, 4), Axis("sample", (0,))), 0.5, True),
    "samples": (square(("sample", "feature"), 32, 8), 0.5, False),
    "steps": (square(("step", "unit"), 64, 40), 0.5, False),
    "yes or no over both": ((RATES, STEPS), True, True),
    "yes or no along one": ((STEPS,), True, False),
    "yes or no of labels": ((Axis("kernel", ("a", "b", "c", "d")),), True, True),
    "yes or no of three": ((Axis("kernel", ("a", "b", "c")),), True, False),
    "labels by labels": ((Axis("table", tuple("abcd")), Axis("x", tuple("abcd"))), 0.5, True),
    "0 or 1": (square(("kernel", "stride"), 8, 4), 1, True),
    "labels by numbers": ((Axis("task", tuple("abcd")), STEPS), 0.5, False),
    "few curves": ((RATES, STEPS), 0.5, False),
    "two that were varied": (
        (Axis("weight scale", tuple(np.linspace(0, 1, 10).tolist())), Axis("depth", tuple(range(10)))), 0.5, True,
    ),
    "unevenly": ((Axis("share", tuple(np.sqrt(range(10)).tolist())), Axis("depth", tuple(range(10)))), 0.5, False),
}  # fmt: skip


@pytest.mark.parametrize("case", AXES)
def test_what_is_a_map_follows_from_the_axes_and_the_values(case):
    axes, value, is_map = AXES[case]
    values = np.full([len(axis.values) for axis in axes], value)
    assert reads_as_map(judged("holds", "default", equal(), Quantity(values, "out", "", axes), values)) is is_map


def test_seeds_enclosures_and_what_crashed_are_no_maps():
    (picture, *_) = pixels()
    assert reads_as_map(picture)
    for change in ({"statistics": {"n": 1}}, {"upper": picture["measured"]}, {"measured": None}, {"axes": []}):
        assert not reads_as_map({**picture, **change})


def lightness(colour: str) -> float:
    """How light a colour is on a screen that shows grey, from 0 to 255."""
    return float(np.dot((0.299, 0.587, 0.114), [int(colour[i : i + 2], 16) for i in (1, 3, 5)]))


@pytest.mark.parametrize(("values", "fade"), [((0.0, 5.0), RISING), ((-5.0, 5.0), SIGNED)])
def test_colours_grow_darker_from_low_to_high(values, fade):
    axes = square(("row", "column"), 4, 4)
    picture = np.linspace(*values, 16).reshape(4, 4)
    record = judged("holds", "default", equal(), Quantity(picture, "out", "", axes), picture)
    (colours, apart) = colours_of(maps_of(record, 1, False))
    levels = [lightness(colour) for colour in colours.colours]
    assert (np.diff(levels) < -2).all()  # of 255
    assert (colours.colours[0], colours.colours[-1]) == (fade[0][1], fade[-1][1])
    assert len(apart.colours) == 1  # there is nothing to tell apart


def tables(monkeypatch: pytest.MonkeyPatch, rows: list[Record]) -> tuple[list[Table], list[Table]]:
    """The maps of a figure, and its colour bars, as they are drawn."""
    found: list[Table] = []
    with monkeypatch.context() as patch:
        patch.setattr(Page, "pictures", lambda page, tables: found.extend(tables))
        figures.draw(rows)
    return [one for one in found if len(one.levels) > 1], [one for one in found if len(one.levels) == 1]


def test_measured_predicted_and_their_difference_stand_side_by_side(monkeypatch):
    drawn, bars = tables(monkeypatch, pixels())
    assert len(drawn) == 3 * (2 + 2)  # two channels of the first case, and of the first control
    assert len(bars) == 4  # of values and of differences, on both sides: all maps share their colours
    for measured, predicted, difference in zip(drawn[::3], drawn[1::3], drawn[2::3], strict=True):
        assert measured.top == predicted.top == difference.top
        assert measured.left < predicted.left < difference.left
        assert measured.colours == predicted.colours
        is_claim = measured.left < WIDTH / 2
        assert (measured.levels == predicted.levels).all() == is_claim
        assert (difference.levels == 8).all() == is_claim
    drawn, _ = tables(monkeypatch, kernels()[:3])
    assert all((one.levels == two.levels).all() for one, two in zip(drawn[::3], drawn[1::3], strict=True))


def test_pictures_stand_beside_those_of_the_first_control_in_greys(monkeypatch):
    drawn, _ = tables(monkeypatch, illustrated())
    assert len(drawn) == 2 * 2 * 6
    claim, broken = ([one for one in drawn if (one.left < WIDTH / 2) == is_left] for is_left in (True, False))
    assert [one.top for one in claim] == [one.top for one in broken]
    assert all((one.levels == two.levels).all() for one, two in zip(claim[:6], broken[:6], strict=True))
    assert claim[0].levels.tolist()[0] == [0, 1, 3, 4, 5, 7, 8, 0]  # 0, 1, ..., 6 from white to black
    assert (claim[6].levels == claim[0].levels).all()
    assert not any(one.levels.any() for one in broken[6:])
    for one in drawn:
        lightest, *_, darkest = one.colours
        assert (lightest, darkest) == ("#ffffff", "#000000")
        assert (one.left < WIDTH / 2) == (one.left + one.across * 8 < WIDTH / 2), "no image reaches into the other side"


def test_a_figure_has_no_more_pixels_than_it_can_hold_and_says_how_many_images(monkeypatch):
    assert MOST_BYTES > len(figures.draw(gallery()).encode()) > MOST_BYTES / 8
    drawn, bars = tables(monkeypatch, gallery())
    assert [one.levels.shape for one in drawn[::2]] == [
        (12, 12),
        (24, 24),
        (24, 6),
    ]  # every second one is the control's
    assert len(bars) == 2  # of one row


def test_a_record_without_pictures_is_drawn_as_ever():
    assert figures.draw([{**record, "pictures": None} for record in seeds()]) == figures.draw(seeds())


def test_labels_stand_down_and_numbers_across(monkeypatch):
    axes = Axis("cost", (1, 2, 3, 4, 5)), Axis("cell", ("a", "b", "c", "d"))
    values = np.array([[int(cell > cost) for cell in range(4)] for cost in range(5)])
    (measured, *_), _ = tables(
        monkeypatch, whole(judged("holds", "x", equal(), Quantity(values, "a", "", axes), values))
    )
    assert ((measured.levels > 8) == values.T).all()


def test_no_label_begins_before_its_map(monkeypatch):
    rows = functions()
    _, (measured, *_) = tables(monkeypatch, rows)
    first = next(left for text, left, *_ in texts(figures.draw(rows)) if text == "0000")
    assert first > measured.left - 0.1


def test_zero_is_the_middle_colour_of_values_of_both_signs():
    (record, *_) = pixels()
    for colours in colours_of(maps_of({**record, "predicted": (-np.array(record["predicted"])).tolist()}, 1, False)):
        assert colours.levels(np.array([-1e9, 0.0, 1e9, np.nan])).tolist() == [0, 8, 16, -1]


def test_measured_and_predicted_have_the_same_colours_where_they_are_equal():
    claim, broken = choose_maps(pixels()[:2], pixels()[2:])
    colours, apart = colours_of([*claim, *broken])
    for one in claim:
        assert (colours.levels(one.measured) == colours.levels(one.predicted)).all()
        assert not one.difference.any()
    for one in broken:
        differs = np.array(one.measured) != np.array(one.predicted)
        assert ((apart.levels(one.difference) != apart.levels(np.zeros(1))) == differs).all()


def test_the_difference_within_what_is_allowed_changes_nothing():
    rows = pixels()
    exact = [{**rows[0], "measured": rows[0]["predicted"]}, *rows[1:]]
    assert figures.draw(exact) == figures.draw(rows)


def test_of_many_maps_a_few_are_drawn_and_the_figure_says_so():
    axes = Axis("factor", tuple(range(13))), *square(("row", "column"), 4, 4)
    right = np.arange(13 * 16.0).reshape(13, 4, 4)
    wrong = right.copy()
    wrong[5] += 100
    rows = [
        judged("holds", "default", equal(), Quantity(right, "entry", "", axes), right),
        judged("refuted", "scaled", equal(), Quantity(wrong, "entry", "", axes), right),
    ]
    sides = choose_maps(rows[:1], rows[1:])
    assert [len(some) for some in sides] == [MOST_MAPS, MOST_MAPS]
    words = [text for text, *_ in texts(figures.draw(whole(*rows)))]
    assert "down: row; across: column; 3 of 13 maps" in words
    assert "scaled, factor 5: all of 16 differ" in [one.label + ": " + one.finding for one in sides[1]]


def test_maps_share_their_colours_unless_one_would_hide_another():
    ticks = [text for text, *_ in texts(figures.draw(kernels()))]
    assert {"10⁹", "2×10⁹"} <= set(ticks)  # degree 6
    assert {"10", "20", "30"} <= set(ticks)  # degree 1
    shared = [text for text, *_ in texts(figures.draw(kernels()[:1]))]
    assert shared.count("20") == 1


def test_a_picture_has_every_cell_in_its_colour():
    levels = np.array([[0, 0, 1], [2, -1, 1]])
    with blank_page() as page:
        page.pictures([Table(levels, ("#000000", "#111111", "#222222"), 10.0, 20.0, 6.0, 4.0)])
        page.y = 100
        svg = page.svg("title", "")
    runs = re.findall(
        r'<path d="([^"]*)" style="fill: none; stroke: (#\w+); stroke-width: 4; stroke-linejoin: bevel"', svg
    )
    assert sorted((colour, path) for path, colour in runs) == [
        ("#000000", "M10 22H22"),
        ("#111111", "M22 22H28M22 26H28"),
        ("#222222", "M10 26H16"),
    ]
    assert svg.count(f"stroke: {GREY}") == 1  # the frame


def test_yes_or_no_has_two_colours_and_a_third_where_it_differs():
    svg = figures.draw(masks())
    found = set(re.findall(r"stroke: (#\w+); stroke-width: [\d.]+; stroke-linejoin: bevel", svg))
    assert found == {"#e6e6e6", BLUE, VERMILLION}


def test_long_labels_stand_down():
    words = {text: (left, top) for text, left, _, top, _ in texts(figures.draw(properties()))}
    assert len({left + 0 for text, (left, _) in words.items() if text in ("measured", "predicted", "difference")}) == 3
    assert words["symmetric"][1] < words["never negative"][1] < words["0110"][1]


def test_words_in_digits_are_no_numbers():
    rows = functions()
    words = [text for text, *_ in texts(figures.draw([{**rows[0], "measured": [0.5] * 16, "predicted": [0.5] * 16}]))]
    assert "function" not in words  # as a curve would have it below


def test_a_series_that_another_would_press_to_zero_is_seen():
    line = np.array([2.0, 2.0, 2.0])
    rows = [
        judged("holds", "default", equal(), Quantity(line, "slope", "", (RATES,)), line),
        judged("refuted", "squared", equal(), Quantity(np.array([2.0, 100.0, 40000.0]), "slope", "", (RATES,)), line),
    ]
    words = [text for text, *_ in texts(figures.draw(whole(*rows)))]
    assert words.count("100") == 2  # decades, on both sides
    assert "slope (another scale)" not in words


def test_the_wrong_side_begins_where_what_is_allowed_ends():
    """Rounding errors around a bound of zero lie in what is allowed, and look like zero."""
    rows = [
        judged(
            "holds", "default", at_most(within=lambda *_: 1), Quantity(e * T, "rank", "", (STEPS,)), 0 * T, 1e-9 + 0 * T
        )
        for e in (1e-17, 3e-17)
    ]
    assert figures.draw(whole(rows[0])) == figures.draw(whole({**rows[0], "measured": rows[1]["measured"]}))


@pytest.mark.parametrize(("judge", "sign"), [(at_most, -1), (at_least, 1)])
def test_what_lies_in_the_budget_is_not_on_the_wrong_side(monkeypatch, judge, sign):
    found: dict[str, list[float]] = {"area": [], "marks": []}
    monkeypatch.setattr(Page, "area", lambda page, xs, ys, *_: found["area"].extend(ys))
    marks = Page.marks
    monkeypatch.setattr(
        Page, "marks", lambda page, xs, ys, *a, **k: (found["marks"].extend(ys), marks(page, xs, ys, *a, **k))
    )
    values = Quantity(1 - sign * 0.1 + 0 * T, "error", "", (STEPS,))
    record = judged("holds", "default", judge(within=lambda *_: 1), values, 1 + 0 * T, 0.2 + 0 * T)
    assert record["verdict"] == "HOLDS"
    figures.draw(whole(record))
    (edge,), (measured, *_) = set(found["area"]), found["marks"]
    assert sign * (edge - measured) > 5  # points: a page runs down


def test_a_long_quantity_takes_two_lines():
    name = "smallest rise of the plain network's error minus the largest of the other's"
    rows = [
        row("holds", quantity=name, measured=1.0, predicted=1.0),
        row("refuted", quantity=name, measured=1.0, predicted=2.0),
    ]
    words = [text for text, *_ in texts(figures.draw(whole(*rows)))]
    assert not any("…" in word for word in words)
    assert "smallest rise of the plain network's error minus the" in " ".join(words)


def test_filled_marks_are_the_seeds_that_show_it():
    """23 of 27 and 9 of 9 as in the records; the seeds that were measured after the decision are not drawn."""
    svg = figures.draw(seeds())
    for colour, filled, hollow in ((BLUE, 23, 4), (GREEN, 9, 0)):
        uses = re.findall(rf"<use [^>]*stroke: {colour}[^>]*/>", svg)
        open_ones = sum("fill-opacity: 0" in use for use in uses)
        strip = 2 if colour == BLUE else 0  # a dot for each of both cases in the strip below
        assert (len(uses) - open_ones - strip, open_ones - 1) == (filled, hollow)  # one hollow mark is in the key


def test_cases_of_different_shapes_stand_in_one_panel_by_their_prediction():
    axis = Axis("step", (1, 2, 3, 4))
    line = np.array([1.0, 2.0, 4.0, 8.0])
    rows = [judged("holds", "four", equal(), Quantity(line, "length", "", (axis,)), line)]
    rows += [judged("holds", "one", equal(), Quantity(3.0, "length"), 3.0)]
    words = [text for text, *_ in texts(figures.draw(whole(*rows)))]
    assert "predicted" in words
    assert "step" not in words
    assert "marks: measured; line: predicted" in words  # and not "; 1 of 2 cases"


def test_of_two_quantities_the_first_is_drawn_and_the_figure_says_so():
    rows = [row("holds", name, quantity=name, measured=1.0, predicted=1.0) for name in ("length", "width")]
    words = [text for text, *_ in texts(figures.draw(whole(*rows)))]
    assert "length" in words
    assert "marks: measured; line: predicted; 1 of 2 cases" in words


def test_two_processes_draw_the_same_bytes(tmp_path):
    (tmp_path / "rows.json").write_text(json.dumps({kind: make() for kind, make in KINDS.items()}))
    script = (
        "import hashlib, json, pathlib, sys; from dlverify import figures\n"
        "for kind, rows in json.loads(pathlib.Path(sys.argv[1]).read_text()).items():\n"
        "    print(kind, hashlib.sha256(figures.draw(rows).encode()).hexdigest())"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-W", "error", "-c", script, str(tmp_path / "rows.json")],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "MPLBACKEND": backend},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone, backend in (("1", "UTC", "agg"), ("2", "Asia/Tokyo", "svg"))
    ]
    assert outputs[0] == outputs[1]
    here = {kind: hashlib.sha256(figures.draw(make()).encode()).hexdigest() for kind, make in KINDS.items()}
    assert outputs[0].split() == [word for pair in here.items() for word in pair]


def test_order_seconds_run_and_versions_change_nothing():
    rows = curves()
    other = [
        {**row, "seconds": 9.0, "started": "2031", "run": "x", "versions": {"torch": "3"}} for row in reversed(rows)
    ]
    assert figures.draw(other) == figures.draw(rows)


def test_what_no_eye_sees_changes_nothing():
    """One part in 1e9 is far below the 1/500 of a panel to which places are snapped."""
    rows = curves()
    moved = [{**row, "measured": [value * (1 + 1e-9) for value in row["measured"]]} for row in rows]
    assert figures.draw(moved) == figures.draw(rows)


def test_no_setting_of_matplotlib_is_read_or_left_changed():
    plain = figures.draw(curves())
    before = dict(matplotlib.rcParams)
    with matplotlib.rc_context(
        {"lines.linewidth": 9, "font.family": "serif", "svg.fonttype": "path", "axes.facecolor": "red"}
    ):
        inside = dict(matplotlib.rcParams)
        assert figures.draw(curves()) == plain
        assert dict(matplotlib.rcParams) == inside
    assert dict(matplotlib.rcParams) == before


PARTIAL = {
    "a part is missing": (lambda rows: rows[1:], "ran in part"),
    "a part is there twice": (lambda rows: [*rows[1:], rows[1]], "ran in part"),
    "another device": (lambda rows: [{**row, "default": False} for row in rows], "ran in other conditions"),
    "a part did not run": (
        lambda rows: [{**rows[0], "verdict": "NOT RUN"}, *rows[1:]],
        "came to no verdict in some part",
    ),
    "a part crashed": (lambda rows: [{**rows[0], "verdict": "ERROR"}, *rows[1:]], "came to no verdict in some part"),
    "a larger tier": (lambda rows: [*rows, row("holds", "wide", tier="full")], "ran in a larger tier"),
}


def test_a_complete_claim_goes_to_the_folder(tmp_path):
    fell = whole(row(verdict="REFUTED", low="inf", high="inf"))
    for rows in (curves(), fell):  # what fell has a verdict, and is shown as it is
        (drawn,) = figures.draw_all(rows, tmp_path / "figures", tmp_path / "other")
        assert drawn == figures.Drawn("toy/statement", tmp_path / "figures" / "toy" / "statement.svg", "")
        assert drawn.path.read_text(encoding="utf-8") == figures.draw(rows)
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("case", PARTIAL)
def test_a_partial_claim_goes_elsewhere(tmp_path, case):
    change, why = PARTIAL[case]
    (drawn,) = figures.draw_all(change(curves()), tmp_path / "figures", tmp_path / "other")
    assert drawn == figures.Drawn("toy/statement", tmp_path / "other" / "toy" / "statement.svg", why)
    assert not (tmp_path / "figures").exists()


def test_the_report_says_where_and_why(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [{**row, "claim": f"toy/whole-{i}"} for i in range(3) for row in scalars()]
    rows += [{**row, "claim": f"toy/part-{i}"} for i in range(2) for row in scalars()[1:]]
    rows += [{**row, "claim": "toy/gpu", "default": False} for row in scalars()]
    drawn = figures.draw_all(rows, tmp_path / "figures", tmp_path / "build" / "figures")
    assert figures.report(drawn) == [
        "figures: 3 in figures/",
        "figures: 3 in build/figures/, since 1 ran in other conditions, 2 ran in part",
    ]
    assert figures.report([]) == []


def test_an_unchanged_figure_is_not_written_again(tmp_path):
    (drawn,) = figures.draw_all(scalars(), tmp_path, tmp_path)
    os.utime(drawn.path, ns=(0, 0))
    figures.draw_all(scalars(), tmp_path, tmp_path)
    assert drawn.path.stat().st_mtime_ns == 0
    figures.draw_all(labels(), tmp_path, tmp_path)
    assert drawn.path.stat().st_mtime_ns > 0


def test_a_write_that_fails_leaves_the_old_figure(tmp_path, monkeypatch):
    (drawn,) = figures.draw_all(scalars(), tmp_path, tmp_path)
    old = drawn.path.read_bytes()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(RecordError, match="No space left on device; make room for it there, or choose another"):
        figures.draw_all(labels(), tmp_path, tmp_path)
    assert drawn.path.read_bytes() == old
    assert [path.name for path in drawn.path.parent.iterdir()] == ["statement.svg"]


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")  # root may write anywhere else
    path = tmp_path / "file" / "figures" / "toy" / "statement.svg"
    with pytest.raises(RecordError) as caught:
        figures.draw_all(scalars(), tmp_path / "file" / "figures", tmp_path)
    assert str(caught.value) == (
        f"the figure {path} cannot be written: Not a directory; make room for it there, or choose another "
        "folder: `pytest claims/` and `python -m dlverify figures` take --figures DIR"
    )


@pytest.mark.parametrize(
    "claim", ["../escape", "/etc/passwd", "toy/../../escape", "alone", "toy/a b", "toy/\x00", ".hidden/x"]
)
def test_a_claim_that_is_no_family_and_statement_is_refused(tmp_path, claim):
    with pytest.raises(RecordError, match="is no family/statement; run the claims again"):
        figures.draw_all([{**row, "claim": claim} for row in scalars()], tmp_path / "figures", tmp_path / "figures")
    assert not list(tmp_path.iterdir())


def test_the_figure_says_what_is_not_as_stated():
    svg = figures.draw(troubles())
    words = [text for text, *_ in texts(svg)]
    assert words[1] == "NOT AS STATED: 9 of 13 cases hold, 1 of 2 controls are refuted; 1 not run."
    assert "REFUTED, stated HOLDS: 3, not 7/2" in words
    assert "INCONCLUSIVE, stated HOLDS" in words
    assert "HOLDS, stated REFUTED" in words
    assert "NOT RUN: no CUDA device on this machine" in words
    assert "REFUTED" in words  # 1 and 1 + 1e-9 are the same number in six digits, so none is shown
    assert svg.count(YELLOW) == 5  # the sentence, and what fell, is open, crashed or has no teeth
    assert YELLOW not in figures.draw(curves())


def test_many_parts_are_collapsed_those_that_fell_first():
    rows = [row("holds", f"case-{i}") for i in range(20)]
    rows[17] = {**rows[17], "verdict": "REFUTED", "low": 3.0, "high": 3.0}
    words = [text for text, *_ in texts(figures.draw(whole(*rows)))]
    assert [word for word in words if word.startswith("case-")] == [*(f"case-{i}" for i in range(5)), "case-17"]
    assert "and 14 more cases" in words
    assert "all as stated" in words


def test_parts_stand_in_the_order_of_the_claim_file_and_cases_are_named_by_what_differs():
    rows = whole(*(row("holds", str(depth), parameters={"depth": depth, "width": 8}) for depth in (16, 2, 4)))
    words = [text for text, *_ in texts(figures.draw([rows[2], rows[0], rows[1]]))]
    assert [word for word in words if word.startswith("depth")] == ["depth 16", "depth 2", "depth 4"]


def test_discrepancies_stand_on_their_side_of_one():
    places = [rung(ratio) for ratio in (0.0, 1e-9, 2e-3, 0.99, 1.0, 1.01, 500.0, 1e9, "inf")]
    assert places == sorted(set(places))
    assert places[4] == 0.5
    assert places[0] == pytest.approx(1 - places[-1])


RANGES = [
    (kind, low, high)
    for kind, low, high in [
        *(("linear", low, low + span) for low in (-1e9, -1.0, 0.0, 1.0, 123456.7) for span in (0, 1e-3, 1.0, 7.7, 1e6)),
        *(("log", low, low * ratio) for low in (1e-200, 1e-7, 1.0, 3e5) for ratio in (1, 1.001, 2, 5, 30, 1e9, 1e60)),
        *(("log2", 1.0, high) for high in (2.0, 64.0, 4096.0, 1e30)),
        *(("symlog", low, high) for low in (-1e8, -1.0, 0.0, 1e-3) for high in (0.0, 1e-9, 1.0, 1e8) if low < high),
        ("boolean", 0.0, 1.0),
    ]
]


@pytest.mark.parametrize(("kind", "low", "high"), RANGES)
def test_scales_hold_their_values_and_have_legible_ticks(kind, low, high):
    values = np.array([low, (low + high) / 2, high])
    scale = Scale(kind, values)
    places = scale.places(values)
    assert (np.diff(places) >= 0).all()
    assert ((places > 0) & (places < 1)).all()
    assert scale.places(np.inf) == 1
    ticks = sorted(scale.ticks())
    assert 2 <= len(ticks) <= 9  # labels of 7 points in a panel of 130 leave room for 13
    assert len({text for _, text in ticks}) == len(ticks)
    assert min(np.diff([place for place, _ in ticks])) * PLOT >= 7


def test_numbers_are_written_for_readers():
    cases = {
        (0.25, 2): "0.25", (1e-7, 2): "10⁻⁷", (1.25e-7, 2): "1.2×10⁻⁷", (-1e6, 2): "-10⁶", (123456, 2): "123456",
        (True, 2): "yes", ("3/4", 2): "3/4", ("inf", 2): "inf", (-0.0, 2): "0", (12345.0, 2): "12000", (10**400, 2): "10³⁰⁰",
        ("1234567/1234568", 2): "1",
    }  # fmt: skip
    assert {key: number(*key) for key in cases} == cases
