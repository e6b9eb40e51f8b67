"""A measurement is a pure function of claim, experiment and conditions; replacing a subject reaches it everywhere."""

from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from dlverify import Conditions, Lab, Picture, Quantity, Subject, catalog, running
from dlverify.evidence.judges import Mostly
from dlverify.lab.conditions import UNIT_ROUNDOFF
from dlverify.quantity import pictures_of
from dlverify.records import FIELDS
from tests.conftest import COIN, DOUBLING

FOLDER = Path(__file__).parent.parent / "claims"
ADAGRAD = FOLDER / "optimizer" / "adagrad_step_decays_to_zero.py"


def units(path: Path) -> list[running.Unit]:
    return running.units(catalog.load(path, FOLDER), FOLDER)


def stable(record):
    return {name: value for name, value in record.items() if name not in {"run", "started", "seconds"}}


def test_order_and_workers_change_nothing():
    parts = units(ADAGRAD)
    here = [stable(record) for record in running.run(parts)]
    assert [stable(record) for record in running.run(reversed(parts))][::-1] == here
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert [stable(record) for record in running.run(parts, executor=pool)] == here


def test_member_is_the_same_whoever_runs_beside_it():
    few, many = Lab("toy/claim", members=range(8)), Lab("toy/claim", members=range(80))
    for draw in (
        lambda lab: lab.normal("x", (3, 2)),
        lambda lab: lab.uniform("x", (2,), -1, 1),
        lambda lab: lab.orders("x", samples=10, batch=4, steps=7),
    ):
        assert np.array_equal(draw(few), draw(many)[:8])
    assert np.array_equal(Lab("toy/claim", members=(7,)).normal("x", (3,))[0], many.normal("x", (3,))[7])


def test_streams_claims_members_and_roots_are_independent():
    draws = [
        Lab("a", 1).normal("x", (4,)),
        Lab("b", 1).normal("x", (4,)),
        Lab("a", 2).normal("x", (4,)),
        Lab("a", 1).normal("y", (4,)),
        Lab("a", 1, members=(1,)).normal("x", (4,)),
    ]
    assert len({draw.tobytes() for draw in draws}) == len(draws)


def test_an_epoch_visits_each_sample_once():
    orders = Lab("a").orders("x", samples=12, batch=3, steps=8)[0]
    for epoch in (orders[:4], orders[4:]):
        assert sorted(epoch.ravel()) == list(range(12))


@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16"])
def test_what_is_given_is_representable(dtype):
    lab = Lab("a", dtype=dtype)
    values = lab.normal("x", (1000,))
    assert np.array_equal(lab.tensor(values).double().numpy(), values)
    exact = Lab("a").normal("x", (1000,))
    assert (np.abs(values - exact) <= UNIT_ROUNDOFF[dtype] * np.abs(exact)).all()
    assert not values.flags.writeable


def test_a_replaced_subject_is_exercised_and_a_control_keeps_its_own():
    conditions = Conditions(subjects=(("torch.optim.Adagrad", Subject.parse("torch.optim:RMSprop")),))
    records = {record["item"]: record for record in running.run(units(ADAGRAD), conditions)}
    assert {record["verdict"] for item, record in records.items() if item.startswith("holds")} == {"REFUTED"}
    assert records["holds[constant-0.01]"]["subject"]["optimizer"] == "torch.optim:RMSprop(eps=0)"
    conditions = Conditions(subjects=(("torch.optim.RMSprop", Subject.parse("torch.optim:Adagrad")),))
    records = {record["item"]: record for record in running.run(units(ADAGRAD), conditions)}
    assert records["refuted[never-forgets]"]["subject"]["optimizer"] == "torch.optim:RMSprop(eps=0)"


def test_torchs_random_state_is_seeded_within_and_put_back():
    import torch

    before = torch.get_rng_state()
    drawn = []
    for lab in (Lab("a"), Lab("a"), Lab("a", 2)):
        with lab.seeded("dropout", 3):
            drawn.append(torch.rand(4))
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])
    assert torch.equal(torch.get_rng_state(), before)


def test_torchs_own_kernels_are_nothing_to_ask_of_whoever_takes_its_place():
    name = FOLDER / "optimizer" / "adagrad_divides_by_the_root_of_its_summed_squares.py"
    loaded = catalog.load(name, FOLDER)
    stock = [unit.item for unit in units(name) if unit.part == "holds"]
    assert any("foreach" in item for item in stock)
    asked = [unit.item for unit in running.exercising(loaded, FOLDER, ["torch.optim.Adagrad"]) if unit.part == "holds"]
    assert asked == [item for item in stock if "foreach" not in item]
    given = Subject.parse("torch.optim:Adagrad(fused=True)")
    experiment = loaded.claim.experiments[1].experiment
    replaced = running.with_subjects(experiment, [("torch.optim.Adagrad", given)])
    assert dict(replaced.optimizer.arguments) == {"eps": 0, "fused": True}
    assert replaced.optimizer.role == "torch.optim.Adagrad"


class Loses(Executor):
    """An executor that never comes back with anything."""

    def submit(self, function, /, *arguments, **keywords):
        future = Future()
        future.set_exception(OSError("the network is gone"))
        return future


