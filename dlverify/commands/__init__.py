"""What `python -m dlverify` does: list, show, try, new, subjects, figures, index; torch, rich and matplotlib come where needed."""

from dlverify.commands.listing import draw, index, list_claims, list_subjects, write_index
from dlverify.commands.shared import CLAIMS, RECORDS, UsageError, default_folder
from dlverify.commands.showing import show
from dlverify.commands.trying import try_claim
from dlverify.commands.writing import new

__all__ = [
    "CLAIMS",
    "RECORDS",
    "UsageError",
    "default_folder",
    "draw",
    "index",
    "list_claims",
    "list_subjects",
    "new",
    "show",
    "try_claim",
    "write_index",
]
