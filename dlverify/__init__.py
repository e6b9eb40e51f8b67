"""Theory claims about deep learning as experiments that could have come out otherwise."""

from dlverify.checking import Examination, check, parametrize_with_claims
from dlverify.claim import Assumption, Case, Claim, ClaimError, Erratum, vary
from dlverify.evidence.judges import at_least, at_most, certainly_at_least, certainly_at_most, equal, mostly
from dlverify.evidence.proof import Proof
from dlverify.evidence.rounding import gamma, rounding
from dlverify.experiment import Experiment, ExperimentError
from dlverify.lab.conditions import Conditions, Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Axis, Picture, Quantity

__all__ = [
    "Assumption",
    "Axis",
    "Case",
    "Claim",
    "ClaimError",
    "Conditions",
    "Erratum",
    "Examination",
    "Experiment",
    "ExperimentError",
    "Lab",
    "Picture",
    "Proof",
    "Quantity",
    "Subject",
    "at_least",
    "at_most",
    "certainly_at_least",
    "certainly_at_most",
    "check",
    "equal",
    "gamma",
    "mostly",
    "parametrize_with_claims",
    "rounding",
    "vary",
]
