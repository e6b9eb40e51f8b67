"""What `python -m dlverify` does: the commands, each in its module.

torch, rich, matplotlib and jinja2 come where they are needed.
"""

from dlverify.commands.listing import draw, index, list_claims, list_subjects, write_index
from dlverify.commands.nights import CALIBRATION, NIGHTS, calibrate, history, nightly, status
from dlverify.commands.reporting import compare, gallery, report
from dlverify.commands.shared import CLAIMS, RECORDS, REPORT, UsageError, default_folder
from dlverify.commands.showing import show
from dlverify.commands.trying import try_claim
from dlverify.commands.writing import new

__all__ = [
    "CALIBRATION",
    "CLAIMS",
    "NIGHTS",
    "RECORDS",
    "REPORT",
    "UsageError",
    "calibrate",
    "compare",
    "default_folder",
    "draw",
    "gallery",
    "history",
    "index",
    "list_claims",
    "list_subjects",
    "new",
    "nightly",
    "report",
    "show",
    "status",
    "try_claim",
    "write_index",
]
