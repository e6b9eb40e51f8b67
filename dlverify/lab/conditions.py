"""Under what conditions a run measures: device, dtype, precision, seed; and the lab that experiments work in."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import operator
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import ThreadpoolController

from dlverify.lab.seeds import ROOT, generator
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array

if TYPE_CHECKING:
    import torch

DTYPES = ("float64", "float32", "bfloat16")
DEVICES = ("cpu", "cuda", "mps")
PRECISIONS = ("ieee", "tf32")
TIERS = ("quick", "full", "nightly")

UNIT_ROUNDOFF = {"float64": 2.0**-53, "float32": 2.0**-24, "tf32": 2.0**-11, "bfloat16": 2.0**-8}
"""Half the gap between 1 and the next number: 2^-p for a significand of p bits (Higham 2002, section 2.1)."""


class ConditionError(ValueError):
    """Conditions that this machine, or this program, does not have."""


class HealthError(RuntimeError):
    """A measurement that cannot count as evidence; the message names the health check and the remedy."""


@dataclass(frozen=True)
class Conditions:
    """What a measurement depends on beside the claim and its experiment.

    Attributes:
        device: Where torch computes: "cpu", "cuda" or "mps".
        dtype: The floating dtype, or None for each experiment's own.
        precision: "ieee", or "tf32" for float32 matrix products in TF32.
        seed: The root of all random numbers.
        tier: "quick", "full" (more cases) or "nightly" (more still).
        subjects: Pairs of a path and what takes its place, `("torch.optim.Adagrad", Subject.parse("mine:Adagrad"))`.
    """

    device: str = "cpu"
    dtype: str | None = None
    precision: str = "ieee"
    seed: int = ROOT
    tier: str = "quick"
    subjects: tuple[tuple[str, Subject], ...] = ()

    def __post_init__(self) -> None:
        """Refuse what this program does not know.

        Raises:
            ConditionError: A name that does not exist, or a negative seed.
        """
        choices = {"device": DEVICES, "dtype": (None, *DTYPES), "precision": PRECISIONS, "tier": TIERS}
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                known = ", ".join(choice for choice in allowed if choice)
                raise ConditionError(f"unknown {name} {getattr(self, name)!r}; choose one of {known}")
        if self.seed < 0:
            raise ConditionError(f"the seed {self.seed} is negative; choose 0 or more")

    @property
    def are_default(self) -> bool:
        """Whether these are the conditions of the committed figures."""
        return dataclasses.replace(self, tier="quick") == Conditions()

    def check(self) -> None:
        """Refuse what this machine does not have; imports torch only where it must.

        Raises:
            ConditionError: The device, or TF32 on it, is not there.
        """
        if self.precision == "tf32" and self.device != "cuda":
            raise ConditionError(f"--precision tf32 needs a CUDA device with TF32; the device is {self.device}")
        if self.device == "cpu":
            return
        import torch

        there = ["cpu"]
        if torch.cuda.is_available():
            there.append("cuda")
        if torch.backends.mps.is_available():
            there.append("mps")
        if self.device not in there:
            raise ConditionError(f"there is no device {self.device} on this machine; there is {', '.join(there)}")
        if self.precision == "tf32" and torch.cuda.get_device_capability()[0] < 8:
            raise ConditionError(
                f"--precision tf32 needs an Ampere GPU or newer; this is {torch.cuda.get_device_name()}"
            )
        if self.device == "mps" and self.dtype == "float64":
            raise ConditionError("the device mps has no float64; choose --dtype float32")


@dataclass(frozen=True)
class Lab:
    """Where an experiment draws and measures.

    Attributes:
        claim: The claim's id: part of every seed's key.
        seed: The root of all random numbers.
        dtype: The name of the floating dtype.
        device: The name of the device.
        precision: "ieee" or "tf32".
        members: The seeds that a statistical experiment runs; deterministic experiments have the one member 0.
    """

    claim: str
    seed: int = ROOT
    dtype: str = "float64"
    device: str = "cpu"
    precision: str = "ieee"
    members: Sequence[int] = field(default=range(1))

    @property
    def unit_roundoff(self) -> float:
        """The unit roundoff of the arithmetic really used."""
        return UNIT_ROUNDOFF["tf32" if self.precision == "tf32" and self.dtype == "float32" else self.dtype]

    @property
    def torch_dtype(self) -> torch.dtype:
        """The dtype as torch's object."""
        import torch

        found: torch.dtype = getattr(torch, self.dtype)
        return found

    def generator(self, stream: str, member: int = 0) -> np.random.Generator:
        """A numpy generator of its own for each stream and member."""
        return generator(self.seed, self.claim, stream, member)

    def normal(self, stream: str, shape: tuple[int, ...], scale: float = 1.0) -> Array:
        """Standard normal numbers times `scale`, shape `(members, *shape)`, representable in the lab's dtype."""
        rows = [self.generator(stream, member).standard_normal(shape) for member in self.members]
        return self.rounded(scale * np.stack(rows))

    def uniform(self, stream: str, shape: tuple[int, ...], low: float = 0.0, high: float = 1.0) -> Array:
        """Uniform numbers in [low, high), shape `(members, *shape)`, representable in the lab's dtype."""
        rows = [self.generator(stream, member).uniform(low, high, shape) for member in self.members]
        return self.rounded(np.stack(rows))

    def orders(self, stream: str, samples: int, batch: int, steps: int) -> Array:
        """Minibatch indices without replacement within an epoch, integers of shape `(members, steps, batch)`.

        An epoch's remainder of `samples % batch` is left out, as torch's `DataLoader(drop_last=True)` does.
        """
        per_epoch = samples // batch
        rows = []
        for member in self.members:
            numbers = self.generator(stream, member)
            epochs = [numbers.permutation(samples)[: per_epoch * batch] for _ in range(-(-steps // per_epoch))]
            rows.append(np.concatenate(epochs)[: steps * batch].reshape(steps, batch))
        return np.stack(rows)

    def rounded(self, values: Array) -> Array:
        """The nearest values that the lab's dtype represents, as a read-only float64 array."""
        if self.dtype == "float64":
            rounded = np.array(values, dtype=np.float64)
        elif self.dtype == "float32":
            rounded = np.asarray(values, dtype=np.float32).astype(np.float64)
        else:
            rounded = self.tensor(values).double().cpu().numpy()
        rounded.setflags(write=False)
        return rounded

    def tensor(self, values: Any) -> torch.Tensor:
        """An array as a tensor of the lab's dtype (integers and booleans keep theirs) on the lab's device: a copy."""
        import torch

        array = np.array(values)
        return torch.from_numpy(array).to(self.device, self.torch_dtype if array.dtype.kind == "f" else None)

    @contextlib.contextmanager
    def seeded(self, stream: str, member: int = 0) -> Iterator[None]:
        """Within it the global generators are seeded by the key: for subjects that draw from them, as Dropout does."""
        import torch

        before = torch.get_rng_state()
        of_numpy = np.random.get_state(legacy=False)  # noqa: NPY002 - to put it back
        on_device = torch.cuda.get_rng_state_all() if self.device == "cuda" else []
        seed = int(self.generator(stream, member).integers(2**63))
        torch.default_generator.manual_seed(seed)
        np.random.seed(seed % 2**32)  # noqa: NPY002 - scikit-learn's estimators draw from it
        if on_device:
            torch.cuda.manual_seed_all(seed)
        try:
            yield
        finally:
            torch.set_rng_state(before)
            np.random.set_state(of_numpy)  # noqa: NPY002
            if on_device:
                torch.cuda.set_rng_state_all(on_device)


@contextlib.contextmanager
def torch_state(lab: Lab) -> Iterator[None]:
    """Measure with one thread, the lab's precision and seeded generators, and put back what was there.

    One thread, of torch, of BLAS and of OpenMP, since several workers share the cores and results depend on the number (a
    sum is split among threads).
    The global generators are seeded since real modules and estimators draw from them.

    Raises:
        HealthError: What ran inside left global state changed; the message names it.
    """
    import torch

    threads, precisions = torch.get_num_threads(), _precisions()
    torch.set_num_threads(1)
    _set_precisions(dict.fromkeys(("cuda.matmul", "cudnn.conv", "cudnn.rnn"), lab.precision))
    before = _global_state()
    try:
        with (
            lab.seeded("torch"),
            _thread_pools(*(name in sys.modules for name in ("scipy", "sklearn"))).limit(limits=1),
        ):
            yield
        after = _global_state()
    finally:
        torch.set_num_threads(threads)
        torch.set_default_dtype(before["the default dtype"])
        torch.set_grad_enabled(before["whether gradients are recorded"])
        if torch.are_deterministic_algorithms_enabled() != before["whether algorithms must be deterministic"]:
            # Only then: the call imports torch's compiler, half a second.
            torch.use_deterministic_algorithms(before["whether algorithms must be deterministic"])
        _set_precisions(precisions)
    changed = [name for name in before if before[name] != after[name]]
    if changed:
        raise HealthError(
            f"health check: the measurement left global state changed: {', '.join(changed)}. Draw from the lab's generators, and put "
            "back what you set."
        )


FP32_PRECISION = (
    "",
    "cuda.matmul",
    "cudnn",
    "cudnn.conv",
    "cudnn.rnn",
    "mkldnn",
    "mkldnn.matmul",
    "mkldnn.conv",
    "mkldnn.rnn",
)
"""Where `torch.backends` says how float32 products are computed; a backend comes before its operations, which inherit it."""


def _fp32_places() -> dict[str, Any]:
    import torch

    return {name: operator.attrgetter(name)(torch.backends) if name else torch.backends for name in FP32_PRECISION}


@functools.cache
def _thread_pools(*loaded: bool) -> ThreadpoolController:
    """The thread pools of the libraries loaded so far; to look for them takes 7 ms, so once for each set of packages."""
    return ThreadpoolController()


def _precisions() -> dict[str, str]:
    return {name: place.fp32_precision for name, place in _fp32_places().items()}


def _set_precisions(precisions: Mapping[str, str]) -> None:
    """Set what differs, in order: to set a backend sets its operations too."""
    for name, place in _fp32_places().items():
        if name in precisions and place.fp32_precision != precisions[name]:
            place.fp32_precision = precisions[name]


def _global_state() -> dict[str, Any]:
    import torch

    return {
        "the default dtype": torch.get_default_dtype(),
        "the number of threads": torch.get_num_threads(),
        "whether gradients are recorded": torch.is_grad_enabled(),
        "whether algorithms must be deterministic": torch.are_deterministic_algorithms_enabled(),
        "the precision of float32 products": _precisions(),
    }


def cuda_devices() -> tuple[str, ...]:
    """The names of the CUDA devices of this machine."""
    import torch

    return tuple(torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count()))


def has_tf32() -> bool:
    """Whether every CUDA device computes float32 products in TF32: Ampere and newer do."""
    import torch

    count = torch.cuda.device_count()
    return count > 0 and all(torch.cuda.get_device_capability(index)[0] >= 8 for index in range(count))


def has_mps() -> bool:
    """Whether there is a GPU of Apple's."""
    import torch

    return torch.backends.mps.is_available()
