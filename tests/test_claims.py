"""The claims as files: named, documented, indexed and drawn; every field of an experiment is used."""

import ast
import inspect
from pathlib import Path

import pytest

from dlverify import catalog, commands
from dlverify.experiment import fields

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "claims"
FILES = dict(catalog.claim_files([FOLDER]))


@pytest.mark.parametrize("name", FILES)
def test_a_claim_file_reads_as_the_house_rules_say(name):
    path = FILES[name]
    tree = ast.parse(path.read_text())
    docstring = ast.get_docstring(tree)
    assert docstring, f"{name} has no docstring: the statement in one sentence"
    assert docstring.splitlines()[0].endswith("."), f"{name}: its docstring is a sentence"
    last = tree.body[-1]
    assert isinstance(last, ast.Assign), f"{name}: CLAIM comes last"
    assert path.stem == path.stem.lower(), f"{name}: file names are lower-case phrases"
    assert path.stem.count("_") >= 2, f"{name} is no phrase"


@pytest.mark.parametrize("name", FILES)
def test_every_field_of_an_experiment_is_used(name):
    claim = catalog.load(FILES[name], FOLDER).claim
    for case in claim.experiments:
        source = inspect.getsource(type(case.experiment))
        for field in fields(type(case.experiment)):
            assert f"self.{field}" in source, f"{type(case.experiment).__name__}.{field} changes nothing"


def test_the_index_is_current():
    assert (FOLDER / "README.md").read_text() == commands.index(FOLDER), "run `make index` and commit claims/README.md"


def test_every_claim_has_its_figure():
    drawn = {
        path.relative_to(ROOT / "figures").with_suffix("").as_posix() for path in (ROOT / "figures").rglob("*.svg")
    }
    assert drawn == set(FILES), "run `make claims` and commit figures/; remove the figures of claims that are gone"


@pytest.mark.parametrize("name", FILES)
def test_a_theory_asks_for_the_role_of_a_subject_and_not_who_plays_it(name):
    """Otherwise a right implementation of somebody else would be measured against another theory."""
    for node in ast.walk(ast.parse(FILES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr in {"name", "module", "path", "thing"}:
            inner = node.value
            assert not (
                isinstance(inner, ast.Attribute)
                and isinstance(inner.value, ast.Name)
                and inner.value.id == "experiment"
            ), f"line {node.lineno} reads experiment.{inner.attr}.{node.attr}; ask for experiment.{inner.attr}.role"
