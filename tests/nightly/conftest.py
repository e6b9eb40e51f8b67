"""A folder with a few claims and a place for nights; claims that hang, crash, take all memory or spoil the process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dlverify.__main__ import main
from dlverify.nightly.night import Night
from tests.conftest import COIN, DOUBLING

BAD = """
import os, signal, time

@dataclass(frozen=True)
class Bad(Doubling):
    \"\"\"Does something terrible on its way.\"\"\"

    def measure(self, lab, given):
        if self.factor == 2.0:
            {what}
        return super().measure(lab, given)


CLAIM = Claim(
    says="Doubling doubles.",
    experiments=vary(Bad()),
    predict=twice,
    judge=equal(within=WITHIN),
    assumptions=(CONTROL,),
)
"""

DATE = "2026-11-19"


class Nights:
    """A project with claims, nights, and the commands."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home, self.capsys = home, capsys
        self.claims, self.nights = home / "claims", home / "build" / "nights"

    def write(self, name: str, text: str = DOUBLING) -> Path:
        """Write a claim file `toy/<name>`."""
        path = self.claims / "toy" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def write_coin(self, name: str = "a_coin") -> Path:
        """A statistical claim."""
        return self.write(name, DOUBLING + COIN)

    def write_bad(self, name: str, what: str) -> Path:
        """A claim whose `holds[default]` does something terrible, and whose control does not."""
        return self.write(name, DOUBLING + BAD.format(what=what))

    def run(self, *argv: str) -> tuple[int, str]:
        """A command: its exit status, and all that it says as one line."""
        self.capsys.readouterr()
        status = main(argv)
        out, err = self.capsys.readouterr()
        return status, " ".join((out + err).split())

    def nightly(self, *argv: str, date: str = DATE) -> tuple[int, str]:
        """One night."""
        return self.run("nightly", "--date", date, *argv)

    def night(self, date: str = DATE) -> Night:
        """The night of a date."""
        return Night(self.nights / date)

    def verdicts(self, date: str = DATE) -> dict[str, str]:
        """The verdict of each item of a night."""
        return {effect.id: effect.verdict for effect in self.night(date).effects()}

    def records(self, date: str = DATE) -> dict[str, dict[str, Any]]:
        """The records of a night by `<cell>::<claim>::<part>`, each there once."""
        folder = self.nights / date
        files = [folder / "records.jsonl"] if (folder / "records.jsonl").exists() else sorted(folder.glob("*.part"))
        rows = [json.loads(line) for file in files for line in file.read_text().split("\n") if line.endswith("}")]
        found = {f"{row['cell']}::{row['claim']}::{row['item']}": row for row in rows}
        assert len(found) == len(rows), "an item was recorded twice"
        return found


@pytest.fixture
def nights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Nights:
    """A project without claims so far."""
    monkeypatch.chdir(tmp_path)
    return Nights(tmp_path, capsys)
