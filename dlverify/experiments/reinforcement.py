"""Experiments on reinforcement learning: the Bellman operator, Q-learning in a table, and a bootstrapped linear function."""

from __future__ import annotations

import copy
import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity

# ---- the Bellman operator ----


@dataclass(frozen=True)
class Tables:
    """A decision problem, and pairs of tables of values that the operator is applied to.

    Attributes:
        rewards: Shape `(states, actions)`.
        transitions: Weights of the next states, shape `(states, actions, states)`.
        values: Shape `(2, pairs, states, actions)`.
    """

    rewards: Array
    transitions: Array
    values: Array


@dataclass(frozen=True)
class BellmanDistances(Experiment):
    """How far two tables of values are from each other after each application of a Bellman operator.

    (T Q)(s, a) = r(s, a) + discount * sum over s' of p(s' | s, a) max over a' of Q(s', a'). All numbers are multiples of
    1/16, probabilities of 1/8, the discount of 1/4: so four applications need no more than 48 bits, and float64 rounds
    nothing.

    Attributes:
        best: What is made of the values of all actions in a state; called with a table and `dim=-1`.
        discount: A multiple of 1/4.
        mass: What the weights of the next states add up to: 1 for probabilities; a power of two.
        applications: How often the operator is applied, up to 4.
        pairs: How many random pairs of tables; one more pair differs by the same amount everywhere.
    """

    best: Subject = Subject("torch", "amax")
    discount: float = 0.75
    mass: float = 1.0
    applications: int = 4
    pairs: int = 15

    def draw(self, lab: Lab) -> Tables:
        """Four states with four actions each, rewards from 0 to 1, and values from -8 to 8."""
        numbers = lab.generator("tables")
        transitions = self.mass / 8 * numbers.multinomial(8, np.full(4, 1 / 4), (4, 4))
        values = numbers.integers(-128, 129, (2, self.pairs + 1, 4, 4)) / 16
        values[1, -1] = values[0, -1] + 1
        return Tables(lab.rounded(numbers.integers(0, 17, (4, 4)) / 16), lab.rounded(transitions), lab.rounded(values))

    def measure(self, lab: Lab, given: Tables) -> Quantity:
        """The largest difference of the two tables, shape `(applications, pairs)`."""
        rewards, transitions, values = (lab.tensor(part) for part in (given.rewards, given.transitions, given.values))
        distances = []
        for _ in range(self.applications):
            values = rewards + self.discount * torch.einsum("sat,rpt->rpsa", transitions, self.best(values, dim=-1))
            distances.append((values[0] - values[1]).abs().flatten(1).amax(1))
        names = (*range(1, self.pairs + 1), "shifted by 1")
        axes = Axis("applications", tuple(range(1, self.applications + 1))), Axis("pair of tables", names)
        return Quantity(torch.stack(distances), "largest difference of two tables of values", "", axes)


# ---- a value function that is linear, and a target network ----


@dataclass(frozen=True)
class Weights:
    """Where training starts.

    Attributes:
        start: The weight, shape `()`.
    """

    start: Array


