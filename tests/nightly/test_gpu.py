"""What needs a GPU; and of the same, what can be seen without."""

import json

import pytest
import torch

from dlverify import Lab
from dlverify.lab.conditions import HealthError, torch_state
from dlverify.lab.memory import is_out_of_memory, release_memory

from .conftest import DATE

cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="NOT RUN: no CUDA device")


def precisions():
    backends = torch.backends
    return backends.cuda.matmul.fp32_precision, backends.cudnn.conv.fp32_precision, backends.cudnn.rnn.fp32_precision


@pytest.mark.parametrize("precision", ["ieee", "tf32"])
def test_precision_is_set_within_and_put_back(precision):
    before = precisions()
    with torch_state(Lab("toy/claim", dtype="float32", precision=precision)):
        assert precisions() == (precision,) * 3
    assert precisions() == before


@pytest.mark.parametrize(
    "place", ["cuda.matmul", "cudnn.conv", "cudnn.rnn", "mkldnn.matmul", "mkldnn.conv", "mkldnn.rnn", ""]
)
def test_a_precision_left_changed_is_told_and_put_back(place):
    where = torch.backends
    for name in filter(None, place.split(".")):
        where = getattr(where, name)
    before = precisions(), where.fp32_precision
    with pytest.raises(HealthError, match="the precision of float32 products"), torch_state(Lab("toy/claim")):
        where.fp32_precision = "tf32"
    assert (precisions(), where.fp32_precision) == before


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), True),
        (torch.OutOfMemoryError("CUDA out of memory"), True),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), True),
        (RuntimeError("CUDA error: device-side assert triggered"), False),
        (ValueError("DefaultCPUAllocator"), False),
    ],
)
def test_want_of_memory_is_told_from_other_errors(error, said):
    assert is_out_of_memory(error) is said
    release_memory()


def test_torchs_own_refusal_on_the_cpu_is_known():
    with pytest.raises(RuntimeError) as error:
        torch.empty(2**60, dtype=torch.uint8)
    assert is_out_of_memory(error.value)


@cuda
def test_an_error_that_sticks_to_a_gpu_ends_one_process_and_not_the_night(nights):
    nights.write("doubling", nights.write("x").read_text().replace('"cpu"', '"cuda"'))
    (nights.claims / "toy" / "x.py").unlink()
    broken = "torch.zeros(1, device=lab.device)[torch.tensor([7], device=lab.device)].sum().item()"
    nights.write_bad("a_broken_gpu", f"{broken} if lab.device == 'cuda' else None")
    nights.write("z_doubling")
    status, text = nights.nightly("--cell", "cuda-float64-ieee-stock")
    assert status == 1, text
    rows = nights.records()
    bad = rows.pop("cuda-float64-ieee-stock::toy/a_broken_gpu::holds[default]")
    assert bad["verdict"] == "ERROR"
    assert "device-side assert" in bad["message"]
    assert all(row["verdict"] == row["expected"] for row in rows.values())


@cuda
def test_a_night_has_cells_on_the_gpu(nights):
    nights.write("doubling")
    status, text = nights.nightly()
    assert status == 0, text
    plan = json.loads((nights.nights / DATE / "plan.json").read_text())
    assert {"cuda-float64-ieee-stock", "cuda-float32-ieee-stock"} <= {name.partition("::")[0] for name in plan["items"]}
