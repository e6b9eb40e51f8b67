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
from dlverify.records import RecordError

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
    except (commands.UsageError, ClaimError, ConditionError, ExperimentError, RecordError, SubjectError) as error:
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
        if name != "figures":
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

    new = command("index", "write README.md of the claim folder, the index of all claims")
    new.set_defaults(run=lambda a: commands.write_index(a.claims))
    return parser


def _version() -> str:
    try:
        return importlib.metadata.version("dlverify")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"


if __name__ == "__main__":
    raise SystemExit(main())
