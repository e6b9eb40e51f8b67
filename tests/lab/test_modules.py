"""Is a member of an ensemble the torch module it would be alone?"""

import torch
from torch import nn
from torch.nn import functional

from dlverify.lab.conditions import Lab
from dlverify.lab.ensembles import train
from dlverify.lab.modules import Modules


def convolutional() -> nn.Module:
    """With a buffer of floating type, which must follow the dtype."""
    return nn.Sequential(
        nn.Unflatten(1, (1, 4, 4)),
        nn.Conv2d(1, 3, 3),
        nn.BatchNorm2d(3, track_running_stats=False),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(12, 2),
    )


def test_members_train_as_modules_do_alone():
    lab = Lab("a claim", members=range(3))
    network, generator = Modules(convolutional), torch.Generator().manual_seed(0)
    inputs, targets = torch.randn(10, 16, generator=generator).double(), torch.arange(10) % 2
    orders = torch.stack([torch.randperm(10, generator=generator)[:5].repeat(6, 1) for _ in lab.members])
    start = network.initial(lab)
    trained = train(
        network,
        start,
        (inputs, targets),
        optimizer=lambda parameters: torch.optim.Adam(parameters, lr=0.01),
        steps=6,
        orders=orders,
        loss="cross_entropy",
    ).parameters
    for member in lab.members:
        with lab.seeded("weights", member):
            alone = convolutional().double()
        assert all(
            torch.equal(ours.double(), stack[member]) for ours, stack in zip(alone.parameters(), start, strict=True)
        )
        stepper = torch.optim.Adam(alone.parameters(), lr=0.01)
        for chosen in orders[member]:
            stepper.zero_grad()
            functional.cross_entropy(alone(inputs[chosen]), targets[chosen]).backward()
            stepper.step()
        for ours, stack in zip(alone.parameters(), trained, strict=True):
            # Sums in another order, six steps of Adam from the same point.
            torch.testing.assert_close(stack[member], ours.detach(), rtol=1e-9, atol=1e-9)


def test_members_differ_and_dropout_draws_for_each():
    lab = Lab("a claim", members=range(2), dtype="float32")
    network = Modules(lambda: nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5)))
    weights, _ = network.initial(lab)
    assert not torch.equal(weights[0], weights[1])
    outputs = network.forward([torch.ones(2, 2, 2), torch.ones(2, 2)], torch.ones(2, 64, 2))
    assert not torch.equal(outputs[0], outputs[1])
