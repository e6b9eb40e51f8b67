"""How much faster is the ensemble's Lanczos than one network after another? `make bench`; no time is asserted."""

import numpy as np
import pytest
import scipy.sparse.linalg
import torch
from sklearn.datasets import load_digits
from torch import nn

from dlverify.lab.curvature import exact_hessian, top_eigenvalue
from dlverify.lab.ensembles import Perceptron, keep_large_blocks

SINGLE = 3  # networks of the one-by-one contestants, whose time is proportional to their number
ERROR = 1e-6  # relative, of every contestant


def curve():
    """257 parameters: 2-64-1 tanh on 256 points."""
    inputs = torch.randn(256, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return Perceptron((2, 64, 1), "tanh"), (inputs, torch.sin(3 * inputs).prod(1, keepdim=True)), "squared"


def digits():
    """4,810 parameters: 64-64-10 tanh on 256 digits."""
    inputs, labels = load_digits(return_X_y=True)
    return (
        Perceptron((64, 64, 10), "tanh"),
        (torch.tensor(inputs[:256] / 16), torch.tensor(labels[:256])),
        "cross_entropy",
    )


TASKS = {"257 parameters": curve, "4810 parameters": digits}
fastest: dict[tuple[str, str], float] = {}  # milliseconds a network


@pytest.fixture(autouse=True)
def _one_thread():
    keep_large_blocks()
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def setting(task, members):
    network, data, loss = TASKS[task]()
    stream = torch.Generator().manual_seed(1)
    shapes = network.parameter_shapes()
    parameters = [torch.randn(members, *s, generator=stream, dtype=torch.float64) / s[-1] ** 0.5 for s in shapes]
    start = torch.randn(members, sum(p[0].numel() for p in parameters), generator=stream, dtype=torch.float64)
    return network, parameters, data, loss, start


def one_by_one(network, parameters, data, loss, start, tolerance):
    """curvlinops' Hessian and scipy's eigsh, as curvlinops' documentation shows it."""
    curvlinops = pytest.importorskip("curvlinops", reason="curvlinops-for-pytorch is not installed: no ratio to it")
    found = []
    for member in range(len(start)):
        inner, hidden, outer = network.widths
        model = nn.Sequential(nn.Linear(inner, hidden), nn.Tanh(), nn.Linear(hidden, outer)).double()
        with torch.no_grad():
            for mine, stack in zip(model.parameters(), parameters, strict=True):
                mine.copy_(stack[member])
        criterion = {"squared": nn.MSELoss(), "cross_entropy": nn.CrossEntropyLoss()}[loss]
        operator = curvlinops.HessianLinearOperator(
            model, criterion, list(model.parameters()), [data], check_deterministic=False
        ).to_scipy()
        top = scipy.sparse.linalg.eigsh(
            operator, k=1, which="LA", v0=start[member].numpy(), tol=tolerance, return_eigenvectors=False
        )
        found.append(top[0])
    return np.array(found)


def ensemble(network, parameters, data, loss, start):
    return top_eigenvalue(network, parameters, data, loss, start=start)


def exact(network, parameters, data, loss, start):
    return torch.linalg.eigvalsh(exact_hessian(network, parameters, data, loss))[:, -1].numpy()


def measured(benchmark, task, name, function, arguments, members, rounds):
    benchmark.group = f"top eigenvalue, {task}, 1 thread"
    found = benchmark.pedantic(function, arguments, rounds=rounds, warmup_rounds=1)
    fastest[task, name] = benchmark.stats["min"] / members * 1e3
    benchmark.extra_info["milliseconds per network"] = fastest[task, name]
    return found


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")  # curvlinops imports it
@pytest.mark.parametrize("tolerance", [0.0, ERROR])
@pytest.mark.parametrize("task", TASKS)
def test_curvlinops_and_eigsh(benchmark, task, tolerance):
    pytest.importorskip("curvlinops", reason="curvlinops-for-pytorch is not installed: no ratio to it")
    arguments = (*setting(task, SINGLE), tolerance)
    measured(benchmark, task, f"eigsh to {tolerance:g}", one_by_one, arguments, SINGLE, 3)


def test_exact_hessian(benchmark):
    measured(benchmark, "257 parameters", "exact Hessian", exact, setting("257 parameters", 8), 8, 3)


@pytest.mark.parametrize("task", TASKS)
def test_ensemble_lanczos(benchmark, capsys, task):
    network, parameters, data, loss, start = setting(task, 32)
    found = measured(benchmark, task, "ensemble", ensemble, (network, parameters, data, loss, start), 32, 5)
    sharper = top_eigenvalue(network, parameters, data, loss, start=start, steps=40, tolerance=1e-10)
    errors = (found.value / sharper.value - 1).abs()
    assert found.converged.all()
    assert sharper.converged.all()
    assert errors.max() < ERROR
    mine = fastest[task, "ensemble"]
    with capsys.disabled():
        print(f"\n{task}: {mine:.1f} ms a network, largest relative error {errors.max():.0e}", end="")
        for (other, name), milliseconds in fastest.items():
            if other == task and name != "ensemble":
                print(f"; {name} {milliseconds:.0f} ms, {milliseconds / mine:.1f} times as long", end="")
        print()