@dataclass(frozen=True)
class BootstrappedValue(Experiment):
    """Value of a state that always leads, without reward, to another one of which the same weight makes twice the value.

    Only the first state is trained: w towards discount * 2 w', where w' is the weight of a target network that is copied
    from the trained one now and then. The true values are zero (Tsitsiklis & Van Roy 1996).

    Attributes:
        optimizer: Called with parameters and `lr`.
        loss: Called without arguments, and then with a prediction and its target.
        discount: The discount.
        every: Steps from one copy to the next; 1: the trained network is its own target.
        weights: Whether both states "share" one weight or have their "own".
        gradient: Whether it is taken "through the prediction" alone, as Q-learning does, or "through both", the target too.
        lr: The learning rate.
        steps: How many steps.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    optimizer: Subject = Subject("torch.optim", "SGD")
    loss: Subject = Subject("torch.nn", "MSELoss")
    discount: float = 0.9
    every: int = 1
    weights: Literal["share", "own"] = "share"
    gradient: Literal["through the prediction", "through both"] = "through the prediction"
    lr: float = 0.05
    steps: int = 100

    def draw(self, lab: Lab) -> Weights:
        """A weight between 1/2 and 3/2."""
        return Weights(lab.uniform("weight", (), 0.5, 1.5)[0])

    def measure(self, lab: Lab, given: Weights) -> Quantity:
        """The value of the first state at the start and after each step, shape `(steps + 1,)`."""
        inputs = lab.tensor(np.array([[1.0], [2.0]]) if self.weights == "share" else np.diag([1.0, 2.0]))
        network = torch.nn.Linear(inputs.shape[1], 1, bias=False, device=lab.device, dtype=lab.torch_dtype)
        with torch.no_grad():
            network.weight.copy_(lab.tensor(given.start))
        optimizer, criterion = self.optimizer(network.parameters(), lr=self.lr), self.loss()
        values = [network(inputs[:1])[0, 0].detach()]
        for step in range(self.steps):
            if step % self.every == 0:
                copied = copy.deepcopy(network)
            source = network if self.gradient == "through both" else copied
            target = self.discount * source(inputs[1:])
            optimizer.zero_grad()
            criterion(network(inputs[:1]), target if self.gradient == "through both" else target.detach()).backward()
            optimizer.step()
            values.append(network(inputs[:1])[0, 0].detach().clone())
        axis = Axis("step", tuple(range(self.steps + 1)))
        return Quantity(torch.stack(values), "value of the first state", "", (axis,), scale="log")


# ---- Q-learning in a table ----

STATES, ACTIONS = 4, 2


def chain() -> tuple[Array, Array]:
    """A chain of four states: "back" leads to the first and pays 1/10; "on" leads to the next, in the last it pays 1.

    "On" comes off with probability 3/4; otherwise one stays, and from the last state falls back to the first.

    Returns:
        Rewards `(states, actions)` and probabilities of the next states `(states, actions, states)`.
    """
    rewards, transitions = np.zeros((STATES, ACTIONS)), np.zeros((STATES, ACTIONS, STATES))
    rewards[:, 0], rewards[-1, 1] = 0.1, 1.0
    transitions[:, 0, 0] = 1.0
    for state in range(STATES):
        transitions[state, 1, min(state + 1, STATES - 1)] += 0.75
        transitions[state, 1, state if state < STATES - 1 else 0] += 0.25
    return rewards, transitions


@dataclass(frozen=True)
class Sweeps:
    """Transitions drawn for every state and action in every sweep.

    Attributes:
        rewards: Shape `(states, actions)`.
        transitions: Their probabilities, shape `(states, actions, states)`.
        following: States that follow, shape `(members, sweeps, states * actions)`.
        best: The true values of the best policy, by value iteration, shape `(states * actions,)`.
    """

    rewards: Array
    transitions: Array
    following: Array
    best: Array


class _Table:
    """A table of values as a `Network`: whatever comes in, all its entries come out."""

    def forward(self, parameters: Sequence[Tensor], inputs: Tensor) -> Tensor:
        return parameters[0].unsqueeze(1).expand(-1, inputs.shape[1], -1)


@dataclass(frozen=True)
class QLearning(Experiment):
    """Q-learning in a table on `chain()`, from zeros: one transition for every state and action in every sweep.

    An optimizer descends on (Q(s, a) - r - discount * max over a' of Q(s', a'))^2 / 2, the target being kept fixed, so that
    the learning rate is the step of Watkins & Dayan 1992. It is a_k = 1 / (1 + (1 - discount) k) before sweep k = 1, 2, ...

    Attributes:
        optimizer: Called with a list of parameters and `lr`.
        rate: Whether it is "falling" so, or "constant", one half.
        explore: Whether "all actions" are tried in a state, or only the one that is best so far, the first of equals.
        discount: The discount.
        recorded: After how many sweeps the error is measured, in rising order.
    """

    optimizer: Subject = Subject("torch.optim", "SGD")
    rate: Literal["falling", "constant"] = "falling"
    explore: Literal["all actions", "best action"] = "all actions"
    discount: float = 0.8
    recorded: tuple[int, ...] = (16, 64, 256, 1024)

    def draw(self, lab: Lab) -> Sweeps:
        """The transitions."""
        rewards, transitions = chain()
        thresholds = transitions.cumsum(-1).reshape(-1, STATES)[:, :-1]  # (states * actions, states - 1)
        following = lab.uniform("transitions", (self.recorded[-1], STATES * ACTIONS))[..., None] > thresholds
        best = np.zeros((STATES, ACTIONS))
        for _ in range(math.ceil(60 / (1 - self.discount))):  # discount^n is at most e^-60 then
            best = rewards + self.discount * transitions @ best.max(-1)
        return Sweeps(lab.rounded(rewards), lab.rounded(transitions), following.sum(-1), lab.rounded(best.reshape(-1)))

    def measure(self, lab: Lab, given: Sweeps) -> Quantity:
        """How far the learnt values are from the true ones, shape `(members, records, states * actions)`."""
        from dlverify.lab.ensembles import train

        members = len(lab.members)
        rewards, following = lab.tensor(given.rewards.reshape(-1)), lab.tensor(given.following)
        zeros = lab.tensor(np.zeros((members, self.recorded[-1], 1)))
        parameters = [lab.tensor(np.zeros((members, STATES * ACTIONS)))]
        values = []
        for start, end in zip((0, *self.recorded[:-1]), self.recorded, strict=True):
            sweeps = np.broadcast_to(np.arange(end - start)[None, :, None], (members, end - start, 1))
            parameters = train(
                _Table(),
                parameters,
                (zeros[:, start:end], following[:, start:end]),
                optimizer=functools.partial(self.optimizer, lr=1.0),
                steps=end - start,
                orders=lab.tensor(sweeps),
                loss=self._loss(rewards),
                scheduler=self._scheduler(start),
            ).parameters
            values.append(parameters[0])
        axes = (
            Axis("member", tuple(lab.members)),
            Axis("sweeps", self.recorded, scale="log2"),
            Axis(
                "state and action", tuple(f"{state + 1} {name}" for state in range(STATES) for name in ("back", "on"))
            ),
        )
        errors = (torch.stack(values, 1) - lab.tensor(given.best)).abs()
        return Quantity(errors, "error of the learnt value", "", axes, scale="log")

    def _scheduler(self, start: int) -> Callable[[torch.optim.Optimizer], torch.optim.lr_scheduler.LambdaLR]:
        def rate(step: int) -> float:
            return 1 / (1 + (1 - self.discount) * (start + step + 1)) if self.rate == "falling" else 0.5

        return functools.partial(torch.optim.lr_scheduler.LambdaLR, lr_lambda=rate)

    def _loss(self, rewards: Tensor) -> Callable[[Tensor, Tensor], Tensor]:
        def loss(values: Tensor, following: Tensor) -> Tensor:
            table = values.detach().view(*values.shape[:-1], STATES, ACTIONS)
            targets = rewards + self.discount * table.amax(-1).gather(-1, following)
            squares: Tensor = (values - targets).square() / 2  # (members, sweeps, states * actions)
            if self.explore == "best action":
                squares = squares * torch.nn.functional.one_hot(table.argmax(-1), ACTIONS).flatten(-2)
            return squares.sum(-1).mean(-1)

        return loss
