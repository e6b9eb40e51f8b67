"""A measurement is a pure function of claim, experiment and conditions; replacing a subject reaches it everywhere."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from dlverify import Conditions, Lab, Subject, catalog, running
from dlverify.lab.conditions import UNIT_ROUNDOFF

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