def test_what_an_executor_loses_is_an_error_of_that_part():
    (record, *_) = running.run(units(ADAGRAD), executor=Loses())
    assert set(record) == set(FIELDS)
    assert (record["verdict"], record["expected"]) == ("ERROR", "HOLDS")
    assert record["message"] == "it came to no end: OSError: the network is gone"
    assert record["says"], "all that the claim says is there"


def test_a_part_whose_file_broke_under_the_run_is_an_error_all_the_same(tmp_path):
    (tmp_path / "toy").mkdir()
    path = tmp_path / "toy" / "broken.py"
    path.write_text("CLAIM = 1\n")
    (record,) = running.run([running.Unit(tmp_path, path, "refuted", "so")], executor=Loses())
    assert set(record) == set(FIELDS)
    assert (record["claim"], record["item"], record["verdict"]) == ("toy/broken", "refuted[so]", "ERROR")
    assert record["expected"] == "REFUTED"


def test_what_was_cancelled_is_missing_and_no_error():
    class Cancels(Loses):
        def submit(self, function, /, *arguments, **keywords):
            future = Future()
            future.cancel()
            future.set_running_or_notify_cancel()
            return future

    with pytest.raises(CancelledError):
        list(running.run(units(ADAGRAD), executor=Cancels()))


PICTURED = {
    'axes=(Axis("member", tuple(lab.members)),))': """axes=(Axis("member", tuple(lab.members)),), pictures=(
            Picture("coin", np.full((1, 1, 2), [lab.members[0] + 1.23456, 1e-9]), "the first"),))"""
}


def test_pictures_of_the_first_member_are_recorded_and_no_judge_sees_them(claims, monkeypatch):
    seen = []

    def watched(stock):
        def watching(self, measured, *others):
            seen.append(measured.pictures)
            return stock(self, measured, *others)

        return watching

    monkeypatch.setattr(Mostly, "outcomes", watched(Mostly.outcomes))
    monkeypatch.setattr(Mostly, "find", watched(Mostly.find))
    monkeypatch.setattr(running, "_batch", lambda plan: 2)
    found = []
    for changes in (None, PICTURED):
        claims.write(DOUBLING + COIN, replace=changes)
        claims.run()
        found.append(claims.records())
    assert len(seen) > 2 * len(found[0])  # there were several batches
    assert not any(seen)
    for plain, pictured in zip(*(records.values() for records in found), strict=True):
        assert plain["pictures"] == []
        assert pictured["pictures"] == [{"name": "coin", "caption": "the first", "values": [[[1.23, 0.0]]]}]
        for name in ("measured", "verdict", "low", "high", "statistics", "message"):
            assert pictured[name] == plain[name]


def test_a_picture_that_is_none_is_an_error_in_one_sentence(claims):
    claims.write(DOUBLING + COIN, replace={old: new.replace("1e-9", "np.inf") for old, new in PICTURED.items()})
    claims.run()
    for record in claims.records().values():
        assert record["verdict"] == "ERROR"
        assert record["pictures"] == []
        assert "the picture 'coin' has 1 pixels that are not finite" in record["message"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("", np.zeros((1, 2, 2))), "a picture has the name '' and the caption ''; both are texts"),
        ((3, np.zeros((1, 2, 2))), "a picture has the name 3"),
        (("x", np.zeros((1, 2, 2)), None), "the caption None"),
        (("x", [["<script>"]]), "the picture 'x' holds no real numbers"),
        (("x", np.zeros((1, 1, 1)) * 1j), "the picture 'x' holds no real numbers"),
        (("x", [[1.0], [1.0, 2.0]]), "the picture 'x' holds no real numbers"),
        (("x", np.zeros((2, 2))), "the picture 'x' has values of shape (2, 2); it is (images, height, width)"),
        (("x", 1.0), "values of shape ()"),
        (("x", np.zeros((0, 8, 8))), "values of shape (0, 8, 8)"),
        (("x", np.zeros((1, 0, 8))), "values of shape (1, 0, 8)"),
        (("x", np.zeros((13, 2, 2))), "at most 12 images and 24 pixels along a side"),
        (("x", np.zeros((1, 25, 2))), "at most 12 images and 24 pixels along a side"),
        (("x", np.zeros((4, 24, 24))), "the picture 'x' has 2304 pixels; at most 1728 keep records small"),
        (("x", [[[1.0, np.nan, -np.inf]]]), "the picture 'x' has 2 pixels that are not finite"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_sentence(arguments, message):
    with pytest.raises(ValueError, match="picture") as error:
        Picture(*arguments)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_quantity_has_a_few_pictures_and_nothing_else_for_them():
    one = Picture("x", np.ones((1, 2, 2)))
    assert Quantity(1.0, "x", pictures=(one,)).pictures == (one,)
    for pictures, message in (
        ((one,) * 5, "has 5 pictures; at most 4"),
        ([one], "not a tuple"),
        (("x",), "not a tuple"),
    ):
        with pytest.raises(ValueError, match=message):
            Quantity(1.0, "x", pictures=pictures)


def test_of_pictures_that_a_field_makes_large_what_fits_is_shown():
    images = {"many": np.ones((99, 12, 12)), "large": np.ones((1, 25, 25)), "diverged": np.full((1, 2, 2), np.nan)}
    assert [(one.name, one.values.shape) for one in pictures_of(images)] == [("many", (12, 12, 12))]
    assert pictures_of({"some": np.ones((9, 24, 24))})[0].values.shape == (3, 24, 24)
