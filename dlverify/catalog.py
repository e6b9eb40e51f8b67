"""Finding and loading claim files, and the register of what the notes say."""

from __future__ import annotations

import ast
import functools
import importlib.util
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlverify.claim import Claim, ClaimError


@dataclass(frozen=True)
class Loaded:
    """A claim with its place.

    Attributes:
        id: `family/statement`.
        path: The claim file.
        claim: The claim.
    """

    id: str
    path: Path
    claim: Claim

    @property
    def family(self) -> str:
        """The folder of the claim."""
        return self.id.rpartition("/")[0]


def shipped() -> Path:
    """The folder of the claims that dlverify ships: `claims/` in a checkout, `dlverify/claims` where it is installed."""
    spec = importlib.util.find_spec("dlverify.claims")
    if spec is not None and spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations)))
    return Path(__file__).parents[1] / "claims"


def is_claim_file(path: Path) -> bool:
    """Whether the file assigns `CLAIM` at top level, seen by reading it; one that cannot be parsed but names it counts."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return b"CLAIM" in path.read_bytes()
    except OSError:
        return path.exists()
    if "CLAIM" not in text:
        return False
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return any(line.startswith("CLAIM") for line in text.splitlines())
    names = [
        target
        for node in body
        for target in (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
    ]
    return any(isinstance(name, ast.Name) and name.id == "CLAIM" for name in names)


def claim_id(path: Path, folder: Path) -> str:
    """`family/statement`: the path below the claim folder, without its suffix."""
    return path.relative_to(folder).with_suffix("").as_posix()


def claim_files(folders: Iterable[Path]) -> list[tuple[str, Path]]:
    """All claim files below the folders with their ids, sorted."""
    return sorted(
        (claim_id(path, folder), path) for folder in folders for path in folder.rglob("*.py") if is_claim_file(path)
    )


def load(path: Path, folder: Path) -> Loaded:
    """Load one claim file.

    Raises:
        ClaimError: It cannot be imported, has no claim, or the claim is not well formed; the message names the file.
    """
    path, folder = path.resolve(), folder.resolve()
    stamp = path.stat()
    return _load(path, folder, stamp.st_mtime_ns, stamp.st_size)


@functools.cache
def _load(path: Path, folder: Path, modified: int, size: int) -> Loaded:
    name = claim_id(path, folder)
    module_name = f"_dlverify_claims.{name.replace('/', '.')}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise ClaimError(f"{path}: this is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
        claim = getattr(module, "CLAIM", None)
        if not isinstance(claim, Claim):
            raise ClaimError(f"CLAIM is {claim!r}; it must be a dlverify.Claim")
        _check_entry(claim, folder)
    except ClaimError as error:
        raise ClaimError(f"{path}: {error}") from None
    except (Exception, SystemExit) as error:
        raise ClaimError(f"{path} cannot be loaded: {type(error).__name__}: {error}") from error
    return Loaded(name, path, claim)


def subjects(folder: Path) -> dict[str, list[str]]:
    """What can be replaced: for each subject's path the ids of the claims below the folder that exercise it."""
    found: dict[str, list[str]] = {}
    for name, path in claim_files([folder]):
        try:
            for subject in load(path, folder).claim.subjects:
                found.setdefault(subject, []).append(name)
        except ClaimError:
            continue  # it fails by itself, where claims are collected
    return dict(sorted(found.items()))


def _check_entry(claim: Claim, folder: Path) -> None:
    register = read_register(folder)
    if claim.entry is None:
        return
    if register is None:
        raise ClaimError(
            f"the claim names the entry {claim.entry!r}, but there is no {folder / 'notes.toml'}; leave it out"
        )
    entries = register["entry"]
    if claim.entry not in entries:
        raise ClaimError(
            f"unknown entry {claim.entry!r}{did_you_mean(claim.entry, entries)}; {folder / 'notes.toml'} has them all"
        )
    for erratum in claim.errata:
        if erratum.number is not None and erratum.number not in register["erratum"]:
            raise ClaimError(
                f"the erratum {erratum.slug!r} has the unknown number {erratum.number}; the register has 1 to {len(register['erratum'])}"
            )


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint of up to three names that contain the given one or else are like it, or nothing."""
    import difflib

    all_of_them = list(known)
    close = [other for other in all_of_them if len(name) > 2 and name in other][:3]
    close = close or difflib.get_close_matches(name, all_of_them, n=3, cutoff=0.5)
    return f" (did you mean {' or '.join(close)}?)" if close else ""


def read_register(folder: Path) -> dict[str, dict[Any, dict[str, Any]]] | None:
    """The register `notes.toml` of a claim folder: entries by id, errata by number; None where there is none.

    Raises:
        ClaimError: The file is damaged.
    """
    path = folder / "notes.toml"
    return _read_register(path, path.stat().st_mtime_ns) if path.is_file() else None


@functools.cache
def _read_register(path: Path, modified: int) -> dict[str, dict[Any, dict[str, Any]]]:
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))
        return {
            "entry": {row["id"]: row for row in rows.get("entry", [])},
            "erratum": {row["number"]: row for row in rows.get("erratum", [])},
        }
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError) as error:
        raise ClaimError(
            f"{path}, the register of the notes, cannot be read: {type(error).__name__}: {error}"
        ) from None
