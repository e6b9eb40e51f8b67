"""Is a member of an ensemble the network it would be alone?"""

import copy
import itertools
import math

import pytest
import torch
from torch import nn

from dlverify.lab import ensembles
from dlverify.lab.ensembles import Perceptron, log_input_gradient, loss_function, separable, stepping, train


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    """Two OpenMP threads beside another busy process wait for each other, ten times as long as they work."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


LOSSES = {"squared": nn.MSELoss(), "absolute": nn.L1Loss(), "cross_entropy": nn.CrossEntropyLoss()}
ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "identity": nn.Identity}


class ClippedSGD(torch.optim.SGD):
    """SGD after clipping the norm of all gradients together at 0.1: a step that couples whatever it is given."""

    def step(self, closure=None):
        nn.utils.clip_grad_norm_([p for group in self.param_groups for p in group["params"]], 0.1)
        return super().step(closure)


class TrustRatio(torch.optim.SGD):
    """SGD with each tensor's step in proportion to the tensor's norm, as in LARS."""

    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                p.grad.mul_(p.detach().norm() / (p.grad.norm() + 1e-12))
        return super().step(closure)


class DecaysMatrices(torch.optim.SGD):
    """SGD with weight decay on tensors of two axes or more: what a stack of biases is and a bias is not."""

    def __init__(self, tensors):
        matrices, vectors = [p for p in tensors if p.dim() > 1], [p for p in tensors if p.dim() == 1]
        super().__init__([{"params": matrices, "weight_decay": 0.1}, {"params": vectors}], lr=0.1)


OPTIMIZERS = {
    "SGD": lambda p: torch.optim.SGD(p, lr=0.1),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=1e-3),
    "Adam": lambda p: torch.optim.Adam(p, lr=0.01),
    "AdamW": lambda p: torch.optim.AdamW(p, lr=0.01, amsgrad=True),
    "Adagrad": lambda p: torch.optim.Adagrad(p, lr=0.01),
    "RMSprop": lambda p: torch.optim.RMSprop(p, lr=0.01, momentum=0.9, centered=True),
}
COUPLED = {
    "clipped norm": lambda p: ClippedSGD(p, lr=0.1),
    "trust ratio": lambda p: TrustRatio(p, lr=0.1),
    "decays matrices": DecaysMatrices,
    "Adafactor": lambda p: torch.optim.Adafactor(p, lr=0.01),
    "LBFGS": lambda p: torch.optim.LBFGS(p, max_iter=3),
}


def drawn(network, members, dtype=torch.float64, seed=0):
    """Initial parameters of variance 1 / in, the first members the same however many are drawn."""
    streams = [torch.Generator().manual_seed(1000 * seed + member) for member in range(members)]
    return [
        torch.stack([torch.randn(shape, generator=stream, dtype=dtype) / shape[-1] ** 0.5 for stream in streams])
        for shape in network.parameter_shapes()
    ]


def problem(network, loss, samples=40, dtype=torch.float64):
    stream = torch.Generator().manual_seed(1)
    inputs = torch.randn(samples, network.widths[0], generator=stream, dtype=dtype)
    if loss == "cross_entropy":
        return inputs, torch.randint(network.widths[-1], (samples,), generator=stream)
    return inputs, torch.randn(samples, network.widths[-1], generator=stream, dtype=dtype)


def orders(members, steps, batch, samples=40):
    streams = [torch.Generator().manual_seed(member) for member in range(members)]
    return torch.stack([torch.randint(samples, (steps, batch), generator=stream) for stream in streams])


def module(network, parameters, member):
    """The same network as a user would write it."""
    layers = []
    for inner, outer in itertools.pairwise(network.widths):
        layers += [
            nn.Linear(inner, outer, bias=network.bias, dtype=parameters[0].dtype),
            ACTIVATIONS[network.activation](),
        ]
    single = nn.Sequential(*layers[:-1])
    with torch.no_grad():
        for mine, stacked in zip(single.parameters(), parameters, strict=True):
            mine.copy_(stacked[member])
    return single


def alone(network, parameters, data, member, optimizer, steps, order=None, loss="squared", scheduler=None):
    """One member trained as a user would."""
    single = module(network, parameters, member)
    stepper = optimizer(list(single.parameters()))
    schedule = scheduler(stepper) if scheduler else None
    for step in range(steps):
        inputs, targets = data if order is None else (part[order[member, step]] for part in data)

        def closure(inputs=inputs, targets=targets):
            stepper.zero_grad()
            value = LOSSES[loss](single(inputs), targets)
            value.backward()
            return value

        closure()
        stepper.step(closure if isinstance(stepper, torch.optim.LBFGS) else None)
        if schedule:
            schedule.step()
    return [parameter.detach() for parameter in single.parameters()]


def equal(first, second):
    return all(torch.equal(one, other) for one, other in zip(first, second, strict=True))


def farthest(first, second):
    return max((one - other).abs().max().item() for one, other in zip(first, second, strict=True))


# A member's trajectory and its company ---------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    ("network", "loss", "optimizer", "batch"),
    [
        (Perceptron((64, 64, 10)), "cross_entropy", "Adam", 16),
        (Perceptron((2, 64, 1), "tanh"), "squared", "SGD", None),
        (Perceptron((5, 7, 3), "sigmoid"), "absolute", "momentum", 3),
        (Perceptron((6, 9, 9, 9, 2), shortcut=1.0, branch=0.5, bias=False), "squared", "RMSprop", None),
    ],
)
def test_a_member_is_bitwise_the_same_in_any_company(network, loss, optimizer, batch, dtype):
    data, everybody = problem(network, loss, dtype=dtype), drawn(network, 33, dtype)
    plan = None if batch is None else orders(33, 12, batch)

    def run(members, chunk):
        return train(
            network,
            [parameter[:members] for parameter in everybody],
            data,
            optimizer=OPTIMIZERS[optimizer],
            steps=12,
            orders=None if plan is None else plan[:members],
            loss=loss,
            record_every=4,
            chunk=chunk,
        )

    reference = run(33, 32)
    assert reference.together
    for members, chunk in [(1, 32), (2, 32), (3, 2), (3, 32), (8, 3), (8, 32), (33, 2), (33, 5), (33, 64)]:
        result = run(members, chunk)
        assert equal(result.parameters, [parameter[:members] for parameter in reference.parameters]), (members, chunk)
        assert torch.equal(result.losses, reference.losses[:, :members]), (members, chunk)


@pytest.mark.parametrize("optimizer", COUPLED)
def test_a_member_stepped_alone_is_bitwise_the_same_in_any_company(optimizer):
    network = Perceptron((4, 6, 2), "tanh")
    data, everybody = problem(network, "squared"), drawn(network, 5)
    reference = train(network, everybody, data, optimizer=COUPLED[optimizer], steps=5)
    for members, chunk in [(1, 32), (2, 32), (5, 2)]:
        fewer = [parameter[:members] for parameter in everybody]
        result = train(network, fewer, data, optimizer=COUPLED[optimizer], steps=5, chunk=chunk)
        assert equal(result.parameters, [parameter[:members] for parameter in reference.parameters])


# A member and a network of its own -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("optimizer", "steps"),
    [
        (lambda p: torch.optim.SGD(p, lr=0.125, momentum=0.5), 2),
        (lambda p: torch.optim.Adam(p, lr=0.01), 1),
        (lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1), 1),
        (lambda p: torch.optim.Adagrad(p, lr=0.01), 1),
        (lambda p: torch.optim.RMSprop(p, lr=0.01), 1),
        (lambda p: ClippedSGD(p, lr=0.125), 1),
    ],
)
def test_where_arithmetic_is_exact_a_member_equals_torch_bit_for_bit(optimizer, steps):
    # Integers below 4, means over powers of two and a rate of 1/8: for two steps of SGD every product and sum has
    # fewer than 53 bits, so that no order of summation rounds. Of the others the first step's gradients are exact.
    network, stream = Perceptron((3, 4, 2)), torch.Generator().manual_seed(5)
    whole = [torch.randint(-3, 4, (5, *shape), generator=stream).double() for shape in network.parameter_shapes()]
    inputs, targets = (torch.randint(-3, 4, (8, width), generator=stream).double() for width in (3, 2))
    result = train(network, whole, (inputs, targets), optimizer=optimizer, steps=steps)
    for member in range(5):
        assert equal(
            [parameter[member] for parameter in result.parameters],
            alone(network, whole, (inputs, targets), member, optimizer, steps),
        )
    assert not equal(result.parameters, whole)


@pytest.mark.parametrize("optimizer", ["Adam", "clipped norm", "trust ratio", "Adafactor"])
def test_a_loop_of_ones_own_steps_every_member_as_train_does(optimizer):
    network, maker = Perceptron((3, 5, 2), "tanh"), (OPTIMIZERS | COUPLED)[optimizer]
    data = problem(network, "squared")
    parameters = [parameter.requires_grad_() for parameter in drawn(network, 3)]
    step, loss = stepping(maker, parameters), loss_function("squared")
    for _ in range(5):
        step(loss(network.forward(parameters, data[0].expand(3, -1, -1)), data[1].expand(3, -1, -1)))
    reference = train(network, drawn(network, 3), data, optimizer=maker, steps=5)
    assert reference.together == (optimizer == "Adam")
    assert equal([parameter.detach() for parameter in parameters], reference.parameters)


@pytest.mark.parametrize("batch", [None, 8])
@pytest.mark.parametrize("optimizer", [*OPTIMIZERS, *COUPLED])
@pytest.mark.parametrize(("loss", "activation"), [("squared", "tanh"), ("cross_entropy", "sigmoid")])
def test_a_member_follows_torch_for_many_steps(loss, activation, optimizer, batch):
    # A gradient's rounding error is at most n u sum|terms|, about 100 * 1e-16 * 1. It enters a parameter times
    # rate / (sqrt(v) + eps), at most 1e3 where a gradient nearly vanishes, in 20 steps, each of which may double what
    # was there before. (rate * curvature < 1): below 1e-11 * 1e3 / 20 in practice; a wrong sample, rate or
    # coupling moves a parameter by a share of the rate, 1e-3 or more. The bar stands between.
    maker = (OPTIMIZERS | COUPLED)[optimizer]
    steps, network = 5 if optimizer == "LBFGS" else 20, Perceptron((5, 8, 3), activation)
    data, whole = problem(network, loss), drawn(network, 3)
    plan = None if batch is None else orders(3, steps, batch)
    result = train(network, whole, data, optimizer=maker, steps=steps, orders=plan, loss=loss)
    assert result.together == (optimizer in OPTIMIZERS)
    for member in range(3):
        torchs = alone(network, whole, data, member, maker, steps, plan, loss)
        assert farthest([parameter[member] for parameter in result.parameters], torchs) < 1e-8


def test_a_scheduler_steps_after_every_step():
    network = Perceptron((4, 6, 2), "tanh")
    data, whole, maker = problem(network, "squared"), drawn(network, 3), OPTIMIZERS["momentum"]

    def scheduler(stepper):
        return torch.optim.lr_scheduler.StepLR(stepper, 3, 0.1)

    result = train(network, whole, data, optimizer=maker, steps=10, scheduler=scheduler)
    torchs = alone(network, whole, data, 1, maker, 10, scheduler=scheduler)
    assert farthest([parameter[1] for parameter in result.parameters], torchs) < 1e-12  # as above, without small v
    assert farthest([parameter[1] for parameter in result.parameters], alone(network, whole, data, 1, maker, 10)) > 1e-3


def test_what_is_given_is_left_as_it_is():
    network = Perceptron((4, 6, 2))
    data, whole = problem(network, "squared"), drawn(network, 3)
    before, state = copy.deepcopy((whole, data)), torch.get_rng_state()
    train(network, whole, data, optimizer=OPTIMIZERS["Adam"], steps=3)
    assert equal(whole, before[0])
    assert equal(data, before[1])
    assert torch.equal(torch.get_rng_state(), state)


def alone_in_company(network, whole, data, member, arguments):
    """One member of an ensemble all of which has these data."""
    return [parameter[member] for parameter in train(network, whole, data, **arguments).parameters]


def test_shared_data_are_every_members_own_data():
    network = Perceptron((4, 6, 2))
    (inputs, targets), whole, plan = problem(network, "squared"), drawn(network, 3), orders(3, 6, 5)
    arguments = {"optimizer": OPTIMIZERS["SGD"], "steps": 6, "orders": plan}
    shared = train(network, whole, (inputs, targets), **arguments)
    own = train(network, whole, (inputs.repeat(3, 1, 1), targets.repeat(3, 1, 1)), **arguments)
    assert equal(shared.parameters, own.parameters)
    halves = torch.stack([targets, -targets, targets]), torch.stack([inputs, inputs, -inputs])
    for data in ((inputs, halves[0]), (halves[1], targets), halves[::-1]):
        own = train(network, whole, data, **arguments)
        for member in range(3):
            single = tuple(part if part.dim() == 2 else part[member] for part in data)
            assert equal(
                [p[member] for p in own.parameters], alone_in_company(network, whole, single, member, arguments)
            )


def test_members_with_optimizers_of_their_own():
    network = Perceptron((4, 6, 2), "tanh")
    data, whole = problem(network, "squared"), drawn(network, 6)
    makers = [OPTIMIZERS["SGD"]] * 3 + [OPTIMIZERS["Adam"]] + [COUPLED["clipped norm"]] * 2
    mixed = train(network, whole, data, optimizer=makers, steps=7)
    assert not mixed.together
    for maker, rows in [(makers[0], slice(3)), (makers[3], slice(3, 4)), (makers[4], slice(4, 6))]:
        same = train(network, [parameter[rows] for parameter in whole], data, optimizer=maker, steps=7)
        assert equal(same.parameters, [parameter[rows] for parameter in mixed.parameters])


# Which optimizers couple -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_elementwise_optimizers_step_together(optimizer, dtype):
    for network in (Perceptron((64, 64, 10)), Perceptron((2, 3, 1))):
        assert separable(OPTIMIZERS[optimizer], drawn(network, 1, dtype))


@pytest.mark.parametrize("optimizer", COUPLED)
def test_coupled_optimizers_are_recognised(optimizer):
    for network in (Perceptron((64, 64, 10)), Perceptron((2, 3, 1))):
        assert not separable(COUPLED[optimizer], drawn(network, 1))


def test_muon_and_fused_adam_are_recognised():
    assert not separable(torch.optim.Muon, drawn(Perceptron((4, 6, 2), bias=False), 1))
    # Fused kernels of the CPU round the last elements of a tensor, those that fill no vector, differently.
    # So few of them here that steps of these shapes alone do not show it, which steps of short vectors do.
    single = drawn(Perceptron((64, 64, 10)), 1, torch.float32)
    assert not separable(lambda p: torch.optim.Adam(p, fused=True), single)


def test_an_error_of_the_optimizer_itself_is_not_swallowed():
    with pytest.raises(ValueError, match="learning rate"):
        separable(lambda p: torch.optim.SGD(p, lr=-1.0), drawn(Perceptron((2, 1)), 1))


def test_a_coupled_optimizer_stepping_a_stack_would_be_wrong(monkeypatch):
    network = Perceptron((5, 8, 3))
    data, whole, maker = problem(network, "squared"), drawn(network, 3), COUPLED["clipped norm"]
    right = train(network, whole, data, optimizer=maker, steps=20)
    monkeypatch.setattr(ensembles, "separable", lambda *_: True)
    assert farthest(right.parameters, train(network, whole, data, optimizer=maker, steps=20).parameters) > 1e-3


# Records and stopping --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [None, 8])
def test_losses_are_those_of_all_the_data_after_so_many_steps(batch):
    network = Perceptron((4, 6, 2))
    data, whole = problem(network, "squared"), drawn(network, 3)
    arguments = {"optimizer": OPTIMIZERS["Adam"], "orders": None if batch is None else orders(3, 8, batch)}
    result = train(network, whole, data, steps=8, record_every=3, **arguments)
    assert result.steps.tolist() == [0, 3, 6, 8]
    assert result.losses.shape == (4, 3)
    assert result.stopped.tolist() == [-1, -1, -1]
    for parameters, losses in [(whole, result.losses[0]), (result.parameters, result.losses[-1])]:
        for member, loss in enumerate(losses):
            # A mean of 80 squares of sums of at most 6: relative error below 100 u.
            expected = nn.MSELoss()(module(network, parameters, member)(data[0]), data[1])
            assert loss.item() == pytest.approx(expected.item(), rel=100 * 2**-53)
    assert train(network, whole, data, steps=8, **arguments).steps.tolist() == [0, 8]
    silent = train(network, whole, data, steps=8, record_every=0, **arguments)
    assert silent.steps.shape == (0,)
    assert silent.losses.shape == (0, 3)
    assert all(map(torch.equal, silent.parameters, result.parameters))


@pytest.mark.parametrize("batch", [None, 8])
@pytest.mark.parametrize("optimizer", ["momentum", "Adam", "clipped norm", "LBFGS"])
def test_a_member_freezes_with_the_parameters_of_the_step_at_which_it_crossed(optimizer, batch):
    network, steps = Perceptron((4, 6, 2), "tanh"), 12
    data, whole, plan = problem(network, "squared"), drawn(network, 5), orders(5, steps, 8) if batch else None
    maker = (OPTIMIZERS | COUPLED)[optimizer]

    def run(steps, **arguments):
        part = None if plan is None else plan[:, :steps]
        return train(network, whole, data, optimizer=maker, orders=part, steps=steps, **arguments)

    free = run(steps, record_every=1)
    # Thresholds that members 0-3 reach at steps of their own, the first at the start, the last never.
    when = [0, 3, 7, 12]
    stop = torch.stack(
        [*(free.losses[: step + 1, member].min() for member, step in enumerate(when)), torch.tensor(0.0)]
    )
    when = [int((free.losses[:, member] <= stop[member]).nonzero()[0]) for member in range(4)]
    result = run(steps, record_every=1, stop=stop)
    assert result.stopped.tolist() == [*when, -1]
    for member, step in enumerate([*when, steps]):
        then = run(step).parameters
        assert equal([p[member] for p in result.parameters], [p[member] for p in then])
        assert torch.equal(result.losses[: step + 1, member], free.losses[: step + 1, member])
        assert bool((result.losses[step:, member] == free.losses[step, member]).all())


def test_training_ends_when_all_have_stopped():
    network, calls = Perceptron((4, 2)), []

    def loss(outputs, targets):
        calls.append(len(outputs))
        return loss_function("squared")(outputs, targets)

    result = train(
        network,
        drawn(network, 2),
        problem(network, "squared"),
        loss=loss,
        optimizer=OPTIMIZERS["SGD"],
        steps=50,
        record_every=10,
        stop=1e9,
    )
    assert len(calls) == 1
    assert result.losses.shape == (6, 2)


# Networks and losses ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("widths", [(3, 2), (20, 18, 17, 3), (2, 5, 1), (30, 4, 30)])
def test_a_plain_network_is_torchs(widths, activation, bias):
    network = Perceptron(widths, activation, bias=bias)
    whole, inputs = drawn(network, 3), problem(network, "squared")[0]
    outputs = network.forward(whole, inputs)
    for member in range(3):
        # Sums of at most 30 terms of size 1 through three layers: below 3 * 30 u * 10.
        assert farthest([outputs[member]], [module(network, whole, member)(inputs)]) < 1e-12


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
@pytest.mark.parametrize("widths", [(3, 18, 2), (17, 3, 17)])
def test_networks_have_first_and_second_derivatives(widths, activation):
    network = Perceptron(widths, activation)
    whole = [parameter.requires_grad_() for parameter in drawn(network, 2)]
    inputs = drawn(Perceptron((widths[0], 2), bias=False), 2)[0].requires_grad_()

    def forward(inputs, *parameters):
        return network.forward(parameters, inputs)

    assert torch.autograd.gradcheck(forward, (inputs, *whole), fast_mode=True)
    assert torch.autograd.gradgradcheck(forward, (inputs, *whole), fast_mode=True)


@pytest.mark.parametrize(("shortcut", "branch"), [(1.0, 1.0), (1.0, 0.25), (0.0, 1.0), (0.5, 2.0)])
def test_blocks_are_as_defined(shortcut, branch):
    network = Perceptron((3, 5, 5, 5, 5, 5, 2), shortcut=shortcut, branch=branch)
    whole, inputs = drawn(network, 3), problem(network, "squared")[0]
    assert Perceptron(network.widths).parameter_shapes() == network.parameter_shapes()
    for member, outputs in enumerate(network.forward(whole, inputs)):
        first, *blocks, last = [(w[member], b[member]) for w, b in zip(whole[::2], whole[1::2], strict=True)]
        h = nn.functional.linear(inputs, *first)
        for inner, outer in zip(blocks[::2], blocks[1::2], strict=True):
            h = shortcut * h + branch * nn.functional.linear(nn.functional.linear(h, *inner).relu(), *outer)
        assert farthest([outputs], [nn.functional.linear(h, *last)]) < 1e-12  # as above


@pytest.mark.parametrize("loss", LOSSES)
def test_losses_are_torchs(loss):
    outputs = torch.randn(3, 12, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    targets = torch.randint(4, (3, 12), generator=torch.Generator().manual_seed(1))
    targets = targets if loss == "cross_entropy" else nn.functional.one_hot(targets, 4).double()
    expected = torch.stack([LOSSES[loss](*pair) for pair in zip(outputs, targets, strict=True)])
    assert farthest([loss_function(loss)(outputs, targets)], [expected]) < 1e-15 * 10  # means of 48 terms of size 1


def test_cross_entropy_takes_probabilities():
    outputs = torch.randn(3, 12, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    classes = torch.randint(4, (3, 12), generator=torch.Generator().manual_seed(1))
    probabilities = nn.functional.one_hot(classes, 4).double()
    both = [loss_function("cross_entropy")(outputs, targets) for targets in (classes, probabilities)]
    assert farthest(both[:1], both[1:]) < 1e-14


# Great depth -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("shortcut", "branch"), [(None, 1.0), (1.0, 0.3), (0.0, 1.0)])
def test_the_log_gradient_is_autograds_at_depth_20(shortcut, branch):
    network = Perceptron((7, *(6,) * 19, 3), bias=False, shortcut=shortcut, branch=branch)
    whole, inputs = (
        drawn(network, 4),
        problem(network, "squared", samples=5)[0].expand(4, 5, 7).clone().requires_grad_(),
    )
    (gradient,) = torch.autograd.grad(network.forward(whole, inputs).sum(), inputs)
    logs = log_input_gradient(network, whole, inputs)
    assert logs.shape == (4, 5)
    # 20 layers of sums of 7 terms, relative error about 20 * 7 u; the logarithm halves it.
    expected = gradient.norm(dim=2).log10()
    alive = expected.isfinite()
    assert alive.any()
    assert torch.equal(alive, logs.isfinite())
    assert farthest([logs[alive]], [expected[alive]]) < 1e-12


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_the_log_gradient_at_1202_layers_is_known_where_weights_are_multiples_of_the_identity(scale):
    network = Perceptron((8,) * 1203, bias=False)
    whole = [scale * torch.eye(8, dtype=torch.float64).repeat(2, 1, 1) for _ in network.parameter_shapes()]
    logs = log_input_gradient(network, whole, torch.ones(3, 8, dtype=torch.float64))
    expected = 1202 * math.log10(scale) + 0.5 * math.log10(8)  # 0.5^1202 is below the least float64
    # 1,202 sums below 512, each rounded by at most 2^-45: 3.4e-11.
    assert (logs - expected).abs().max() < 4e-11


def test_1202_layers_of_random_weights_give_finite_logs_and_train():
    plain = Perceptron((16,) * 1203, bias=False)
    residual = Perceptron((16,) * 1203, bias=False, shortcut=1.0, branch=600**-0.5)
    whole, inputs = drawn(plain, 2), torch.ones(1, 16, dtype=torch.float64)
    logs = {network: log_input_gradient(network, whole, inputs) for network in (plain, residual)}
    assert all(values.isfinite().all() for values in logs.values())
    assert (logs[plain] < -150).all()  # a layer of ReLU units of variance 1/n loses half the square: 2^-601 = 10^-181
    assert (logs[residual].abs() < 2).all()
    result = train(residual, whole, (inputs, inputs), optimizer=OPTIMIZERS["SGD"], steps=1)
    assert result.losses.isfinite().all()


def test_a_vanished_gradient_is_minus_infinity():
    network = Perceptron((3, 4, 1), bias=False)
    whole = [-torch.ones(2, 4, 3, dtype=torch.float64), torch.ones(2, 1, 4, dtype=torch.float64)]
    assert (log_input_gradient(network, whole, torch.ones(1, 3, dtype=torch.float64)) == -torch.inf).all()


# Errors at the door ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"widths": (3,)}, "at least two positive widths"),
        ({"widths": (3, 0, 1)}, "at least two positive widths"),
        ({"widths": (3, 1), "activation": "relo"}, "expected an activation of relu, tanh, sigmoid, identity"),
        ({"widths": (3, 4, 4, 1), "shortcut": 1.0}, "odd number of hidden widths"),
        ({"widths": (3, 4, 4, 5, 1), "shortcut": 1.0}, "all equal"),
    ],
)
def test_what_is_no_network_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Perceptron(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"orders": torch.zeros(2, 4, 1, dtype=torch.long)}, r"expected orders \(3 members, 4 steps, batch\)"),
        ({"stop": 0.1}, "give record_every"),
        ({"optimizer": [OPTIMIZERS["SGD"]]}, "one for each of 3 members, found 1"),
        ({"loss": "hinge"}, "expected a loss of squared, absolute, cross_entropy"),
        ({"chunk": 1}, "chunks of 2 or more"),
        ({"data": (torch.zeros(2, 5, 4), torch.zeros(5, 2))}, r"\(3, samples, features\)"),
        ({"data": (torch.zeros(5, 4), torch.zeros(6, 2))}, "as many targets"),
        ({"parameters": [torch.zeros(3, 4, 2), torch.zeros(3, 2)]}, "expected stacked parameters"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments, message):
    network = Perceptron((4, 2))
    fitting = {"parameters": drawn(network, 3), "data": problem(network, "squared"), "optimizer": OPTIMIZERS["SGD"]}
    with pytest.raises(ValueError, match=message):
        train(network, **(fitting | {"steps": 4} | arguments))


def test_the_log_gradient_refuses_what_is_not_homogeneous():
    for network in (Perceptron((3, 4, 1)), Perceptron((3, 4, 1), "tanh", bias=False)):
        with pytest.raises(ValueError, match="homogeneous"):
            log_input_gradient(network, drawn(network, 1), torch.ones(1, 3, dtype=torch.float64))


def test_keeping_large_blocks_says_whether_it_did():
    assert ensembles.keep_large_blocks() in (True, False)
