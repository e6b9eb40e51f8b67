"""How much faster is an ensemble than a loop over seeds, written as a user would? `make bench`; nothing is asserted."""

import itertools
import timeit

import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn

from dlverify.lab.ensembles import Perceptron, keep_large_blocks, train

STEPS = 600  # what a claim trains for, or less
LOOP_SEEDS = 2  # the loop's time is proportional to the seeds


def digits():
    """MLP 64-64-10 on digits, minibatches of 64 drawn by each seed."""
    inputs, labels = load_digits(return_X_y=True)
    data = torch.tensor(inputs / 16, dtype=torch.float32), torch.tensor(labels)
    return Perceptron((64, 64, 10)), data, "cross_entropy", 64


def curve():
    """MLP 2-64-1 with tanh, full batches of 256 points."""
    inputs = torch.randn(256, 2, generator=torch.Generator().manual_seed(0))
    return Perceptron((2, 64, 1), "tanh"), (inputs, torch.sin(3 * inputs).prod(1, keepdim=True)), "squared", None


TASKS = {"64-64-10": digits, "2-64-1": curve}
microseconds: dict[tuple[str, int], float] = {}  # of the loop, per seed and step


@pytest.fixture(params=["1 thread", "2 threads", "cuda"])
def place(request):
    """A number of threads of the CPU, or the first GPU."""
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("NOT RUN: no CUDA device")
    keep_large_blocks()
    before = torch.get_num_threads()
    torch.set_num_threads(2 if request.param == "2 threads" else 1)
    yield request.param
    torch.set_num_threads(before)


def device_of(place):
    return "cuda" if place == "cuda" else "cpu"


def synchronized(run, *arguments):
    result = run(*arguments)
    if result.is_cuda:
        torch.cuda.synchronize()
    return result


def operations(network, batch):
    """Floating-point operations of a step of one network: forward, for the weights, and for all inputs but the first."""
    layers = [2 * batch * inner * outer for inner, outer in itertools.pairwise(network.widths)]
    return 3 * sum(layers) - layers[0]


def peak(device):
    """Floating-point operations a second of a large product, which no ensemble exceeds."""
    size = 8192 if device == "cuda" else 1024
    factor = torch.randn(size, size, device=device)
    seconds = timeit.repeat(lambda: synchronized(torch.mm, factor, factor), number=2, repeat=5)
    return 2 * size**3 * 2 / min(seconds)


def setting(task, seeds, device):
    network, data, loss, batch = TASKS[task]()
    streams = [torch.Generator().manual_seed(seed) for seed in range(seeds)]
    parameters = [
        torch.stack([torch.randn(shape, generator=stream) / shape[-1] ** 0.5 for stream in streams])
        for shape in network.parameter_shapes()
    ]
    orders = None
    if batch:
        orders = torch.stack([torch.randint(len(data[0]), (STEPS, batch), generator=stream) for stream in streams])
    moved = [part.to(device) for part in (*parameters, *data)]
    orders = None if orders is None else orders.to(device)
    return network, moved[:-2], tuple(moved[-2:]), loss, orders


def loop(network, parameters, data, loss, orders):
    """A network, an optimizer and a training loop for each seed."""
    criterion = {"squared": nn.MSELoss(), "cross_entropy": nn.CrossEntropyLoss()}[loss]
    activation = {"relu": nn.ReLU, "tanh": nn.Tanh}[network.activation]
    losses = []
    for seed in range(len(parameters[0])):
        inner, hidden, outer = network.widths
        model = nn.Sequential(nn.Linear(inner, hidden), activation(), nn.Linear(hidden, outer)).to(data[0].device)
        with torch.no_grad():
            for mine, stack in zip(model.parameters(), parameters, strict=True):
                mine.copy_(stack[seed])
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        inputs, targets = data
        for step in range(STEPS):
            if orders is not None:
                order = orders[seed, step]
                inputs, targets = data[0][order], data[1][order]
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
        with torch.no_grad():
            losses.append(criterion(model(data[0]), data[1]))
    return torch.stack(losses)


def ensemble(network, parameters, data, loss, orders):
    arguments = {"orders": orders, "loss": loss, "steps": STEPS}
    return train(network, parameters, data, optimizer=lambda p: torch.optim.Adam(p, lr=1e-3), **arguments).losses[-1]


@pytest.mark.parametrize("task", TASKS)
def test_loop_over_seeds(benchmark, task, place):
    benchmark.group = f"train {task}, {place}"
    arguments = (loop, *setting(task, LOOP_SEEDS, device_of(place)))
    benchmark.pedantic(synchronized, arguments, rounds=5, warmup_rounds=1)
    microseconds[task, place] = benchmark.stats["min"] / LOOP_SEEDS / STEPS * 1e6
    benchmark.extra_info["microseconds per seed and step"] = microseconds[task, place]


@pytest.mark.parametrize("seeds", [32, 128, 1024, 8192])
@pytest.mark.parametrize("task", TASKS)
def test_ensemble(benchmark, capsys, task, place, seeds):
    if seeds > 128 and place != "cuda":
        pytest.skip("a CPU takes 32 at a time anyhow")
    benchmark.group = f"train {task}, {place}"
    arguments = setting(task, seeds, device_of(place))
    rounds = 5 if seeds == 32 else 2
    losses = benchmark.pedantic(synchronized, (ensemble, *arguments), rounds=rounds, warmup_rounds=1)
    network, parameters, data, loss, orders = arguments
    first = loop(network, [p[:1] for p in parameters], data, loss, None if orders is None else orders[:1])
    # The same training: in float32 600 steps leave relative differences of 1e-7 (measured) to 1e-3.
    assert losses[:1].cpu() == pytest.approx(first.cpu(), rel=1e-2)
    each = benchmark.stats["min"] / seeds / STEPS * 1e6
    ratio = microseconds.get((task, place), float("nan")) / each
    batch = len(data[0]) if orders is None else orders.shape[2]
    share = operations(network, batch) / (each * 1e-6) / peak(device_of(place))
    benchmark.extra_info.update({"microseconds per seed and step": each, "times the loop": ratio, "of the peak": share})
    with capsys.disabled():
        print(
            f"\n{task}, {seeds} seeds, {place}: {each:.3g} us a seed and step, {ratio:.1f} times the loop, "
            f"{share:.0%} of what a large product does"
        )
