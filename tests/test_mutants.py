"""Wrong implementations fall, each by the claim that the README names; right ones that are not torch's pass."""

import re

import pytest

from tests.mutants import ROOT, mutants, outcomes

ALL = mutants()
ROW = re.compile(
    r"^\| `(?P<subject>[^`]+)` \| (?P<defect>.*) \(`(?P<name>\w+)`\) \| (?P<kills>\d+) of \d+ \| (?P<example>.*) \|$"
)


@pytest.fixture(scope="module")
def matrix():
    rows = map(ROW.match, (ROOT / "README.md").read_text(encoding="utf-8").splitlines())
    return {(row["subject"], row["name"]): row for row in rows if row}


def test_there_are_many_and_nearly_all_fall(matrix):
    assert len(ALL) >= 60
    assert len({(mutant.subject, mutant.name) for mutant in ALL}) == len(ALL)
    assert {(mutant.subject, mutant.name) for mutant in ALL} == set(matrix), "run `make mutants`"
    assert sum(int(row["kills"]) > 0 for row in matrix.values()) >= 0.95 * len(ALL)


@pytest.mark.parametrize("mutant", ALL, ids=lambda mutant: mutant.name)
@pytest.mark.filterwarnings("ignore")
def test_a_mutant_is_told_from_the_right_one_without_a_crash(mutant, matrix):
    row = matrix[mutant.subject, mutant.name]
    if row["kills"] == "0":
        assert mutant.survives, f"nothing refutes {mutant.name}: find a claim that does, or say why none can"
        return
    claim = re.search(r"\(claims/(.*)\.py\)", row["example"])[1]
    verdicts = {record["verdict"] for record in outcomes(mutant, {claim})}
    assert "REFUTED" in verdicts, f"{claim} no longer refutes {mutant.name}: run `make mutants`"
