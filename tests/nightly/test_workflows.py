"""The workflows are well formed, and what they call is there."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from dlverify.__main__ import _parser

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def commands(path):
    jobs = yaml.safe_load(path.read_text())["jobs"].values()
    return [step["run"] for job in jobs for step in job["steps"] if "run" in step]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_calls_what_is_there(path):
    targets = set(re.findall(r"^([\w.]+|\$\(INSTALLED\)):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for command in commands(path):
        words = shlex.split(command)
        if words[0] == "make":
            assert words[1] in targets or words[1] == ".venv/.installed"
        elif "dlverify" in words:
            _parser().parse_args(words[words.index("dlverify") + 1 :])
        else:
            assert words[0] == "echo" or (ROOT / words[0]).exists()


def test_there_are_the_everyday_checks_and_the_nightly():
    assert [path.stem for path in WORKFLOWS] == ["everyday", "nightly"]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for words in re.findall(r"python -m dlverify ((?:nightly|status|history|calibrate)\b[^\n`#]*)", readme):
        _parser().parse_args(shlex.split(words.split(">>")[0].split("||")[0]))
