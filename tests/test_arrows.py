"""Imports point one way: claims -> experiments -> lab; evidence knows no torch; records know nobody who runs them."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "dlverify"

VALUES = {"quantity", "claim", "experiment"}
ALLOWED = {
    "quantity": set(),
    "evidence": {"quantity", "evidence"},
    "lab": {"quantity", "lab"},
    "experiment": {"quantity", "lab"},
    "experiments": {"quantity", "experiment", "lab", "evidence"},
    "claim": {"quantity", "experiment", "lab", "evidence"},
    "records": set(),
    "catalog": {"claim"},
    "running": {"quantity", "experiment", "lab", "evidence", "claim", "catalog", "records"},
    "summary": {"evidence", "records"},
    "checking": {"lab", "catalog", "records", "running", "summary"},
    "figures": {"evidence", "records", "summary", "figures"},
    "comparing": {"records", "summary"},
    "report": {"evidence", "catalog", "records", "summary", "comparing", "figures", "nightly", "report"},
    "workers": {"lab"},
    "nightly": {"evidence", "experiment", "lab", "claim", "catalog", "records", "running", "workers", "nightly"},
    "pytest_plugin": None,
    "commands": None,
    "__main__": None,
    "__init__": VALUES | {"evidence", "lab", "checking"},
}
HEAVY = {
    "torch": ("experiments", "lab"),
    "matplotlib": ("figures",),
    "jinja2": ("report",),
    "sympy": ("evidence", "experiments"),
    "flint": ("evidence",),
    "sklearn": ("experiments", "lab"),
    "ruptures": ("nightly",),
    "distributed": ("nightly",),
    "pytest": ("checking", "pytest_plugin"),
    "rich": ("commands", "lab", "__main__"),  # lab: while it fetches data
}


def part_of(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


def imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found += [
                f"{node.module}.{alias.name}" if node.module == "dlverify" else str(node.module) for alias in node.names
            ]
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_arrows_point_one_way(path):
    part = part_of(path)
    allowed = ALLOWED[part]
    for name in imports(path):
        words = name.split(".")
        if words[0] == "dlverify" and len(words) > 1 and allowed is not None:
            known = words[1] in ALLOWED
            assert not known or words[1] in allowed, (
                f"{part} imports dlverify.{words[1]}; it may import {sorted(allowed)}"
            )
            if part == "experiments":
                assert words[1] != "experiments", "no experiment imports another; what they share is in dlverify.lab"
        if words[0] in HEAVY:
            assert part in HEAVY[words[0]], f"{part} imports {words[0]}, which is for {HEAVY[words[0]]}"
        assert name != "dlverify.pytest_plugin", "nothing imports the plugin"


@pytest.mark.parametrize("path", sorted((ROOT / "claims").rglob("*.py")), ids=lambda path: path.stem)
def test_a_claim_sees_no_apparatus(path):
    for name in imports(path):
        words = name.split(".")
        assert words[0] not in {"torch", "matplotlib", "sklearn", "pytest"}, f"{path.name} imports {name}"
        if words[0] == "dlverify":
            assert len(words) == 1 or words[1] in {*VALUES, "experiments", "evidence", "lab"} | set(
                dir_of_front_door()
            ), name


def dir_of_front_door() -> list[str]:
    import dlverify

    return dlverify.__all__
