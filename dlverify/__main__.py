"""`python -m dlverify`: the commands that people type. What they do stands in `dlverify.commands`."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from dlverify import commands
from dlverify.claim import ClaimError
from dlverify.experiment import ExperimentError
from dlverify.lab.conditions import DEVICES, DTYPES, PRECISIONS, ConditionError, Conditions
from dlverify.lab.seeds import ROOT
from dlverify.lab.subjects import SubjectError
from dlverify.nightly.night import WINDOW, NightError
from dlverify.records import RecordError
from dlverify.workers import LIMIT

EXAMPLES = """\
to begin with:
  python -m dlverify list
  python -m dlverify show adagrad_step_decays_to_zero
  python -m dlverify try adagrad_step_decays_to_zero lr=0.1 gradient=growing
  pytest claims/

exit status: 0 as stated; 1 a claim fell or a claim file cannot be loaded;
2 usage error
"""

TRY_EXAMPLES = """\
`show CLAIM` lists the fields and the cases. A value is a number, a word, a
literal such as (3, 4), or an import path with arguments. Nothing is recorded;
the figure goes to build/try/. With the second line Adagrad's law falls:

  python -m dlverify try adagrad_step_decays_to_zero lr=0.1 steps=100
  python -m dlverify try adagrad_step_decays_to_zero \\
      "optimizer=torch.optim:RMSprop(eps=0)"

exit status: 0 HOLDS; 1 any other verdict; 2 usage error
"""

NIGHTLY_EXAMPLES = """\
A cell is named device-dtype-precision-variant, a part in it CELL::CLAIM::PART;
in a pattern * stands for anything. Seeds follow from the date:

  python -m dlverify nightly
  python -m dlverify nightly --resume
  python -m dlverify nightly --date 2026-12-31 --again 'cuda-float32-tf32-*'

