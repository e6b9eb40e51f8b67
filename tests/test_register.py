"""The register of the notes is the spec: claims cite it, and it says what is still to be done."""

from collections import Counter
from pathlib import Path

import pytest

from dlverify import catalog
from dlverify.evidence.finding import GRADES

FOLDER = Path(__file__).parent.parent / "claims"
GRADED = {*GRADES}


@pytest.fixture(scope="module")
def register():
    return catalog.read_register(FOLDER)


@pytest.fixture(scope="module")
def loaded():
    return [catalog.load(path, FOLDER) for _, path in catalog.claim_files([FOLDER])]


def test_entries_are_complete(register):
    entries = register["entry"]
    assert len(entries) == 197
    assert sum(row["evidence"] not in GRADED for row in entries.values()) == 11, "the historical ones"
    for row in entries.values():
        fields = {"id", "family", "where", "status", "evidence", "says", "truth"}
        documentary = row["evidence"] in {"documentary", "none"}
        assert set(row) == fields | ({"fact", "reference"} if documentary else set()), row["id"]
        assert row["status"] in {"true", "conditional", "wrong", "empirical", "definition"}, row["id"]
        assert row["evidence"] in {*GRADED, "documentary", "none"}, row["id"]
        assert all(len(place) > 4 and place[:3].isdecimal() and place[3] == ":" for place in row["where"]), row["id"]


def test_errata_are_complete(register):
    assert sorted(register["erratum"]) == list(range(1, 76))
    for row in register["erratum"].values():
        fields = {"number", "severity", "where", "printed", "correct", "entries", "kind"}
        assert set(row) == fields | {"reference" if row["kind"] == "fact" else "witness"}, row["number"]
        assert row["severity"] in "ABCDE"
        assert row["kind"] in {"experiment", "fact"}
        assert set(row["entries"]) <= set(register["entry"]), row["number"]


def test_claims_stand_in_the_family_of_their_entry(register, loaded):
    for claim in loaded:
        assert claim.claim.entry is not None, f"{claim.id} cites no entry"
        assert claim.family == register["entry"][claim.claim.entry]["family"].replace("-", "_"), claim.id


def test_no_claim_is_graded_below_its_entry_without_a_reason(register, loaded):
    best: dict[str, int] = {}
    for claim in loaded:
        entry = str(claim.claim.entry)
        best[entry] = min(best.get(entry, len(GRADES)), GRADES.index(claim.claim.grade))
    for claim in loaded:
        entry = str(claim.claim.entry)
        carries = register["entry"][entry]["evidence"]
        assert carries in GRADED, f"{claim.id} claims the {carries} entry {entry}"
        reached = best[entry] <= GRADES.index(carries)
        assert reached or claim.claim.why_graded, (
            f"the best grade for {entry} is {GRADES[best[entry]]}, and it can carry {carries}; say in why_graded of {claim.id} "
            "why, or find better evidence"
        )


def test_errata_cite_their_entry(register, loaded):
    for claim in loaded:
        for erratum in claim.claim.errata:
            if erratum.number is not None:
                assert claim.claim.entry in register["erratum"][erratum.number]["entries"], (
                    f"{claim.id}: {erratum.slug}"
                )


def test_reports_what_is_left_to_do(register, loaded, capsys):
    entries = {claim.claim.entry for claim in loaded}
    numbers = {erratum.number for claim in loaded for erratum in claim.claim.errata}
    open_entries = [row for row in register["entry"].values() if row["evidence"] in GRADED and row["id"] not in entries]
    open_errata = [
        row for row in register["erratum"].values() if row["kind"] == "experiment" and row["number"] not in numbers
    ]
    with capsys.disabled():
        families = Counter(row["family"] for row in open_entries)
        todo = ", ".join(f"{family} {count}" for family, count in sorted(families.items()))
        print(
            f"\nregister: {len(open_entries)} entries without a claim ({todo}); {len(open_errata)} errata not yet shown"
        )
    assert entries, "no claim cites an entry"
