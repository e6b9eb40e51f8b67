"""What stands in the source of a claim and of its experiment, read as text: nothing is imported, nothing is run.

A source is shown with a record only where its SHA-256 is the one that the run recorded: another text is not what was run.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Theory:
    """A function that predicts.

    Attributes:
        name: Its name.
        says: Its docstring.
        printed: Whether it is a printed version, which must be refuted.
    """

    name: str
    says: str
    printed: bool


@dataclass(frozen=True)
class Source:
    """A source text, and what it says about the claim.

    Attributes:
        path: Where it stands, for the reader.
        text: The text; empty where it is not there or is no longer what was run.
        missing: Why there is no text.
        theories: The functions that predict, in order.
        kept: Assumptions that no experiment can break, with the reason.
    """

    path: str
    text: str
    missing: str = ""
    theories: tuple[Theory, ...] = ()
    kept: tuple[tuple[str, str, str], ...] = ()


def claim_source(claim: str, sha256: str, folder: Path, path: str) -> Source:
    """The source of a claim file as it was run."""
    text = _text_of(folder / f"{claim}.py")
    if text is None:
        return Source(path, "", f"{path} is not in the claim folder {folder}")
    if _sha256(text) != sha256:
        return Source(path, "", f"{path} was edited after this run")
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return Source(path, text)
    return Source(path, text, "", tuple(_theories(tree)), tuple(_kept(tree)))


def experiment_source(name: str, sha256: str, claim: Source) -> Source:
    """The class of an experiment as it was run: from the claim file, or from the experiments that dlverify ships."""
    if claim.text and _sha256(claim.text) == sha256:
        return Source(claim.path, _classes(claim.text).get(name, ""))
    path = _experiments().get(sha256)
    if path is None:
        return Source(name, "", f"no file of dlverify's experiments is the one with which {name} was run")
    return Source(f"dlverify/experiments/{path.name}", _classes(_text_of(path) or "").get(name, ""))


@functools.cache
def _experiments() -> dict[str, Path]:
    """The files of the experiments that dlverify ships, by their SHA-256."""
    spec = importlib.util.find_spec("dlverify.experiments")
    folders = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    files = [path for folder in folders for path in sorted(folder.glob("*.py"))]
    return {_sha256(text): path for path in files if (text := _text_of(path)) is not None}


def _text_of(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@functools.cache
def _classes(text: str) -> dict[str, str]:
    """The source of each class of a module, with its decorators."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return {}
    lines, found = text.splitlines(), {}
    for node in body:
        if isinstance(node, ast.ClassDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            found[node.name] = "\n".join(lines[first - 1 : node.end_lineno])
    return found


def _theories(tree: ast.Module) -> list[Theory]:
    """The functions that `CLAIM` and its errata name as predict, with their docstrings."""
    docs = {node.name: ast.get_docstring(node) or "" for node in tree.body if isinstance(node, ast.FunctionDef)}
    found = {}
    for call in _calls(tree, "Claim", "Erratum"):
        for keyword in call.keywords:
            if keyword.arg == "predict" and isinstance(keyword.value, ast.Name) and docs.get(keyword.value.id):
                name = keyword.value.id
                found[name] = Theory(name, docs[name], isinstance(call.func, ast.Name) and call.func.id == "Erratum")
    return sorted(found.values(), key=lambda theory: theory.printed)


def _kept(tree: ast.Module) -> list[tuple[str, str, str]]:
    """Slug, hypothesis and reason of the assumptions that are kept, where they are literal texts."""
    found = []
    for call in _calls(tree, "Assumption"):
        values = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
        words = {word.arg: word.value.value for word in call.keywords if isinstance(word.value, ast.Constant)}
        slug, says, why = (*values, words.get("slug"), words.get("says"))[:2] + (words.get("why_kept"),)
        if isinstance(why, str) and isinstance(slug, str) and isinstance(says, str):
            found.append((slug, says, why))
    return found


def _calls(tree: ast.Module, *names: str) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
    ]