exit status: 0 as stated; 1 something is red; 2 usage error, or a full disk;
143 stopped by SIGTERM
"""

COMPARE_EXIT = """\
exit status: 0 nothing regressed; 1 a part is not as stated in B that was as
stated in A, or was not there; 2 usage error
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status; what the user can mend is one sentence on stderr, and status 2."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a terminal without Greek letters shows question marks
    try:
        try:
            arguments = _arguments(argv)
            status: int = arguments.run(arguments)
            return status
        finally:
            print(end="", flush=True)
    except (
        commands.UsageError,
        ClaimError,
        ConditionError,
        ExperimentError,
        NightError,
        RecordError,
        SubjectError,
    ) as error:
        print(f"dlverify: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("dlverify: stopped", file=sys.stderr)
        return 130
    except OSError as error:  # the output itself: nobody reads on, or the disk is full
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Python flushes once more at its end
        if isinstance(error, BrokenPipeError):
            return 141
        print(f"dlverify: {error}", file=sys.stderr)
        return 2


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; changes of `try` may stand before and after its options, which argparse does not know."""
    parser = _parser()
    given = sys.argv[1:] if argv is None else argv
    arguments, rest = parser.parse_known_args(given or ["--help"])
    if rest and (arguments.name != "try" or any(text.startswith("-") for text in rest)):
        parser.error(
            f"unrecognized arguments: {' '.join(rest)}; `python -m dlverify {arguments.name} --help` has them all"
        )
    if rest:
        arguments.changes += rest
    return arguments


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dlverify",
        description="Claims about deep learning as experiments that could have come out otherwise.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"dlverify {_version()}")
    names = parser.add_subparsers(dest="name", metavar="COMMAND", required=True)

    def command(name: str, help: str, epilog: str = "") -> argparse.ArgumentParser:
        description = f"{help[0].upper()}{help[1:]}."
        form = argparse.RawDescriptionHelpFormatter
        added = names.add_parser(name, help=help, description=description, epilog=epilog, formatter_class=form)
        if name not in ("figures", "compare", "gallery", "status"):
            # What writes never writes among installed files.
            folder = commands.CLAIMS if name in ("new", "index") else commands.default_folder()
            added.add_argument("--claims", type=Path, default=folder, metavar="DIR", help=f"claim folder ({folder})")
        return added

    new = command("list", "list all claims")
    new.add_argument("--family", metavar="F", help="only this folder of claims")
    new.add_argument("--json", action="store_true", help="everything that is known about them, for programs")
    new.set_defaults(run=lambda a: commands.list_claims(a.claims, a.family, a.json))

    new = command("show", "explain one claim: what is said, the theory, what must break it, how to run it")
    new.add_argument("claim", metavar="CLAIM", help="family/statement, or the path of a claim file")
    new.set_defaults(run=lambda a: commands.show(a.claim, a.claims))

    new = command("try", "run a claim with other parameters", TRY_EXAMPLES)
    new.add_argument("claim", metavar="CLAIM", help="family/statement, or the path of a claim file")
    new.add_argument("changes", nargs="*", metavar="field=value", help="what to change in the case")
    new.add_argument("--case", metavar="CASE", help="the case to change (the first)")
    new.add_argument("--device", default="cpu", metavar="|".join(DEVICES), help="where torch computes (cpu)")
    new.add_argument("--dtype", metavar="|".join(DTYPES), help="floating dtype (the experiment's own)")
    new.add_argument("--precision", default="ieee", metavar="|".join(PRECISIONS), help="of float32 products (ieee)")
    new.add_argument("--seed", type=int, default=ROOT, metavar="N", help=f"root of all random numbers ({ROOT})")
    new.set_defaults(
        run=lambda a: commands.try_claim(
            a.claim, a.claims, a.changes, a.case, Conditions(a.device, a.dtype, a.precision, a.seed)
        )
    )

    new = command("new", "write the skeleton of a claim")
    new.add_argument("family", metavar="FAMILY", help="its folder below the claim folder, such as optimizer")
    new.add_argument("statement", metavar="STATEMENT", help='what is claimed, "momentum doubles the stable step"')
    new.set_defaults(run=lambda a: commands.new(a.claims, a.family, a.statement))

    new = command("subjects", "list what --subject can replace, and how many claims exercise each")
    new.set_defaults(run=lambda a: commands.list_subjects(a.claims))

    new = command("figures", "draw the figures again from the records, without measuring")
    new.add_argument("--records", type=Path, default=commands.RECORDS, metavar="FILE", help=f"({commands.RECORDS})")
    new.add_argument("--figures", type=Path, default=None, metavar="DIR", help="where they go (figures)")
    new.set_defaults(run=lambda a: commands.draw(a.records, a.figures))

    new = command(
        "nightly", "run one night: all claims in every cell of the matrix, with fresh seeds", NIGHTLY_EXAMPLES
    )
    _add_nights(new)
    new.add_argument("--date", metavar="DATE", help="the night, 2026-12-31 (today in UTC); its seeds follow from it")
    new.add_argument("--resume", action="store_true", help="run what is missing of a night that was stopped")
    new.add_argument(
        "--again", action="append", default=[], metavar="PATTERN", help="run cells or parts once more, beside the night"
    )
    new.add_argument("--cell", action="append", default=[], metavar="PATTERN", help="only these cells, 'cuda-*'")
    new.add_argument("--family", action="append", default=[], metavar="F", help="only these folders of claims")
    _add_workers(new)
    new.add_argument("--scheduler", metavar="ADDRESS", help="run on a Dask cluster, tcp://host:8786")
    new.add_argument("--memory", type=float, metavar="GB", help="address space of a worker (no bound; not for CUDA)")
    new.set_defaults(
        run=lambda a: commands.nightly(
            a.claims,
            a.nights,
            date=a.date,
            resume=a.resume,
            again=a.again,
            cells=a.cell,
            families=a.family,
            workers=a.workers,
            scheduler=a.scheduler,
            limit=a.limit,
            memory=a.memory,
        )
    )

    new = command("status", "say whether the last night is there, whole and as stated", "exit status: 0 well; 1 not")
    _add_nights(new)
    new.add_argument("--within", default="26h", metavar="SPAN", help="since when it must have ended (26h)")
    new.set_defaults(run=lambda a: commands.status(a.nights, a.within))

    new = command("history", "what the nights say of a claim: effects, steps, and what really changed")
    new.add_argument("claim", metavar="CLAIM", help="family/statement, or the path of a claim file")
    new.add_argument("--last", type=int, default=WINDOW, metavar="N", help=f"how many nights to look at ({WINDOW})")
    _add_nights(new)
    new.set_defaults(run=lambda a: commands.history(a.claim, a.claims, a.nights, a.last))

    new = command("calibrate", "run many nights of the statistical items, and count how often each is red")
    new.add_argument("number", type=int, metavar="N", help="how many nights; those that are there are not run again")
    new.add_argument("--to", type=Path, default=commands.CALIBRATION, metavar="DIR", help=f"({commands.CALIBRATION})")
    new.add_argument("--family", action="append", default=[], metavar="F", help="only these folders of claims")
    _add_workers(new)
    new.add_argument("--table", type=Path, metavar="FILE", help="where the table goes (calibration.md in --to)")
    new.set_defaults(
        run=lambda a: commands.calibrate(
            a.claims, a.number, a.to, families=a.family, workers=a.workers, limit=a.limit, table=a.table
        )
    )

    new = command("report", "build a site of the records: what holds, what falls, and why")
    new.add_argument(
        "--records",
        type=Path,
        default=commands.RECORDS,
        metavar="FILE",
        help=f"records, or the folder of a night ({commands.RECORDS})",
    )
    new.add_argument("--against", type=Path, metavar="FILE", help="earlier records, for a page of what changed since")
    new.add_argument("--output", type=Path, default=commands.REPORT, metavar="DIR", help=f"({commands.REPORT})")
    new.add_argument("--nights", type=Path, metavar="DIR", help=f"the nights to show ({commands.NIGHTS}, where it is)")
    new.set_defaults(run=lambda a: commands.report(a.records, a.output, a.claims, a.against, a.nights))

    new = command("compare", "say what changed from one record file to another", COMPARE_EXIT)
    new.add_argument("before", type=Path, metavar="A", help="the earlier record file")
    new.add_argument("after", type=Path, metavar="B", help="the later one")
    new.set_defaults(run=lambda a: commands.compare(a.before, a.after))

    new = command("gallery", "write the gallery of README.md from the records")
    new.add_argument("--records", type=Path, default=commands.RECORDS, metavar="FILE", help=f"({commands.RECORDS})")
    new.set_defaults(run=lambda a: commands.gallery(a.records, Path("README.md")))

    new = command("index", "write README.md of the claim folder, the index of all claims")
    new.set_defaults(run=lambda a: commands.write_index(a.claims))
    return parser


def _add_nights(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--nights", type=Path, default=commands.NIGHTS, metavar="DIR", help=f"({commands.NIGHTS})")


def _add_workers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workers", type=int, metavar="N", help="how many processes (one for each GPU, or one)")
    parser.add_argument("--limit", type=float, default=LIMIT, metavar="SECONDS", help=f"a part may take ({LIMIT:g})")


def _version() -> str:
    try:
        return importlib.metadata.version("dlverify")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"


if __name__ == "__main__":
    raise SystemExit(main())
