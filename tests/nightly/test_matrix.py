"""The cells of a night: each part where its arithmetic makes sense, under a name by which it can be run again."""

import subprocess
import sys
from pathlib import Path

import pytest

from dlverify import catalog, running
from dlverify.lab.subjects import Subject
from dlverify.lab.variants import VARIANTS, variant_of
from dlverify.nightly.matrix import Machine, chosen, items_of, together

FOLDER = (Path(__file__).parents[2] / "claims").resolve()
CPU = Machine(("cpu",), 0, False, ("a CPU",), ())
GPU = Machine(("cpu", "cuda"), 2, True, ("a CPU", "a GPU"), ())


def items(name, on=CPU):
    return items_of(FOLDER / f"{name}.py", FOLDER, 20261119, "quick", on)


def cells(found, part):
    return {item.cell for item in found if item.unit.item.startswith(part)}


@pytest.fixture
def variants_anywhere(monkeypatch):
    """As if every variant of torch's optimizers ran on every device: there is no GPU here to try them on."""

    def made(subject, variant, device, dtype):
        if variant == "compile" or not subject.module.startswith("torch.optim"):
            return None
        return Subject(subject.module, subject.name, ((variant, True),))

    monkeypatch.setattr("dlverify.lab.variants.variant_of", made)


def test_a_part_that_rounds_has_a_cell_for_each_dtype_and_precision(variants_anywhere):
    found = items("loss/the_gradient_of_cross_entropy_is_prediction_minus_label", GPU)
    stock = {name for name in cells(found, "holds") if name.endswith("stock")}
    dtypes = next(case.experiment.dtypes for case in catalog.load(found[0].unit.path, FOLDER).claim.experiments)
    expected = {f"{device}-{dtype}-ieee-stock" for device in ("cpu", "cuda") for dtype in dtypes}
    assert stock == expected | {"cuda-float32-tf32-stock"}


def test_what_does_not_round_has_one_cell_a_device(variants_anywhere):
    found = items("optimizer/adagrad_step_decays_to_zero", GPU)
    assert cells(found, "proof") <= {"cpu-float64-ieee-stock"}
    exact = items("setup/no_learner_beats_a_coin_on_average_over_all_targets", GPU)
    assert {name.split("-", 1)[1] for name in cells(exact, "holds")} == {"float64-ieee-stock"}


def test_an_optimizer_has_a_cell_for_each_implementation_that_torch_has_there():
    found = items("optimizer/adagrad_step_decays_to_zero")
    here = cells(found, "holds")
    assert "cpu-float64-ieee-foreach" in here
    assert "cpu-float64-ieee-fused" in here
    assert not any(name.endswith("capturable") for name in here), "that is for GPUs"
    controls = {item.id for item in found if "refuted[never-forgets]" in item.id}
    assert not any("-foreach" in name for name in controls), "what a control puts in its place stays stock"


def test_a_gpu_has_cells_for_what_runs_on_it(variants_anywhere):
    found = cells(items("optimizer/adagrad_step_decays_to_zero", GPU), "holds")
    assert {"cuda-float64-ieee-capturable", "cuda-float64-ieee-fused", "cuda-float64-ieee-stock"} <= found


@pytest.mark.parametrize("variant", ["foreach", "fused"])
def test_a_cell_measures_its_variant(variant):
    found = items("optimizer/adagrad_step_decays_to_zero")
    item = next(i for i in found if i.cell == f"cpu-float64-ieee-{variant}" and i.unit.part == "holds")
    (record,) = running.run([item.unit])
    assert record["subject"]["optimizer"] == f"torch.optim:Adagrad(eps=0, {variant}=True)"
    assert record["verdict"] == "HOLDS"
    assert f"--subject 'torch.optim.Adagrad=torch.optim:Adagrad({variant}=True)'" in record["replay"]


def test_a_compiled_subject_is_the_same_to_a_theory():
    subject = variant_of(Subject.parse("torch.optim:Adam"), "compile", "cpu", "float64")
    if subject is None:
        pytest.skip("NOT RUN: no C++ compiler")
    found = items("optimizer/adagrad_step_decays_to_zero")
    unit = next(item.unit for item in found if item.cell == "cpu-float64-ieee-compile")
    experiment = running.select(catalog.load(unit.path, FOLDER).claim, unit, unit.conditions).experiment
    assert experiment.subjects["optimizer"].role == "torch.optim.Adagrad"
    module = variant_of(Subject.parse("torch.nn:Linear"), "compile", "cpu", "float64")(3, 2)
    assert list(module.state_dict()) == ["weight", "bias"]


def test_a_compiled_subject_runs_where_warnings_are_errors():
    if variant_of(Subject.parse("torch.optim:Adam"), "compile", "cpu", "float64") is None:
        pytest.skip("NOT RUN: no C++ compiler")
    line = "import warnings; warnings.simplefilter('error'); import torch; from dlverify.lab.variants import compiled; "
    step = "p = torch.ones(2, requires_grad=True); p.grad = p.detach(); compiled([p], path='torch.optim:SGD', lr=1.0).step()"
    done = subprocess.run([sys.executable, "-c", line + step], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_is_compiled_has_no_second_derivatives():
    found = cells(items("classical_ml/the_logistic_loss_is_convex"), "holds")
    assert {name.rpartition("-")[2] for name in found} == {"stock"}


def test_a_budget_follows_the_arithmetic_of_the_variant():
    """With `capturable`, or compiled, an optimizer computes its learning rate in float32, whatever its parameters are."""
    assert Subject.parse("torch.optim:Adam(capturable=True)").unit_roundoff == 2.0**-24
    compiled = Subject.parse("dlverify.lab.variants:compiled(path='torch.optim:Adam')")
    assert compiled.unit_roundoff == 2.0**-24
    assert Subject.parse("dlverify.lab.variants:compiled(path='torch.nn:Linear')").unit_roundoff == 0
    assert Subject.parse("torch.optim:Adam(fused=True)").unit_roundoff == 0


def test_subjects_that_have_no_variant():
    for path in ("sklearn.linear_model:Ridge", "torch.nn:ReLU", "torch.optim:Adam(foreach=True)", "math:sqrt"):
        for variant in VARIANTS[1:-1]:
            assert variant_of(Subject.parse(path), variant, "cpu", "float64") is None


def test_every_id_is_there_once_and_can_be_chosen():
    found = items("optimizer/adagrad_step_decays_to_zero") + items(
        "loss/torch_averages_squared_errors_over_outputs_too"
    )
    ids = [item.id for item in found]
    assert len(set(ids)) == len(ids)
    for name in ids:
        assert [item.id for item in chosen(found, [name])] == [name], "brackets stand for themselves"
    assert {item.cell for item in chosen(found, ["cpu-float32-*"])} == {
        item.cell for item in found if item.cell.startswith("cpu-float32-")
    }


def test_a_cluster_has_what_all_its_workers_have():
    assert together([GPU, CPU]).devices == ("cpu",)
    assert together([GPU, GPU]) == Machine(("cpu", "cuda"), 4, True, ("a CPU", "a GPU"), ())
