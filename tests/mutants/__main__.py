"""`make mutants`: which claims tell which wrong implementation from the right one; prints it and keeps it in the README."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from rich.console import Console
from rich.table import Table

from dlverify import catalog, records
from tests.mutants import CLAIMS, ROOT, examine, mutants

START, END = "<!-- mutants -->\n", "<!-- end of mutants -->\n"
README = ROOT / "README.md"


def main() -> int:
    """Examine all mutants on all cores, print the matrix and write it; 1 where fewer than 95 % are killed."""
    all_of_them = mutants()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as executor:
        found = list(executor.map(examine, range(len(all_of_them))))
    families = sorted({name.partition("/")[0] for claims in found for name in claims})
    matrix = Table("mutant", "stands in for", *families, box=None)
    rows = ["| stands in for | what is wrong | refuted by | for example |", "|---|---|---|---|"]
    dead = 0
    for mutant, claims in zip(all_of_them, found, strict=True):
        measured = Counter(name.partition("/")[0] for name in claims)
        kills = [name for name, (killed, _) in claims.items() if killed]
        killed = Counter(name.partition("/")[0] for name in kills)
        dead += bool(kills)
        cells = [f"{killed[family]}/{measured[family]}" if measured[family] else "" for family in families]
        matrix.add_row(mutant.name, mutant.subject, *cells, style=None if kills else "red")
        quickest = min(kills, key=lambda name: claims[name][1], default=None)
        example = f"[{quickest.partition('/')[2]}](claims/{quickest}.py)" if quickest else mutant.survives or "-"
        rows.append(
            f"| `{mutant.subject}` | {mutant.defect.rstrip('.')} (`{mutant.name}`) | {len(kills)} of {len(claims)} | {example} |"
        )
    Console(width=60 + 20 * len(families)).print(matrix)  # whole rows, however narrow the terminal
    share = dead / len(all_of_them)
    total = len(catalog.claim_files([CLAIMS]))
    line = f"{dead} of {len(all_of_them)} wrong implementations are refuted by at least one of {total} claims ({share:.1%})."
    print(line)
    before, _, rest = README.read_text(encoding="utf-8").partition(START)
    _, end, after = rest.partition(END)
    if not end:
        print(
            f"README.md has no {START.strip()} ... {END.strip()}, so that the matrix is kept nowhere", file=sys.stderr
        )
        return 1
    summary = "<details><summary>All of them</summary>\n\n"
    text = "\n".join([line, "", summary + "\n".join(rows), "", "</details>", ""])
    records.replace_file(README, before + START + text + END + after)
    return int(share < 0.95)


if __name__ == "__main__":
    raise SystemExit(main())
