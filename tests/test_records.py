"""Records: what is written can be read again, whatever happened in between."""

import json
from fractions import Fraction

import numpy as np
import pytest

from dlverify import records
from dlverify.records import RecordError, Writer, decode, encode, finish, read


def record(**fields):
    return {
        **dict.fromkeys(records.FIELDS),
        "schema": records.SCHEMA,
        "claim": "toy/doubling",
        "part": "holds",
        "index": 0,
        **fields,
    }


@pytest.mark.parametrize(
    "values",
    [
        np.array([[1.5, np.inf], [-np.inf, 1e-320]]),
        np.array([True, False]),
        np.array([Fraction(1, 3), 2, 10**30], dtype=object),
        np.array(0.1),
        np.array([], dtype=np.float64),
    ],
)
def test_values_come_back_as_they_were(values):
    again = decode(encode(values))
    assert again.shape == values.shape
    assert again.dtype == values.dtype or values.size == 0
    assert list(again.ravel()) == list(values.ravel())


def test_not_a_number_comes_back():
    assert np.isnan(decode(encode(np.array([np.nan])))).all()


def test_parts_of_workers_become_one_file(tmp_path):
    path = tmp_path / "latest.jsonl"
    for worker, claim in (("gw1", "b/x"), ("gw0", "a/y")):
        writer = Writer(path, "run", worker)
        writer.write(record(claim=claim, measured=[1.0]))
        writer.close()
    assert [row["claim"] for row in finish(path, "run").records] == ["a/y", "b/x"]
    assert [row["claim"] for row in read(path).records] == ["a/y", "b/x"]
    assert [file.name for file in tmp_path.iterdir()] == ["latest.jsonl"]


def test_large_arrays_go_aside_and_come_back(tmp_path):
    path = tmp_path / "latest.jsonl"
    values = encode(np.arange(1e5) / 3)
    writer = Writer(path, "run", "main")
    writer.write(record(measured=values))
    writer.close()
    finish(path, "run")
    assert path.stat().st_size < 10_000
    assert read(path).records[0]["measured"] == values
    writer = Writer(path, "next", "main")
    writer.write(record(measured=[1.0]))
    writer.close()
    finish(path, "next")
    assert not list((tmp_path / "latest.arrays").iterdir()), "arrays that no record names are removed"


def test_torn_last_line_is_reported_and_skipped(tmp_path):
    path = tmp_path / "latest.run.main.part"
    writer = Writer(tmp_path / "latest.jsonl", "run", "main")
    writer.write(record())
    writer.write(record(claim="toy/next"))
    writer.close()
    path.write_text(path.read_text()[:-20])
    found = read(path)
    assert [row["claim"] for row in found.records] == ["toy/doubling"]
    assert "the last line is torn and was skipped" in found.problems[0]


def test_a_record_from_before_there_were_pictures_has_none(tmp_path):
    path = tmp_path / "latest.jsonl"
    older = record()
    del older["pictures"]
    path.write_text(json.dumps(older) + "\n")
    assert read(path).records == ({**older, "pictures": []},)
    del older["witness"]
    path.write_text(json.dumps(older) + "\n")
    with pytest.raises(RecordError, match="is damaged at line 1: witness missing"):
        read(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "there is no record file"),
        ("{]\n{}\n", "is damaged at line 1"),
        ("[1]\n", "is damaged at line 1: it is no record"),
        ('{"schema": 1}\n', "is damaged at line 1: run, started"),
        ('{"schema": 99}\n', "has schema 99, and this dlverify reads up to 1; install the newer dlverify"),
        (b"\xff\xfe\n", "cannot be read"),
    ],
)
def test_unreadable_file_is_one_sentence(tmp_path, text, message):
    path = tmp_path / "latest.jsonl"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(RecordError, match="record file") as error:
        read(path)
    assert message in str(error.value)
    assert str(path) in str(error.value)


def test_every_field_of_a_real_record_is_documented(claims):
    claims.write()
    claims.run()
    for row in claims.records().values():
        assert set(row) == set(records.FIELDS)
