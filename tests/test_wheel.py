"""What is installed from a wheel, in a repository of somebody else, with no checkout of dlverify anywhere near."""

import os
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from dlverify import catalog

ROOT = Path(__file__).parents[1]


def run(*words, cwd, **environment):
    result = subprocess.run(
        [str(word) for word in words], cwd=cwd, capture_output=True, text=True, env={**os.environ, **environment}
    )
    return result.returncode, result.stdout + result.stderr


MINE = """
import torch

class Mine(torch.optim.Adagrad):
    pass

class Forgetful(torch.optim.Adagrad):
    def step(self, closure=None):
        for state in self.state.values():
            state["sum"].zero_()
        return super().step(closure)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built from a copy, since setuptools writes beside the sources."""
    source, folder = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("dlverify", "claims"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    _install("wheel", "--no-deps", "-w", folder, source, python=sys.executable, cwd=folder)
    return next(folder.glob("*.whl"))


def _install(*words, python, cwd):
    """Run pip; where the package index is out of reach, nothing can be installed and nothing is shown."""
    status, text = run(python, "-m", "pip", "--disable-pip-version-check", words[0], "-q", *words[1:], cwd=cwd)
    if status and ("NewConnectionError" in text or "No matching distribution" in text):
        pytest.skip("NOT RUN: pip reaches no package index")
    assert status == 0, text


def test_the_wheel_carries_every_module_and_every_claim(wheel):
    carried = set(zipfile.ZipFile(wheel).namelist())
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "dlverify").rglob("*.py")}
    claims = {f"dlverify/claims/{name}.py" for name, _ in catalog.claim_files([ROOT / "claims"])}
    assert modules | claims | {"dlverify/py.typed", "dlverify/claims/notes.toml"} <= carried


def test_ones_own_implementation_is_examined_in_ones_own_repository(wheel, tmp_path):
    (tmp_path / "mine.py").write_text(MINE)
    status, text = run(sys.executable, "-m", "venv", ".venv", cwd=tmp_path)
    assert status == 0, text
    python = tmp_path / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    _install("install", "-c", ROOT / "constraints.txt", wheel, python=python, cwd=tmp_path)

    # by pytest, with a right implementation, with a wrong one, and by the line that replays what fell
    claims = [python, "-m", "pytest", "--pyargs", "dlverify.claims"]
    status, text = run(*claims, "--subject", "torch.optim.Adagrad=mine:Mine", cwd=tmp_path)
    assert status == 0, text
    assert "claims came out as stated" in text
    assert not (tmp_path / "figures").exists()
    assert list((tmp_path / "build" / "figures").rglob("*.svg"))
    status, text = run(*claims, "--no-figures", "--subject", "torch.optim.Adagrad=mine:Forgetful", cwd=tmp_path)
    assert status == 1, text
    lines = [line for line in text.splitlines() if line.startswith("replay: ") and "constant-0.01" in line]
    status, text = run(python, "-m", *shlex.split(lines[0].removeprefix("replay: ")), cwd=tmp_path)
    assert status == 1, text
    assert "1 failed" in text

    # from Python
    code = "import dlverify, mine; found = dlverify.check('torch.optim.Adagrad', mine.Mine); print(found.passed, len(found))"
    status, text = run(python, "-c", code, cwd=tmp_path)
    assert status == 0, text
    assert text.split()[0] == "True"
    assert int(text.split()[1]) > 20

    # the commands know the claims that are shipped, and write nothing among them
    status, text = run(python, "-m", "dlverify", "subjects", cwd=tmp_path)
    assert status == 0, text
    assert "torch.optim.Adagrad" in text
    status, text = run(python, "-m", "dlverify", "show", "adagrad_step_decays_to_zero", cwd=tmp_path)
    assert status == 0, text
    status, text = run(python, "-m", "dlverify", "index", cwd=tmp_path)
    assert status == 2, text
    assert "there is no claim folder claims" in text
