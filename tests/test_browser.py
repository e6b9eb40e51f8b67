"""The report in a real browser: Debian's chromium, headless, spoken to over its DevTools protocol.

`make browser` installs it. Where it is missing these tests are NOT RUN, and say so.
"""

from __future__ import annotations

import base64
import fcntl
import html
import itertools
import json
import os
import select
import shutil
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dlverify import catalog, figures, records, report, running
from dlverify.report import nights
from tests.conftest import COIN, DOUBLING, write_nights
from tests.test_commands import CLAIM
from tests.test_report import ROOT, statements

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="NOT RUN: there is no chromium on this machine; `make browser` installs it"
)
SECONDS = 60
"""How long an answer of the browser may take before something is wrong; a machine under load takes a few."""


class Browser:
    """One tab of chromium, driven over its DevTools protocol: JSON texts that end in a zero byte, through two pipes."""

    def __init__(self, profile: Path) -> None:
        self.profile = profile
        self.events: list[dict[str, Any]] = []
        self.sent = 0
        self.buffer = b""
        self.session: dict[str, str] = {}

    def __enter__(self) -> Browser:
        assert CHROMIUM is not None
        options = [
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--disable-dev-shm-usage",
            "--remote-debugging-pipe",
        ]
        if os.geteuid() == 0:
            options.append("--no-sandbox")  # chromium refuses its sandbox to root, as containers run
        ends = [*os.pipe(), *os.pipe()]
        pipes = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]  # away from 3 and 4
        theirs_in, self.write_end, self.read_end, theirs_out = pipes
        for end in ends:
            os.close(end)
        self.process = os.posix_spawn(
            CHROMIUM,
            [CHROMIUM, *options, f"--user-data-dir={self.profile}", "about:blank"],
            dict(os.environ),
            file_actions=[
                (os.POSIX_SPAWN_DUP2, theirs_in, 3),
                (os.POSIX_SPAWN_DUP2, theirs_out, 4),
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
            ],
        )
        os.close(theirs_in)
        os.close(theirs_out)
        targets = self.call("Target.getTargets")["targetInfos"]
        tab = next(target["targetId"] for target in targets if target["type"] == "page")
        self.session = {"sessionId": self.call("Target.attachToTarget", targetId=tab, flatten=True)["sessionId"]}
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        return self

    def __exit__(self, *reason: object) -> None:
        self.session = {}
        self.call("Browser.close")
        os.waitpid(self.process, 0)
        os.close(self.read_end)
        os.close(self.write_end)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command, and its answer; events that come in between are kept."""
        self.sent += 1
        message = {"id": self.sent, "method": method, "params": parameters, **self.session}
        os.write(self.write_end, json.dumps(message).encode() + b"\0")
        while True:
            found = self.receive()
            if found.get("id") == self.sent:
                assert "error" not in found, found
                answer: dict[str, Any] = found["result"]
                return answer
            self.events.append(found)

    def receive(self) -> dict[str, Any]:
        """The next message."""
        while b"\0" not in self.buffer:
            assert select.select([self.read_end], [], [], SECONDS)[0], f"chromium says nothing for {SECONDS} s"
            part = os.read(self.read_end, 1 << 20)
            assert part, "chromium ended; `chromium --headless about:blank` may say why"
            self.buffer += part
        text, _, self.buffer = self.buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message

    def open(self, page: Path | str, *, width: int = 1280, scheme: str = "light", script: bool = True) -> None:
        """Load a page and wait until it and all its pictures are there."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600
        )
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Emulation.setScriptExecutionDisabled", value=not script)
        self.events.clear()
        self.call("Page.navigate", url="about:blank")
        self.wait("Page.loadEventFired")
        self.events.clear()
        self.call("Page.navigate", url=page if isinstance(page, str) else page.resolve().as_uri())
        self.wait("Page.loadEventFired")

    def wait(self, event: str) -> None:
        """Read events until this one has come."""
        while not any(found.get("method") == event for found in self.events):
            self.events.append(self.receive())

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, promises awaited."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def complaints(self) -> list[str]:
        """What the console was told since the page was opened."""
        kinds = ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled")
        return [json.dumps(event["params"]) for event in self.events if event["method"] in kinds]

    def requests(self) -> list[str]:
        """The addresses that were fetched since the page was opened."""
        sent = [event["params"] for event in self.events if event["method"] == "Network.requestWillBeSent"]
        return [found["request"]["url"] for found in sent]

    def press(self, key: str) -> None:
        """Press a key."""
        text = {"text": "\r"} if key == "Enter" else {}
        code = {"Tab": 9, "Enter": 13}[key]
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **text)

    def screenshot(self) -> bytes:
        """What is seen, as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])


OVERFLOWING = """(() => {
  const width = document.documentElement.clientWidth;
  const own = (element) => element.closest(".scroll, pre, .skip, svg");
  const found = [...document.querySelectorAll("body *")].filter((e) => !own(e) && e.getBoundingClientRect().right > width + 1);
  return document.documentElement.scrollWidth > width || found.length
    ? found.slice(0, 5).map((e) => `${e.tagName} ${e.textContent.slice(0, 60)}`).concat(["the page"]) : [];
})()"""
"""What is wider than the window and has no scroll bar of its own."""

ALL_PICTURES = """Promise.all([...document.images].map((image) => {
  image.loading = "eager";
  return image.decode();
}))"""
"""Waits for every picture, those further down too, which come when they are needed."""

FAINT = """(() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = channels(colour).map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if ((channels(colour)[3] ?? 1) > 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const found = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility() || element.closest("script, title, option")) continue;
    const style = getComputedStyle(element);
    const [one, two] = [light(element.closest("svg") ? style.fill : style.color), light(behind(element))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (two + 0.05);
    if (ratio < 4.5) found.add(`${element.tagName}.${element.className.baseVal ?? element.className} ${ratio.toFixed(2)}`);
  }
  return [...found];
})()"""
"""Texts whose contrast is below 4.5 to 1, the AA level of WCAG 2.2."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser with a profile of its own."""
    with Browser(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with claims of each kind, the whole register of the notes, and a comparison with changes of each kind.

    Its claims are toys; beside them stands the statement of every claim of this repository, on a record of a toy.
    """
    project = tmp_path_factory.mktemp("project")
    folder = project / "claims"
    (folder / "toy").mkdir(parents=True)
    division = CLAIM.replace("number=7", "number=14").replace('"division"', '"adagrad-lr-decays-to-zero"')
    for name, text in (
        ("division_undoes", division),
        ("doubling", DOUBLING),
        ("coin", DOUBLING[: DOUBLING.index("CLAIM =")] + COIN),
    ):
        (folder / "toy" / f"{name}.py").write_text(text.lstrip())
    shutil.copy(ROOT / "claims" / "notes.toml", folder / "notes.toml")
    units = [
        unit for _, path in catalog.claim_files([folder]) for unit in running.units(catalog.load(path, folder), folder)
    ]
    rows = json.loads(json.dumps(list(running.run(units))))
    told = [row for row in rows if row["claim"] == "toy/doubling"]
    many = [
        {**row, "claim": f"many/statement_{n}", "says": says} for n, says in enumerate(statements()) for row in told[:1]
    ]
    changed = [
        {**row, "verdict": "ERROR", "message": "it crashes", "traceback": "Traceback\\n  somewhere " + "far " * 60}
        if row["item"] == "holds[default]"
        else {**row, "verdict": "NOT RUN", "message": "no GPU"}
        if row["claim"] == "toy/division_undoes" and row["part"] == "refuted"
        else row
        for row in rows
    ]
    with pytest.MonkeyPatch.context() as patch:
        draw, drawn = figures.draw, {}

        def draw_once(rows: list[records.Record]) -> str:
            """The figures of toys; all others share one."""
            claim = rows[0]["claim"]
            kind = "many" if claim.startswith("many") else claim
            drawn[kind] = drawn.get(kind) or draw(rows)
            return drawn[kind]

        patch.setattr(figures, "draw", draw_once)
        dates = [f"2026-10-{day:02d}" for day in range(10, 31)]
        write_nights(project / "nights", [{**row, "cell": "cpu-float64-ieee-stock"} for row in rows], dates[:-2])
        write_nights(project / "nights", [{**row, "cell": "cpu-float64-ieee-stock"} for row in changed], dates[-2:])
        report.build(
            records.Run((*changed, *many)),
            project / "site",
            folder,
            against=records.Run(tuple(rows)),
            names=("a", "b"),
            over=nights.read(project / "nights"),
        )
    return project / "site"


PAGES = (
    "index.html",
    "errata.html",
    "compare.html",
    "nights.html",
    "claims/toy/division_undoes.html",
    "claims/toy/doubling.html",
    "claims/toy/coin.html",
)


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_loads_alone_fits_and_shows_its_pictures(browser: Browser, site: Path, page: str, width: int) -> None:
    browser.open(site / page, width=width)
    browser.evaluate(ALL_PICTURES)
    assert not browser.complaints()
    assert not [address for address in browser.requests() if not address.startswith(("file://", "data:"))]
    assert browser.evaluate(OVERFLOWING) == []
    pictures = browser.evaluate("[...document.images].map((i) => [i.alt, i.complete, i.naturalWidth, i.clientWidth])")
    assert all(alt and complete and natural and shown for alt, complete, natural, shown in pictures), pictures[:3]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_every_text_can_be_read_in_both_schemes(browser: Browser, site: Path, page: str, scheme: str) -> None:
    browser.open(site / page, scheme=scheme)
    assert browser.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") == (scheme == "dark")
    assert browser.evaluate(FAINT) == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(browser: Browser, site: Path, page: str) -> None:
    browser.open(site / page)
    for address in set(browser.evaluate("[...document.links].map((link) => link.href)")):
        parts = urllib.parse.urlsplit(address)
        target = Path(urllib.parse.unquote(parts.path))
        assert parts.scheme == "file"
        assert target.is_file(), address
        if parts.fragment:
            fragment = urllib.parse.unquote(parts.fragment)
            assert f'id="{html.escape(fragment)}"' in target.read_text(), address


def visible(browser: Browser) -> list[str]:
    """The claims that are seen on the front page."""
    seen: list[str] = browser.evaluate(
        "[...document.querySelectorAll('ul.claims > li')].filter((e) => e.checkVisibility()).map((e) => e.querySelector('a').getAttribute('href'))"
    )
    return [address.removeprefix("claims/").removesuffix(".html") for address in seen]


def choose(browser: Browser, name: str, value: str) -> None:
    """Choose a filter as a reader would."""
    browser.evaluate(
        f"(() => {{ const field = document.forms.filters.elements[{json.dumps(name)}]; field.value = {json.dumps(value)};"
        " field.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({"family": "toy"}, ["toy/coin", "toy/division_undoes", "toy/doubling"]),
        ({"family": "toy", "grade": "statistical"}, ["toy/coin"]),
        ({"family": "toy", "outcome": "not as stated"}, ["toy/coin", "toy/doubling"]),
        ({"note": "004", "family": "toy"}, ["toy/division_undoes"]),
        ({"subject": "operator.truediv"}, ["toy/division_undoes"]),
        ({"words": "MOSTLY coin"}, ["toy/coin"]),
        ({"words": "no such words"}, []),
    ],
)
def test_filters_choose_and_can_be_shared_and_cleared(
    browser: Browser, site: Path, choice: dict[str, str], expected: list[str]
) -> None:
    browser.open(site / "index.html")
    everything = visible(browser)
    assert len(everything) > 300
    for name, value in choice.items():
        choose(browser, name, value)
    assert visible(browser) == expected
    assert browser.evaluate("document.getElementById('count').value") == f"{len(expected)} of {len(everything)} claims"
    assert browser.evaluate("document.getElementById('none').checkVisibility()") == (not expected)
    address = browser.evaluate("location.href")
    browser.open(address)
    assert visible(browser) == expected
    browser.evaluate("document.querySelector('button[type=reset]').click()")
    browser.evaluate("new Promise((done) => setTimeout(done, 50))")
    assert visible(browser) == everything
    assert not browser.complaints()


def test_without_javascript_all_claims_are_there_and_no_filter(browser: Browser, site: Path) -> None:
    browser.open(site / "index.html", script=False)
    assert browser.evaluate("document.querySelectorAll('ul.claims > li:not([hidden])').length") > 300
    assert not browser.evaluate("document.getElementById('filters').checkVisibility()")


def test_the_keyboard_reaches_the_content_first_and_the_focus_is_seen(browser: Browser, site: Path) -> None:
    browser.open(site / "claims/toy/coin.html")
    browser.press("Tab")
    assert browser.evaluate("document.activeElement.textContent") == "To the content"
    assert browser.evaluate("document.activeElement.getBoundingClientRect().left") > 0
    assert browser.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    browser.press("Enter")
    assert browser.evaluate("location.hash") == "#content"


@pytest.mark.parametrize("page", PAGES)
def test_a_screen_reader_finds_names_and_order(browser: Browser, site: Path, page: str) -> None:
    browser.open(site / page)
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    roles = {}
    for node in nodes:
        if not node["ignored"]:
            roles.setdefault(node["role"]["value"], []).append(node.get("name", {}).get("value", ""))
    for role in ("image", "link", "button", "combobox", "searchbox", "navigation"):
        assert all(roles.get(role, ())), (role, roles[role])
    levels = browser.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map((h) => +h.tagName[1])")
    assert levels[0] == 1
    assert all(level <= before + 1 for before, level in itertools.pairwise(levels)), levels


def test_mathematics_is_drawn_as_such(browser: Browser, site: Path) -> None:
    browser.open(site / "index.html")
    drawn = browser.evaluate(
        "(() => { const f = document.querySelector('mfrac'); const [over, under] = f.children;"
        " return [over.getBoundingClientRect().bottom <= under.getBoundingClientRect().top + 1, f.namespaceURI]; })()"
    )
    assert drawn == [True, "http://www.w3.org/1998/Math/MathML"]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_can_be_printed(browser: Browser, site: Path, page: str) -> None:
    browser.open(site / page, scheme="dark")
    browser.call("Emulation.setEmulatedMedia", media="print", features=[])
    assert browser.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not browser.evaluate("document.querySelector('header').checkVisibility()")
    assert browser.evaluate(OVERFLOWING) == []
    browser.call("Emulation.setEmulatedMedia", media="", features=[])
